"""The running site needs nothing that only development installs."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

IMPORT_ALL_OF_THE_SITE = """
import json, pkgutil, sys

class Missing:
    names = set(json.loads(sys.argv[1]))

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"{name} is not in requirements.txt", name=name)

sys.meta_path.insert(0, Missing())
import django
django.setup()
import apps, msplatform.urls, msplatform.wsgi, msplatform.celery, scripts.run
for module in pkgutil.walk_packages(apps.__path__, "apps."):
    __import__(module.name)
"""


@pytest.mark.slow
def test_the_site_runs_with_what_its_requirements_install() -> None:
    command = [sys.executable, "-c", IMPORT_ALL_OF_THE_SITE, json.dumps(modules_of_development())]
    result = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr


def modules_of_development() -> list[str]:
    """Top-level modules that no distribution of requirements.txt brings."""
    required = set(re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    found = packages_distributions().items()
    return [module for module, distributions in found if not required & set(map(normal, distributions))]


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
