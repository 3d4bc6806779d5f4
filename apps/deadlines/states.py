"""Which states wait, and for what: the promise that nobody waits for nothing, in a form that a machine checks.

Features declare each state of their models in `deadlines.py` as waiting or resting. A waiting row has the open
deadlines that are named here, a resting row has none; `manage.py check --database default` compares.
"""

from collections.abc import Set
from dataclasses import dataclass, field

from django.db import models
from django.db.models.expressions import Combinable

from apps.deadlines.rules import Rule

STATES: dict[type[models.Model], "States"] = {}

# The sets of rules that may be open, by their names; exactly one of the sets is.
Open = frozenset[frozenset[str]]
NOTHING: Open = frozenset([frozenset()])


def all_of(*rules: Rule) -> Open:
    """A deadline of each of these rules is open."""
    return frozenset([frozenset(rule.name for rule in rules)])


def one_of(*rules: Rule) -> Open:
    """A deadline of exactly one of these rules is open."""
    return frozenset(frozenset([rule.name]) for rule in rules)


@dataclass(frozen=True)
class States:
    """What each state of a model waits for. `state` is its field, or an expression where it has none."""

    model: type[models.Model]
    state: str | Combinable
    waiting: dict[str, Open] = field(default_factory=dict)
    resting: Set[str] = frozenset()

    def expected(self, state: str) -> Open:
        return NOTHING if state in self.resting else self.waiting[state]

    @property
    def rules(self) -> set[str]:
        """The rules about rows of this model."""
        return {name for open_ in self.waiting.values() for names in open_ for name in names}


def declare(
    model: type[models.Model],
    *,
    state: str | Combinable = "state",
    waiting: dict[str, Open] | None = None,
    resting: Set[str],
) -> None:
    """Say which states of a model wait, each with the rules whose deadlines are then open, and which rest."""
    if model in STATES:
        raise ValueError(f"The states of {model.__name__} are declared twice.")
    STATES[model] = States(model, state, waiting or {}, resting)
