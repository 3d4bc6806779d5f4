from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Case, CharField, Count, F, Max, Min, Q, QuerySet, Value, When

from apps.accounts.models import User
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


class Asked(Protocol):
    """What a letter about a deadline says of it: in words of the active language what is asked for, when and where."""

    @property
    def what(self) -> str: ...
    @property
    def silence_means(self) -> str: ...
    @property
    def times(self) -> Mapping[str, datetime]: ...
    @property
    def link(self) -> str: ...


WhatIsAsked = Callable[[Collection[int]], Mapping[int, Asked]]
_WHAT_IS_ASKED: list[WhatIsAsked] = []


def describes_deadlines(find: WhatIsAsked) -> WhatIsAsked:
    """Register who says of deadlines, by id, what they ask for."""
    _WHAT_IS_ASKED.append(find)
    return find


def what_is_asked(deadlines: Collection[int]) -> dict[int, Asked]:
    """What deadlines ask for, by their ids."""
    return {pk: asked for find in _WHAT_IS_ASKED for pk, asked in find(deadlines).items()} if deadlines else {}


def languages_of(notices: Collection[Notice]) -> dict[int, set[str]]:
    """The languages in which people get these notices, by id."""
    found: dict[int, set[str]] = defaultdict(set)
    copies = Letter.objects.filter(notice__in=[notice.pk for notice in notices])
    for notice, language in copies.order_by().values_list("notice", "language").distinct():
        found[notice].add(language)
    return found


def letters_to(person: User, now: datetime) -> QuerySet[Letter]:
    """What a person can read now; what can still be recalled comes later."""
    return person.letters.filter(written_at__lte=now).select_related("notice").order_by("-written_at", "-pk")


def notices_sent_by(person: User) -> QuerySet[Any]:
    """What this person's acts told to many, with how many; the newest first. What few are told does not wait."""
    told_to_many = Notice.objects.filter(by=person, leaves_at__gt=F("written_at"))
    return told_to_many.annotate(people=Count("letters")).order_by("-written_at", "-pk")


def notices_of_act(notice: Notice) -> QuerySet[Notice]:
    """Everything that one act told: all of it was written by the same person in the same moment."""
    return Notice.objects.filter(by=notice.by_id, written_at=notice.written_at)


def recallable_notices_of(person: User, now: datetime) -> QuerySet[Any]:
    """What this person can still recall."""
    return notices_sent_by(person).filter(leaves_at__gt=now, left_at=None, recalled_at=None)


def people_told_by(person: User, now: datetime) -> tuple[int, datetime] | None:
    """How many people the act of this very moment will tell, and when; None unless it can be recalled."""
    notices = recallable_notices_of(person, now).filter(written_at=now)
    letters = Letter.objects.filter(notice__in=notices.order_by().values("pk"))
    told = letters.aggregate(people=Count("recipient", distinct=True), leaves_at=Max("notice__leaves_at"))
    return (told["people"], told["leaves_at"]) if told["people"] else None


def letter_sent_as(message_id: str) -> Letter | None:
    """The letter that left with this Message-ID."""
    pk = letter_id_in(message_id)
    return Letter.objects.select_related("recipient").filter(pk=pk).first() if pk else None


def letters_of_the_example() -> QuerySet[Letter]:
    """Every letter to an example person, for reading in the browser where DEMO is on."""
    to_examples = Letter.objects.filter(recipient__is_example=True)
    return to_examples.select_related("recipient", "notice").order_by("-written_at", "-pk")


# For operators

LETTERS, MAILINGS, DIGESTS = "letters", "mailings", "digests"
_SORT = Case(
    When(mail=Letter.Mail.DIGEST, then=Value(DIGESTS)),
    When(is_bulk=True, then=Value(MAILINGS)),
    default=Value(LETTERS),
    output_field=CharField(),
)


@dataclass(frozen=True)
class LetterBacklog:
    """What stands in the way of letters of one sort: personal ones, mailings, or those that wait for a digest."""

    sort: str
    queued: int = 0
    due: int = 0
    oldest_due_at: datetime | None = None
    put_off: int = 0
    next_try_at: datetime | None = None
    given_up: int = 0


def letters_by_mail() -> QuerySet[Letter]:
    """What has not left yet. Said with OR, since each half has an index of its own."""
    return Letter.objects.filter(Q(mail=Letter.Mail.QUEUED) | Q(mail=Letter.Mail.DIGEST))


def put_off_letters() -> QuerySet[Letter]:
    """Letters that failed and are tried again later. While a worker tries one, it has no `last_error`."""
    return letters_by_mail().filter(attempts__gt=0).exclude(last_error="")


def given_up_letters() -> QuerySet[Letter]:
    return Letter.objects.filter(mail=Letter.Mail.FAILED)


def letter_backlogs(now: datetime) -> dict[str, LetterBacklog]:
    """Each sort of letters; two queries, which read what has not left and nothing else."""
    due, put_off = Q(wake_at__lte=now), Q(attempts__gt=0) & ~Q(last_error="")
    counted = (
        letters_by_mail()
        .values(sort=_SORT)
        .order_by()
        .annotate(
            queued=Count("pk"),
            due=Count("pk", filter=due),
            oldest_due_at=Min("wake_at", filter=due),
            put_off=Count("pk", filter=put_off),
            next_try_at=Min("wake_at", filter=put_off),
        )
    )
    found = {row["sort"]: row for row in counted}
    given_up = dict(given_up_letters().values_list(_SORT).order_by().annotate(number=Count("pk")))
    return {
        sort: LetterBacklog(**({"sort": sort} | found.get(sort, {})), given_up=given_up.get(sort, 0))
        for sort in (LETTERS, MAILINGS, DIGESTS)
    }


def oldest_due_letter(now: datetime, *, sort: str) -> Letter | None:
    of_sort = {
        LETTERS: Q(mail=Letter.Mail.QUEUED, is_bulk=False),
        MAILINGS: Q(mail=Letter.Mail.QUEUED, is_bulk=True),
        DIGESTS: Q(mail=Letter.Mail.DIGEST),
    }
    due = Letter.objects.filter(of_sort[sort], wake_at__lte=now)
    return due.select_related("notice").order_by("wake_at").first()
