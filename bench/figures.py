"""Rounds taken in turn, and the one line that each figure becomes."""

from collections.abc import Callable
from statistics import median


def in_turn(ours: Callable[[], float], floor: Callable[[], float], *, rounds: int) -> tuple[float, float, float]:
    """Ours, floor, ours, floor …: both medians, and the median ratio of neighbours.

    The ratio is taken within each round, since what else the machine does then slows both sides alike.
    """
    pairs = [(ours(), floor()) for _ in range(rounds)]
    return median(o for o, _ in pairs), median(f for _, f in pairs), median(o / f for o, f in pairs)


def show(name: str, ours: str, floor: str = "-", ratio: float | None = None, note: str = "") -> None:
    shown = "-" if ratio is None else f"{ratio:.2f}"
    line = f"bench {name:<26} ours={ours:<12} floor={floor:<12} ratio={shown:<6}"
    print(f"{line} {note}".rstrip(), flush=True)
