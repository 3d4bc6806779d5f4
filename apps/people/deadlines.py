from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.deadlines.owners import OwnerKind
from apps.people import policy

REVIEWERS = "role:reviewer"


def _names(ids: Iterable[str]) -> dict[str, str]:
    names = {"reviewer": _("the reviewers, any one of them"), "administrator": _("the administrators")}
    return {role: names[role] for role in ids if role in names}


def _roles_of(person: User, now: datetime) -> list[str]:
    return [
        *(["reviewer"] if policy.may_review(person, now) else []),
        *(["administrator"] if policy.may_grant_roles(person, now) else []),
    ]


ROLE = OwnerKind("role", names=_names, ids_of=_roles_of)
