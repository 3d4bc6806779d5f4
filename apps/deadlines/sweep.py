"""The sweep: does what the ladders announced, when its time has come.

It claims due rows in batches, does one rung of each and puts the row to sleep until its next rung, all in
one transaction: a worker that dies in the middle has done nothing, so each rung happens once. A row that
fails is put off with growing delay and never blocks the next one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import tell_who_waits_too
from apps.deadlines.models import Deadline
from apps.deadlines.queries import people_who_can_answer, put_off_deadlines
from apps.deadlines.rules import RULES, Kind, Rule
from apps.deadlines.words import ALL_TOLD, REMINDER
from apps.notifications.actions import Composed
from apps.notifications.actions import compose as compose_letters
from apps.notifications.actions import post as post_letters

log = structlog.get_logger("apps.deadlines")

BATCH = 500


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
    while due := list(_due(now).values_list("pk", "rule", "rung")[:BATCH]):
        silent = [pk for pk, rule, rung in due if RULES[rule].ladder[rung].kind is Kind.SILENCE]
        reminding = [pk for pk, _rule, _rung in due if pk not in set(silent)]
        acted = _remind_together(reminding, now=now) + sum(_act_on_silence(pk, now=now) for pk in silent)
        if not acted:  # another sweeper holds all of them
            break
        done += acted
    return done


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


def _claimed(now: datetime, ids: list[int]) -> list[Deadline]:
    """Those of the due rows that no other sweeper holds, held until the transaction ends."""
    due = _due(now).filter(pk__in=ids)
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    return list(due)


@transaction.atomic
def _remind_together(ids: list[int], *, now: datetime) -> int:
    """Write the letters of many reminders at once and put their rows to sleep until the next rung."""
    claimed = _claimed(now, ids)
    by_rung: dict[tuple[str, int], list[Deadline]] = {}
    for deadline in claimed:
        by_rung.setdefault((deadline.rule, deadline.rung), []).append(deadline)
    for (rule_name, _rung), deadlines in by_rung.items():
        try:
            with transaction.atomic():
                _remind(RULES[rule_name], deadlines, now=now)
        except Exception as error:
            log.warning("sweep.batch_failed", rule=rule_name, error=str(error))
            for deadline in Deadline.objects.filter(pk__in=[d.pk for d in deadlines]):
                _do_alone(deadline, now=now)
    return len(claimed)


def _remind(rule: Rule, deadlines: list[Deadline], *, now: datetime) -> None:
    """Write the letters of one rung of one rule, and put its rows to sleep until the next rung."""
    subjects = rule.subjects(deadline.subject_id for deadline in deadlines)
    people = _people_to_tell(rule, deadlines, subjects, now=now)
    post_letters([_rung_letters(rule, row, subjects[row.subject_id], to=people[row.pk], now=now) for row in deadlines])
    for deadline in deadlines:
        _sleep_until_next_rung(rule, deadline)
    _write_rungs(deadlines)


def _people_to_tell(
    rule: Rule, deadlines: list[Deadline], subjects: dict[int, Any], *, now: datetime
) -> dict[int, list[User]]:
    """Who gets the letter of a rung: a reminder goes to whoever was asked, if they still can answer; else to all."""
    can_answer = people_who_can_answer(rule, list(subjects.values()), now)
    reminds = rule.ladder[deadlines[0].rung].kind is Kind.REMIND
    told = {}
    for deadline in deadlines:
        everybody = can_answer.get(deadline.subject_id, [])
        asked = [person for person in everybody if reminds and person.pk == deadline.asked_id]
        told[deadline.pk] = asked or everybody
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
    for deadline in _claimed(now, [pk]):
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


def _put_off(deadline: Deadline, *, error: Exception, now: datetime) -> None:
    """Note why it failed, for an operator, and try again with growing delay."""
    attempts = deadline.attempts + 1
    Deadline.objects.filter(pk=deadline.pk, state=Deadline.State.OPEN).update(
        attempts=attempts, last_error=str(error)[:300], wake_at=now + timedelta(minutes=2 ** min(attempts, 10))
    )


def _lapse(rule: Rule, deadline: Deadline, subject: Any, *, now: datetime) -> None:
    deadline.state, deadline.closed_at, deadline.outcome = Deadline.State.LAPSED, now, "silence"
    deadline.save(update_fields=["state", "closed_at", "outcome"])
    if rule.public:
        tell_who_waits_too(deadline, now=now)
    assert rule.consequence is not None  # a system check refuses a rule without one
    rule.consequence(subject, now=now)


def _rung_letters(rule: Rule, deadline: Deadline, subject: Any, *, to: list[User], now: datetime) -> Composed:
    return compose_letters(
        REMINDER if rule.ladder[deadline.rung].kind is Kind.REMIND else ALL_TOLD,
        to=to,
        key=f"{deadline.pk}:{deadline.rung}:{deadline.opened_at:%Y%m%d%H%M%S}",
        link=rule.link(subject),
        now=now,
        deadline=deadline,
        what=lambda: rule.what(subject),
        silence=lambda: rule.silence_words(subject),
        opened_at=deadline.opened_at,
        due_at=deadline.due_at,
        silence_at=rule.rung_times(deadline.opened_at, deadline.ends_at)[-1][2],
    )


def _sleep_until_next_rung(rule: Rule, deadline: Deadline) -> None:
    later = [(n, at) for n, _rung, at in rule.rung_times(deadline.opened_at, deadline.ends_at) if n > deadline.rung]
    deadline.rung, deadline.wake_at = later[0]
    deadline.attempts, deadline.last_error = 0, ""


def _write_rungs(deadlines: list[Deadline]) -> None:
    """One UPDATE for all of them. Django has none for values that differ from row to row but a long CASE."""
    table, row = connection.ops.quote_name(Deadline._meta.db_table), "(%s, %s, %s)"
    if connection.vendor == "postgresql":  # which takes the values for text unless it is told what they are
        row = "(%s::bigint, %s::smallint, %s::timestamptz)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH slept (id, rung, wake_at) AS (VALUES {', '.join([row] * len(deadlines))}) "  # noqa: S608
            f"UPDATE {table} AS d SET rung = slept.rung, wake_at = slept.wake_at, attempts = 0, last_error = '' "
            "FROM slept WHERE d.id = slept.id",
            [value for d in deadlines for value in (d.pk, d.rung, _adapted(d.wake_at))],
        )


def _adapted(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


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
