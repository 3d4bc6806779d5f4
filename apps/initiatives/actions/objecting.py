"""Objections to an adoption while its notice runs, and what one reviewer decides."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.groups.models import Group
from apps.groups.queries import active_members_of
from apps.initiatives import queries, words
from apps.initiatives.actions.adopting import refuse_beyond_limits, why_beyond_limits
from apps.initiatives.actions.leads import close_bid, end_lead, hold_running, take_the_lead
from apps.initiatives.badge import State as BadgeState
from apps.initiatives.badge import running_state
from apps.initiatives.deadlines import DECIDE_OBJECTION
from apps.initiatives.models import Adoption, Bid, Ending, Objection
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.record.actions import write
from apps.record.verbs import Verb

State = Objection.State


@transaction.atomic
def object_to(
    adoption: Adoption, *, reason: str, group: Group | None = None, plan: str = "", by: User, now: datetime
) -> Objection:
    """Object while the notice runs, with a reason and, if one likes, a group and a plan of one's own.

    Any one reviewer without a part in it decides in 14 days; silence means that the adoption stands. Refuses when
    the notice is over, to members of a leading group, and a second objection of the same person.
    """
    adoption = hold_running(adoption)
    if running_state(adoption, now) is not BadgeState.PROPOSED:
        raise Refused(_("The notice is over: objections were possible for 14 days. You can still ask a question."))
    if queries.leads_of_members(by).filter(adoption=adoption).exists():
        raise Refused(_("Your own group leads it. Step down, or leave the group."))
    if group is not None:
        refuse_beyond_limits(group, by=by)
    try:
        with transaction.atomic():
            objection = Objection.objects.create(
                adoption=adoption, reason=reason, group=group, plan=plan, made_at=now, made_by=by
            )
    except IntegrityError as error:
        raise Refused(_("You have objected already; a reviewer owes you the answer.")) from error
    deadline = open_deadline(DECIDE_OBJECTION, objection, now=now)
    write(words.OBJECTED, by=by, now=now, initiative=adoption.initiative, objection=objection)
    free = queries.who_decides_objections([objection], now)[objection.pk]
    write_letters(
        words.OBJECTION_TO_DECIDE,
        to=free,
        key=str(objection.pk),
        link=objection.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        initiative=lambda: adoption.initiative.title,
        due_at=deadline.due_at,
        silence_at=DECIDE_OBJECTION.rung_times(now, None)[-1][2],
    )
    _tell_leads(objection, words.OBJECTED_LETTER, by=by, now=now)
    return objection


@transaction.atomic
def dismiss_objection(objection: Objection, *, note: str, by: User, now: datetime) -> Objection:
    """The adoption stands, for a reason that everybody can read."""
    return _decide(objection, State.DISMISSED, words.OBJECTION_DISMISSED, note=note, by=by, now=now)


@transaction.atomic
def let_objectors_share(objection: Objection, *, note: str, by: User, now: datetime) -> Objection:
    """Both plans have their merits: the group of the objection leads, too; refused beyond the limits."""
    objection = _decide(objection, State.SHARED, words.OBJECTION_SHARED, note=note, by=by, now=now)
    why_not = _let_its_group_lead(objection, now=now)
    if why_not:
        raise Refused(why_not)
    return objection


@transaction.atomic
def uphold_objection(objection: Objection, *, note: str, by: User, now: datetime) -> Objection:
    """The adoption ends. The group of the objection leads in its place, if there is one that may.

    Otherwise it is open again: what that group leads elsewhere by now keeps no reviewer from a decision.
    """
    objection = _decide(objection, State.UPHELD, words.OBJECTION_UPHELD, note=note, by=by, now=now)
    adoption = objection.adoption
    leads = list(adoption.leads.filter(ended_at=None).exclude(group=objection.group).select_related("group"))
    _let_its_group_lead(objection, now=now)
    for lead in leads:
        lead.adoption = adoption
        end_lead(lead, Ending.OBJECTED, verb=words.ENDED_BY_OBJECTION, notes=note, by=by, now=now)
    return objection


def _let_its_group_lead(objection: Objection, *, now: datetime) -> str:
    """Let the group behind it lead by its plan, or say why it does not; it may have come to lead in another way."""
    adoption, group = objection.adoption, objection.group
    if group is None or not active_members_of(group).exists():
        return _("No group stands behind this objection: uphold or dismiss it.")
    if adoption.leads.filter(ended_at=None, group=group).exists():
        return ""
    # Its bid for the same lead is no second lead.
    for bid in queries.open_bids(adoption).filter(group=group):
        close_bid(bid, Bid.State.VOID, now=now)
    why_not = why_beyond_limits(group, by=objection.made_by)
    if not why_not:
        take_the_lead(adoption, group, plan=objection.plan, now=now)
    return why_not


def _decide(
    objection: Objection, state: Objection.State, verb: Verb, *, note: str, by: User, now: datetime
) -> Objection:
    objection = _open(objection)
    if not note:
        raise Refused(_("Say why: both sides have to know, and everybody can read it."), field="note")
    objection.state, objection.closed_at, objection.closed_by, objection.answer = state, now, by, note
    objection.save(update_fields=["state", "closed_at", "closed_by", "answer"])
    meet_deadline(DECIDE_OBJECTION, objection, now=now, by=by, outcome=state.value)
    write(verb, by=None, now=now, initiative=objection.adoption.initiative, objection=objection)
    _tell_both(objection, by=by, now=now)
    return objection


@DECIDE_OBJECTION.when_silent
@transaction.atomic
def stand_after_silence(objection: Objection, *, now: datetime) -> None:
    """Nobody decided in 14 days: the adoption stands."""
    objection = _open(objection)
    objection.state, objection.closed_at = State.STANDS_BY_SILENCE, now
    objection.save(update_fields=["state", "closed_at"])
    write(words.STANDS_BY_SILENCE, by=None, now=now, initiative=objection.adoption.initiative, objection=objection)
    _tell_both(objection, by=None, now=now)


@transaction.atomic
def withdraw_objection(objection: Objection, *, by: User, now: datetime) -> None:
    objection = _open(objection)
    objection.state, objection.closed_at, objection.closed_by = State.WITHDRAWN, now, by
    objection.save(update_fields=["state", "closed_at", "closed_by"])
    cancel_deadline(DECIDE_OBJECTION, objection, now=now, by=by)
    write(words.OBJECTION_WITHDRAWN, by=by, now=now, initiative=objection.adoption.initiative, objection=objection)


def _open(objection: Objection) -> Objection:
    """The objection with its adoption, held in this order; refused when it was decided already."""
    adoption = Adoption.objects.select_for_update(of=("self",), no_key=True).get(pk=objection.adoption_id)
    related = Objection.objects.select_related("group", "made_by")
    objection = related.select_for_update(of=("self",), no_key=True).get(pk=objection.pk)
    if objection.state != State.OPEN:
        raise Refused(
            _("Somebody decided this before you: %(state)s. Your note is still here.")
            % {"state": objection.get_state_display()}
        )
    objection.adoption = hold_running(adoption)
    return objection


def _tell_both(objection: Objection, *, by: User | None, now: datetime) -> None:
    write_letters(
        words.OBJECTION_DECIDED,
        to=[objection.made_by],
        key=str(objection.pk),
        link=objection.get_absolute_url(),
        now=now,
        by=by,
        initiative=lambda: objection.adoption.initiative.title,
        outcome=lambda: objection.get_state_display(),
    )
    _tell_leads(objection, words.OBJECTION_DECIDED_LEAD, by=by, now=now)


def _tell_leads(objection: Objection, kind: LetterKind, *, by: User | None, now: datetime) -> None:
    leads = objection.adoption.leads.filter(ended_at=None).select_related("group")
    members = {person.pk: person for lead in leads for person in active_members_of(lead.group)}
    write_letters(
        kind,
        to=members.values(),
        key=str(objection.pk),
        link=objection.get_absolute_url(),
        now=now,
        by=by,
        initiative=lambda: objection.adoption.initiative.title,
        outcome=lambda: objection.get_state_display(),
    )
