"""The sweep: does what the ladders announced, when its time has come.

It claims due rows in batches, does one rung of each and puts the row to sleep until its next rung, all in
one transaction: a worker that dies in the middle has done nothing, so each rung happens once. A row that
fails is put off with growing delay and never blocks the next one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any, NamedTuple

import structlog
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.given import as_parameter, given
from apps.core.refused import Refused
from apps.deadlines.actions import tell_who_waits_too
from apps.deadlines.models import Deadline
from apps.deadlines.queries import people_who_can_answer, put_off_deadlines
from apps.deadlines.rules import RULES, Kind, Rule
from apps.deadlines.words import ALL_TOLD, REMINDER
from apps.notifications.actions import Asking, write_about_deadlines

log = structlog.get_logger("apps.deadlines")

BATCH = 5_000


class Due(NamedTuple):
    """A row whose time has come, with what a reminder of it has to know; thousands of them are read at once."""

    pk: int
    rule: str
    rung: int
    subject_id: int
    asked_id: int | None
    opened_at: datetime
    ends_at: datetime | None
    due_at: datetime


@dataclass(frozen=True)
class Step:
    """One rung that happened, or would happen, to one deadline."""

    at: datetime
    rule: Rule
    kind: Kind
    subject: Any


def sweep(*, now: datetime) -> int:
    """Do every rung whose time has come; returns how many. Safe with any number of sweepers at once."""
    done = 0
    while True:
        reminded, silent = _remind_together(now=now)
        acted = reminded + sum(_act_on_silence(pk, now=now) for pk in silent)
        if not acted:  # Nothing is due, or other sweepers hold all of it.
            return done
        done += acted


def rehearse_sweep(*, until: datetime) -> list[Step]:
    """What the clock would do by `until`, rung by rung in the order of time, without doing it.

    The acts run for real in a transaction that is rolled back, so what follows from them shows too.
    """
    steps: list[Step] = []
    with transaction.atomic():
        while deadline := _due(until).first():
            steps += _do_alone(deadline, now=deadline.wake_at)
        transaction.set_rollback(True)
    return steps


def _due(now: datetime) -> models.QuerySet[Deadline]:
    return Deadline.objects.filter(state=Deadline.State.OPEN, rule__in=RULES, wake_at__lte=now).order_by(
        "wake_at", "pk"
    )


def _not_held(rows: models.QuerySet[Deadline]) -> models.QuerySet[Deadline]:
    """Those that no other sweeper holds, held until the transaction ends."""
    if not connection.features.has_select_for_update_skip_locked:
        return rows
    return rows.select_for_update(skip_locked=True)


@transaction.atomic
def _remind_together(*, now: datetime) -> tuple[int, list[int]]:
    """Write the letters of many reminders at once and put their rows to sleep until the next rung.

    Returns how many, and the ids of those due ones that are silent, for which this is not the place.
    """
    by_rung: dict[tuple[str, int], list[Due]] = {}
    for due in starmap(Due, _not_held(_due(now)).values_list(*Due._fields)[:BATCH]):
        by_rung.setdefault((due.rule, due.rung), []).append(due)
    reminded, silent = 0, []
    for (name, rung), rows in by_rung.items():
        if RULES[name].ladder[rung].kind is Kind.SILENCE:
            silent += [row.pk for row in rows]
        else:
            _remind_or_put_off(RULES[name], rows, now=now)
            reminded += len(rows)
    return reminded, silent


def _remind_or_put_off(rule: Rule, rows: list[Due], *, now: datetime) -> None:
    """All at once; if that fails each by itself, so that one which fails does not take the others with it."""
    try:
        with transaction.atomic():
            _remind(rule, rows, now=now)
    except Exception as error:
        log.warning("sweep.batch_failed", rule=rule.name, error=str(error))
        for deadline in Deadline.objects.filter(pk__in=[row.pk for row in rows]):
            _do_alone(deadline, now=now)


def _remind(rule: Rule, rows: Sequence[Due | Deadline], *, now: datetime) -> None:
    """Write the letters of one rung of one rule, and put its rows to sleep until the next rung."""
    kind = rule.ladder[rows[0].rung].kind
    told = _people_to_tell(rule, rows, kind, now=now)
    askings, later = [], []
    for row in rows:
        key = f"{row.pk}:{row.rung}:{row.due_at.timestamp():.0f}"
        askings.append(Asking(row.pk, key, row.due_at, told[row.pk]))
        times = rule.rung_times(row.opened_at, row.ends_at)
        later.append((row.pk, *next((number, at) for number, _rung, at in times if number > row.rung)))
    write_about_deadlines(REMINDER if kind is Kind.REMIND else ALL_TOLD, askings, now=now)
    _put_to_sleep(later)


def _people_to_tell(rule: Rule, rows: Sequence[Due | Deadline], kind: Kind, *, now: datetime) -> dict[int, list[User]]:
    """Who gets the letter of a rung: a reminder goes to whoever was asked, if they still can answer; else to all."""
    subjects = rule.seen_by_answerers(row.subject_id for row in rows)
    can_answer = people_who_can_answer(rule, [subjects[row.subject_id] for row in rows], now)
    told = {}
    for row in rows:
        told[row.pk] = everybody = can_answer.get(row.subject_id, [])
        if kind is Kind.REMIND and row.asked_id is not None:
            asked = next((person for person in everybody if person.pk == row.asked_id), None)
            told[row.pk] = [asked] if asked else everybody
    return told


def _act_on_silence(pk: int, *, now: datetime) -> int:
    """Act on one silent deadline; what the database refuses only at the commit is put off, too."""
    try:
        return _claim_and_act(pk, now=now)
    except Exception as error:
        log.exception("sweep.commit_failed", deadline=pk)
        for deadline in Deadline.objects.filter(pk=pk, state=Deadline.State.OPEN):
            _put_off(deadline, error=error, now=now)
        return 1


@transaction.atomic
def _claim_and_act(pk: int, *, now: datetime) -> int:
    """Act on one silent deadline in a transaction of its own.

    An action of a person takes its subject first and the deadline last; here it is the other way round.
    So the sweep is the one that gives way: it waits a moment only, then tries again later.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
    for deadline in _not_held(_due(now).filter(pk=pk)):
        _do_alone(deadline, now=now)
        return 1
    return 0


def _do_alone(deadline: Deadline, *, now: datetime) -> list[Step]:
    """Do the next rung of one deadline; if it fails, note why and try again later."""
    rule = RULES[deadline.rule]
    kind = rule.ladder[deadline.rung].kind
    try:
        with transaction.atomic():
            subject = rule.subjects([deadline.subject_id])[deadline.subject_id]
            if kind is Kind.SILENCE:
                _lapse(rule, deadline, subject, now=now)
            else:
                _remind(rule, [deadline], now=now)
        return [Step(now, rule, kind, subject)]
    except Exception as error:
        log.exception("sweep.rung_failed", deadline=deadline.pk, rule=deadline.rule)
        _put_off(deadline, error=error, now=now)
        return []


def _reason(error: Exception) -> str:
    """The first line: in those after it a database shows the row, with what it keeps for a few people alone."""
    return str(error).partition("\n")[0][:300]


def _put_off(deadline: Deadline, *, error: Exception, now: datetime) -> None:
    """Note why it failed, for an operator, and try again with growing delay."""
    attempts = deadline.attempts + 1
    Deadline.objects.filter(pk=deadline.pk, state=Deadline.State.OPEN).update(
        attempts=attempts, last_error=_reason(error), wake_at=now + timedelta(minutes=2 ** min(attempts, 10))
    )


def _lapse(rule: Rule, deadline: Deadline, subject: Any, *, now: datetime) -> None:
    deadline.state, deadline.closed_at, deadline.outcome = Deadline.State.LAPSED, now, "silence"
    deadline.save(update_fields=["state", "closed_at", "outcome"])
    if rule.public:
        tell_who_waits_too(deadline, now=now)
    assert rule.consequence is not None  # a system check refuses a rule without one
    rule.consequence(subject, now=now)


def _put_to_sleep(later: list[tuple[int, int, datetime]]) -> None:
    """Deadlines, by id, sleep until this rung at that time; one UPDATE, for which the ORM has but a long CASE."""
    slept = given(id="bigint", rung="smallint", wake_at="timestamptz")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Deadline._meta.db_table} AS d SET rung = slept.rung, wake_at = slept.wake_at, attempts = 0, "  # noqa: S608
            f"last_error = '' FROM {slept} AS slept WHERE d.id = slept.id",
            [as_parameter(later)],
        )


def refuse_future_commit(*, demo: bool) -> None:
    """Letting the clock run ahead for real is for the example alone."""
    if not demo:
        raise Refused(_("Acting with a time in the future works with DEMO=1 only."))


def retry_deadlines(ids: Iterable[int] | None = None, *, now: datetime) -> int:
    """Bring deadlines that were put off forward to now, all or these; returns how many. The next sweep tries them."""
    put_off = put_off_deadlines().filter(wake_at__gt=now)
    if ids is not None:
        put_off = put_off.filter(pk__in=list(ids))
    return put_off.update(wake_at=now)
