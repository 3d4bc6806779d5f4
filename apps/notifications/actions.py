"""Writing letters, and sending those that go by mail.

How often can a letter leave twice? Sending is: the mail server says 250, then one UPDATE commits. Only a
process killed between those two lines sends a letter again, ten minutes later and with the same
Message-ID. `make bench` prints how long that window is.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.dates import day
from apps.core.refused import Refused
from apps.notifications.kinds import LetterKind
from apps.notifications.models import Letter

log = structlog.get_logger("apps.notifications")

BATCH = 50
CLAIM_LASTS = timedelta(minutes=10)
# Much shorter than a claim, and short enough for a worker that has the next sweep to do.
DELIVERY_LASTS = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=12)
# 2, 4, 8 minutes up to half a day: almost three days, longer than a weekend without a mail server.
MOST_ATTEMPTS = 14
UNSUBSCRIBE_SALT = "notifications.unsubscribe"


def write_letters(
    kind: LetterKind, *, to: Iterable[User], key: str, link: str, now: datetime, **context: Any
) -> list[Letter]:
    """Write one letter to each person, in their language and time zone; the same `key` reaches a person once.

    Takes part in the caller's transaction.
    """
    return post_letters(compose_letters(kind, to=to, key=key, link=link, now=now, **context))


def post_letters(letters: Iterable[Letter]) -> list[Letter]:
    return Letter.objects.bulk_create(letters, ignore_conflicts=True)


def compose_letters(
    kind: LetterKind, *, to: Iterable[User], key: str, link: str, now: datetime, **context: Any
) -> list[Letter]:
    """The letters that `write_letters` writes, for those who write many at once with `post_letters`.

    Context values may be lazy words, callables (asked in the recipient's language), days or times.
    Blocked people are not written to: they cannot act.
    """
    letters, rendered = [], {}
    for person in {person.pk: person for person in to}.values():
        if person.is_blocked:
            continue
        place = person.language, person.time_zone
        if place not in rendered:
            with timezone.override(zone(person.time_zone)):
                rendered[place] = render(kind, language=person.language, context=context)
        subject, body, link_words = rendered[place]
        letters.append(
            Letter(
                recipient=person,
                kind=kind.name,
                key=f"{kind.name}:{key}",
                language=person.language,
                subject=subject,
                body=body,
                link=link,
                link_words=link_words,
                written_at=now,
                mail=Letter.Mail.QUEUED if person.gets_mail else Letter.Mail.NONE,
                wake_at=now if person.gets_mail else None,
            )
        )
    return letters


def render(kind: LetterKind, *, language: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Subject, body and link words of a letter in one language."""
    with override(language):
        words = {name: in_words(value) for name, value in context.items()}
        parts = [str(part) % words for part in (kind.happened, kind.asked, kind.silence, kind.why) if part]
        subject = " ".join((str(kind.subject) % words).split())
        return subject[:300], "\n\n".join(parts), str(kind.link_words)


def zone(name: str) -> tzinfo:
    """A person's time zone; UTC if this machine does not know it (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def in_words(value: Any) -> str:
    if callable(value):
        value = value()
    return day(value) if isinstance(value, date) else str(value)


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
    User.objects.filter(pk=person.pk).update(mail=User.Mail.SITE)
    Letter.objects.filter(recipient=person, mail=Letter.Mail.QUEUED).update(mail=Letter.Mail.NONE, wake_at=None)
    return person


def deliver(*, now: datetime, clock: Callable[[], datetime]) -> int:
    """Send the queued letters whose time has come, batch by batch; returns how many left.

    A batch is claimed for ten minutes, so that a killed worker's letters go out later and no two
    workers send the same one. Each letter is marked as soon as the mail server has taken it. After a
    minute it stops and gives the rest of its batch back, for the next run: a slow mail server neither
    outlasts a claim nor keeps the worker from the sweep.
    """
    sent, until = 0, now + DELIVERY_LASTS
    while (at := clock()) < until and (letters := claim_letters(now=at)):
        mail_server = get_connection()
        try:
            while letters and clock() < until:
                sent += send(letters.pop(0), through=mail_server, clock=clock)
        finally:
            give_back(letters, now=clock())
            with suppress(Exception):
                mail_server.close()
    return sent


@transaction.atomic
def claim_letters(*, now: datetime) -> list[Letter]:
    queued = Letter.objects.filter(mail=Letter.Mail.QUEUED, wake_at__lte=now).order_by("wake_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        queued = queued.select_for_update(skip_locked=True)
    ids = list(queued.values_list("pk", flat=True)[:BATCH])
    Letter.objects.filter(pk__in=ids).update(wake_at=now + CLAIM_LASTS)
    return list(Letter.objects.filter(pk__in=ids).select_related("recipient").order_by("pk"))


def give_back(letters: list[Letter], *, now: datetime) -> None:
    """End the claim on letters that were not tried."""
    Letter.objects.filter(pk__in=[letter.pk for letter in letters], mail=Letter.Mail.QUEUED).update(wake_at=now)


def send(letter: Letter, *, through: BaseEmailBackend, clock: Callable[[], datetime]) -> bool:
    """Hand one letter to the mail server; a failure puts it off with growing delay.

    It stays on the site alone if the person has no address, wants no mail or is blocked by now.
    """
    if letter.recipient.is_blocked or not letter.recipient.gets_mail:
        Letter.objects.filter(pk=letter.pk).update(mail=Letter.Mail.NONE, wake_at=None)
        return False
    try:
        through.open()
        through.send_messages([message(letter)])
    except Exception as error:
        log.warning("letter.put_off", letter=letter.pk, error=str(error))
        with suppress(Exception):
            through.close()
        put_off(letter, error=error, now=clock())
        return False
    Letter.objects.filter(pk=letter.pk).update(mail=Letter.Mail.SENT, wake_at=None, sent_at=clock(), last_error="")
    return True


def put_off(letter: Letter, *, error: Exception, now: datetime) -> None:
    attempts = letter.attempts + 1
    failed = attempts >= MOST_ATTEMPTS
    Letter.objects.filter(pk=letter.pk).update(
        attempts=F("attempts") + 1,
        last_error=str(error)[:300],
        mail=Letter.Mail.FAILED if failed else Letter.Mail.QUEUED,
        wake_at=None if failed else now + min(timedelta(minutes=2**attempts), LONGEST_DELAY),
    )


def message(letter: Letter) -> EmailMultiAlternatives:
    """The mail of a letter: plain text first, HTML with the same words, one-click unsubscribe (RFC 8058)."""
    unsubscribe_link = settings.SITE_URL + reverse(
        "notifications:unsubscribe", args=[unsubscribe_token(letter.recipient)]
    )
    with override(letter.language):
        context = {
            "letter": letter,
            "link": settings.SITE_URL + letter.link,
            "unsubscribe_link": unsubscribe_link,
            "dir": "rtl" if get_language_info(letter.language)["bidi"] else "ltr",
        }
        text = render_to_string("notifications/letter.txt", context)
        html = render_to_string("notifications/letter.html", context)
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=text,
        to=[letter.recipient.email],
        headers={
            "Message-ID": f"<letter-{letter.pk}@{settings.SITE_HOST}>",
            "List-Unsubscribe": f"<{unsubscribe_link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail
