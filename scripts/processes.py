"""Start processes that end with us, whatever happens to us: used by run.py, services.py and the tests."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

Process = subprocess.Popen[bytes]

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def start(command: Sequence[str | os.PathLike[str]], **options: Any) -> Process:
    """Start a command in a process group of its own.

    A Ctrl-C in the terminal then reaches us alone, and we end the group in order. Call it from the main
    thread only: Linux sends the parent-death signal when the *thread* that started the child ends.
    """
    return subprocess.Popen(command, start_new_session=True, preexec_fn=end_with_parent, **options)


def end_with_parent() -> None:
    """Ask Linux to terminate this process when its parent is killed; elsewhere the parent's own `finally` must do."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(processes: Iterable[Process], *, by: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
    """End processes and everything in their groups: ask all at once, wait, then kill what is left."""
    processes = list(processes)
    for process in processes:
        if process.poll() is None:
            process.send_signal(by)
    deadline = time.monotonic() + seconds
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        kill(process)


def kill(process: Process) -> None:
    """SIGKILL to the whole group; nothing happens when nobody is left in it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
