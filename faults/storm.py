"""What goes wrong when: a schedule that is the same for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from faults.crew import WORKERS

MOODS = ["refuse", "hang", "drop", "mute"]
# Redis goes last, and nobody is killed after it came back: whoever lives has to find it again by themselves.
REDIS_DIES_AT, REDIS_IS_BACK_AT = 0.85, 0.95


@dataclass(frozen=True, order=True)
class Event:
    """At so many seconds: kill or start somebody, or change the mail server's mood."""

    at: float
    what: str
    whom: str


def schedule(seconds: float, *, kills: int, seed: int) -> list[Event]:
    random = Random(seed)
    return sorted([*_deaths(seconds, kills, random), *_redis(seconds), *_moods(seconds)])


def _deaths(seconds: float, kills: int, random: Random) -> Iterator[Event]:
    """Everybody dies once at least; whoever died comes back before their next turn, and all before Redis goes."""
    everybody = [*WORKERS, "beat"]
    victims = [name for _round in range(-(-kills // 4)) for name in random.sample(everybody, 4)][: max(kills, 4)]
    turn = seconds * (REDIS_DIES_AT - 0.1) / len(victims)
    for n, name in enumerate(victims):
        at = (n + random.uniform(0.2, 0.8)) * turn
        yield Event(at, "kill", name)
        yield Event(at + random.uniform(0.05, 0.2) * turn, "start", name)


def _redis(seconds: float) -> Iterator[Event]:
    yield Event(REDIS_DIES_AT * seconds, "kill", "redis")
    yield Event(REDIS_IS_BACK_AT * seconds, "start", "redis")


def _moods(seconds: float) -> Iterator[Event]:
    """Each mood twice, with as much time between in which letters are taken."""
    moods = MOODS + MOODS
    turn = seconds / (2 * len(moods) + 1)
    for n, mood in enumerate(moods):
        yield Event((2 * n + 1) * turn, "mood", mood)
        yield Event((2 * n + 2) * turn, "mood", "accept")
