"""The state diagrams of docs/states.md, compared with what rows really do."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path

from django.db.models import F, Model, QuerySet

from apps.deadlines.states import STATES
from apps.engagement.models import ChecklistStep
from apps.initiatives.models import Adoption, Bid, Hold, Initiative, Lead, Objection, Obstacle
from apps.initiatives.queries import all_initiatives

MODELS: dict[str, type[Model]] = {
    "adoption": Adoption,
    "lead": Lead,
    "step": ChecklistStep,
    "bid": Bid,
    "objection": Objection,
    "hold": Hold,
    "obstacle": Obstacle,
}
NOTHING = "[*]"
Row = tuple[str, int]


class Diagram:
    """The arrows of one diagram: those of people, and those of the clock."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        arrows = re.findall(r"^ +(\S+) --> (\w+)(?:: (.*))?$", text, re.MULTILINE)
        self.clock = {(before, after) for before, after, why in arrows if why.startswith("clock")}
        self.people = {(before, after) for before, after, why in arrows if not why.startswith("clock")}
        self.states = {state for arrow in self.clock | self.people for state in arrow} - {NOTHING}

    def allows(self, before: str, after: str, *, by_clock: bool) -> bool:
        """One arrow at a time: of people, or where time alone passes one of the clock."""
        return before == after or (before, after) in (self.clock if by_clock else self.people)


@cache
def diagrams() -> dict[str, Diagram]:
    text = (Path(__file__).parents[2] / "docs" / "states.md").read_text()
    sections = re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return {name: Diagram(name, body) for name, body in sections}


def states_now(now: datetime, initiatives: QuerySet[Initiative] | None = None) -> dict[Row, str]:
    """The state of every row that has a diagram; of some initiatives or of all."""
    shown = all_initiatives(now, initiatives=initiatives)
    found = {("initiative", row.initiative.pk): row.state.value for row in shown}
    for name, model in MODELS.items():
        state = STATES[model].state
        rows = model._default_manager.annotate(state_now=F(state) if isinstance(state, str) else state)
        found |= {(name, pk): state_now for pk, state_now in rows.values_list("pk", "state_now")}
    return found


def wrong_moves(before: dict[Row, str], after: dict[Row, str], *, by_clock: bool) -> list[str]:
    """Every move along an arrow that is not drawn, in words."""
    drawn = diagrams()
    return [
        f"{row[0]} {row[1]}: {before.get(row, NOTHING)} to {state}"
        for row, state in after.items()
        if not drawn[row[0]].allows(before.get(row, NOTHING), state, by_clock=by_clock)
    ]
