"""Rounds taken in turn, and the one line that each figure becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Rounds:
    """What was measured, by name, round after round."""

    values: dict[str, list[float]]

    def median(self, name: str) -> float:
        return median(self.values[name])

    def ratio(self, name: str, to: str) -> float:
        """Taken within each round, since what else the machine does then slows both sides alike."""
        return median(a / b for a, b in zip(self.values[name], self.values[to], strict=True))


def in_turn(rounds: int, **measures: Callable[[], float]) -> Rounds:
    """Ours, floor, ours, floor …"""
    values: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            values[name].append(measure())
    return Rounds(values)


def show(name: str, ours: str, floor: str = "-", ratio: float | None = None, note: str = "") -> None:
    shown = "-" if ratio is None else f"{ratio:.2f}"
    line = f"bench {name:<24} ours={ours:<10} floor={floor:<10} ratio={shown:<6}"
    print(f"{line} {note}".rstrip(), flush=True)


def show_rates(name: str, found: Rounds, note: str = "", *, ours: str = "ours", floor: str = "floor") -> None:
    """Two rates, as work per second."""
    rates = [found.median(ours), found.median(floor)]
    shown = [f"{rate:.0f}/s" if rate >= 100 else f"{rate:.1f}/s" for rate in rates]
    show(name, shown[0], shown[1], found.ratio(ours, floor), note)
