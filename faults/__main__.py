"""Run the storm in a database, a Redis and a folder of its own.

    make faults                                   10,000 deadlines, ten minutes at most
    make faults ARGS="--deadlines 500 --seed 7"   fewer, and other deaths

Three Celery workers and beat, the site's own, work on PostgreSQL and Redis and send to a mail server, while all of
them but PostgreSQL are killed by SIGKILL and the mail server refuses, hangs and drops. Then it is calm. At the end
every deadline has to be done, no consequence may have happened twice and no letter may be lost; the exit code says
whether. Letters may arrive twice, with the same Message-ID: when a worker died between the mail server's yes and
the note of it, and when the mail server took a letter without a word.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psycopg

from bench.__main__ import connect, environment, with_database
from faults.options import options_in
from scripts.services import free_port


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = options_in(arguments)
    address = os.environ.get("DATABASE_URL", "")
    if urlsplit(address).scheme not in {"postgres", "postgresql"}:
        print("The storm needs PostgreSQL. Run `make faults`, which starts one.", file=sys.stderr)
        return 1
    name = f"faults_{os.getpid()}"
    folder = tempfile.mkdtemp(prefix="ms-faults-")
    own = {
        "DJANGO_SETTINGS_MODULE": "faults.settings",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "FAULTS_RUN": str(os.getpid()),  # By it one finds everybody whom this run has started.
        "FAULTS_PATIENCE_SECONDS": str(options.patience_seconds),
        "PYTHONWARNINGS": "ignore:You're running the worker",
    }
    with connect(address) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            run = [sys.executable, "-m", "faults.run", *arguments]
            return wait_for(
                subprocess.Popen(run, cwd=ROOT, env=environment(with_database(address, name), folder) | own)
            )
        finally:
            with contextlib.suppress(psycopg.Error):  # PostgreSQL may have been stopped before us
                server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            shutil.rmtree(folder, ignore_errors=True)


def wait_for(run: "subprocess.Popen[bytes]") -> int:
    """On a Ctrl-C, which reaches it too, and on SIGTERM: it stops whomever it has started, then we tidy up."""
    try:
        return run.wait()
    except KeyboardInterrupt:
        return run.wait()
    finally:
        if run.poll() is None:
            run.terminate()
            run.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
