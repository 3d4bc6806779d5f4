"""Writing letters, and what people do with them: reading, choosing, recalling."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.accounts.models import User
from apps.core.dates import day
from apps.core.refused import Refused
from apps.notifications import timing
from apps.notifications.kinds import LetterKind
from apps.notifications.models import Letter, Notice
from apps.notifications.timing import letter_language

# An act that writes to more people than this can be recalled (product.md, Letters).
MANY = 20
RECALL_LASTS = timedelta(minutes=10)
LONGEST_SUBJECT = 280
UNSUBSCRIBE_SALT = "notifications.unsubscribe"


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
    **context: Any,
) -> None:
    """Write one letter to each person, in their language; the same `key` reaches a person once.

    Context values may be lazy words, callables (asked in the recipient's language), days or times. `deadline` is
    what the letter asks for: once it is closed, or no longer theirs, the letter need not leave. `by` is the
    person whose act writes to many: more than 20 letters wait ten minutes, in which they can recall them.

    Blocked people are not written to: they cannot act. Takes part in the caller's transaction.
    """
    post([compose(kind, to=to, key=key, link=link, now=now, deadline=deadline, by=by, **context)])


Composed = tuple[Notice, list[Letter]]


def compose(
    kind: LetterKind,
    *,
    to: Iterable[User],
    key: str,
    link: str,
    now: datetime,
    deadline: DeadlineRow | None = None,
    by: User | None = None,
    **context: Any,
) -> Composed:
    """The notice and its letters, as `write_letters` writes them, for those who write many at once with `post`."""
    people = [person for person in {person.pk: person for person in to}.values() if not person.is_blocked]
    is_bulk = len(people) > MANY
    leaves_at = now + RECALL_LASTS if is_bulk and by else now
    times = {name: value for name, value in context.items() if isinstance(value, datetime)}
    notice = Notice(
        kind=kind.name,
        key=f"{kind.name}:{key}",
        words={language: render(kind, language, context) for language in {letter_language(p) for p in people}},
        times={name: value.isoformat() for name, value in times.items()},
        link=link,
        deadline_id=deadline.pk if deadline else None,
        by=by if is_bulk else None,
        written_at=now,
        leaves_at=leaves_at,
    )
    due_at = times.get("due_at")
    return notice, [_letter_to(person, notice, kind, due_at=due_at, is_bulk=is_bulk) for person in people]


def _letter_to(person: User, notice: Notice, kind: LetterKind, *, due_at: datetime | None, is_bulk: bool) -> Letter:
    mail, wake_at = timing.leaves(person, kind, notice.leaves_at, due_at=due_at)
    return Letter(
        notice=notice,
        recipient=person,
        language=letter_language(person),
        written_at=notice.leaves_at,
        mail=mail,
        is_bulk=is_bulk,
        wake_at=wake_at,
    )


def post(composed: Iterable[Composed]) -> None:
    """Write notices and their letters, in three queries however many there are."""
    composed = [(notice, letters) for notice, letters in composed if letters]
    Notice.objects.bulk_create([notice for notice, _letters in composed], ignore_conflicts=True)
    ids = dict(Notice.objects.filter(key__in=[notice.key for notice, _letters in composed]).values_list("key", "pk"))
    letters = []
    for notice, copies in composed:
        for letter in copies:
            letter.notice_id = ids[notice.key]
        letters += copies
    Letter.objects.bulk_create(letters, ignore_conflicts=True)


def render(kind: LetterKind, language: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Subject, body and link words of a notice in one language, with the times left open."""
    subject, body, link_words = _translated(kind, language)
    with override(language):
        words = {name: in_words(name, value) for name, value in context.items()}
    return shortened(" ".join((subject % words).split())), body % words, link_words


@lru_cache(maxsize=1000)
def _translated(kind: LetterKind, language: str) -> tuple[str, str, str]:
    """Subject, body and link words with all names left open."""
    with override(language):
        parts = [str(part) for part in (kind.happened, kind.asked, kind.silence, kind.why) if part]
        return str(kind.subject), "\n\n".join(parts), str(kind.link_words)


def in_words(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return f"%({name})s"
    if callable(value):
        value = value()
    return (day(value) if isinstance(value, date) else str(value)).replace("%", "%%")


def shortened(subject: str) -> str:
    """At most 300 characters, never cut within a "%(due_at)s" or "%%"."""
    return subject if len(subject) <= LONGEST_SUBJECT else re.sub(r"%(\([^)]*)?$", "", subject[:LONGEST_SUBJECT]) + "…"


def mark_read(letter: Letter, *, now: datetime) -> None:
    Letter.objects.filter(pk=letter.pk, read_at=None).update(read_at=now)


def mark_all_read(*, by: User, now: datetime) -> None:
    by.letters.filter(read_at=None).update(read_at=now)


def unsubscribe_token(person: User) -> str:
    return signing.dumps(person.pk, salt=UNSUBSCRIBE_SALT)


@transaction.atomic
def unsubscribe(token: str) -> User:
    """Stop mail to the person whose letter carried this token; notices on the site go on."""
    try:
        person = User.objects.get(pk=signing.loads(token, salt=UNSUBSCRIBE_SALT))
    except (signing.BadSignature, User.DoesNotExist) as error:
        raise Refused(
            _("This link is not complete. Open it from the letter again, or change the choice in settings.")
        ) from error
    User.objects.filter(pk=person.pk).update(mail=User.Mail.SITE, mail_by_kind={})
    Letter.objects.filter(recipient=person, mail__in=Letter.WAITS_TO_LEAVE).update(mail=Letter.Mail.NONE, wake_at=None)
    return person
