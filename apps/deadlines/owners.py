"""Owners: who can owe something. An owner is a key such as "role:reviewer" or "group:12".

Features register their kinds of owners in `deadlines.py`, so that this app knows none of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import User

KINDS: dict[str, "OwnerKind"] = {}

# The owner of what ends by itself: nobody owes anything.
THE_CLOCK = "clock:0"


@dataclass(frozen=True)
class OwnerKind:
    """`names` turns ids into public names; `ids_of` says in whose place a person may answer."""

    kind: str
    names: Callable[[Iterable[str]], dict[str, str]]
    ids_of: Callable[[User, datetime], Iterable[object]]

    def __post_init__(self) -> None:
        KINDS[self.kind] = self


def owner_keys_of(person: User, now: datetime) -> set[str]:
    """Every owner in whose place this person may answer."""
    keys = {f"{kind.kind}:{owner_id}" for kind in KINDS.values() for owner_id in kind.ids_of(person, now)}
    return keys | {f"person:{person.pk}"}


def owner_names(keys: Iterable[str]) -> dict[str, str]:
    """The public name of every owner; persons are never named (product.md: roles and groups are)."""
    ids_by_kind: dict[str, set[str]] = {}
    for key in keys:
        kind, _, owner_id = key.partition(":")
        ids_by_kind.setdefault(kind, set()).add(owner_id)
    return {
        f"{kind}:{owner_id}": name
        for kind, ids in ids_by_kind.items()
        if kind in KINDS
        for owner_id, name in KINDS[kind].names(ids).items()
    }
