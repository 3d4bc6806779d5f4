"""Asking for roles, answering, holding and ending them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.dates import day
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.people import queries, words
from apps.people.deadlines import CONFIRM_ROLE, TERM_ENDS, silence_on_request
from apps.people.models import (
    RENEWED_IN_THE_LAST,
    TERM_LASTS,
    UNCONFIRMED_TERM_LASTS,
    Affiliate,
    Contact,
    RoleTerm,
)
from apps.record.actions import write

Role, State = RoleTerm.Role, RoleTerm.State

# What features above do when somebody begins to hold a role; people knows none of them.
WhenRoleBegins = Callable[..., None]
WHEN_ROLE_BEGINS: list[WhenRoleBegins] = []


def when_role_begins(follow: WhenRoleBegins) -> WhenRoleBegins:
    """Register an action, `follow(term, *, now)`, that takes part in the transaction in which a term begins.

    It is called at its end, also when a term that silence granted is confirmed; the person is held, or the term.
    """
    WHEN_ROLE_BEGINS.append(follow)
    return follow


def _begun(term: RoleTerm, *, now: datetime) -> None:
    for follow in WHEN_ROLE_BEGINS:
        follow(term, now=now)


@transaction.atomic
def ask_for_role(
    *,
    role: str,
    why: str,
    languages: list[str],
    regions: list[str],
    recommendations: list[int],
    affiliate: Affiliate | None = None,
    by: User,
    now: datetime,
) -> RoleTerm:
    """Ask for a role; any one of those who hold it, or an administrator, owes an answer in 10 working days.

    A contact asks to be a facilitator in the name of their `affiliate`, too: it takes something under its wing
    through them. Refuses what covers nothing, a second request, a role that is held already, and affiliates of
    others; an unconfirmed one is asked for again in its last 30 days.
    """
    if role not in RoleTerm.ASKED_FOR:
        raise Refused(_("This role is granted by an administrator. Ask one of them."))
    _refuse_empty(role, languages=languages, regions=regions, recommendations=recommendations)
    _refuse_affiliate(role, affiliate, by=by)
    _hold_person(by)
    _refuse_second(by, role, now=now)
    term = RoleTerm.objects.create(
        user=by,
        role=role,
        state=State.ASKED,
        why=why,
        languages=languages,
        regions=regions,
        recommendations=recommendations,
        affiliate=affiliate,
        asked_at=now,
    )
    deadline = open_deadline(CONFIRM_ROLE, term, now=now)
    write(words.ASKED, by=by, now=now, term=term)
    write_letters(
        words.ROLE_ASKED,
        to=queries.confirmers_of(role, now, without=by.pk),
        key=str(term.pk),
        link=term.get_absolute_url(),
        now=now,
        deadline=deadline,
        by=by,
        person=affiliate or by,
        role=lambda: Role(role).label,
        silence=lambda: silence_on_request(term),
        due_at=deadline.due_at,
    )
    return term


def _refuse_empty(
    role: str, *, languages: Sequence[str], regions: Sequence[str], recommendations: Sequence[int]
) -> None:
    """A role that is looked up by what it covers covers something."""
    if role == Role.LIAISON and not (languages or regions):
        raise Refused(_("Choose at least one language or region whose communities you reach."), field="languages")
    if role == Role.FACILITATOR and not (languages or regions or recommendations):
        raise Refused(
            _("Choose at least one recommendation, region or language that you take under your wing."),
            field="recommendations",
        )
    if role == Role.TRANSLATOR and not languages:
        raise Refused(_("Choose at least one language into which you translate."), field="languages")


def _refuse_affiliate(role: str, affiliate: Affiliate | None, *, by: User) -> None:
    if affiliate is None:
        return
    if role != Role.FACILITATOR:
        raise Refused(_("Affiliates take part as facilitators. Ask for this role in your own name."), field="affiliate")
    contact = affiliate.contacts.select_for_update(no_key=True).filter(user=by, state__in=Contact.SHOWN)
    if contact.first() is None:
        raise Refused(_("Say on the page of the affiliate first that you are a contact of it."), field="affiliate")


def _hold_person(person: User) -> None:
    """Nobody else asks for, or grants, a role of this person until the transaction ends."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _refuse_second(person: User, role: str, *, now: datetime) -> None:
    had = queries.in_the_way(person, role, now)
    if had is None:
        return
    if had.state == State.ASKED:
        raise Refused(_("You have asked for this role already."))
    if had.is_confirmed or had.ends_at is None:
        raise Refused(_("You hold this role already."))
    again_on = day(had.ends_at - RENEWED_IN_THE_LAST)
    raise Refused(_("You hold this role already, unconfirmed. You can ask again from %(day)s.") % {"day": again_on})


@transaction.atomic
def confirm_role(term: RoleTerm, *, by: User, now: datetime) -> RoleTerm:
    """Confirm a request, or a term that silence granted: it lasts 12 months from now."""
    term = _locked(term, State.ASKED, State.HELD)
    _refuse_own(term, by)
    if term.state == State.ASKED:
        meet_deadline(CONFIRM_ROLE, term, now=now, by=by, outcome="confirmed")
    else:
        _refuse_confirmed_or_over(term, now=now)
        meet_deadline(TERM_ENDS, term, now=now, by=by, outcome="confirmed")
    term.is_unconfirmed, term.granted_by = False, by
    _hold(term, until=now + TERM_LASTS, now=now)
    write(words.CONFIRMED, by=by, now=now, term=term)
    _tell(term, words.ROLE_GRANTED, now=now, key=f"{term.pk}:confirmed", until=term.ends_at)
    _begun(term, now=now)
    return term


def _refuse_own(term: RoleTerm, by: User) -> None:
    if term.user == by:
        raise Refused(_("Somebody else answers your own request."))


def _refuse_confirmed_or_over(term: RoleTerm, *, now: datetime) -> None:
    if not term.is_unconfirmed:
        raise Refused(_("This role is confirmed already."))
    if term.ends_at is None or term.ends_at <= now:
        raise Refused(_("This term is over."))
    if RoleTerm.objects.filter(user=term.user, role=term.role, state=State.ASKED).exists():
        raise Refused(_("They have asked again: answer that request."))


def _hold(term: RoleTerm, *, until: datetime, now: datetime) -> None:
    """From now on it is held until that time; an earlier term of the role, unconfirmed, ends with it."""
    earlier = RoleTerm.objects.select_for_update(no_key=True).filter(user=term.user, role=term.role, state=State.HELD)
    for old in earlier.exclude(pk=term.pk):
        cancel_deadline(TERM_ENDS, old, now=now)
        _over(old, now=now)
    term.state, term.starts_at, term.ends_at = State.HELD, term.starts_at or now, until
    term.save()
    open_deadline(TERM_ENDS, term, now=now, ends_at=until)


@transaction.atomic
def decline_role(term: RoleTerm, *, reason: str, by: User, now: datetime) -> RoleTerm:
    """Decline a request, with a reason that the person reads."""
    term = _locked(term, State.ASKED)
    _refuse_own(term, by)
    meet_deadline(CONFIRM_ROLE, term, now=now, by=by, outcome="declined")
    term.state, term.answer = State.DECLINED, reason
    term.save(update_fields=["state", "answer"])
    write(words.DECLINED, by=by, now=now, term=term)
    _tell(term, words.ROLE_DECLINED, now=now, reason=reason)
    return term


@CONFIRM_ROLE.when_silent
@transaction.atomic
def settle_request_by_silence(term: RoleTerm, *, now: datetime) -> None:
    """Nobody answered: who carries, helps or translates begins, unconfirmed; who decides over texts does not."""
    term = _locked(term, State.ASKED)
    if term.role not in RoleTerm.GRANTED_BY_SILENCE or term.user.is_blocked:
        term.state = State.LAPSED
        term.save(update_fields=["state"])
        write(words.LAPSED, by=None, now=now, term=term)
        _tell(term, words.ROLE_LAPSED, now=now)
        return
    term.is_unconfirmed = True
    _hold(term, until=now + UNCONFIRMED_TERM_LASTS, now=now)
    write(words.GRANTED_BY_SILENCE, by=None, now=now, term=term)
    _tell(term, words.ROLE_UNCONFIRMED, now=now, until=term.ends_at)
    _begun(term, now=now)


@transaction.atomic
def take_back_role_request(term: RoleTerm, *, by: User, now: datetime) -> RoleTerm:
    term = _locked(term, State.ASKED)
    cancel_deadline(CONFIRM_ROLE, term, now=now, by=by)
    term.state = State.TAKEN_BACK
    term.save(update_fields=["state"])
    write(words.TAKEN_BACK, by=by, now=now, term=term)
    return term


# --- Terms -----------------------------------------------------------------------------------


@transaction.atomic
def grant_role(
    person: User,
    *,
    role: str,
    until: datetime,
    by: User | None,
    now: datetime,
    languages: Sequence[str] = (),
    regions: Sequence[str] = (),
    recommendations: Sequence[int] = (),
) -> RoleTerm:
    """Grant a role until a time; `by` is an administrator, or None for the command of an operator.

    Refuses an administrator who would make another one: that is the command's alone.
    """
    if role == Role.ADMINISTRATOR and by is not None:
        raise Refused(_("Whoever runs this site makes administrators, with a command."), field="role")
    if until <= now:
        raise Refused(_("A term ends in the future."), field="until")
    if person.is_blocked:
        raise Refused(_("This account is blocked and cannot hold a role."), field="username")
    _refuse_empty(role, languages=languages, regions=regions, recommendations=recommendations)
    _hold_person(person)
    for had in queries.running_or_asked(person, role, now):
        if had.state == State.ASKED or had.is_unconfirmed:
            raise Refused(_("This person has asked for the role: confirm it on its page."), field="username")
        raise Refused(_("This person holds the role already."), field="username")
    term = RoleTerm(user=person, role=role, granted_by=by, starts_at=now, ends_at=until)
    term.languages, term.regions, term.recommendations = list(languages), list(regions), list(recommendations)
    if role in RoleTerm.ASKED_FOR:
        _hold(term, until=until, now=now)
    else:
        term.save()
    write(words.GRANTED if by else words.GRANTED_BY_OPERATOR, by=by, now=now, term=term)
    _tell(term, words.ROLE_GRANTED, now=now, until=until)
    _begun(term, now=now)
    return term


@transaction.atomic
def renew_role(term: RoleTerm, *, by: User, now: datetime) -> RoleTerm:
    """The holder goes on for 12 months, from the end of the term.

    Refuses one that nobody has confirmed, since silence would then grant it for ever, and before the last 30 days.
    """
    term, ends_at = _running(term, now=now)
    if term.role not in RoleTerm.ASKED_FOR:
        raise Refused(_("An administrator grants this role for a term. Ask one of them."))
    if term.is_unconfirmed:
        raise Refused(_("Nobody has confirmed this role yet. Ask for it again instead."))
    if not queries.can_be_renewed(term, now):
        raise Refused(_("You hold it until %(day)s. There is time.") % {"day": day(ends_at)})
    meet_deadline(TERM_ENDS, term, now=now, by=by, outcome="renewed")
    term.ends_at = ends_at + TERM_LASTS
    term.save(update_fields=["ends_at"])
    open_deadline(TERM_ENDS, term, now=now, ends_at=term.ends_at)
    write(words.RENEWED, by=by, now=now, term=term)
    return term


@transaction.atomic
def give_role_back(term: RoleTerm, *, by: User, now: datetime) -> RoleTerm:
    """The holder stops, at any time and without a reason."""
    term, _ends_at = _running(term, now=now)
    if term.role in RoleTerm.ASKED_FOR:
        meet_deadline(TERM_ENDS, term, now=now, by=by, outcome="given back")
    _over(term, now=now)
    write(words.GIVEN_BACK, by=by, now=now, term=term)
    return term


@transaction.atomic
def end_role(term: RoleTerm, *, reason: str, by: User | None, now: datetime) -> RoleTerm:
    """An administrator ends a term before its time, with a reason that the person reads."""
    term, _ends_at = _running(term, now=now)
    cancel_deadline(TERM_ENDS, term, now=now, by=by)
    term.answer = reason
    _over(term, now=now)
    write(words.ENDED, by=by, now=now, term=term)
    _tell(term, words.ROLE_ENDED, now=now, reason=reason)
    return term


def end_roles_of_contact(contact: Contact, *, now: datetime) -> None:
    """Whoever is no contact any more holds nothing in the name of the affiliate, and asks for nothing in it."""
    for term in queries.roles_in_the_name_of(contact).select_for_update(of=("self",), no_key=True):
        if term.state == State.ASKED:
            cancel_deadline(CONFIRM_ROLE, term, now=now)
            term.state = State.TAKEN_BACK
            term.save(update_fields=["state"])
        else:
            cancel_deadline(TERM_ENDS, term, now=now)
            _over(term, now=now)
        write(words.WITHOUT_CONTACT, by=None, now=now, term=term)


@TERM_ENDS.when_silent
@transaction.atomic
def end_role_with_its_term(term: RoleTerm, *, now: datetime) -> None:
    term = _locked(term, State.HELD)
    _over(term, now=now)
    write(words.OVER, by=None, now=now, term=term)
    _tell(term, words.ROLE_OVER, now=now)


def _over(term: RoleTerm, *, now: datetime) -> None:
    term.state, term.ends_at = State.ENDED, min(term.ends_at or now, now)
    term.save(update_fields=["state", "ends_at", "answer"])


def _running(term: RoleTerm, *, now: datetime) -> tuple[RoleTerm, datetime]:
    """The term as it is now, held until the transaction ends, and its end; refused when it is over."""
    term = _locked(term, State.HELD)
    if term.ends_at is None or term.ends_at <= now:
        raise Refused(_("This term has ended already."))
    return term, term.ends_at


def _locked(term: RoleTerm, *expected: RoleTerm.State) -> RoleTerm:
    """The row as it is now, held until the transaction ends; refused when somebody was faster."""
    term = RoleTerm.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=term.pk)
    if term.state not in expected:
        raise Refused(_("This was settled before you: %(state)s.") % {"state": term.get_state_display()})
    return term


def _tell(term: RoleTerm, kind: LetterKind, *, now: datetime, key: str = "", **context: Any) -> None:
    write_letters(
        kind,
        to=[term.user],
        key=key or str(term.pk),
        link=term.get_absolute_url(),
        now=now,
        role=lambda: Role(term.role).label,
        **context,
    )
