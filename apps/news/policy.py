from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.news import queries
from apps.news.models import Item


def is_editor(person: User | AnonymousUser, now: datetime) -> bool:
    return person.pk is not None and queries.editors(now).filter(pk=person.pk).exists()


def may_answer(person: User | AnonymousUser, item: Item, now: datetime) -> bool:
    """Any one editor, also to correct it later; nobody answers for what they submitted themselves."""
    return person.pk != item.submitted_by_id and is_editor(person, now)


def may_read(person: User | AnonymousUser, item: Item, now: datetime) -> bool:
    """What is published everybody; anything else whoever submitted it, and the editors."""
    return item.state == Item.State.PUBLISHED or person.pk == item.submitted_by_id or is_editor(person, now)
