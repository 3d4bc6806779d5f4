"""Proposals: versions, positions, objections and their answers, and how they are decided."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.groups import queries, words
from apps.groups.actions.meetings import refuse_what_others_lead
from apps.groups.deadlines import ANSWER_OBJECTIONS, CLOSE_PROPOSAL, SETTLE_OBJECTION
from apps.groups.models import Group, Position, Proposal, Version
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.record.models import Act
from apps.record.verbs import Verb

OPEN_AT_LEAST = timedelta(days=14)
Stance, State = Position.Stance, Proposal.State

# What features above do with a decision; groups knows none of them.
WhenDecided = Callable[..., None]
WHEN_DECIDED: list[WhenDecided] = []


def when_decided(act: WhenDecided) -> WhenDecided:
    """Register an action, `act(proposal, *, record, now)`, of the transaction that adopts a proposal."""
    WHEN_DECIDED.append(act)
    return act


@transaction.atomic
def open_proposal(
    group: Group, *, title: str, text: str, closes_at: datetime, initiative_number: int | None, by: User, now: datetime
) -> Proposal:
    """Put a text to the decision of a group; its members are told.

    Refuses less than 14 days, an initiative that the group does not lead, and the second click.
    """
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    if closes_at < now + OPEN_AT_LEAST:
        raise Refused(_("A proposal is open for at least 14 days. Choose a later end."), field="closes_at")
    refuse_what_others_lead(group, initiative_number)
    try:
        with transaction.atomic():
            proposal = Proposal.objects.create(
                group=group,
                title=title,
                initiative_number=initiative_number,
                opened_at=now,
                opened_by=by,
                closes_at=closes_at,
            )
    except IntegrityError as error:
        raise Refused(_("A proposal with this title is open already."), field="title") from error
    Version.objects.create(proposal=proposal, number=1, text=text, published_at=now, published_by=by)
    open_deadline(CLOSE_PROPOSAL, proposal, now=now, ends_at=closes_at)
    write(words.PROPOSED, by=by, now=now, group=group, proposal=proposal)
    write_letters(
        words.PROPOSED_LETTER,
        to=queries.active_members_of(group).exclude(pk=by.pk),
        key=str(proposal.pk),
        link=proposal.get_absolute_url(),
        now=now,
        by=by,
        group=group,
        closes_at=closes_at,
    )
    return proposal


@transaction.atomic
def publish_version(proposal: Proposal, *, text: str, why: str, by: User, now: datetime) -> Version:
    """Publish the next version while the proposal is open; whoever took a position is asked again.

    Nobody is surprised by a wording of the last hour: the end moves, so that each version is open for 14 days.
    Objections stay open, since only who objected knows whether the new text answers them.
    """
    proposal = _open_one(proposal, now)
    newest = queries.newest_version(proposal)
    if text == newest.text:
        raise Refused(_("This text is the newest version already."), field="text")
    version = Version.objects.create(
        proposal=proposal, number=newest.number + 1, text=text, why=why, published_at=now, published_by=by
    )
    if proposal.closes_at < now + OPEN_AT_LEAST:
        proposal.closes_at = now + OPEN_AT_LEAST
        proposal.save(update_fields=["closes_at"])
        cancel_deadline(CLOSE_PROPOSAL, proposal, now=now, by=by)
        open_deadline(CLOSE_PROPOSAL, proposal, now=now, ends_at=proposal.closes_at)
    write(words.VERSION_PUBLISHED, by=by, now=now, group=proposal.group, proposal=proposal)
    write_letters(
        words.NEW_VERSION_LETTER,
        to=queries.people_with_a_position(proposal, without=by),
        key=f"{proposal.pk}:{version.number}",
        link=proposal.get_absolute_url(),
        now=now,
        by=by,
        group=proposal.group,
        closes_at=proposal.closes_at,
    )
    return version


# --- Positions and objections ----------------------------------------------------------------


@transaction.atomic
def take_position(proposal: Proposal, *, stance: str, reason: str, by: User, now: datetime) -> Position:
    """Support, stand aside or object, or say something else than before; about the newest version.

    An objection of a member from before the opening stops lazy consensus. Refuses an objection without a reason,
    what was said already, and whatever comes after the end date.
    """
    proposal = _open_one(proposal, now)
    if stance == Stance.OBJECT and not reason:
        raise Refused(_("Say why you object: the group owes you an answer to it."), field="reason")
    version = queries.newest_version(proposal).number
    position = proposal.positions.filter(person=by).first() or Position(proposal=proposal, person=by)
    if (position.stance, position.reason, position.version) == (stance, reason, version):
        raise Refused(_("You have said this already."))
    if position.state == Position.State.ANSWERED:
        outcome = "stands" if stance == Stance.OBJECT else "settled"
        meet_deadline(SETTLE_OBJECTION, position, now=now, by=by, outcome=outcome)
    counts = queries.was_member_before(by, proposal)
    stops = stance == Stance.OBJECT and counts
    position.stance, position.reason, position.version, position.counts = stance, reason, version, counts
    position.state = Position.State.OBJECTS if stops else Position.State.SAID
    position.said_at, position.answer, position.answered_at, position.answered_by = now, "", None, None
    position.settled_at = position.settled_by = None
    position.save()
    verb = words.OBJECTED if stance == Stance.OBJECT else words.POSITION_TAKEN
    write(verb, by=by, now=now, group=proposal.group, proposal=proposal)
    if stops:
        _tell_of_objection(position, now=now)
    return position


def _tell_of_objection(position: Position, *, now: datetime) -> None:
    proposal = position.proposal
    write_letters(
        words.OBJECTION_LETTER,
        to=queries.coordinators_of(proposal.group).exclude(pk=position.person_id),
        key=f"{position.pk}:{now:%Y%m%d%H%M%S}",
        link=proposal.get_absolute_url(),
        now=now,
        group=proposal.group,
        closes_at=proposal.closes_at,
    )


@transaction.atomic
def answer_objection(position: Position, *, answer: str, by: User, now: datetime) -> Position:
    """Answer an open objection for the group; 14 days of silence after it settle the objection.

    Nobody answers their own objection: whoever made it says whether it is answered.
    """
    proposal, position = _with_position(position)
    if position.state != Position.State.OBJECTS:
        raise Refused(_("This objection is not open any more."))
    if position.person_id == by.pk:
        raise Refused(_("This is your own objection. Say that it is answered, or let another member answer it."))
    position.state, position.answer = Position.State.ANSWERED, answer
    position.answered_at, position.answered_by = now, by
    position.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    deadline = open_deadline(SETTLE_OBJECTION, position, now=now)
    write(words.OBJECTION_ANSWERED, by=by, now=now, group=proposal.group, proposal=proposal)
    write_letters(
        words.OBJECTION_ANSWERED_LETTER,
        to=[position.person],
        key=f"{position.pk}:{now:%Y%m%d%H%M%S}",
        link=proposal.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        group=proposal.group,
        due_at=deadline.due_at,
    )
    _go_on(proposal, now=now)
    return position


@transaction.atomic
def settle_objection(position: Position, *, by: User, now: datetime) -> Position:
    """Whoever objected, or a reviewer, says that the objection is answered."""
    proposal, position = _with_position(position)
    if position.state not in {Position.State.OBJECTS, Position.State.ANSWERED}:
        raise Refused(_("This objection is not open any more."))
    if position.state == Position.State.OBJECTS and position.person_id != by.pk:
        raise Refused(_("The group has not answered this objection yet."))
    if position.state == Position.State.ANSWERED:
        meet_deadline(SETTLE_OBJECTION, position, now=now, by=by, outcome="settled")
    _settle(proposal, position, by=by, now=now)
    return position


@SETTLE_OBJECTION.when_silent
@transaction.atomic
def settle_after_silence(position: Position, *, now: datetime) -> None:
    """Whoever objected said nothing for 14 days after the answer: the objection counts as answered."""
    proposal, position = _with_position(position)
    if position.state != Position.State.ANSWERED:
        raise Refused(_("This objection is not open any more."))
    _settle(proposal, position, by=None, now=now)


def _settle(proposal: Proposal, position: Position, *, by: User | None, now: datetime) -> None:
    position.state, position.settled_at, position.settled_by = Position.State.SETTLED, now, by
    position.save(update_fields=["state", "settled_at", "settled_by"])
    write(words.OBJECTION_SETTLED, by=by, now=now, group=proposal.group, proposal=proposal)
    _go_on(proposal, now=now)


@transaction.atomic
def insist_on_objection(position: Position, *, reason: str, by: User, now: datetime) -> Position:
    """The answer does not do, with a reason: the objection is open again. A reviewer can settle the next answer."""
    proposal, position = _with_position(position)
    if position.state != Position.State.ANSWERED:
        raise Refused(_("There is no answer to this objection, or it was settled."))
    meet_deadline(SETTLE_OBJECTION, position, now=now, by=by, outcome="stands")
    position.state, position.reason, position.said_at = Position.State.OBJECTS, reason, now
    position.answer, position.answered_at, position.answered_by = "", None, None
    position.save(update_fields=["state", "reason", "said_at", "answer", "answered_at", "answered_by"])
    write(words.OBJECTED, by=by, now=now, group=proposal.group, proposal=proposal)
    if proposal.state == State.OPEN:
        _tell_of_objection(position, now=now)
    else:
        # The group has all of its 14 days, also where it owes another answer already.
        cancel_deadline(ANSWER_OBJECTIONS, proposal, now=now, by=by)
        _owe_answers(proposal, now=now)
    return position


# --- How it ends -----------------------------------------------------------------------------


@CLOSE_PROPOSAL.when_silent
@transaction.atomic
def close_proposal(proposal: Proposal, *, now: datetime) -> None:
    """The end date: adopted without open objections; otherwise the group owes answers, or awaits those who objected."""
    proposal = _undecided(proposal)
    if proposal.positions.filter(state=Position.State.OBJECTS).exists():
        _owe_answers(proposal, now=now)
    else:
        _move(proposal, State.SETTLING)
        _go_on(proposal, now=now)


def _owe_answers(proposal: Proposal, *, now: datetime) -> None:
    _move(proposal, State.OWED)
    deadline = open_deadline(ANSWER_OBJECTIONS, proposal, now=now)
    write_letters(
        words.OBJECTIONS_OWED_LETTER,
        to=queries.coordinators_of(proposal.group),
        key=str(deadline.pk),
        link=proposal.get_absolute_url(),
        now=now,
        deadline=deadline,
        group=proposal.group,
        due_at=deadline.due_at,
    )


def _go_on(proposal: Proposal, *, now: datetime) -> None:
    """After the end date: once nothing is unanswered the group owes nothing; once nothing is open it is adopted."""
    states = set(proposal.positions.values_list("state", flat=True))
    if proposal.state == State.OWED and Position.State.OBJECTS not in states:
        meet_deadline(ANSWER_OBJECTIONS, proposal, now=now, outcome="answered")
        _move(proposal, State.SETTLING)
    if proposal.state == State.SETTLING and Position.State.ANSWERED not in states:
        record = _decide(proposal, State.ADOPTED, verb=words.DECIDED, by=None, now=now)
        for act in WHEN_DECIDED:
            act(proposal, record=record, now=now)


@ANSWER_OBJECTIONS.when_silent
@transaction.atomic
def fall_after_silence(proposal: Proposal, *, now: datetime) -> None:
    """The group left an objection without an answer for 14 days after the end date: the proposal falls."""
    _decide(_undecided(proposal), State.FALLEN, verb=words.FELL, by=None, now=now)


@transaction.atomic
def withdraw_proposal(proposal: Proposal, *, by: User, now: datetime) -> Proposal:
    """Take a proposal back before it is decided."""
    proposal = _undecided(proposal)
    if proposal.state == State.OPEN:
        cancel_deadline(CLOSE_PROPOSAL, proposal, now=now, by=by)
    if proposal.state == State.OWED:
        cancel_deadline(ANSWER_OBJECTIONS, proposal, now=now, by=by)
    _decide(proposal, State.WITHDRAWN, verb=words.WITHDRAWN, by=by, now=now)
    return proposal


def _decide(proposal: Proposal, state: Proposal.State, *, verb: Verb, by: User | None, now: datetime) -> Act:
    for position in proposal.positions.filter(state=Position.State.ANSWERED):
        cancel_deadline(SETTLE_OBJECTION, position, now=now, by=by)
    still_open = [Position.State.OBJECTS, Position.State.ANSWERED]
    proposal.positions.filter(state__in=still_open).update(state=Position.State.CLOSED)
    proposal.state, proposal.decided_at = state, now
    proposal.save(update_fields=["state", "decided_at"])
    record = write(verb, by=by, now=now, group=proposal.group, proposal=proposal)
    write_letters(
        words.PROPOSAL_ENDED_LETTER,
        to=[*queries.people_with_a_position(proposal, without=by), *queries.coordinators_of(proposal.group)],
        key=str(proposal.pk),
        link=proposal.get_absolute_url(),
        now=now,
        by=by,
        group=proposal.group,
        how=lambda: state.label,
    )
    return record


def _move(proposal: Proposal, state: Proposal.State) -> None:
    proposal.state = state
    proposal.save(update_fields=["state"])


def _undecided(proposal: Proposal) -> Proposal:
    """The proposal, held until the transaction ends; refused when it is decided."""
    with_group = Proposal.objects.select_for_update(of=("self",), no_key=True).select_related("group")
    proposal = with_group.get(pk=proposal.pk)
    if proposal.state not in Proposal.UNDECIDED:
        raise Refused(_("This proposal has ended: %(state)s.") % {"state": proposal.get_state_display()})
    return proposal


def _open_one(proposal: Proposal, now: datetime) -> Proposal:
    proposal = _undecided(proposal)
    if proposal.state != State.OPEN or proposal.closes_at <= now:
        raise Refused(_("The end date of this proposal has passed."))
    return proposal


def _with_position(position: Position) -> tuple[Proposal, Position]:
    """The proposal and one position, held in this order everywhere."""
    proposal = _undecided(position.proposal)
    with_person = Position.objects.select_for_update(of=("self",), no_key=True).select_related("person")
    position = with_person.get(pk=position.pk)
    position.proposal = proposal
    return proposal, position
