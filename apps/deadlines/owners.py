"""Owners: who can owe something. An owner is a key such as "role:reviewer" or "group:12".

Features register their kinds of owners in `deadlines.py`, so that this app knows none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat

from apps.accounts.models import User

KINDS: dict[str, "OwnerKind"] = {}

# The owner of what ends by itself: nobody owes anything.
THE_CLOCK = "clock:0"


@dataclass(frozen=True)
class OwnerKind:
    """`keys` is a subquery of the owners in whose place a person may answer.

    What a kind with `asked_alone` owes is the debt of the one who was asked, though any of them may answer.
    """

    kind: str
    keys: Callable[[User, datetime], QuerySet[Any, Any]]
    asked_alone: bool = False

    def __post_init__(self) -> None:
        KINDS[self.kind] = self


def keys_of(owners: QuerySet[Any], kind: str) -> QuerySet[Any, Any]:
    """The owner keys of some rows: "group:12" and so on."""
    key = Concat(Value(f"{kind}:"), Cast(F("pk"), CharField()), output_field=CharField())
    return owners.order_by().annotate(key=key).values("key")
