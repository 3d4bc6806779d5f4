"""What the parts of the site last reported, kept in the cache: its processes, and the rounds of the clock.

A report is news and no fact: nothing is lost with it. So a cache that is down is logged and harms nobody.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache

log = logging.getLogger(__name__)

# Who reports every HEARTBEAT_EVERY_SECONDS, and is dead when three reports are missing.
PROCESSES = ("worker", "mailings", "machines", "beat")
MISSED_HEARTBEATS = 3


@dataclass(frozen=True)
class Report:
    """`at` is in seconds since 1970, by the clock of the machine that reported."""

    at: float
    facts: dict[str, Any] = field(default_factory=dict)

    def age(self, now: float) -> float:
        return max(0.0, round(now - self.at, 1))

    def is_alive(self, now: float) -> bool:
        return self.age(now) <= MISSED_HEARTBEATS * settings.HEARTBEAT_EVERY_SECONDS


def key(name: str) -> str:
    return f"heartbeat:{name}"


def report(name: str, **facts: Any) -> None:
    try:
        cache.set(key(name), {"at": time.time(), "facts": facts}, timeout=None)
    except Exception:
        log.warning("The report of %s could not be written.", name, exc_info=True)


def read(names: Iterable[str]) -> dict[str, Report]:
    """The newest report of each that ever reported. Raises what the cache raises."""
    names = list(names)
    seen = cache.get_many([key(name) for name in names])
    return {name: Report(**seen[key(name)]) for name in names if key(name) in seen}


def last_facts(name: str) -> dict[str, Any]:
    """What was last reported; nothing while the cache is down."""
    try:
        found = read([name]).get(name)
    except Exception:
        log.warning("The report of %s could not be read.", name, exc_info=True)
        found = None
    return found.facts if found else {}


@contextmanager
def alone(name: str, *, seconds: float) -> Iterator[bool]:
    """Whether nobody else is at this; whoever dies at it is at it for so many seconds. Without a cache: yes."""
    try:
        is_alone = cache.add(f"alone:{name}", True, timeout=seconds)
    except Exception:
        log.warning("Whether %s is under way could not be read.", name, exc_info=True)
        is_alone = True
    try:
        yield is_alone
    finally:
        if is_alone:
            with suppress(Exception):  # it is over by itself after those seconds
                cache.delete(f"alone:{name}")


def forget(names: Iterable[str]) -> None:
    cache.delete_many([key(name) for name in names])


def reported(name: str, act: Callable[..., int], **arguments: Any) -> int:
    """Do one round of the clock and report how much it did and how long it took; a round that fails reports nothing."""
    begun = time.monotonic()
    done = act(**arguments)
    report(name, done=done, seconds=round(time.monotonic() - begun, 3))
    return done
