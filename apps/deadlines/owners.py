"""Owners: who can owe something. An owner is a key such as "role:reviewer" or "group:12".

Features register their kinds of owners in `deadlines.py`, so that this app knows none of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.text import Words

KINDS: dict[str, "OwnerKind"] = {}
PARTS: dict[str, "OwnerPart"] = {}

# The owner of what ends by itself: nobody owes anything.
THE_CLOCK = "clock:0"

ALL_TOLD = _("Due; everybody who can answer is told")


@dataclass(frozen=True)
class OwnerKind:
    """Something that can owe: the reviewers, a group, the stewards of a resource.

    title        the kind, in words: "Working groups"
    keys         the owners in whose place a person may answer, as a subquery of keys
    names        the public names of some owners, by their keys
    all_told     what happens on the day an answer is due, in words: "All reviewers are told"
    asked_alone  what it owes is the debt of the one who was asked, though any of them may answer
    """

    kind: str
    title: Words
    keys: Callable[[User, datetime], QuerySet[Any, Any]]
    names: Callable[[Iterable[str]], dict[str, str]]
    all_told: Words = ALL_TOLD
    asked_alone: bool = False

    def __post_init__(self) -> None:
        KINDS[self.kind] = self


@dataclass(frozen=True)
class OwnerPart:
    """A part of a kind of owners that people look for by itself: the groups of affiliates."""

    name: str
    title: Words
    keys: Callable[[], QuerySet[Any, Any]]

    def __post_init__(self) -> None:
        PARTS[self.name] = self


def id_in(key: str) -> int:
    """12 in "group:12"."""
    return int(key.partition(":")[2])


def owner_names(keys: Iterable[str]) -> dict[str, str]:
    """The public names of owners, by their keys; one query for each kind. Persons and the clock have none."""
    by_kind: dict[str, list[str]] = {}
    for key in keys:
        by_kind.setdefault(kind_of(key), []).append(key)
    return {
        key: name for kind, found in by_kind.items() if kind in KINDS for key, name in KINDS[kind].names(found).items()
    }


def kind_of(key: str) -> str:
    """The kind of an owner: its key up to the colon, or all of it for a role."""
    return key if key in KINDS else key.partition(":")[0]


def keys_of(owners: QuerySet[Any], kind: str) -> QuerySet[Any, Any]:
    """The owner keys of some rows: "group:12" and so on."""
    key = Concat(Value(f"{kind}:"), Cast(F("pk"), CharField()), output_field=CharField())
    return owners.order_by().annotate(key=key).values("key")
