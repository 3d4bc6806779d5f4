"""`make run` on the embedded default: SQLite, the filesystem broker, and four real processes."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from msplatform.environment import NAMES
from scripts import processes
from scripts.services import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.slow


class Site:
    """One `scripts/run.py` with data of its own."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.log = data / "log"
        environment = {name: value for name, value in os.environ.items() if name not in NAMES}
        environment |= {"PORT": str(self.port), "DATA_DIR": str(data / "var"), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "scripts/run.py"]
        with self.log.open("wb") as output:
            self.process = processes.start(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def children(self) -> dict[str, int]:
        """What runs, by what stands in its command line."""
        found = {}
        all_words = {
            "web": "gunicorn",
            "worker": "celery worker clock,letters",
            "mailings": "celery worker mailings",
            "machines": "celery worker machines",
            "beat": "celery beat",
        }
        for name, words in all_words.items():
            for pid in self.pids():
                if all(word in command_line(pid).split() for word in words.split()) and parent(pid) == self.process.pid:
                    found[name] = pid
        return found

    def pids(self) -> list[int]:
        """All processes of this site: they alone have its DATA_DIR in their environment."""
        mark = f"DATA_DIR={self.log.parent / 'var'}".encode()
        return [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if mark in environment_of(pid)]

    def output(self) -> str:
        return self.log.read_text(errors="replace")


def environment_of(pid: int) -> list[bytes]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []


def command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


@pytest.fixture(scope="module")
def data_of_before() -> list[Path]:
    """What a site has left that was started from nothing, which takes long; the next ones go on with a copy."""
    return []


@pytest.fixture
def site(tmp_path: Path, run_until: Callable[..., object], data_of_before: list[Path]) -> Iterator[Site]:
    """A running site, ready; whatever the test did to it, nothing of it is left afterwards."""
    if data_of_before:
        shutil.copytree(data_of_before[0], tmp_path / "var")
    site = Site(tmp_path)
    try:
        run_until(lambda: "The site is at" in site.output() or site.process.poll() is not None, 90)
        assert site.process.poll() is None, site.output()
        yield site
    finally:
        processes.stop([site.process], seconds=20)
        for pid in site.pids():
            os.kill(pid, signal.SIGKILL)
        data_of_before.append(tmp_path / "var")


needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="Processes are found through /proc.")


@needs_proc
def test_the_site_is_there_and_sigterm_ends_all_of_it(site: Site, run_until: Callable[..., object]) -> None:
    status, page = site.get("/")
    assert status == 200
    assert "<title>" in page
    stylesheet = re.search(r'href="(/static/site\.[0-9a-f]+\.css)"', page)
    assert stylesheet, "static files are served under the hashed names of the manifest"
    assert site.get(stylesheet[1])[0] == 200

    status, health = site.get("/healthz")
    assert (status, json.loads(health)["status"]) == (200, "ok")

    status, page = site.get("/metrics")
    assert status == 200
    assert 'strategy_up{part="mailings"} 1.0' in page
    assert 'strategy_up{part="machines"} 1.0' in page

    status, page = site.get("/accounts/demo/")
    assert status == 200
    assert page.count("<form") >= 5, "one way in for each example person"

    assert sorted(site.children()) == ["beat", "machines", "mailings", "web", "worker"]
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(20) == 0, site.output()
    run_until(lambda: not site.pids(), 2)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", site.port), timeout=1)


@needs_proc
def test_one_dead_process_ends_the_others_and_is_named(site: Site, run_until: Callable[..., object]) -> None:
    os.kill(site.children()["beat"], signal.SIGKILL)
    assert site.process.wait(20) == 1
    assert "beat has stopped by itself, so everything is stopped." in site.output()
    run_until(lambda: not site.pids(), 2)


@needs_proc
@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells a process of its parent's death.")
def test_nothing_outlives_a_killed_supervisor(site: Site, run_until: Callable[..., object]) -> None:
    site.process.kill()
    run_until(lambda: not site.pids(), 20)


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "scripts/run.py"]
        environment = os.environ | {"PORT": port, "DATA_DIR": str(tmp_path)}
        begun = time.monotonic()
        result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert result.stderr.strip().splitlines() == [
        f"Port {port} cannot be used (Address already in use). Choose another: PORT={int(port) + 1} make run"
    ]
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("port", ["0", "eight", "99999"])
def test_a_port_that_is_none_is_one_sentence(tmp_path: Path, port: str) -> None:
    environment = os.environ | {"PORT": port, "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "scripts/run.py"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert (result.returncode, result.stderr.strip()) == (
        1,
        f"PORT is {port!r}, but must be a number between 1 and 65535.",
    )
