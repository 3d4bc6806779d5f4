"""Real processes beside the tests: a Celery worker, beat, and a mail server that does as it is told.

A test that needs PostgreSQL and Redis is marked `services`; without them it fails and says how to get them.
"""

import asyncio
import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from scripts import processes
from scripts.services import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 30
T = TypeVar("T")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("services") is None:
        return
    from django.conf import settings

    missing = [] if settings.DATABASES["default"]["ENGINE"].endswith("postgresql") else ["PostgreSQL (DATABASE_URL)"]
    missing += [] if settings.REDIS_URL else ["Redis (REDIS_URL)"]
    if missing:
        pytest.fail(
            f"This test needs {' and '.join(missing)}: run `make test`, or `python scripts/services.py -- pytest …`.",
            pytrace=False,
        )


# Waiting


def wait_until(condition: Callable[[], T], timeout: float = 10, *, what: str = "") -> T:
    """Ask until the answer is true, and return it; fail when it is not true in time."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            pytest.fail(f"{what or 'The condition'} did not come true within {timeout} s; last answer: {answer!r}")
        time.sleep(0.05)


@pytest.fixture
def run_until() -> Callable[..., Any]:
    return wait_until


# Processes of Celery


class CeleryProcess:
    """A worker or beat in a process group of its own; what it prints is shown when it does not start."""

    def __init__(self, name: str, command: str, options: list[str], environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}-{time.monotonic_ns()}.log"
        celery = [sys.executable, "-m", "celery", "--app", "msplatform", command, "--loglevel", "INFO", *options]
        with self.log.open("wb") as output:
            self.process = processes.start(celery, cwd=ROOT, env=environment, stdout=output, stderr=output)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """As when the machine loses power: SIGKILL to the process and its children at once."""
        processes.kill(self.process)

    def stop(self) -> None:
        processes.stop([self.process], seconds=5)

    def wait(self) -> None:
        """Until its first heartbeat, which is there when it is ready to work."""
        from django.core.cache import cache

        wait_until(lambda: cache.get(f"heartbeat:{self.name}") or not self.is_alive(), START_SECONDS, what=self.name)
        assert self.is_alive(), f"{self.name} did not start:\n{self.output}"


class Celery:
    """Starts workers and beats against this test's database and broker."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = environment
        self.folder = folder
        self.started: list[CeleryProcess] = []

    def start_worker(self, *, queues: str = "", wait: bool = True, **environment: str) -> CeleryProcess:
        """One that serves every queue, or these; one for mailings or machines alone is called as its heartbeat is."""
        name = queues if queues in {"mailings", "machines"} else "worker"
        alone = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", f"{name}@%h"]
        served = ["--queues", queues] if queues else []
        return self._start(name, "worker", ["--concurrency", "1", *alone, *served], environment, wait=wait)

    def start_beat(self, *, wait: bool = True, **environment: str) -> CeleryProcess:
        timetable = self.folder / f"timetable-{len(self.started)}"
        return self._start("beat", "beat", ["--schedule", str(timetable), "--pidfile", ""], environment, wait=wait)

    def _start(
        self, name: str, command: str, options: list[str], environment: dict[str, str], *, wait: bool
    ) -> CeleryProcess:
        from django.core.cache import cache

        cache.delete(f"heartbeat:{name}")
        process = CeleryProcess(name, command, options, self.environment | environment, self.folder)
        self.started.append(process)
        if wait:
            process.wait()
        return process


@pytest.fixture
def celery(transactional_db: None, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Celery]:
    """`celery.start_worker()` and `celery.start_beat()`, for stories with several or with a restart."""
    forget_messages_and_heartbeats()
    celery = Celery(process_environment(request, tmp_path), tmp_path)
    yield celery
    processes.stop([process.process for process in celery.started], seconds=5)
    forget_messages_and_heartbeats()


@pytest.fixture
def worker(celery: Celery) -> CeleryProcess:
    return celery.start_worker()


@pytest.fixture
def beat(celery: Celery) -> CeleryProcess:
    return celery.start_beat()


@pytest.fixture
def all_processes(celery: Celery) -> list[CeleryProcess]:
    """As in earnest: three workers and beat; started at once, which takes a third of the time."""
    served = ("clock,letters", "mailings", "machines")
    workers = [celery.start_worker(queues=queues, wait=False) for queues in served]
    processes = [*workers, celery.start_beat(wait=False)]
    for process in processes:
        process.wait()
    return processes


def process_environment(request: pytest.FixtureRequest, folder: Path) -> dict[str, str]:
    """What leads a process to the test's own database, broker and, when the test has one, mail server."""
    email = f"filemail:///{folder / 'letters'}"
    if "smtp_sink" in request.fixturenames:
        email = request.getfixturevalue("smtp_sink").url
    own = {
        "DJANGO_SETTINGS_MODULE": "tests.plugins.process_settings",
        "DATABASE_URL": test_database_url(),
        "EMAIL_URL": email,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    return dict(os.environ) | own


def test_database_url() -> str:
    """Where the test database is, for another process. Django calls it test_…, pytest-xdist adds _gw0."""
    from django.db import connection

    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    if str(database["HOST"]).startswith("/"):
        return f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"
    password = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgres://{database['USER']}{password}@{database['HOST']}{port}/{database['NAME']}"


test_database_url.__test__ = False  # type: ignore[attr-defined]  # A helper, not a test.


def forget_messages_and_heartbeats() -> None:
    """Empty this process's own cache and broker: on Redis they are one database, so clearing the cache empties both."""
    from django.conf import settings
    from django.core.cache import cache

    cache.clear()
    if not settings.REDIS_URL:
        for folder in (Path(settings.DATA_DIR) / "broker").iterdir():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)


# The mail server


class SmtpSink:
    """Takes letters into `messages`, until told to refuse, hang or drop."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refused: dict[str, str] = {}
        self.attempts = 0
        # As mail servers of today do: several commands at once.
        self.pipelines = True
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._answer: Callable[[SMTP, Envelope], Any] = self._take

    def accept(self) -> None:
        self._answer = self._take

    def refuse(self, code: int = 550, *, only: str = "", answer: str = "550 No such person") -> None:
        """Refuse every letter with this code, or those to one address only (at its RCPT line)."""
        if only:
            self.refused[only] = answer
        else:
            self._answer = lambda server, envelope: f"{code} This server was told to refuse"

    def hang(self) -> None:
        """Take the text and never answer."""
        self._answer = lambda server, envelope: asyncio.sleep(3600)

    def drop(self, *, after_taking: bool = False) -> None:
        """Close the connection in place of an answer, with the letter taken or not."""

        def answer(server: SMTP, envelope: Envelope) -> str:
            if after_taking:
                self._take(server, envelope)
            server.transport.abort()
            return "421 Gone"

        self._answer = answer

    def _take(self, server: SMTP, envelope: Envelope) -> str:
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.messages.append(message)  # type: ignore[arg-type]
        return "250 Taken"

    # What aiosmtpd calls.

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]] if self.pipelines else responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.attempts += 1
        answer = self._answer(server, envelope)
        return str(await answer if asyncio.iscoroutine(answer) else answer)


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[SmtpSink]:
    """A mail server for this process and for the workers that the test starts."""
    sink = SmtpSink()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, ready_timeout=10)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield sink
    with contextlib.suppress(Exception):  # A connection that still hangs is no reason to fail.
        controller.stop(no_assert=True)
