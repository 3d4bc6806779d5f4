"""The environment that tests run in, set before Django reads its settings. Loaded first, by pyproject.toml.

Tests run as the embedded example does (DEMO=1, http://localhost:8000), whatever the shell has exported; only
DATABASE_URL and REDIS_URL count, since `scripts/services.py` sets them. Production settings have tests of their own.
"""

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

KEPT = ("DATABASE_URL", "REDIS_URL")


def prepare() -> None:
    from msplatform.environment import NAMES

    for name in set(NAMES) - set(KEPT):
        os.environ.pop(name, None)
    data = tempfile.mkdtemp(prefix="ms-test-")
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    os.environ |= {
        "DEMO": "1",
        "SITE_URL": "http://localhost:8000",
        "EMAIL_URL": "memorymail://",
        "DATA_DIR": data,
        "DJANGO_SETTINGS_MODULE": "msplatform.settings",
    }
    if redis := os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = own_redis_database(redis, os.environ.get("PYTEST_XDIST_WORKER", "gw0"))


def own_redis_database(url: str, worker: str) -> str:
    """Each process of pytest-xdist has its own numbered database: gw0 the first, gw1 the second."""
    return urlunsplit(urlsplit(url)._replace(path="/" + worker.removeprefix("gw")))


prepare()


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    from django.conf import settings

    from scripts.messages import compile_messages

    compile_messages()
    # Pages name their static files without collectstatic and the live server finds them; the smoke run of
    # tests/commands/test_run.py has the manifest.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # A file rather than memory: threads and processes of a test see the database as they would in earnest.
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(Path(settings.DATA_DIR) / "test.sqlite3")


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking through it for garbage again and again takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
