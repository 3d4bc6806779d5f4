"""Compile the translations: locale/*/LC_MESSAGES/*.po -> .mo, where they are older than their source.

Done with polib, a small runtime requirement, since `compilemessages` needs GNU gettext, which a fresh machine does
not have, and since compiled files in the repository go stale and cannot be merged.
"""

import os
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent


def compile_messages() -> list[Path]:
    """The catalogues that had to be compiled. Safe to run in several processes at once."""
    stale = [source for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")) if is_stale(source)]
    for source in stale:
        target = source.with_suffix(".mo")
        unfinished = target.with_suffix(f".{os.getpid()}.mo")
        polib.pofile(str(source)).save_as_mofile(str(unfinished))
        unfinished.replace(target)
    return stale


def is_stale(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


if __name__ == "__main__":
    for compiled in compile_messages():
        print(compiled.relative_to(ROOT))
    sys.exit(0)
