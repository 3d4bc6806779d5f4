"""The list of affiliates, and the people who say that they are a contact of one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.people import queries, words
from apps.people.actions.roles import end_roles_of_contact
from apps.people.deadlines import CONFIRM_CONTACT
from apps.people.models import Affiliate, Contact
from apps.record.actions import write

State = Contact.State


@transaction.atomic
def say_contact(affiliate: Affiliate, *, by: User, now: datetime) -> Contact:
    """Say that one is a contact of an affiliate: shown at once, unconfirmed.

    An administrator or a confirmed contact of the affiliate owes an answer; silence leaves the name unconfirmed.
    """
    affiliate = Affiliate.objects.select_for_update(no_key=True).get(pk=affiliate.pk)
    if affiliate.contacts.filter(user=by, state__in=Contact.SHOWN).exists():
        raise Refused(_("You have said so already: your name stands here."))
    contact = Contact.objects.create(affiliate=affiliate, user=by, said_at=now)
    deadline = open_deadline(CONFIRM_CONTACT, contact, now=now)
    write(words.CONTACT_SAID, by=by, now=now, affiliate=affiliate)
    write_letters(
        words.CONTACT_ASKED,
        to=queries.contact_confirmers_of_each([contact], now)[contact.pk],
        key=str(contact.pk),
        link=contact.get_absolute_url(),
        now=now,
        deadline=deadline,
        by=by,
        person=by,
        affiliate=affiliate,
        due_at=deadline.due_at,
    )
    return contact


@transaction.atomic
def confirm_contact(contact: Contact, *, by: User, now: datetime) -> Contact:
    """Confirm that somebody speaks for an affiliate, also after silence has left the name unconfirmed."""
    contact = _locked(contact, State.SAID, State.UNCONFIRMED)
    _refuse_own(contact, by)
    if contact.state == State.SAID:
        meet_deadline(CONFIRM_CONTACT, contact, now=now, by=by, outcome="confirmed")
    contact.state, contact.answered_by, contact.answered_at = State.CONFIRMED, by, now
    contact.save()
    write(words.CONTACT_CONFIRMED, by=by, now=now, affiliate=contact.affiliate)
    _tell(contact, words.CONTACT_ANSWERED, now=now)
    return contact


@transaction.atomic
def refuse_contact(contact: Contact, *, reason: str, by: User, now: datetime) -> Contact:
    """Take a name off an affiliate, with a reason that the person reads; what they held in its name ends."""
    contact = _locked(contact, *Contact.SHOWN)
    _refuse_own(contact, by)
    if contact.state == State.SAID:
        meet_deadline(CONFIRM_CONTACT, contact, now=now, by=by, outcome="refused")
    contact.state, contact.answered_by, contact.answered_at, contact.answer = State.REFUSED, by, now, reason
    contact.save()
    write(words.CONTACT_REFUSED, by=by, now=now, affiliate=contact.affiliate)
    end_roles_of_contact(contact, now=now)
    _tell(contact, words.CONTACT_TAKEN_OFF, now=now, reason=reason)
    return contact


@transaction.atomic
def take_back_contact(contact: Contact, *, by: User, now: datetime) -> Contact:
    """The person is no contact any more, or never was; what they held in the name of the affiliate ends."""
    contact = _locked(contact, *Contact.SHOWN)
    cancel_deadline(CONFIRM_CONTACT, contact, now=now, by=by)
    contact.state = State.TAKEN_BACK
    contact.save(update_fields=["state"])
    write(words.CONTACT_TAKEN_BACK, by=by, now=now, affiliate=contact.affiliate)
    end_roles_of_contact(contact, now=now)
    return contact


@CONFIRM_CONTACT.when_silent
@transaction.atomic
def keep_contact_unconfirmed(contact: Contact, *, now: datetime) -> None:
    """Nobody answered: the name stays, marked as unconfirmed, and can still be confirmed."""
    contact = _locked(contact, State.SAID)
    contact.state = State.UNCONFIRMED
    contact.save(update_fields=["state"])


def _refuse_own(contact: Contact, by: User) -> None:
    if contact.user == by:
        raise Refused(_("Somebody else answers for you. You can take your name back at any time."))


def _locked(contact: Contact, *expected: Contact.State) -> Contact:
    """The row as it is now, held until the transaction ends; refused when somebody was faster."""
    held = Contact.objects.select_for_update(of=("self",), no_key=True).select_related("affiliate", "user")
    contact = held.get(pk=contact.pk)
    if contact.state not in expected:
        raise Refused(_("This was settled before you: %(state)s.") % {"state": contact.get_state_display()})
    return contact


def _tell(contact: Contact, kind: LetterKind, *, now: datetime, **context: Any) -> None:
    write_letters(
        kind,
        to=[contact.user],
        key=str(contact.pk),
        link=contact.get_absolute_url(),
        now=now,
        affiliate=contact.affiliate,
        **context,
    )


@transaction.atomic
def load_affiliates(data: dict[str, Any]) -> int:
    """Bring the list of affiliates up to date with its file; returns how many."""
    for row in data["affiliates"]:
        Affiliate.objects.update_or_create(
            name=row["name"],
            defaults={"country": row["country"], "region": row["region"] or "", "kind": row["type"]},
        )
    return len(data["affiliates"])
