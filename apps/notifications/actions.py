"""Writing letters, and what people do with them: reading, choosing, recalling."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.accounts.actions import pause_mail
from apps.accounts.models import User
from apps.core.dates import day
from apps.core.refused import Refused
from apps.notifications import queries, timing
from apps.notifications.bounces import Bounce
from apps.notifications.kinds import LetterKind
from apps.notifications.models import Letter, Notice
from apps.notifications.timing import MANY, RECALL_LASTS, letter_language
from apps.notifications.tokens import ALL_MAIL, DIGESTS, unsubscribing

LONGEST_SUBJECT = 280


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
    person whose act writes to many: more than 20 letters wait ten minutes, in which they can recall them. What
    somebody can still undo waits until `leaves_at`; until then nobody sees it, and `take_back_letters` drops it.

    Blocked people are not written to: they cannot act. Takes part in the caller's transaction.
    """
    about: dict[str, Any] = {"deadline": deadline, "by": by, "leaves_at": leaves_at}
    post([compose(kind, to=to, key=key, link=link, now=now, **about, **context)])


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
    leaves_at: datetime | None = None,
    **context: Any,
) -> Composed:
    """The notice and its letters, as `write_letters` writes them, for those who write many at once with `post`."""
    people = [person for person in {person.pk: person for person in to}.values() if not person.is_blocked]
    is_bulk = len(people) > MANY
    leaves_at = leaves_at or (now + RECALL_LASTS if is_bulk and by else now)
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
    """Write notices and their letters, in three queries however many there are; what was recalled stays so."""
    composed = [(notice, letters) for notice, letters in composed if letters]
    Notice.objects.bulk_create([notice for notice, _letters in composed], ignore_conflicts=True)
    written = Notice.objects.filter(key__in=[notice.key for notice, _letters in composed], recalled_at=None)
    ids = dict(written.values_list("key", "pk"))
    letters = []
    for notice, copies in composed:
        if notice.key in ids:
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
    by.letters.filter(read_at=None, written_at__lte=now).update(read_at=now)


@transaction.atomic
def recall_notice(notice: Notice, *, by: User, now: datetime) -> None:
    """Take back what is to leave in a few minutes: nobody gets it. The act that it told of stands.

    Refused to anybody but the one who did the act, when it has left, and the second time. The letters are held
    first, as they are when they are claimed to be sent: whichever comes first, the other one does not happen.
    """
    list(notice.letters.select_for_update().values_list("pk"))
    ours = Notice.objects.filter(pk=notice.pk, by=by, leaves_at__gt=now, left_at=None, recalled_at=None)
    if not ours.update(recalled_at=now):
        raise Refused(_("This has left already, or was recalled before. It cannot be recalled now."))
    notice.letters.all().delete()


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


# --- Choosing how letters come ---------------------------------------------------------------


@transaction.atomic
def choose_mail(*, mail: str, mail_by_kind: dict[str, str], by: User) -> None:
    """Choose how letters come, and for which kinds it is different; private, so it leaves no record."""
    person = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    _save_choices(person, mail=mail, mail_by_kind=mail_by_kind)


def _save_choices(person: User, *, mail: str, mail_by_kind: dict[str, str]) -> None:
    """What differs from `mail` is kept; what shall not go by mail any more stops waiting to leave."""
    person.mail = mail
    person.mail_by_kind = {kind: chosen for kind, chosen in mail_by_kind.items() if chosen != mail}
    person.save(update_fields=["mail", "mail_by_kind"])
    waiting = Letter.objects.filter(recipient=person, mail__in=Letter.WAITS_TO_LEAVE)
    kinds = set(waiting.values_list("notice__kind", flat=True))
    stopped = [kind for kind in kinds if person.mail_for(kind) == User.Mail.SITE]
    waiting.filter(notice__kind__in=stopped).update(mail=Letter.Mail.NONE, wake_at=None)


def understand(token: str) -> str:
    """What the link of a letter would stop: a kind of letter, digests, or all mail. A forged one is refused."""
    return _person_and_what(token, User.objects.all())[1]


@transaction.atomic
def unsubscribe(token: str, *, all_mail: bool = False) -> str:
    """Stop what the letter with this token was, or all mail; returns what. Notices on the site go on."""
    person, what = _person_and_what(token, User.objects.select_for_update(no_key=True))
    what = ALL_MAIL if all_mail else what
    mail, by_kind = _without(what, mail=person.mail, by_kind=person.mail_by_kind)
    _save_choices(person, mail=mail, mail_by_kind=by_kind)
    return what


def _without(what: str, *, mail: str, by_kind: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The choices of a person, by and large and by kind, after something of them has stopped."""
    if what == ALL_MAIL:
        return User.Mail.SITE, {}
    if what == DIGESTS:
        stopped: dict[str, str] = dict.fromkeys((User.Mail.DAILY, User.Mail.WEEKLY), User.Mail.SITE)
        return stopped.get(mail, mail), {kind: stopped.get(chosen, chosen) for kind, chosen in by_kind.items()}
    return mail, by_kind | {what: User.Mail.SITE.value}


def _person_and_what(token: str, people: QuerySet[User]) -> tuple[User, str]:
    found = unsubscribing(token)
    person = people.filter(pk=found[0]).first() if found else None
    if found is None or person is None:
        raise Refused(_("This link is not complete. Open it from the letter again, or change the choice in settings."))
    return person, found[1]


# --- Mail that comes back --------------------------------------------------------------------


@transaction.atomic
def note_bounce(bounce: Bounce, *, now: datetime) -> bool:
    """A letter came back for good: write to its address no more. False if it is no letter or no address of now.

    The report is believed since it knows the Message-ID, which nobody can guess.
    """
    letter = queries.letter_sent_as(bounce.message_id)
    if letter is None or bounce.address.casefold() not in {"", letter.recipient.email.casefold()}:
        return False
    Letter.objects.filter(pk=letter.pk).update(mail=Letter.Mail.NONE, wake_at=None, last_error=bounce.why[:300])
    return pause_mail(letter.recipient, address=letter.recipient.email, why=bounce.why, now=now)
