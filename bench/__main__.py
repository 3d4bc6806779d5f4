"""Run the parts of the bench, each in a process and a database of its own.

    make bench                      everything, in about eight minutes
    make bench ARGS="pages mail"    some parts of: pages, sweep, mail, resources

Ratios are what to read: ours / floor, both as work per second, so 1 is the floor and more is better. Both are
medians of rounds taken in turn, because a machine is never as idle as one hopes. The exit code tells of errors
only: a slow page is a figure, not a failure.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from environ import Env

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from msplatform.environment import NAMES
from scripts.services import free_port

PARTS = ("pages", "sweep", "mail", "resources")


def main(arguments: Sequence[str]) -> int:
    unknown = set(arguments) - set(PARTS)
    if unknown:
        print(f"No such part: {', '.join(sorted(unknown))}. There are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    address = os.environ.get("DATABASE_URL", "")
    if urlsplit(address).scheme not in {"postgres", "postgresql"}:
        print("The bench measures on PostgreSQL. Run `make bench`, which starts one.", file=sys.stderr)
        return 1
    failed = [part for part in PARTS if part in (arguments or PARTS) and not run(part, address)]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run(part: str, address: str) -> bool:
    """One part, in a new database beside that of DATABASE_URL, which is left alone."""
    began = time.monotonic()
    print(f"\n# {part}", flush=True)
    name = f"bench_{part}"
    data = tempfile.mkdtemp(prefix="ms-bench-")
    with connect(address) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        try:
            command = [sys.executable, "-m", f"bench.{part}"]
            code = subprocess.run(command, cwd=ROOT, env=environment(with_database(address, name), data)).returncode
        finally:
            for left in (name, f"{name}_large"):
                server.execute(f"DROP DATABASE IF EXISTS {left} WITH (FORCE)")
            shutil.rmtree(data, ignore_errors=True)
    print(f"# {part} took {time.monotonic() - began:.0f} s", flush=True)
    return code == 0


def connect(address: str) -> psycopg.Connection:
    """By the same reading of the address as the site's."""
    read = Env.db_url_config(address)
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    return psycopg.connect(autocommit=True, **{names[key]: read[key] for key in names if read.get(key)})


def with_database(address: str, name: str) -> str:
    """The address of another database of the same server; its path may be a folder of sockets before the name."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=parts.path.rpartition("/")[0] + "/" + name))


def environment(database: str, data: str) -> dict[str, str]:
    """Production settings: every middleware and header is there, and nothing of the example."""
    kept = {name: value for name, value in os.environ.items() if name not in NAMES or name == "REDIS_URL"}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "msplatform.settings",
        "DATABASE_URL": database,
        "DATA_DIR": data,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "https://strategy.example.org",
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
