"""A feedback round of the lead logs itself: opened and closed, its translations, its reports, its summary."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.engagement.actions.doubts import end_doubt_of
from apps.engagement.actions.entries import measure_again
from apps.engagement.actions.standing import settle
from apps.engagement.models import EarlierText, Entry
from apps.feedback.actions import when_round_changes
from apps.feedback.models import Carry, Report, Round
from apps.guidelines.models import Step
from apps.initiatives.actions import hold_term_led_by
from apps.initiatives.models import Adoption

Measure = Step.Measure


@dataclass(frozen=True)
class Logged:
    """What an entry of a round says; its address is the evidence, and tells the entry from others."""

    measure: Measure
    url: str
    happened_on: date
    by: User
    what: dict[str, Any] = field(default_factory=dict)


@when_round_changes
@transaction.atomic
def log_round(round_: Round, *, now: datetime) -> None:
    """Bring the entries of a round up to date, where its group leads; what members withdrew or corrected stays so.

    Nobody types them, and the round has its own acts in the record, so they write none.
    """
    adoption = hold_term_led_by(round_.group, initiative=round_.initiative)
    if adoption is None:
        return
    steps = {Measure(step.measure): step for step in Step.objects.filter(version=adoption.guidelines_id)}
    for logged in _entries_of(round_):
        if logged.measure in steps:
            _log(adoption, round_, logged, step=steps[logged.measure], now=now)
    if round_.state == Round.State.CANCELLED:
        _withdraw(adoption, round_, now=now)
    measure_again(adoption, now=now)


def _log(adoption: Adoption, round_: Round, logged: Logged, *, step: Step, now: datetime) -> None:
    what = {"happened_on": logged.happened_on, **logged.what}
    entry = _logged_at(logged.url, adoption).filter(step=step).first()
    if entry is None:
        told_by = {"group": round_.group, "logged_by": logged.by, "logged_at": now}
        Entry.objects.create(adoption=adoption, step=step, url=logged.url, **told_by, **what)
        return
    for name in what.keys() - set(entry.corrected):
        setattr(entry, name, what[name])
    if entry.closed_on:
        # A member may have said that it opened later.
        entry.closed_on = max(entry.closed_on, entry.happened_on)
    entry.save(update_fields=list(what))


def _logged_at(url: str, adoption: Adoption) -> QuerySet[Entry]:
    """The entry with this address, also if a member gave it a better one since."""
    before = EarlierText.objects.filter(entry__adoption=adoption, what__url=url).values("entry")
    return adoption.entries.filter(Q(url=url) | Q(pk__in=before)).order_by("pk")


def _withdraw(adoption: Adoption, round_: Round, *, now: datetime) -> None:
    """A cancelled round was not open for feedback; what was translated and reported was."""
    open_days = _logged_at(_address(round_), adoption).filter(step__measure=Measure.OPEN_DAYS, withdrawn_at=None)
    for entry in open_days.select_related("group", "step"):
        entry.adoption, entry.withdrawn_at, entry.withdrawn_by = adoption, now, round_.cancelled_by
        settle(entry, now=now)
        end_doubt_of(entry, now=now)


def _entries_of(round_: Round) -> Iterator[Logged]:
    if round_.opened_by is None or round_.opened_at is None:
        return
    translations = list(round_.translations.order_by("pk"))
    yield _opened(round_, by=round_.opened_by, at=round_.opened_at, languages=[row.language for row in translations])
    for row in translations:
        yield Logged(
            Measure.LANGUAGES,
            _address(round_, f"?in={row.language}"),
            _day(row.written_at),
            round_.opened_by,
            {"title": row.title, "languages": [row.language]},
        )
    for carry in round_.carries.filter(state=Carry.State.REPORTED).select_related("report"):
        if carry.report and carry.regions:
            yield _reported(carry, carry.report, round_=round_, by=round_.opened_by)
    if round_.summarised_at and round_.summarised_by and round_.corrections_end_at:
        what = {"languages": [round_.summary_language], "closed_on": _day(round_.corrections_end_at)}
        yield Logged(
            Measure.SUMMARY,
            _address(round_, "#summary"),
            _day(round_.summarised_at),
            round_.summarised_by,
            {"title": round_.title, **what},
        )


def _opened(round_: Round, *, by: User, at: datetime, languages: list[str]) -> Logged:
    what = {
        "title": round_.title,
        "languages": [round_.language, *languages],
        "closed_on": _day(round_.closed_at) if round_.closed_at else None,
    }
    return Logged(Measure.OPEN_DAYS, _address(round_), _day(at), by, what)


def _reported(carry: Carry, report: Report, *, round_: Round, by: User) -> Logged:
    what = {"title": round_.title, "languages": [report.language], "regions": carry.regions, "people": report.people}
    return Logged(Measure.REACH, _address(round_, f"#report-{report.pk}"), _day(report.reported_at), by, what)


def _address(round_: Round, part: str = "") -> str:
    return f"{settings.SITE_URL}{round_.get_absolute_url()}{part}"


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
