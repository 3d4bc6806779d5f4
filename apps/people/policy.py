from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.people import queries
from apps.people.models import Affiliate, Contact, RoleTerm


def may_review(person: User | AnonymousUser, now: datetime) -> bool:
    """Reviewers: a linked staff sign-in in the right directory group, or a role granted for a term."""
    return person.pk is not None and queries.reviewers(now).filter(pk=person.pk).exists()


def may_grant_roles(person: User | AnonymousUser, now: datetime) -> bool:
    return person.pk is not None and queries.administrators(now).filter(pk=person.pk).exists()


def may_confirm(person: User | AnonymousUser, term: RoleTerm, now: datetime) -> bool:
    """Any one of those who hold the role, confirmed, or an administrator; nobody for themselves."""
    if person.pk is None or person.pk == term.user_id:
        return False
    return queries.confirmers_of(term.role, now).filter(pk=person.pk).exists()


def may_answer_for(person: User | AnonymousUser, affiliate: Affiliate, now: datetime) -> bool:
    """Administrators, and confirmed contacts of the affiliate."""
    return isinstance(person, User) and queries.may_answer_for(person, affiliate, now)


def may_take_off(person: User | AnonymousUser, contact: Contact, now: datetime) -> bool:
    """Whom somebody has confirmed, administrators alone take off."""
    if contact.is_confirmed:
        return may_grant_roles(person, now)
    return may_answer_for(person, contact.affiliate, now)
