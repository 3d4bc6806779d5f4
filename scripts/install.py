"""Bring the project's own environment to what a requirements file says. Needs Python 3.11 and nothing else.

python3 scripts/install.py requirements.txt    make .venv if there is none, and install
python3 scripts/install.py --browser           make sure that there is a Chromium for the tests
python3 scripts/install.py --mailman           the mailing list server of the tests, in an environment of its own
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Mailman wants other versions of what we use, and nothing of the site may come to need it.
MAILMAN = VENV / "mailman"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(arguments: list[str]) -> int:
    if arguments == ["--browser"]:
        return browser()
    if arguments == ["--mailman"]:
        return install(ROOT / "requirements-mailman.txt", into=MAILMAN)
    if len(arguments) != 1:
        print(__doc__)
        return 2
    return install(ROOT / arguments[0])


def install(requirements: Path, into: Path = VENV) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - the one place where an older Python can be met
        return fail(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]} ({sys.executable}).")
    python = into / "bin" / "python"
    if not python.exists():
        print(f"Making {into.relative_to(ROOT)} …", flush=True)
        try:
            venv.create(into, with_pip=True, symlinks=True, clear=into.exists())
        except subprocess.CalledProcessError:
            shutil.rmtree(into, ignore_errors=True)
            return fail("This Python cannot make environments. On Debian: apt-get install python3-venv")
    print(f"Installing {requirements.name} …", flush=True)
    if not with_uv(requirements, python) and not with_pip(requirements, python):
        return fail(f"{requirements.name} could not be installed; the reason is above.")
    return 0


def with_uv(requirements: Path, python: Path) -> bool:
    """uv takes seconds where pip takes a minute. It is a shortcut only: where it fails, pip tries."""
    present = subprocess.run([PYTHON, "-m", "uv", "--version"], capture_output=True).returncode == 0
    if not present and not succeeds([*pip_install(PYTHON), "uv"]):
        return False
    # Compiled once, as pip does it: the tests start hundreds of processes, each in a third of the time. For a look at
    # the site (`make run`) nobody waits for it.
    compiled = [] if requirements.name == "requirements.txt" else ["--compile-bytecode"]
    return succeeds(
        [PYTHON, "-m", "uv", "pip", "install", "--quiet", *compiled, "--python", python, "-r", requirements]
    )


def with_pip(requirements: Path, python: Path) -> bool:
    print("uv could not do it; pip tries, which takes a minute …", flush=True)
    return succeeds([*pip_install(python), "-r", requirements])


def pip_install(python: Path) -> list[str | Path]:
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def browser() -> int:
    """What the tests need from the system: Chromium, and the program that collects the sentences to translate."""
    missing = [] if find_browser() else ["chromium"]
    missing += [] if shutil.which("xgettext") else ["gettext"]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' and '.join(missing)} for the tests …", flush=True)
        succeeds(["apt-get", "update", "-qq"])
        succeeds(["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *missing])
    if not shutil.which("xgettext"):
        return fail("The tests need GNU gettext, which is missing here. On Debian: apt-get install gettext.")
    if find_browser():
        return 0
    return fail(
        "The tests need Chromium, which is missing here. On Debian: apt-get install chromium. "
        "Elsewhere install Chromium or Google Chrome so that one of these is on the PATH: " + ", ".join(BROWSERS)
    )


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def succeeds(command: list[str | Path]) -> bool:
    return subprocess.run(command, cwd=ROOT).returncode == 0


def fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
