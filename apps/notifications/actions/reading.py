"""What people do with letters: reading and recalling them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.core.refused import Refused
from apps.notifications import queries
from apps.notifications.actions.many import put_into_words
from apps.notifications.kinds import LetterKind
from apps.notifications.models import Letter, Notice


def mark_read(letter: Letter, *, now: datetime) -> None:
    Letter.objects.filter(pk=letter.pk, read_at=None).update(read_at=now)


def mark_all_read(*, by: User, now: datetime) -> None:
    by.letters.filter(read_at=None, written_at__lte=now).update(read_at=now)


@transaction.atomic
def recall_letters(notice: Notice, *, by: User, now: datetime) -> None:
    """Take back all letters of an act, of which this notice is one: nobody gets them. The act itself stands.

    Refused to anybody but the one who did the act, when one of them has left, and the second time. The letters are
    held first, as they are when they are claimed to be sent: whichever comes first, the other one does not happen.
    """
    act = queries.notices_of_act(notice).filter(by=by)
    letters = Letter.objects.filter(notice__in=act)
    list(letters.select_for_update(of=("self",)).values_list("pk"))
    recalled = act.filter(leaves_at__gt=now, left_at=None, recalled_at=None).update(recalled_at=now)
    if not recalled or recalled < act.count():
        raise Refused(_("This has left already, or was recalled before. It cannot be recalled now."))
    letters.delete()


@transaction.atomic
def take_back_letters(kind: LetterKind, *, key: str, now: datetime) -> None:
    """Drop what was to leave later, as if it had never been written: what it tells of is being undone.

    Refused once it has left. The letters are held first, as they are when they are claimed to be sent.
    """
    notices = Notice.objects.filter(key=f"{kind.name}:{key}")
    list(Letter.objects.select_for_update().filter(notice__in=notices).values_list("pk"))
    if notices.exclude(leaves_at__gt=now, left_at=None).exists():
        raise Refused(_("The letter about it has left already."))
    notices.delete()


@personal_data("letters")
def _letters_held(person: User) -> list[Any]:
    letters = list(person.letters.select_related("notice").order_by("-written_at", "-pk"))
    put_into_words(letters)
    return [
        {
            "subject": letter.subject,
            "body": letter.body,
            "written_at": letter.written_at,
            "read_at": letter.read_at,
            "mail": letter.mail,
            "sent_at": letter.sent_at,
        }
        for letter in letters
    ]
