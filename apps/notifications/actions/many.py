"""Reminders by the thousand: written as rows, and put into words when somebody first reads or is sent one."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from django.db import connection, transaction

from apps.accounts.models import User
from apps.core.given import as_parameter, given
from apps.notifications import queries, timing
from apps.notifications.actions.wording import render
from apps.notifications.actions.writing import who_is_written_to
from apps.notifications.kinds import KINDS, LetterKind
from apps.notifications.models import Letter, Notice
from apps.notifications.timing import MANY, letter_language

log = structlog.get_logger("apps.notifications")


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
    told = [(asking, people) for asking in askings if (people := who_is_written_to(asking.to))]
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
