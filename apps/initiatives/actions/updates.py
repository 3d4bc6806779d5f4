"""Updates, renewals, and what is in the way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.groups.models import Group
from apps.groups.queries import coordinators_of
from apps.initiatives import queries, words
from apps.initiatives.actions.leads import count_act, hold_running, running_lead
from apps.initiatives.deadlines import ACCEPT_OBSTACLE, ANSWER_OBSTACLE, RENEW_TERM
from apps.initiatives.models import Adoption, Lead, Obstacle, Update
from apps.initiatives.queries.telling import whom_it_is_in_the_way_of
from apps.notifications.actions import write_letters
from apps.record.actions import write

# The same words again within this time are a second click.
SECOND_CLICK = timedelta(hours=1)

State = Obstacle.State


@dataclass(frozen=True)
class InTheWay:
    """What is in the way, and whom it waits for: a role, a group or a person, one of them at most."""

    text: str
    role: str = ""
    group: Group | None = None
    person: User | None = None


@transaction.atomic
def post_update(
    adoption: Adoption,
    *,
    group: Group,
    text: str,
    link: str,
    next_step: str = "",
    obstacle: InTheWay | None = None,
    by: User,
    now: datetime,
) -> Update:
    """Say what happened, what is next and what is in the way: the easiest act that counts."""
    adoption = hold_running(adoption)
    if adoption.hold_review_at:
        raise Refused(_("It is on hold. Resume it with your update."))
    if adoption.updates.filter(group=group, text=text, posted_at__gt=now - SECOND_CLICK).exists():
        raise Refused(_("This update is posted already."), field="text")
    update = Update.objects.create(
        adoption=adoption, group=group, text=text, next_step=next_step, link=link, posted_at=now, posted_by=by
    )
    write(words.UPDATED, by=by, now=now, group=group, initiative=adoption.initiative)
    count_act(adoption, group, verb=words.UPDATED, now=now)
    if obstacle:
        name_obstacle(update, obstacle, by=by, now=now)
    return update


@transaction.atomic
def renew_term(lead: Lead, *, summary: str, by: User, now: datetime) -> Lead:
    """Renew a term for twelve more months with a short summary, in its last month; for all that lead together."""
    lead = running_lead(lead)
    adoption = lead.adoption
    if not queries.term_can_be_renewed(adoption, now):
        raise Refused(_("A term is renewed in its last 30 days. There is time."))
    Update.objects.create(adoption=adoption, group=lead.group, text=summary, link="", posted_at=now, posted_by=by)
    adoption.term_began_at = now
    adoption.save(update_fields=["term_began_at"])
    for each in adoption.leads.filter(ended_at=None):
        meet_deadline(RENEW_TERM, each, now=now, by=by, outcome="renewed")
        open_deadline(RENEW_TERM, each, now=now)
    write(words.RENEWED, by=by, now=now, group=lead.group, initiative=adoption.initiative)
    count_act(adoption, lead.group, verb=words.RENEWED, now=now)
    return lead


# --- What is in the way ----------------------------------------------------------------------


def name_obstacle(update: Update, obstacle: InTheWay, *, by: User, now: datetime) -> Obstacle:
    """A role or a group owes an answer in public, in 14 days; a person is asked first, and named nowhere.

    Refuses whom nobody could answer for: an unknown role, a group without coordinators, one's own group.
    """
    _refuse_owner(update, obstacle, by=by)
    if not (obstacle.role or obstacle.group or obstacle.person):
        state = State.NOBODYS
    else:
        state = State.ASKED if obstacle.person else State.WAITING
    row = Obstacle.objects.create(
        adoption=update.adoption,
        update=update,
        text=obstacle.text,
        role=obstacle.role,
        group=obstacle.group,
        person=obstacle.person,
        state=state,
        named_at=now,
    )
    write(words.IN_THE_WAY, by=None, now=now, group=update.group, initiative=update.adoption.initiative)
    if state == State.ASKED:
        _ask_person(row, by=by, now=now)
    if state == State.WAITING:
        _wait_in_public(row, by=by, now=now)
    return row


def _refuse_owner(update: Update, obstacle: InTheWay, *, by: User) -> None:
    if obstacle.group == update.group and obstacle.group:
        raise Refused(_("It cannot wait for your own group. Name another one, or nobody."), field="waits_for_group")
    if obstacle.group and not coordinators_of(obstacle.group).exists():
        raise Refused(_("Nobody coordinates this group any more, so nobody could answer."), field="waits_for_group")
    if obstacle.person and (obstacle.person == by or obstacle.person.is_blocked):
        raise Refused(_("Name somebody else, who can answer here."), field="waits_for_person")


def _ask_person(obstacle: Obstacle, *, by: User, now: datetime) -> None:
    assert obstacle.person is not None
    deadline = open_deadline(ACCEPT_OBSTACLE, obstacle, now=now)
    write_letters(
        words.OBSTACLE_ASKED,
        to=[obstacle.person],
        key=str(obstacle.pk),
        link=obstacle.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        initiative=lambda: obstacle.adoption.initiative.title,
        due_at=deadline.due_at,
    )


def _wait_in_public(obstacle: Obstacle, *, by: User, now: datetime) -> None:
    deadline = open_deadline(ANSWER_OBSTACLE, obstacle, now=now)
    write_letters(
        words.OBSTACLE_TO_CLEAR,
        to=queries.who_clears_obstacles([obstacle], now)[obstacle.pk],
        key=str(obstacle.pk),
        link=obstacle.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        initiative=lambda: obstacle.adoption.initiative.title,
        due_at=deadline.due_at,
        silence_at=ANSWER_OBSTACLE.rung_times(now, None)[-1][2],
    )


@transaction.atomic
def accept_obstacle(obstacle: Obstacle, *, by: User, now: datetime) -> None:
    """It does wait for me: from now on an answer is owed in public, by "one person"."""
    obstacle = _held(obstacle, State.ASKED)
    meet_deadline(ACCEPT_OBSTACLE, obstacle, now=now, by=by, outcome="accepted")
    obstacle.state = State.WAITING
    obstacle.save(update_fields=["state"])
    _wait_in_public(obstacle, by=by, now=now)


@transaction.atomic
def decline_obstacle(obstacle: Obstacle, *, by: User, now: datetime) -> None:
    """It does not wait for me; the name was shown to nobody and is gone."""
    obstacle = _held(obstacle, State.ASKED)
    meet_deadline(ACCEPT_OBSTACLE, obstacle, now=now, by=by, outcome="declined")
    _waits_for_nobody(obstacle, now=now)


@ACCEPT_OBSTACLE.when_silent
@transaction.atomic
def leave_obstacle_to_nobody(obstacle: Obstacle, *, now: datetime) -> None:
    _waits_for_nobody(_held(obstacle, State.ASKED), now=now)


def _waits_for_nobody(obstacle: Obstacle, *, now: datetime) -> None:
    obstacle.state, obstacle.person, obstacle.closed_at = State.NOBODYS, None, now
    obstacle.save(update_fields=["state", "person", "closed_at"])


@transaction.atomic
def answer_obstacle(obstacle: Obstacle, *, answer: str, by: User, now: datetime) -> Obstacle:
    """Answer in public; the lead reads it and goes on. A late answer is welcome, too."""
    obstacle = _held(obstacle, State.WAITING, State.UNANSWERED)
    if obstacle.state == State.WAITING:
        meet_deadline(ANSWER_OBSTACLE, obstacle, now=now, by=by, outcome="answered")
    obstacle.state, obstacle.answer = State.ANSWERED, answer
    obstacle.closed_at, obstacle.closed_by = now, by
    obstacle.save(update_fields=["state", "answer", "closed_at", "closed_by"])
    write(words.OBSTACLE_ANSWERED, by=None, now=now, initiative=obstacle.adoption.initiative, obstacle=obstacle)
    _tell_lead(obstacle, by=by, now=now)
    return obstacle


@ANSWER_OBSTACLE.when_silent
@transaction.atomic
def leave_obstacle_unanswered(obstacle: Obstacle, *, now: datetime) -> None:
    """Fourteen days without an answer: it reads "nobody answered", and the initiative goes on as well as it can."""
    obstacle = _held(obstacle, State.WAITING)
    obstacle.state, obstacle.closed_at = State.UNANSWERED, now
    obstacle.save(update_fields=["state", "closed_at"])
    write(words.OBSTACLE_UNANSWERED, by=None, now=now, initiative=obstacle.adoption.initiative, obstacle=obstacle)
    _tell_lead(obstacle, by=None, now=now)


@transaction.atomic
def clear_obstacle(obstacle: Obstacle, *, by: User, now: datetime) -> None:
    """A member of the lead says that it is out of the way, or was never in it."""
    obstacle = _held(obstacle, State.ASKED, State.WAITING, State.NOBODYS, State.UNANSWERED)
    cancel_deadline(ACCEPT_OBSTACLE, obstacle, now=now, by=by)
    cancel_deadline(ANSWER_OBSTACLE, obstacle, now=now, by=by)
    obstacle.state, obstacle.closed_at, obstacle.closed_by = State.GONE, now, by
    obstacle.save(update_fields=["state", "closed_at", "closed_by"])
    write(words.OBSTACLE_GONE, by=None, now=now, initiative=obstacle.adoption.initiative, obstacle=obstacle)


def _held(obstacle: Obstacle, *states: Obstacle.State) -> Obstacle:
    related = Obstacle.objects.select_related("adoption__initiative", "group", "person", "update__group")
    obstacle = related.select_for_update(of=("self",), no_key=True).get(pk=obstacle.pk)
    if obstacle.state not in states:
        raise Refused(_("This has changed meanwhile: %(state)s.") % {"state": obstacle.get_state_display()})
    return obstacle


def _tell_lead(obstacle: Obstacle, *, by: User | None, now: datetime) -> None:
    write_letters(
        words.OBSTACLE_SETTLED,
        to=whom_it_is_in_the_way_of(obstacle),
        key=f"{obstacle.pk}:{now:%Y%m%d%H%M}",
        link=obstacle.get_absolute_url(),
        now=now,
        by=by,
        initiative=lambda: obstacle.adoption.initiative.title,
        outcome=lambda: obstacle.get_state_display(),
    )
