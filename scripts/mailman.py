"""GNU Mailman 3 core for the length of a test run: its REST API alone, which nobody but this machine can ask.

    python scripts/mailman.py    start one, say where it is, and end it with Ctrl-C

It is the real server, in an environment of its own (`scripts/install.py --mailman`), with SQLite in a folder that is
thrown away. Its queues are not worked off, so it takes orders about lists and never sends a mail.
"""

import base64
import contextlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import processes
from scripts.install import MAILMAN
from scripts.services import ServiceMissing, free_port

START_SECONDS = 60
DOMAIN = "lists.example.org"
CONFIGURATION = """
[mailman]
layout: here
site_owner: owner@example.org

[paths.here]
var_dir: {folder}

[webservice]
hostname: 127.0.0.1
port: {port}
admin_user: {user}
admin_pass: {secret}
workers: 1

[mta]
# Postfix would have to be told of each list.
incoming: mailman.mta.null.NullMTA
"""


@dataclass(frozen=True)
class Mailman:
    """A running server, as its operator knows it."""

    url: str
    user: str
    secret: str = field(repr=False)
    domain: str = DOMAIN


@contextlib.contextmanager
def mailman() -> Iterator[Mailman]:
    """Mailman with one mail domain and no lists."""
    folder = Path(tempfile.mkdtemp(prefix="ms-mailman-"))
    started: list[processes.Process] = []
    try:
        process, server = start(folder)
        started.append(process)
        make_domain(server)
        yield server
    finally:
        # Nothing of it is worth an orderly end, which takes two seconds.
        for process in started:
            processes.kill(process)
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path) -> tuple[processes.Process, Mailman]:
    """The runner of the REST API by itself: the master would start eleven more, and wait for each."""
    runner = MAILMAN / "bin" / "runner"
    if not runner.exists():
        raise ServiceMissing("Mailman is missing: run `python3.11 scripts/install.py --mailman`.")
    port = free_port()
    server = Mailman(f"http://127.0.0.1:{port}", "restadmin", secrets.token_urlsafe(20))
    configuration = folder / "mailman.cfg"
    configuration.touch(mode=0o600)
    configuration.write_text(
        CONFIGURATION.format(folder=folder / "var", port=port, user=server.user, secret=server.secret)
    )
    log = folder / "runner.log"
    # What tells our Python where to look for modules is wrong for that one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MAILMAN"))}
    with log.open("wb") as output:
        process = processes.start(
            [runner, "-C", configuration, "-r", "rest"], cwd=folder, env=environment, stdout=output, stderr=output
        )
    try:
        wait(process, server)
    except BaseException:
        processes.kill(process)
        print(log.read_text(errors="replace"), file=sys.stderr)
        raise
    return process, server


def wait(process: processes.Process, server: Mailman) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        # An answer with our password comes from our server, also when somebody else took the port in between.
        with contextlib.suppress(OSError):
            ask(server, "/3.1/system/versions")
            return
        time.sleep(0.05)
    raise ServiceMissing("Mailman did not start.")


def make_domain(server: Mailman) -> None:
    ask(server, "/3.1/domains", mail_host=server.domain)


def ask(server: Mailman, path: str, **form: str) -> None:
    login = base64.b64encode(f"{server.user}:{server.secret}".encode()).decode()
    body = urlencode(form).encode() if form else None
    request = urllib.request.Request(server.url + path, body, {"Authorization": f"Basic {login}"})
    with urllib.request.urlopen(request, timeout=10):
        return


# The command line


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    try:
        with mailman() as server:
            print(
                f"{server.url} with {server.user}:{server.secret}, after {time.monotonic() - began:.1f} s", flush=True
            )
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    except ServiceMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
