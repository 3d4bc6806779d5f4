"""Replies that a reviewer keeps for the notes of later reviews; private, so they leave no record."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.engagement.models import Reply

MOST_REPLIES = 30


@transaction.atomic
def save_reply(*, title: str, answer: str, text: str, by: User, now: datetime) -> Reply:
    """Keep a reply. Refuses a second one of the same title, and more than fit in a list that one chooses from."""
    # Held, so that two windows do not go beyond the limit together.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if Reply.objects.filter(written_by=by).count() >= MOST_REPLIES:
        raise Refused(_("You keep %(most)d replies already. Remove one that you do not use.") % {"most": MOST_REPLIES})
    return _saved(Reply(title=title, answer=answer, text=text, written_by=by, written_at=now))


@transaction.atomic
def change_reply(reply: Reply, *, title: str, answer: str, text: str, now: datetime) -> Reply:
    """Change a reply; notes that began with it stay as they were sent."""
    reply.title, reply.answer, reply.text, reply.written_at = title, answer, text, now
    return _saved(reply)


def _saved(reply: Reply) -> Reply:
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError as error:
        raise Refused(_("You have a reply of this title already. Choose another one."), field="title") from error
    return reply


def remove_reply(reply: Reply) -> None:
    """Remove a reply; removed twice, it is gone as well."""
    Reply.objects.filter(pk=reply.pk).delete()
