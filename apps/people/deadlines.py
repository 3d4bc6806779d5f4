from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.core.text import Words
from apps.deadlines.owners import OwnerKind, id_in
from apps.deadlines.rules import Rule, days_before_end, remind, silence, working_days
from apps.deadlines.states import all_of, declare
from apps.people.models import Affiliate, Contact, RoleTerm
from apps.people.queries import (
    confirmers_of_each,
    contact_confirmers_of_each,
    contacts_answered_by,
    reviewers,
    terms_that_confirm,
)

REVIEWERS = "role:reviewer"


def reviewers_name() -> str:
    return _("the reviewers, any one of them")


REVIEWER = OwnerKind(
    REVIEWERS,
    title=gettext_lazy("Reviewers"),
    keys=lambda person, now: reviewers(now).filter(pk=person.pk).values(key=Value(REVIEWERS)),
    names=lambda keys: {REVIEWERS: reviewers_name()},
    all_told=gettext_lazy("Due; all reviewers are told"),
    asked_alone=True,
)

# --- Roles that people ask for ----------------------------------------------------------------

# Those who hold a role, as the board names them.
HOLDERS: dict[str, Words] = {
    RoleTerm.Role.LIAISON: gettext_lazy("Liaisons"),
    RoleTerm.Role.FACILITATOR: gettext_lazy("Facilitators"),
    RoleTerm.Role.TRANSLATOR: gettext_lazy("Translators"),
    RoleTerm.Role.EDITOR: gettext_lazy("Editors of Strategy News"),
    RoleTerm.Role.MODERATOR: gettext_lazy("Moderators"),
}
HOLDERS_OR_ADMINISTRATORS: dict[str, Words] = {
    RoleTerm.Role.LIAISON: gettext_lazy("the liaisons, any one of them, or an administrator"),
    RoleTerm.Role.FACILITATOR: gettext_lazy("the facilitators, any one of them, or an administrator"),
    RoleTerm.Role.TRANSLATOR: gettext_lazy("the translators, any one of them, or an administrator"),
    RoleTerm.Role.EDITOR: gettext_lazy("the editors of Strategy News, any one of them, or an administrator"),
    RoleTerm.Role.MODERATOR: gettext_lazy("the moderators, any one of them, or an administrator"),
}


def _owner_kind(role: str) -> OwnerKind:
    key = f"role:{role}"
    return OwnerKind(
        key,
        title=HOLDERS[role],
        keys=lambda person, now: terms_that_confirm([role], now).filter(user=person).values(key=Value(key)),
        names=lambda keys: {key: str(HOLDERS_OR_ADMINISTRATORS[role])},
    )


ROLE_OWNERS = {role: _owner_kind(role) for role in RoleTerm.ASKED_FOR}


def region_of_term(term: RoleTerm) -> str:
    """The region that a role is for, where it is one."""
    return term.regions[0] if len(term.regions) == 1 else ""


def silence_on_request(term: RoleTerm) -> str:
    if term.role in RoleTerm.GRANTED_BY_SILENCE:
        return _("the role is held for 90 days, marked as unconfirmed")
    return _("the request lapses; silence never grants this role, and one can ask again")


CONFIRM_ROLE = Rule(
    "people.confirm_role",
    title=gettext_lazy("Requests for a role"),
    subject="people.RoleTerm",
    related=("user",),
    owed_by=lambda term: f"role:{term.role}",
    owner_name=lambda term: str(HOLDERS_OR_ADMINISTRATORS[term.role]),
    answerers=confirmers_of_each,
    what=lambda term: _("A request for the role “%(role)s”") % {"role": term.get_role_display()},
    silence_means=silence_on_request,
    outcomes={"confirmed": gettext_lazy("confirmed"), "declined": gettext_lazy("declined")},
    region=region_of_term,
    ladder=[remind(working_days(5)), remind(working_days(9)), silence(working_days(10))],
)


def _what_to_do(term: RoleTerm) -> str:
    words = (
        _("Your role “%(role)s” ends unconfirmed: ask again, or let it end")
        if term.is_unconfirmed
        else _("Your role “%(role)s” ends: renew it with one click, or let it end")
    )
    return words % {"role": term.get_role_display()}


def _holders(terms: list[RoleTerm], now: datetime) -> dict[int, list[User]]:
    return {term.pk: [] if term.user.is_blocked else [term.user] for term in terms}


TERM_ENDS = Rule(
    "people.term_ends",
    title=gettext_lazy("Ends of roles"),
    subject="people.RoleTerm",
    related=("user",),
    owed_by=lambda term: f"person:{term.user_id}",
    owner_name=lambda term: _("one person"),
    answerers=_holders,
    what=_what_to_do,
    silence_means=gettext_lazy("the role ends, with thanks"),
    outcomes={
        "renewed": gettext_lazy("renewed"),
        "given back": gettext_lazy("given back"),
        "confirmed": gettext_lazy("confirmed"),
    },
    region=region_of_term,
    ladder=[remind(days_before_end(30)), remind(days_before_end(7)), silence(days_before_end(0))],
    public=False,
)

# Reviewers and administrators are granted, and over when their time is: nothing is left to wait for.
GRANTED_ONLY = "granted"
declare(
    RoleTerm,
    state=Case(When(role__in=RoleTerm.ASKED_FOR, then=F("state")), default=Value(GRANTED_ONLY)),
    waiting={RoleTerm.State.ASKED: all_of(CONFIRM_ROLE), RoleTerm.State.HELD: all_of(TERM_ENDS)},
    resting={
        RoleTerm.State.ENDED,
        RoleTerm.State.DECLINED,
        RoleTerm.State.LAPSED,
        RoleTerm.State.TAKEN_BACK,
        GRANTED_ONLY,
    },
)

# --- Contacts of affiliates -------------------------------------------------------------------


def _contacts_name(affiliate: Affiliate) -> str:
    return _("the contacts of %(affiliate)s, or an administrator") % {"affiliate": affiliate}


def _names_of_contacts(keys: Iterable[str]) -> dict[str, str]:
    found = Affiliate.objects.filter(pk__in=[id_in(key) for key in keys])
    return {f"contacts:{affiliate.pk}": _contacts_name(affiliate) for affiliate in found}


def _contact_keys(person: User, now: datetime) -> QuerySet[Contact, Any]:
    key = Concat(Value("contacts:"), Cast(F("affiliate"), CharField()), output_field=CharField())
    return contacts_answered_by(person, now).order_by().annotate(key=key).values("key")


CONTACTS = OwnerKind(
    "contacts", title=gettext_lazy("Contacts of affiliates"), keys=_contact_keys, names=_names_of_contacts
)

CONFIRM_CONTACT = Rule(
    "people.confirm_contact",
    title=gettext_lazy("Contacts of affiliates"),
    subject="people.Contact",
    related=("affiliate", "user"),
    owed_by=lambda contact: f"contacts:{contact.affiliate_id}",
    owner_name=lambda contact: _contacts_name(contact.affiliate),
    answerers=contact_confirmers_of_each,
    what=lambda contact: _("A contact of %(affiliate)s to confirm") % {"affiliate": contact.affiliate},
    silence_means=gettext_lazy("the name stays, marked as unconfirmed"),
    outcomes={"confirmed": gettext_lazy("confirmed"), "refused": gettext_lazy("taken off")},
    region=lambda contact: contact.affiliate.region,
    ladder=[remind(working_days(5)), silence(working_days(10))],
)

declare(
    Contact,
    waiting={Contact.State.SAID: all_of(CONFIRM_CONTACT)},
    resting={
        Contact.State.UNCONFIRMED,
        Contact.State.CONFIRMED,
        Contact.State.REFUSED,
        Contact.State.TAKEN_BACK,
    },
)
