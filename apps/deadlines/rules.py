"""Rules: who owes, a ladder of what happens when, and what silence means.

Features declare their rules in `deadlines.py` and hang the consequence on them in `actions.py`; both
are discovered the way `admin.py` is, so this app knows no feature.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db import models

from apps.accounts.models import User
from apps.core.clock import add_working_days
from apps.core.given import AnyOf
from apps.core.text import Words
from apps.deadlines.models import TITLES

RULES: dict[str, "Rule"] = {}

# When a rung happens, from the time of opening and the end that was set beforehand, if any.
When = Callable[[datetime, datetime | None], datetime]


def working_days(count: int) -> When:
    return lambda opened_at, ends_at: add_working_days(opened_at, count)


def days(count: int) -> When:
    return lambda opened_at, ends_at: opened_at + timedelta(days=count)


def days_before_end(count: int) -> When:
    def when(opened_at: datetime, ends_at: datetime | None) -> datetime:
        if ends_at is None:
            raise ValueError("This rule needs an end: open it with ends_at.")
        return ends_at - timedelta(days=count)

    return when


def or_at_end(when: When) -> When:
    """The same, or the end that was set beforehand where there is one and it comes first."""
    return lambda opened_at, ends_at: min(when(opened_at, ends_at), ends_at) if ends_at else when(opened_at, ends_at)


def nobody(subjects: list[Any], now: datetime) -> dict[int, list[User]]:
    """The answerers of what the clock owes."""
    return {}


Answerers = Callable[[list[Any], datetime], dict[int, list[User]]]


def reads(*columns: str) -> Callable[[Answerers], Answerers]:
    """Say which columns of their subjects some answerers read, beside `pk`; so thousands can be asked for at once."""

    def note(answerers: Answerers) -> Answerers:
        answerers.columns = columns  # type: ignore[attr-defined]
        return answerers

    return note


class Kind(StrEnum):
    REMIND = "remind"
    TELL_ALL = "tell_all"
    SILENCE = "silence"


@dataclass(frozen=True)
class Rung:
    kind: Kind
    when: When


def remind(when: When) -> Rung:
    """Remind whoever was asked, or else everybody who can answer."""
    return Rung(Kind.REMIND, when)


def tell_all(when: When) -> Rung:
    """The answer is due: everybody who can give it is told."""
    return Rung(Kind.TELL_ALL, when)


def silence(when: When) -> Rung:
    """Nobody answered: the consequence that was announced comes true."""
    return Rung(Kind.SILENCE, when)


@dataclass
class Rule:
    """One kind of wait.

    title         the kind of wait, in words: "Requests to join a group"
    subject       the model that waits, as "app.Model", with what to fetch beside it in `related`
    owed_by       who owes the answer, as an owner key ("role:reviewer", "group:12", "person:7")
    owner_name    how the owner is called in public: roles and groups by name, persons never
    answerers     for many subjects at once, by their ids: the people who can act on each now
    asks          of one subject: who is asked alone, where that is more than who is asked for least; None if nobody
    what, link    what is waited for, in words, and the page where it is answered
    silence_means what silence will do, in words
    outcomes      the answers that meet it, in words; silence is none of them
    region        the region it comes from, or ""
    public        False for a duty that nobody else waits for (keeping one's own term alive)
    """

    name: str
    title: Words
    subject: str
    owed_by: Callable[[Any], str]
    owner_name: Callable[[Any], str]
    answerers: Answerers
    what: Callable[[Any], str]
    silence_means: Words | Callable[[Any], str]
    ladder: list[Rung]
    asks: Callable[[Any, datetime], User | None] | None = None
    outcomes: dict[str, Words] = field(default_factory=dict)
    link: Callable[[Any], str] = field(default=lambda subject: subject.get_absolute_url())
    region: Callable[[Any], str] = field(default=lambda subject: "")
    related: tuple[str, ...] = ()
    public: bool = True
    consequence: Callable[..., None] | None = None

    def __post_init__(self) -> None:
        if self.name in RULES:
            raise ValueError(f"The rule {self.name} is declared twice.")
        if self.ladder[-1].kind is not Kind.SILENCE:
            raise ValueError(f"The ladder of {self.name} does not end with silence.")
        RULES[self.name] = self
        TITLES[self.name] = self.title

    def when_silent(self, consequence: Callable[..., None]) -> Callable[..., None]:
        """Hang the consequence of silence on this rule: `consequence(subject, *, now)`."""
        self.consequence = consequence
        return consequence

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.subject)

    @property
    def fetched(self) -> tuple[object, ...]:
        """What `subjects` fetches; rules about the same rows share it."""
        return (self.subject, self.related)

    def subjects(self, ids: Iterable[int]) -> dict[int, Any]:
        return self.model._default_manager.select_related(*self.related).in_bulk(list(ids))

    def seen_by_answerers(self, ids: Iterable[int]) -> dict[int, Any]:
        """Of subjects, by their ids, what the answerers have to see: the columns that they read, or else all."""
        columns = getattr(self.answerers, "columns", None)
        if columns is None:
            return self.subjects(ids)
        rows = self.model._default_manager.filter(AnyOf(models.F("pk"), list(ids)))
        return {row.pk: row for row in rows.values_list("pk", *columns, named=True)}

    def rung_times(self, opened_at: datetime, ends_at: datetime | None) -> list[tuple[int, Rung, datetime]]:
        """Every rung with its number and time, in order; those that lie before the opening or after silence fall away.

        Days are counted in UTC, as everything here, so that no clock change of a reader's zone shifts a rung.
        """
        opened_at, ends_at = opened_at.astimezone(UTC), ends_at and ends_at.astimezone(UTC)
        times = [(number, rung, rung.when(opened_at, ends_at)) for number, rung in enumerate(self.ladder)]
        silent_at = times[-1][2]
        return [one for one in times if opened_at < one[2] < silent_at or one[1].kind is Kind.SILENCE]

    def due_at(self, opened_at: datetime, ends_at: datetime | None) -> datetime:
        """When the answer is due: when all are told, or else when silence settles it."""
        times = self.rung_times(opened_at, ends_at)
        return next((at for _, rung, at in times if rung.kind is Kind.TELL_ALL), times[-1][2])

    def silence_words(self, subject: Any) -> str:
        means = self.silence_means
        return means(subject) if callable(means) else str(means)
