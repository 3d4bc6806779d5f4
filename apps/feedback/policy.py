from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.feedback import queries
from apps.feedback.models import Round, Translation
from apps.groups import policy as groups


def may_read(person: User | AnonymousUser, round_: Round) -> bool:
    """Everybody reads a round; what was never opened is the group's own."""
    if round_.state in {Round.State.DRAFT, Round.State.DISCARDED}:
        return groups.is_member(person, round_.group)
    return True


def may_draft(person: User | AnonymousUser, round_: Round) -> bool:
    """Members draft; once it is open, coordinators change what is asked."""
    if round_.state == Round.State.DRAFT:
        return groups.is_member(person, round_.group)
    return groups.coordinates(person, round_.group)


def may_run(person: User | AnonymousUser, round_: Round) -> bool:
    """Coordinators open, cancel and summarise."""
    return groups.coordinates(person, round_.group)


def may_translate(person: User | AnonymousUser, round_: Round, translation: Translation | None) -> bool:
    """Anybody writes a translation that is missing or outdated; it is corrected by its writer or by members."""
    if not person.pk:
        return False
    if translation is None or translation.version < round_.version:
        return True
    return person.pk == translation.written_by_id or groups.is_member(person, round_.group)


def may_correct_summary(person: User | AnonymousUser, round_: Round, now: datetime) -> bool:
    """Whoever answered, for 14 days."""
    ends_at = round_.corrections_end_at
    return ends_at is not None and now < ends_at and queries.answer_of(person, round_) is not None
