"""What the waiting board reads: the open waits that were chosen, and the page of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.languages import Region, regions
from apps.core.text import Words
from apps.deadlines.answer_times import TENTH, in_days
from apps.deadlines.models import Deadline, MeToo
from apps.deadlines.owners import KINDS, PARTS, kind_of, owner_names
from apps.deadlines.queries import (
    ASKED_AGAIN_AFTER,
    Wait,
    nobody_can_answer,
    open_waits,
    people_who_can_answer,
    public_rules,
    waits,
)
from apps.deadlines.rules import RULES
from apps.deadlines.words import ASKED_AGAIN
from apps.notifications.timing import MANY
from apps.record.queries import acts_about

# More is said as "more than", since counting a million rows for every reader helps nobody.
MOST_COUNTED = 5_000
# People who owe an answer by themselves are one kind, and never named.
PERSON = "person"
LONGEST_ID = 19


@dataclass(frozen=True)
class Chosen:
    """The filters of the board; what is empty leaves nothing out."""

    owner: str = ""  # a kind of owners, a part of one, or the key of one owner
    kind: str = ""  # a rule
    region: str = ""
    late: bool = False

    @property
    def has_names(self) -> bool:
        """Whether owners of their own stand behind the owner that was chosen."""
        return bool(self.owner) and ":" not in self.owner

    @property
    def rows(self) -> Q:
        found = Q(rule__in=[self.kind] if self.kind else public_rules())
        if self.owner:
            found &= owned_by(self.owner)
        return found & Q(region=self.region) if self.region else found


def is_one(owner: str) -> bool:
    """One owner by name, and not a kind of them; a role is a kind of its own."""
    return ":" in owner and owner not in KINDS


def owned_by(owner: str) -> Q:
    if owner in PARTS:
        return Q(owner__in=PARTS[owner].keys())
    return Q(owner=owner) if ":" in owner else Q(owner__startswith=f"{owner}:")


def named_owner(key: str) -> dict[str, str]:
    """The owner with this key, with its name; nothing if it has none or there is no such owner."""
    kind, _colon, number = key.partition(":")
    return owner_names([key]) if kind in KINDS and is_id(number) else {}


def is_id(number: str) -> bool:
    """Digits that a database takes for an id."""
    return number.isascii() and number.isdigit() and len(number) < LONGEST_ID


def chosen_waits(chosen: Chosen, now: datetime) -> models.QuerySet[Deadline]:
    """Open, public, the longest overdue first."""
    found = open_waits().filter(chosen.rows)
    return found.filter(due_at__lt=now) if chosen.late else found


def after(deadlines: models.QuerySet[Deadline], number: str) -> models.QuerySet[Deadline]:
    """Those that stand behind the one with this number, which may be closed meanwhile; without a number all."""
    last = Deadline.objects.filter(pk=number).first() if is_id(number) else None
    if last is None:
        return deadlines
    same_moment = Q(due_at=last.due_at, pk__gt=last.pk)
    return deadlines.filter(due_at__gte=last.due_at).filter(Q(due_at__gt=last.due_at) | same_moment)


def counted(deadlines: models.QuerySet[Deadline], now: datetime) -> tuple[int, int]:
    """How many there are and how many of them are late, up to one more than what is counted."""
    # The oldest dates come first, so that what is late is among what is counted.
    found = deadlines[: MOST_COUNTED + 1].aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)))
    return found["all"], found["late"]


# --- Rows ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BoardRow:
    """An open wait as everybody may see it."""

    wait: Wait
    owner: str
    me_toos: int
    has_nobody: bool

    @property
    def owner_link(self) -> str:
        return owner_filter(self.owner)


def board_rows(deadlines: Iterable[Deadline], now: datetime) -> list[BoardRow]:
    """In a number of queries that does not grow with the rows."""
    shown = waits(deadlines)
    nobody = nobody_can_answer(shown, now)
    me_toos = me_toos_of(wait.deadline.pk for wait in shown)
    return [
        BoardRow(wait, public_owner(wait.deadline.owner), me_toos.get(pk, 0), pk in nobody)
        for wait in shown
        for pk in [wait.deadline.pk]
    ]


def me_toos_of(ids: Iterable[int]) -> dict[int, int]:
    """How many say "me too", by deadline."""
    said = MeToo.objects.filter(deadline__in=list(ids)).order_by()
    return dict(said.values("deadline").annotate(number=Count("pk")).values_list("deadline", "number"))


def owner_filter(owner: str) -> str:
    """The address that shows what this owner owes; a single person has none."""
    return f"{reverse('deadlines:waiting')}?{urlencode({'owner': owner})}" if owner != PERSON else ""


def public_owner(key: str) -> str:
    """The key of an owner as everybody may see it: of a person only that it is one."""
    return key if kind_of(key) in KINDS else kind_of(key)


def title_of(owner: str) -> Words:
    """What a kind of owners, or a part of one, is called."""
    if owner in PARTS:
        return PARTS[owner].title
    return KINDS[owner].title if owner in KINDS else _("People who were asked by themselves")


@dataclass(frozen=True)
class WaitShown:
    """One wait with all that its page shows, to a visitor or to a person."""

    wait: Wait
    owner: str
    people: list[User]  # who can answer now
    can_answer: bool
    me_toos: int
    said_me_too: bool
    asked_again: list[datetime]
    now: datetime

    @property
    def owner_link(self) -> str:
        return owner_filter(self.owner)

    @property
    def is_open(self) -> bool:
        return self.wait.deadline.state == Deadline.State.OPEN

    @property
    def is_late(self) -> bool:
        return self.is_open and self.wait.is_late(self.now)

    @property
    def has_nobody(self) -> bool:
        return self.is_open and not self.people

    @property
    def told_by_asking_again(self) -> int:
        """How many get a letter, where they are many; of a few, the number would say who is away."""
        return len(self.people) if len(self.people) > MANY else 0

    @property
    def took_days(self) -> float | None:
        """How long the answer took."""
        deadline = self.wait.deadline
        if deadline.state != Deadline.State.MET or deadline.closed_at is None:
            return None
        return in_days(-(-(deadline.closed_at - deadline.opened_at) // TENTH))

    @property
    def region(self) -> Region | None:
        return regions().get(self.wait.deadline.region)

    @property
    def asked_again_from(self) -> datetime | None:
        """From when it can be asked again, if that is not now."""
        asked_at = self.wait.deadline.asked_again_at
        return asked_at + ASKED_AGAIN_AFTER if asked_at and asked_at + ASKED_AGAIN_AFTER > self.now else None


def wait_shown(deadline: Deadline, person: Any, now: datetime) -> WaitShown | None:
    """None if what it was about is gone."""
    for wait in waits([deadline]):
        people = people_who_can_answer(wait.rule, [wait.subject], now).get(wait.subject.pk, [])
        return WaitShown(
            wait=wait,
            owner=public_owner(deadline.owner),
            people=people,
            can_answer=person in people,
            me_toos=deadline.me_toos.count(),
            said_me_too=person.is_authenticated and deadline.me_toos.filter(person=person).exists(),
            asked_again=list(acts_about(deadline).filter(verb=ASKED_AGAIN.name).values_list("at", flat=True)),
            now=now,
        )
    return None


# --- As data ---------------------------------------------------------------------------------

Data = dict[str, Any]
OPEN_FIELDS = (
    "id", "url", "kind", "kind_title", "what", "owner", "owner_name", "region", "opened_at", "due_at", "silence_at",
    "silence_means", "nobody_can_answer", "me_too", "asked_again_at",
)  # fmt: skip


def as_data(row: BoardRow) -> Data:
    """An open wait for machines; the fields are described in docs/data.md."""
    wait, deadline = row.wait, row.wait.deadline
    return {
        "id": deadline.pk,
        "url": deadline.get_absolute_url(),
        "kind": wait.rule.name,
        "kind_title": str(wait.rule.title),
        "what": wait.what,
        "owner": row.owner,
        "owner_name": wait.owner_name,
        "region": deadline.region,
        "opened_at": in_utc(wait.opened_at),
        "due_at": in_utc(wait.due_at),
        "silence_at": in_utc(wait.silence_at),
        "silence_means": wait.silence_means,
        "nobody_can_answer": row.has_nobody,
        "me_too": row.me_toos,
        "asked_again_at": in_utc(deadline.asked_again_at) if deadline.asked_again_at else None,
    }


def in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- What silence decided --------------------------------------------------------------------

REPORTED = timedelta(days=365)


def settled_by_silence(now: datetime) -> models.QuerySet[Deadline]:
    """What nobody answered in the last twelve months, so that the announced consequence came true; newest first."""
    lapsed = Deadline.objects.filter(state=Deadline.State.LAPSED, rule__in=public_rules())
    return lapsed.filter(closed_at__gt=now - REPORTED, closed_at__lte=now).order_by("-closed_at", "-pk")


def silence_by_kind(settled: models.QuerySet[Deadline]) -> list[tuple[str, int]]:
    """How often silence decided, by the title of the rule, most often first."""
    counted = settled.order_by().values_list("rule").annotate(count=models.Count("pk")).order_by("-count", "rule")
    return [(str(RULES[name].title), count) for name, count in counted]
