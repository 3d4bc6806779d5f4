from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.notifications.models import Letter, Notice
from apps.notifications.tokens import letter_id_in

# Deadline and person, by their ids.
Pair = tuple[int, int]
StillAsked = Callable[[Collection[Pair], datetime], set[Pair]]
_STILL_ASKED: list[StillAsked] = []


def still_asked(find: StillAsked) -> StillAsked:
    """Register who tells which people can still act on the deadlines that letters ask for."""
    _STILL_ASKED.append(find)
    return find


def out_of_date(letters: Collection[Letter], now: datetime) -> set[int]:
    """The letters, by id, that ask for something that is answered meanwhile, or no longer theirs to answer."""
    asking = {
        letter.pk: (letter.notice.deadline_id, letter.recipient_id)
        for letter in letters
        if letter.notice.deadline_id is not None
    }
    still = {pair for find in _STILL_ASKED for pair in find(set(asking.values()), now)} if asking else set()
    return {pk for pk, pair in asking.items() if pair not in still}


def letters_to(person: User, now: datetime) -> QuerySet[Letter]:
    """What a person can read now; what can still be recalled comes later."""
    return person.letters.filter(written_at__lte=now).select_related("notice").order_by("-written_at", "-pk")


def notices_sent_by(person: User) -> QuerySet[Any]:
    """What this person's acts told to many, with how many; the newest first."""
    return Notice.objects.filter(by=person).annotate(people=Count("letters")).order_by("-written_at", "-pk")


def recallable_notices_of(person: User, now: datetime) -> QuerySet[Any]:
    """What this person can still recall."""
    return notices_sent_by(person).filter(leaves_at__gt=now, left_at=None, recalled_at=None)


def letter_sent_as(message_id: str) -> Letter | None:
    """The letter that left with this Message-ID."""
    pk = letter_id_in(message_id)
    return Letter.objects.select_related("recipient").filter(pk=pk).first() if pk else None


def letters_of_the_example() -> QuerySet[Letter]:
    """Every letter to an example person, for reading in the browser where DEMO is on."""
    to_examples = Letter.objects.filter(recipient__is_example=True)
    return to_examples.select_related("recipient", "notice").order_by("-written_at", "-pk")


@personal_data("letters")
def _letters_held(person: User) -> list[Any]:
    letters = person.letters.select_related("notice").order_by("-written_at", "-pk")
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
