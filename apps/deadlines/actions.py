"""Opening and closing deadlines, and being away."""

from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.dates import day
from apps.core.refused import Refused
from apps.deadlines import queries, words
from apps.deadlines.deadlines import ABSENCE_BEGINS, ABSENCE_ENDS
from apps.deadlines.models import Absence, Deadline, MeToo
from apps.deadlines.rules import RULES, Rule
from apps.notifications.actions import take_back_letters, write_letters
from apps.record import actions as record

LONGEST_ABSENCE = timedelta(days=366)


def open_deadline(
    rule: Rule, subject: models.Model, *, now: datetime, ends_at: datetime | None = None, asked: User | None = None
) -> Deadline:
    """Start a wait. `ends_at` is for rules that count back from an end; `asked` is reminded alone.

    The database refuses a second open deadline of the same rule and subject.
    """
    number, _rung, wake_at = rule.rung_times(now, ends_at)[0]
    return Deadline.objects.create(
        rule=rule.name,
        subject_id=subject.pk,
        owner=rule.owed_by(subject),
        region=rule.region(subject),
        asked=asked,
        opened_at=now,
        ends_at=ends_at,
        due_at=max(rule.due_at(now, ends_at), now),
        rung=number,
        wake_at=wake_at,
    )


def meet_deadline(
    rule: Rule,
    subject: models.Model,
    *,
    now: datetime,
    outcome: str,
    by: User | None = None,
    told_at: datetime | None = None,
) -> None:
    """The answer came: close the wait with what the answer was, one of the rule's outcomes.

    `by` gave it, and can recall the letters to those who wait too if they are many; they read it unnamed. An answer
    that can still be taken back is told to them only at `told_at`.
    """
    if outcome not in rule.outcomes:
        raise ValueError(f"{rule.name} knows no outcome {outcome!r}.")
    _close(rule, subject, Deadline.State.MET, now=now, outcome=outcome, by=by, told_at=told_at)


def cancel_deadline(rule: Rule, subject: models.Model, *, now: datetime, by: User | None = None) -> None:
    """The wait lost its point: its subject ended or was taken back, by whom if a person did it."""
    _close(rule, subject, Deadline.State.CANCELLED, now=now, outcome="", by=by)


def _close(
    rule: Rule,
    subject: models.Model,
    state: Deadline.State,
    *,
    now: datetime,
    outcome: str,
    by: User | None,
    told_at: datetime | None = None,
) -> None:
    about = Deadline.objects.filter(rule=rule.name, subject_id=subject.pk)
    closed = about.filter(state=Deadline.State.OPEN).update(state=state, closed_at=now, outcome=outcome)
    if closed and rule.public:
        tell_who_waits_too(about.latest("closed_at", "pk"), by=by, now=now, leaves_at=told_at)


def reopen_deadline(rule: Rule, subject: models.Model, *, now: datetime) -> None:
    """The answer was taken back before anybody was told: the wait goes on, with its old date and rung."""
    deadline = (
        Deadline.objects.select_for_update(no_key=True).filter(rule=rule.name, subject_id=subject.pk).latest("pk")
    )
    if deadline.state != Deadline.State.MET:
        raise ValueError(f"{rule.name} of {subject.pk} was not answered.")
    take_back_letters(words.ANSWERED, key=str(deadline.pk), now=now)
    deadline.state, deadline.closed_at, deadline.outcome = Deadline.State.OPEN, None, ""
    deadline.save(update_fields=["state", "closed_at", "outcome"])


def ask_another(rule: Rule, subject: models.Model, *, asked: User | None) -> Deadline:
    """Ask somebody else from now on, or with None all who can answer; the date stands."""
    open_ = Deadline.objects.select_for_update(no_key=True).filter(state=Deadline.State.OPEN)
    deadline = open_.get(rule=rule.name, subject_id=subject.pk)
    deadline.asked, deadline.asked_first = asked, None
    deadline.save(update_fields=["asked", "asked_first"])
    return deadline


def restart_deadline(rule: Rule, subject: models.Model, *, now: datetime) -> None:
    """Count from now again: for duties that every act of the owner renews."""
    number, _rung, wake_at = rule.rung_times(now, None)[0]
    Deadline.objects.filter(rule=rule.name, subject_id=subject.pk, state=Deadline.State.OPEN).update(
        opened_at=now, due_at=rule.due_at(now, None), rung=number, wake_at=wake_at, attempts=0, last_error=""
    )


def set_end(rule: Rule, subject: models.Model, *, ends_at: datetime | None, now: datetime) -> None:
    """What is waited for has another end now: the rungs to come are counted anew; it was opened when it was."""
    open_ = Deadline.objects.filter(rule=rule.name, subject_id=subject.pk, state=Deadline.State.OPEN)
    for deadline in open_.select_for_update(no_key=True):
        times = rule.rung_times(deadline.opened_at, ends_at)
        number, _rung, wake_at = next((one for one in times if one[2] > now), times[-1])
        due_at = max(rule.due_at(deadline.opened_at, ends_at), deadline.opened_at)
        open_.update(ends_at=ends_at, due_at=due_at, rung=number, wake_at=wake_at)


def hand_on(rule: Rule, subject: models.Model) -> None:
    """Somebody else owes it from now on; the date stands."""
    Deadline.objects.filter(rule=rule.name, subject_id=subject.pk, state=Deadline.State.OPEN).update(
        owner=rule.owed_by(subject), region=rule.region(subject), asked=None, asked_first=None
    )


# --- Waiting for the same, and asking again -------------------------------------------------


@transaction.atomic
def say_me_too(deadline: Deadline, *, by: User, now: datetime) -> None:
    """Wait for the same answer: counted in public, named nowhere, told when it comes.

    Refuses what is closed. Said twice, it counts once.
    """
    # Locked, so that nobody joins while it is being closed and would never be told.
    if not queries.open_waits().select_for_update().filter(pk=deadline.pk).exists():
        raise Refused(_("This is not waited for any more."))
    MeToo.objects.get_or_create(deadline=deadline, person=by, defaults={"at": now})


def take_back_me_too(deadline: Deadline, *, by: User) -> None:
    deadline.me_toos.filter(person=by).delete()


def bring_along(deadline: Deadline, *, to: list[Deadline]) -> None:
    """Whoever said "me too" waits for each of these from now on, and not for the old one any more."""
    said = list(deadline.me_toos.all())
    MeToo.objects.bulk_create(
        [MeToo(deadline=new, person_id=me_too.person_id, at=me_too.at) for new in to for me_too in said]
    )
    deadline.me_toos.all().delete()


def tell_who_waits_too(
    deadline: Deadline, *, now: datetime, by: User | None = None, leaves_at: datetime | None = None
) -> None:
    """Tell everybody who said “me too” that it was answered, lapsed or is not needed any more."""
    people = list(User.objects.filter(me_toos__deadline=deadline))
    for wait in queries.waits([deadline]) if people else []:
        write_letters(
            words.ANSWERED,
            to=people,
            key=str(deadline.pk),
            link=deadline.get_absolute_url(),
            now=now,
            by=by,
            leaves_at=leaves_at,
            what=lambda wait=wait: wait.what,
            outcome=lambda wait=wait: wait.outcome_words,
        )


@transaction.atomic
def ask_again(wait: queries.Wait, *, by: User, now: datetime) -> None:
    """Ask once more, in public, everybody who can answer now.

    Refuses what is closed, a second time within a week whoever asks, and when there is nobody to be asked.
    """
    people = queries.people_who_can_answer(wait.rule, [wait.subject], now).get(wait.subject.pk, [])
    if not people:
        raise Refused(_("Nobody can answer at the moment; the date stands."))
    if by in people:
        raise Refused(_("You can answer it yourself."))
    _note_asked_again(wait.deadline, now=now)
    record.write(words.ASKED_AGAIN, by=by, now=now, deadline=wait.deadline)
    write_letters(
        words.ASKED_AGAIN_LETTER,
        to=people,
        key=f"{wait.deadline.pk}:{now:%Y%m%d%H%M%S}",
        link=wait.link,
        now=now,
        deadline=wait.deadline,
        by=by,
        what=lambda: wait.what,
        silence=lambda: wait.silence_means,
        opened_at=wait.opened_at,
        due_at=wait.due_at,
        silence_at=wait.silence_at,
    )


def _note_asked_again(deadline: Deadline, *, now: datetime) -> None:
    """One statement, so that of two who ask at the same moment one is refused."""
    open_ = queries.open_waits().filter(pk=deadline.pk)
    of_last_week = models.Q(asked_again_at__gt=now - queries.ASKED_AGAIN_AFTER)
    if open_.exclude(of_last_week).order_by().update(asked_again_at=now):
        return
    last_asked_at = open_.values_list("asked_again_at", flat=True).first()
    if last_asked_at is None:
        raise Refused(_("This is not waited for any more."))
    free_on = day(last_asked_at + queries.ASKED_AGAIN_AFTER)
    raise Refused(_("Somebody asked again within the last week. It is possible again on %(date)s.") % {"date": free_on})


# --- Being away ------------------------------------------------------------------------------


@transaction.atomic
def declare_absence(*, begins_at: datetime, ends_at: datetime, by: User, now: datetime) -> Absence:
    """Be away from one time to another, without a reason; private, so it leaves no record.

    Refuses a time that is over, one longer than a year, and a second absence beside the first.
    """
    if ends_at <= max(now, begins_at):
        raise Refused(_("The last day lies before the first, or in the past."), field="last_on")
    if ends_at - begins_at > LONGEST_ABSENCE:
        raise Refused(_("An absence lasts a year at most."), field="last_on")
    try:
        with transaction.atomic():
            absence = Absence.objects.create(person=by, begins_at=max(begins_at, now), ends_at=ends_at)
    except IntegrityError as error:
        raise Refused(_("You have declared an absence already. End that one first.")) from error
    if begins_at > now:
        open_deadline(ABSENCE_BEGINS, absence, now=now, ends_at=begins_at)
    else:
        begin_absence(absence, now=now)
    return absence


@ABSENCE_BEGINS.when_silent
@transaction.atomic
def begin_absence(absence: Absence, *, now: datetime) -> None:
    """What the person was asked for alone goes to somebody else who can answer; if nobody can, the date stands."""
    _move(absence, Absence.State.DECLARED, Absence.State.AWAY)
    open_deadline(ABSENCE_ENDS, absence, now=now, ends_at=absence.ends_at)
    if absence.ends_at <= now:  # The clock stood still meanwhile, and they are here again.
        return
    for deadline in queries.open_deadlines().filter(asked=absence.person, rule__in=RULES):
        stand_in = queries.stand_in_for(deadline, now)
        if stand_in:
            _pass_on(deadline, to=stand_in, now=now)


def _pass_on(deadline: Deadline, *, to: User, now: datetime) -> None:
    Deadline.objects.filter(pk=deadline.pk, state=Deadline.State.OPEN).update(
        asked=to, asked_first=deadline.asked_first_id or deadline.asked_id
    )
    for wait in queries.waits([deadline]):
        write_letters(
            words.PASSED_TO_YOU,
            to=[to],
            key=f"{deadline.pk}:{to.pk}:{now:%Y%m%d%H%M}",
            link=wait.link,
            now=now,
            deadline=deadline,
            what=lambda wait=wait: wait.what,
            silence=lambda wait=wait: wait.silence_means,
            due_at=wait.due_at,
            silence_at=wait.silence_at,
        )


@transaction.atomic
def come_back(*, by: User, now: datetime) -> None:
    """End an absence early, or take back one that has not begun."""
    absence = Absence.objects.filter(person=by).exclude(state=Absence.State.OVER).first()
    if absence is None:
        raise Refused(_("You are not away."))
    if absence.state == Absence.State.DECLARED:
        cancel_deadline(ABSENCE_BEGINS, absence, now=now, by=by)
        _move(absence, Absence.State.DECLARED, Absence.State.OVER)
        # It has no length, since it never was: when its first day comes they are here.
        Absence.objects.filter(pk=absence.pk).update(ends_at=absence.begins_at)
        return
    meet_deadline(ABSENCE_ENDS, absence, now=now, by=by, outcome="came back")
    Absence.objects.filter(pk=absence.pk).update(ends_at=now)
    end_absence(absence, now=now)


@ABSENCE_ENDS.when_silent
@transaction.atomic
def end_absence(absence: Absence, *, now: datetime) -> None:
    """What is still open comes back to whoever was asked first."""
    _move(absence, Absence.State.AWAY, Absence.State.OVER)
    mine = queries.open_deadlines().filter(asked_first=absence.person)
    mine.update(asked=absence.person, asked_first=None)
    owed = queries.deadlines_owed_by(absence.person, now)
    nearest = owed.first()
    if nearest:
        write_letters(
            words.WELCOME_BACK,
            to=[absence.person],
            key=str(absence.pk),
            link=reverse("home:me"),
            now=now,
            count=str(owed.count()),
            due_at=nearest.due_at,
        )


def _move(absence: Absence, before: Absence.State, after: Absence.State) -> None:
    """From one state to the next; refused when somebody was faster."""
    if not Absence.objects.filter(pk=absence.pk, state=before).update(state=after):
        raise Refused(_("This absence has changed meanwhile. Open the page again."))
