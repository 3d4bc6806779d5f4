from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Prefetch, Q, QuerySet

from apps.accounts.models import StaffIdentity, User, valid_staff_reviewers
from apps.accounts.queries import personal_data, role_words
from apps.core.languages import Language, Region, language, regions
from apps.people.models import RENEWED_IN_THE_LAST, Affiliate, Contact, RoleTerm

Role = RoleTerm.Role

# The titles of the recommendations by their numbers, which stand in an app above.
Titles = Callable[[], dict[int, str]]
TITLES: list[Titles] = []


def recommendation_titles(find: Titles) -> Titles:
    """Register a function that knows what the recommendations are called, in the reader's language."""
    TITLES.append(find)
    return find


def recommendations() -> dict[int, str]:
    return {number: title for find in TITLES for number, title in find().items()}


@dataclass(frozen=True)
class Covered:
    """What a role covers, in words."""

    term: RoleTerm
    recommendations: list[tuple[int, str]]
    regions: list[Region]
    languages: list[Language]


def covered_by(term: RoleTerm) -> Covered:
    """What a role covers; asks for the titles of recommendations only where it covers one."""
    titles, named = recommendations() if term.recommendations else {}, regions()
    return Covered(
        term,
        [(number, titles.get(number, "")) for number in term.recommendations],
        [named[code] for code in term.regions if code in named],
        [language(code) for code in term.languages],
    )


def running_terms(now: datetime) -> QuerySet[RoleTerm]:
    return RoleTerm.objects.filter(starts_at__lte=now, ends_at__gt=now)


def holders_of(role: str, now: datetime) -> QuerySet[User]:
    """The people who hold a role now, confirmed or not, and are not blocked."""
    terms = running_terms(now).filter(role=role)
    return User.objects.filter(blocked_at=None, pk__in=terms.values("user"))


def terms_of_role(role: str, now: datetime) -> QuerySet[RoleTerm]:
    """The running terms of a role, confirmed or not, of people who are not blocked."""
    terms = running_terms(now).filter(role=role, user__blocked_at=None)
    return terms.select_related("user", "affiliate").order_by("user__username")


def liaisons_for(*, languages: Iterable[str], regions: Iterable[str], now: datetime) -> list[RoleTerm]:
    """The terms of the liaisons who cover any of these languages or regions; each has its `user`.

    Confirmed and unconfirmed ones (`is_confirmed`), never blocked people; nobody for no language and no region.
    """
    languages, regions = set(languages), set(regions)
    terms = terms_of_role(Role.LIAISON, now)
    return [term for term in terms if term.covers_any(languages=languages, regions=regions)]


def reviewers(now: datetime) -> QuerySet[User]:
    """Everybody who may review: granted for a term, or by a linked staff sign-in of the last 30 days."""
    granted = running_terms(now).filter(role=RoleTerm.Role.REVIEWER)
    staff = StaffIdentity.objects.filter(valid_staff_reviewers(now))
    return User.objects.filter(Q(pk__in=granted.values("user")) | Q(pk__in=staff.values("user")), blocked_at=None)


def administrators(now: datetime) -> QuerySet[User]:
    return holders_of(RoleTerm.Role.ADMINISTRATOR, now)


# --- Who answers a request for a role ---------------------------------------------------------


def terms_that_confirm(roles: Iterable[str], now: datetime) -> QuerySet[RoleTerm]:
    """The running terms whose holders confirm these roles: confirmed ones of the roles, and those of administrators.

    Whom nobody has confirmed confirms nobody: two strangers could confirm each other.
    """
    of_the_roles = Q(role__in=list(roles), is_unconfirmed=False)
    return running_terms(now).filter(of_the_roles | Q(role=Role.ADMINISTRATOR), user__blocked_at=None)


def confirmers_of(role: str, now: datetime, *, without: int | None = None) -> QuerySet[User]:
    """Who confirms this role, without the person who asks for it."""
    able = terms_that_confirm([role], now).exclude(user=without) if without else terms_that_confirm([role], now)
    return User.objects.filter(pk__in=able.values("user"))


def confirmers_of_each(asked: Iterable[RoleTerm], now: datetime) -> dict[int, list[User]]:
    """Who can answer each of these requests, by its id; nobody answers their own. One query."""
    asked = list(asked)
    able = list(terms_that_confirm({term.role for term in asked}, now).select_related("user").order_by("user"))
    found = {}
    for term in asked:
        people = {one.user_id: one.user for one in able if one.role in {term.role, Role.ADMINISTRATOR}}
        found[term.pk] = [person for pk, person in people.items() if pk != term.user_id]
    return found


def running_or_asked(person: User, role: str, now: datetime) -> list[RoleTerm]:
    """What a person has of a role: the running term, and the request that waits."""
    terms = person.role_terms.filter(role=role)
    return list(terms.filter(Q(state=RoleTerm.State.ASKED) | Q(pk__in=running_terms(now))))


def in_the_way(person: User, role: str, now: datetime) -> RoleTerm | None:
    """The request or the running term that keeps a person from asking; an unconfirmed one only until it ends soon."""
    for term in running_or_asked(person, role, now):
        if term.state == RoleTerm.State.ASKED or term.is_confirmed or not can_be_renewed(term, now):
            return term
    return None


def can_be_renewed(term: RoleTerm, now: datetime) -> bool:
    """Whether the last 30 days of the term have begun; what nobody has confirmed is then asked for again."""
    return term.ends_at is not None and now < term.ends_at <= now + RENEWED_IN_THE_LAST


# --- Affiliates and their contacts ------------------------------------------------------------


def affiliates_by_region() -> QuerySet[Affiliate]:
    """Every affiliate, with the people who agreed to be named as `named`; two queries."""
    named = Prefetch("contacts", queryset=shown_contacts(), to_attr="named")
    return Affiliate.objects.order_by("region", "name").prefetch_related(named)


def shown_contacts() -> QuerySet[Contact]:
    """Those who stand as contacts, confirmed or not, and are not blocked; the confirmed ones first."""
    shown = Contact.objects.filter(state__in=Contact.SHOWN, user__blocked_at=None).select_related("user")
    return shown.order_by("state", "user__username")


def confirmed_contacts() -> QuerySet[Contact]:
    """Those whom an administrator, or another confirmed contact, has confirmed, and who are not blocked."""
    return shown_contacts().filter(state=Contact.State.CONFIRMED)


def affiliates_of(person: User) -> QuerySet[Affiliate]:
    """The affiliates as whose contact a person stands, confirmed or not."""
    theirs = Contact.objects.filter(user=person, state__in=Contact.SHOWN)
    return Affiliate.objects.filter(pk__in=theirs.values("affiliate"))


def contact_behind(term: RoleTerm) -> Contact | None:
    """As whose contact the holder acts, where the role is an affiliate's."""
    if term.affiliate_id is None:
        return None
    return Contact.objects.filter(user=term.user_id, affiliate=term.affiliate_id, state__in=Contact.SHOWN).first()


def roles_of_affiliate(affiliate: Affiliate, now: datetime) -> QuerySet[RoleTerm]:
    """What an affiliate has under its wing now, through its contacts."""
    return terms_of_role(Role.FACILITATOR, now).filter(affiliate=affiliate)


def roles_in_the_name_of(contact: Contact) -> QuerySet[RoleTerm]:
    """What a contact holds, or has asked for, in the name of the affiliate."""
    unfinished = [RoleTerm.State.ASKED, RoleTerm.State.HELD]
    return RoleTerm.objects.filter(user=contact.user_id, affiliate=contact.affiliate_id, state__in=unfinished)


def contact_confirmers_of_each(contacts: Iterable[Contact], now: datetime) -> dict[int, list[User]]:
    """Administrators, and confirmed contacts of the same affiliate; nobody answers for themselves. Two queries."""
    contacts = list(contacts)
    admins = list(administrators(now).order_by("pk"))
    confirmed = list(
        shown_contacts().filter(
            state=Contact.State.CONFIRMED, affiliate__in={contact.affiliate_id for contact in contacts}
        )
    )
    found = {}
    for contact in contacts:
        of_theirs = [row.user for row in confirmed if row.affiliate_id == contact.affiliate_id]
        people = {person.pk: person for person in [*admins, *of_theirs]}
        found[contact.pk] = [person for pk, person in people.items() if pk != contact.user_id]
    return found


def contacts_answered_by(person: User, now: datetime) -> QuerySet[Contact]:
    """Those who wait for an answer that this person can give."""
    theirs = person.contacts.filter(state=Contact.State.CONFIRMED)
    is_administrator = Exists(administrators(now).filter(pk=person.pk))
    return Contact.objects.filter(
        Q(affiliate__in=theirs.values("affiliate")) | Q(is_administrator), state=Contact.State.SAID
    )


def may_answer_for(person: User, affiliate: Affiliate, now: datetime) -> bool:
    """Whether a person confirms contacts of an affiliate."""
    confirmed = affiliate.contacts.filter(user=person, state=Contact.State.CONFIRMED)
    return not person.is_blocked and (confirmed.exists() or administrators(now).filter(pk=person.pk).exists())


def facilitators_of(recommendation: int, now: datetime) -> list[RoleTerm]:
    """The terms of the facilitators who have a recommendation under their wing; each has its `user`. One query."""
    return [term for term in terms_of_role(Role.FACILITATOR, now) if recommendation in term.recommendations]


@dataclass(frozen=True)
class MyRole:
    """A role as its holder sees it."""

    term: RoleTerm
    ends_soon: bool


def roles_of(person: User, now: datetime) -> list[MyRole]:
    """The roles that a person holds or has asked for; those that they asked for at last. One query."""
    terms = person.role_terms.filter(Q(state=RoleTerm.State.ASKED) | Q(pk__in=running_terms(now)))
    terms = terms.select_related("affiliate")
    return [MyRole(term, can_be_renewed(term, now)) for term in terms.order_by(F("ends_at").asc(nulls_last=True), "pk")]


@role_words
def _roles_in_words(people: list[User]) -> dict[int, list[str]]:
    words: dict[int, list[str]] = {}
    for term in RoleTerm.objects.filter(user__in=people, state=RoleTerm.State.HELD):
        words.setdefault(term.user_id, []).append(term.get_role_display())
    return words


@personal_data("roles")
def _roles_of(person: User) -> dict[str, Any]:
    granted = RoleTerm.objects.filter(granted_by=person)
    covers = ("languages", "regions", "recommendations")
    term = (
        "role",
        "state",
        "why",
        "affiliate__name",
        *covers,
        "asked_at",
        "starts_at",
        "ends_at",
        "is_unconfirmed",
        "answer",
    )
    return {
        "held": list(person.role_terms.values(*term)),
        "granted": list(granted.values("user__username", "role", "starts_at", "ends_at")),
    }


@personal_data("contacts")
def _contacts_of(person: User) -> dict[str, Any]:
    said = ("affiliate__name", "state", "said_at", "answered_at", "answer")
    answered = Contact.objects.filter(answered_by=person)
    return {"said": list(person.contacts.values(*said)), "answered": list(answered.values("user__username", *said))}
