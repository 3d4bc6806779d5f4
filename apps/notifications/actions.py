"""Writing letters, and what people do with them: reading, choosing, recalling."""

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple, Protocol

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.accounts.actions import pause_mail
from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.core.dates import day
from apps.core.given import as_parameter, given
from apps.core.refused import Refused
from apps.notifications import queries, timing
from apps.notifications.bounces import Bounce
from apps.notifications.kinds import KINDS, LetterKind
from apps.notifications.models import Letter, Notice
from apps.notifications.timing import MANY, RECALL_LASTS, letter_language
from apps.notifications.tokens import ALL_MAIL, DIGESTS, unsubscribing

log = structlog.get_logger("apps.notifications")

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
    person whose act it is: if all letters of the act reach more than 20 people, they wait ten minutes, in which
    that person can recall them. What somebody can still undo waits until `leaves_at`; until then nobody sees it,
    and `take_back_letters` drops it.

    Blocked people are not written to: they cannot act. Takes part in the caller's transaction.
    """
    people = _who_is_written_to(to)
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


def _who_is_written_to(people: Iterable[User]) -> list[User]:
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


# --- Many at once, and their words later -----------------------------------------------------


class Asking(NamedTuple):
    """A deadline, by id, that asks people for an answer until `due_at`."""

    deadline: int
    key: str
    due_at: datetime
    to: Iterable[User]


def write_about_deadlines(kind: LetterKind, askings: Iterable[Asking], *, now: datetime) -> None:
    """Write a notice about each of many deadlines, and its letters, in two statements however many there are.

    Whom they reach, how often and when is as with `write_letters`. They get their words and the times in them when one
    of them is first read or sent (`put_into_words`). Takes part in the caller's transaction.
    """
    told = [(asking, people) for asking in askings if (people := _who_is_written_to(asking.to))]
    written = _insert_notices(
        kind, [(f"{kind.name}:{asking.key}", asking.deadline) for asking, _people in told], now=now
    )
    languages: dict[int, str] = {}
    letters = []
    for asking, people in told:
        notice = written.get(asking.deadline)
        for person in people if notice else ():
            language = languages.get(person.pk) or languages.setdefault(person.pk, letter_language(person))
            mail, wake_at = timing.leaves(person, kind, now, due_at=asking.due_at)
            letters.append((notice, person.pk, language, mail, len(people) > MANY, wake_at))
    _insert_letters(letters, now=now)


def _insert_notices(kind: LetterKind, notices: list[Any], *, now: datetime) -> dict[int, int]:
    """Returns the ids of what was written, by their deadlines; what was written before is not among them.

    `WHERE true` is there for SQLite, which would take ON CONFLICT for the condition of a join.
    """
    at, new = connection.ops.adapt_datetimefield_value(now), given(key="text", deadline="bigint")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Notice._meta.db_table} (kind, key, words, times, link, deadline_id, written_at, leaves_at) "  # noqa: S608
            f"SELECT %s, key, '{{}}', '{{}}', '', deadline, %s, %s FROM {new} AS given "
            "WHERE true ON CONFLICT DO NOTHING RETURNING deadline_id, id",
            [kind.name, at, at, as_parameter(notices)],
        )
        return dict(cursor.fetchall())


def _insert_letters(letters: list[Any], *, now: datetime) -> None:
    at = connection.ops.adapt_datetimefield_value(now)
    new = given(
        notice="bigint", recipient="bigint", language="text", mail="text", is_bulk="boolean", wake_at="timestamptz"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Letter._meta.db_table} "  # noqa: S608
            "(notice_id, recipient_id, language, written_at, mail, is_bulk, wake_at, attempts, last_error) "
            f"SELECT notice, recipient, language, %s, mail, is_bulk, wake_at, 0, '' FROM {new} AS given",
            [at, as_parameter(letters)],
        )


def put_into_words(letters: Collection[Letter]) -> None:
    """Give the notices of these letters their words, in every language in which somebody gets them.

    What has words keeps them, whatever becomes of its subject: all read what the first one has read. One whose
    words cannot be made stays without, and is noted for an operator.
    """
    ids = {letter.notice_id for letter in letters if not letter.notice.words}
    notices = _in_words(ids) if ids else {}
    for letter in letters:
        letter.notice = notices.get(letter.notice_id, letter.notice)


@transaction.atomic
def _in_words(ids: set[int]) -> dict[int, Notice]:
    """Notices by their ids, with words. They are held meanwhile, so that two who come first say the same."""
    held = Notice.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    notices = {notice.pk: notice for notice in held}
    wordless = [notice for notice in notices.values() if not notice.words]
    asked = queries.what_is_asked({notice.deadline_id for notice in wordless if notice.deadline_id})
    languages = queries.languages_of(wordless)
    for notice in wordless:
        try:
            assert notice.deadline_id, "Only what is about a deadline waits for its words."
            about = asked[notice.deadline_id]
            notice.words, notice.link = _words_about(notice, about, languages[notice.pk]), about.link
            notice.times = {name: time.isoformat() for name, time in about.times.items()}
        except Exception:
            log.exception("notice.no_words", notice=notice.pk)
    _keep_words([notice for notice in wordless if notice.words])
    return notices


def _words_about(notice: Notice, about: queries.Asked, languages: Iterable[str]) -> dict[str, Any]:
    context = {**about.times, "what": lambda: about.what, "silence": lambda: about.silence_means}
    return {language: render(KINDS[notice.kind], language, context) for language in languages}


def _keep_words(notices: list[Notice]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Notice._meta.db_table} AS notice SET words = said.words, times = said.times, link = said.link "  # noqa: S608
            f"FROM {given(id='bigint', words='jsonb', times='jsonb', link='text')} AS said WHERE notice.id = said.id",
            [as_parameter((notice.pk, notice.words, notice.times, notice.link) for notice in notices)],
        )


# --- Words -----------------------------------------------------------------------------------


def render(kind: LetterKind, language: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Subject, body and link words of a notice in one language, with the times left open."""
    subject, body, link_words = _translated(kind, language, is_quoted=bool(context.get("quote")))
    with override(language):
        words = {name: in_words(name, value) for name, value in context.items()}
    return shortened(" ".join((subject % words).split())), body % words, link_words


@lru_cache(maxsize=1000)
def _translated(kind: LetterKind, language: str, *, is_quoted: bool) -> tuple[str, str, str]:
    """Subject, body and link words with all names left open."""
    quote = kind.quote if is_quoted else ""
    with override(language):
        parts = [str(part) for part in (kind.happened, quote, kind.asked, kind.silence, kind.why) if part]
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


# --- Reading and recalling -------------------------------------------------------------------


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


# --- What is held about a person --------------------------------------------------------------


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
