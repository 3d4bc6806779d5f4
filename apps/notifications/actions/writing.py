"""Writing letters: what an act tells, and whom."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from apps.accounts.models import User
from apps.notifications import timing
from apps.notifications.actions.wording import render
from apps.notifications.kinds import KINDS, LetterKind
from apps.notifications.models import Letter, Notice
from apps.notifications.timing import MANY, RECALL_LASTS, letter_language


class DeadlineRow(Protocol):
    """What a letter asks for, as far as this app knows it."""

    pk: int


def write_letters(
    kind: LetterKind,
    *,
    to: Iterable[User],
    key: str,
    link: str,
    now: datetime,
    deadline: DeadlineRow | None = None,
    by: User | None = None,
    leaves_at: datetime | None = None,
    **context: Any,
) -> None:
    """Write one letter to each person, in their language; the same `key` reaches a person once.

    Context values may be lazy words, callables (asked in the recipient's language), days or times. `deadline` is
    what the letter asks for: once it is closed, or no longer theirs, the letter need not leave. `by` is the
    person whose act it is: if all letters of the act reach more than 20 people, they wait ten minutes, in which
    that person can recall them. What somebody can still undo waits until `leaves_at`; until then nobody sees it,
    and `take_back_letters` drops it.

    Blocked people are not written to: they cannot act. Takes part in the caller's transaction.
    """
    people = who_is_written_to(to)
    if not people:
        return
    # What waits to be undone is taken back with the act, and not recalled without it.
    by = by if leaves_at is None else None
    is_bulk = len(people) > MANY if by is None else _act_tells_many(by, people, now=now)
    if by and is_bulk:
        leaves_at = now + RECALL_LASTS
        _hold_back(by, until=leaves_at, now=now)
    leaves_at = leaves_at or now
    times = {name: value for name, value in context.items() if isinstance(value, datetime)}
    notice = Notice(
        kind=kind.name,
        key=f"{kind.name}:{key}",
        words={language: render(kind, language, context) for language in {letter_language(p) for p in people}},
        times={name: value.isoformat() for name, value in times.items()},
        link=link,
        deadline_id=deadline.pk if deadline else None,
        by=by,
        written_at=now,
        leaves_at=leaves_at,
    )
    _post(notice, _letters_of(notice, people, is_bulk=is_bulk))


def who_is_written_to(people: Iterable[User]) -> list[User]:
    """Each of these people once, without those who are blocked: they cannot act."""
    return [person for person in {person.pk: person for person in people}.values() if not person.is_blocked]


def _act_tells_many(by: User, people: list[User], *, now: datetime) -> bool:
    """Whether these people and those whom the act has told before are more than 20.

    An act is one person in one moment: all that it tells was written then.
    """
    if len(people) > MANY:
        return True
    told = Letter.objects.filter(notice__by=by, notice__written_at=now).values_list("recipient", flat=True)
    return len({person.pk for person in people}.union(told[: MANY + 1])) > MANY


def _hold_back(by: User, *, until: datetime, now: datetime) -> None:
    """What the act has told a few people before waits with the rest, so that all of it can be recalled."""
    for notice in Notice.objects.filter(by=by, written_at=now, leaves_at=now):
        people = list(User.objects.filter(letters__notice=notice))
        notice.letters.all().delete()
        notice.leaves_at = until
        notice.save(update_fields=["leaves_at"])
        Letter.objects.bulk_create(_letters_of(notice, people, is_bulk=True))


def _letters_of(notice: Notice, people: list[User], *, is_bulk: bool) -> list[Letter]:
    kind, due_at = KINDS[notice.kind], notice.times.get("due_at")
    leaves = partial(timing.leaves, kind=kind, now=notice.leaves_at, due_at=due_at and datetime.fromisoformat(due_at))
    return [
        Letter(
            notice=notice,
            recipient=person,
            language=letter_language(person),
            written_at=notice.leaves_at,
            mail=mail,
            is_bulk=is_bulk,
            wake_at=wake_at,
        )
        for person in people
        for mail, wake_at in [leaves(person)]
    ]


def _post(notice: Notice, letters: list[Letter]) -> None:
    """Write a notice and its letters; what was recalled stays so."""
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    for written in Notice.objects.filter(key=notice.key, recalled_at=None):
        for letter in letters:
            letter.notice = written
        Letter.objects.bulk_create(letters, ignore_conflicts=True)
