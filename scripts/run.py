"""The whole site on this machine, with example people and no services: `make run`.

Brings database, catalogue and example up to date, then runs web, three Celery workers and beat as five processes until
Ctrl-C or SIGTERM. When one of them dies, the others are stopped and the exit code is 1. PORT chooses the port,
DATA_DIR where the data lies. DATABASE_URL and REDIS_URL are honoured when set.
"""

import contextlib
import os
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import processes
from scripts.messages import compile_messages

HOST = "127.0.0.1"
READY_SECONDS = 60
# In a container everybody is root; Celery's advice about that is for production, where docs/operations.md has it.
QUIET = {"PYTHONWARNINGS": "ignore:You're running the worker"}


def main() -> int:
    if "MAKELEVEL" in os.environ:
        processes.end_with_parent()
    port = os.environ.get("PORT") or "8000"
    if why := port_refusal(port):
        return fail(why)
    os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "msplatform.settings")
    from django.core.exceptions import ImproperlyConfigured

    try:
        prepare()
    except ImproperlyConfigured as refusal:
        return fail(str(refusal))
    except KeyboardInterrupt:
        return fail("Stopped before the site was ready.")
    return Supervisor(port).run()


def port_refusal(port: str) -> str:
    """Why the port cannot be used; "" when it can."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return f"PORT is {port!r}, but must be a number between 1 and 65535."
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # As gunicorn does: a closed socket is no obstacle.
        try:
            probe.bind((HOST, int(port)))
        except OSError as error:
            return f"Port {port} cannot be used ({error.strerror}). Choose another: PORT={int(port) + 1} make run"
    return ""


# What has to be there before the first page


def prepare() -> None:
    """All in this one process, since starting Django takes longer than any step that has nothing to do."""
    compile_messages()

    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from apps.core import heartbeats

    steps: list[tuple[str, Callable[[], object]]] = [
        ("static files", lambda: call_command("collectstatic", interactive=False, verbosity=0)),
        ("database", lambda: call_command("migrate", interactive=False, verbosity=0)),
        ("cache", lambda: call_command("createcachetable", verbosity=0)),
        ("catalogue", lambda: call_command("catalogue", verbosity=0)),
        ("example", lambda: call_command("example", if_missing=True, verbosity=0)),
    ]
    for name, step in steps:
        begun = time.monotonic()
        step()
        print(f"  {name:<13}{time.monotonic() - begun:5.1f} s", flush=True)
    # Yesterday's heartbeats would tell that today's processes are alive.
    heartbeats.forget(heartbeats.PROCESSES)
    connections.close_all()
    if not settings.REDIS_URL:
        empty_broker(Path(settings.DATA_DIR))


def empty_broker(data: Path) -> None:
    """Messages of an earlier run are of no use: later work lies in rows, and beat asks for it every ten seconds."""
    for folder in (data / "broker" / "messages", data / "broker" / "control"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


# Running


def commands(port: str) -> dict[str, list[str]]:
    """No gossip, no mingle, no events: workers share no queue, and a filesystem broker would keep what nobody reads.

    Mailings and the machines of others have a worker of their own, so that however long one takes, the clock does not
    wait for it.
    """
    celery = [sys.executable, "-m", "celery", "--app", "msplatform", "--quiet"]
    quiet = ["--loglevel", "WARNING"]
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = [*celery, "worker", *alone, *quiet, "--hostname"]
    gunicorn = [
        sys.executable,
        "-m",
        "gunicorn",
        "msplatform.wsgi",
        "--bind",
        f"{HOST}:{port}",
        "--log-level",
        "warning",
    ]
    return {
        "web": [*gunicorn, "--preload", "--workers", "2", "--threads", "4", "--graceful-timeout", "5"],
        "worker": [*worker, "worker@%h", "--queues", "clock,letters", "--concurrency", "2"],
        "mailings": [*worker, "mailings@%h", "--queues", "mailings", "--concurrency", "1"],
        "machines": [*worker, "machines@%h", "--queues", "machines", "--concurrency", "2"],
        "beat": [*celery, "beat", *quiet, "--pidfile", ""],
    }


class Ended(Exception):
    """The site has to stop. The message says why, and is empty when somebody asked for it."""


class Supervisor:
    """Starts the processes, watches them, and leaves none behind."""

    def __init__(self, port: str) -> None:
        self.port = port
        self.commands = commands(port)
        self.running: dict[str, processes.Process] = {}
        self.asked_to_stop = threading.Event()

    def run(self) -> int:
        # A flag, not an exception: that could strike between the start of a process and the note that it runs.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.asked_to_stop.set())
        try:
            self.start_all()
            print(f"\n  The site is at {os.environ['SITE_URL']}/ (Ctrl-C stops it)\n", flush=True)
            self.watch(until=lambda: False)
            return 0
        except Ended as end:
            return fail(str(end)) if str(end) else 0
        finally:
            print("Stopping …", flush=True)
            processes.stop(self.running.values())

    def start_all(self) -> None:
        """Web first: on a small machine the first page would otherwise wait for the start of all of them."""
        self.start("web")
        self.watch(until=self.is_listening, seconds=READY_SECONDS)
        for name in ("worker", "mailings", "machines", "beat"):
            self.start(name)
        # Asked for a page before they report, the site would rightly log that it is not well.
        self.watch(until=have_reported, seconds=READY_SECONDS)
        self.watch(until=lambda: healthz(self.port)[0] == 200, seconds=READY_SECONDS)

    def is_listening(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, int(self.port)), timeout=1):
            return True
        return False

    def start(self, name: str) -> None:
        self.running[name] = processes.start(self.commands[name], cwd=ROOT, env=os.environ | QUIET)

    def watch(self, *, until: Callable[[], bool], seconds: float = float("inf")) -> None:
        give_up_at = time.monotonic() + seconds
        while not until():
            if self.asked_to_stop.wait(0.2):
                raise Ended
            if dead := self.dead():
                raise Ended(f"{dead} has stopped by itself, so everything is stopped.")
            if time.monotonic() > give_up_at:
                raise Ended(f"The site is not ready after {seconds:.0f} seconds: {healthz(self.port)[1]}")

    def dead(self) -> str:
        return ", ".join(name for name, process in self.running.items() if process.poll() is not None)


def have_reported() -> bool:
    from django.db import connections

    from apps.core import heartbeats

    found = heartbeats.read(heartbeats.PROCESSES)
    connections.close_all()
    return len(found) == len(heartbeats.PROCESSES)


def healthz(port: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://{HOST}:{port}/healthz", headers={"Host": f"localhost:{port}"})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")[:1000]
    except OSError as error:
        return 0, str(error)


def fail(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
