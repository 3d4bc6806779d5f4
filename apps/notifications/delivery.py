"""Sending the letters that go by mail.

How often can a letter leave twice? Sending is: the mail server says 250, then one UPDATE commits. Only a
process killed between those two lines sends a letter again, ten minutes later and with the same
Message-ID. `make bench` prints how long that window is.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_info, override

from apps.accounts.models import User
from apps.core.dates import zone
from apps.notifications.actions import unsubscribe_token
from apps.notifications.models import Letter
from apps.notifications.queries import given_up_letters, put_off_letters

log = structlog.get_logger("apps.notifications")

BATCH = 50
CLAIM_LASTS = timedelta(seconds=settings.LETTER_CLAIM_SECONDS)
# Shorter than the ten seconds between two rounds, so that they do not pile up where the sweep is done, too.
DELIVERY_LASTS = timedelta(seconds=8)
# Much shorter than a claim: a minute. Mailings have a worker of their own.
MAILING_LASTS = CLAIM_LASTS / 10
FIRST_DELAY = timedelta(seconds=settings.LETTER_RETRY_SECONDS)
LONGEST_DELAY = timedelta(hours=12)
# 2, 4, 8 minutes up to half a day: almost three days, longer than a weekend without a mail server.
MOST_ATTEMPTS = 14


def deliver(*, now: datetime, clock: Callable[[], datetime], bulk: bool = False) -> int:
    """Send the queued letters whose time has come, batch by batch; returns how many left.

    A batch is claimed for ten minutes, so that a killed worker's letters go out later and no two
    workers send the same one. Each letter is marked as soon as the mail server has taken it. After a
    while it stops and gives the rest of its batch back, for the next run: a slow mail server neither
    outlasts a claim nor keeps the worker from the sweep.
    """
    sent, until = 0, now + (MAILING_LASTS if bulk else DELIVERY_LASTS)
    while (at := clock()) < until and (letters := claim_letters(now=at, bulk=bulk)):
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
def claim_letters(*, now: datetime, bulk: bool = False) -> list[Letter]:
    queued = Letter.objects.filter(mail=Letter.Mail.QUEUED, is_bulk=bulk, wake_at__lte=now).order_by("wake_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        queued = queued.select_for_update(skip_locked=True)
    ids = list(queued.values_list("pk", flat=True)[:BATCH])
    # Without the reason of an earlier failure, which marks what may be brought forward: what is in work may not.
    Letter.objects.filter(pk__in=ids).update(wake_at=now + CLAIM_LASTS, last_error="")
    return list(Letter.objects.filter(pk__in=ids).select_related("recipient", "notice").order_by("pk"))


def give_back(letters: list[Letter], *, now: datetime) -> None:
    """End the claim on letters that were not tried."""
    Letter.objects.filter(pk__in=[letter.pk for letter in letters], mail=Letter.Mail.QUEUED).update(wake_at=now)


def send(letter: Letter, *, through: BaseEmailBackend, clock: Callable[[], datetime]) -> bool:
    """Hand one letter to the mail server; a failure puts it off with growing delay.

    It stays on the site alone if the person has no address, wants no mail or is blocked by now.
    """
    if letter.recipient.is_blocked or letter.recipient.mail_for(letter.notice.kind) == User.Mail.SITE:
        Letter.objects.filter(pk=letter.pk).update(mail=Letter.Mail.NONE, wake_at=None)
        return False
    try:
        through.open()
        with timezone.override(zone(letter.recipient.time_zone)):
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
        last_error=str(error)[:300] or type(error).__name__,
        mail=Letter.Mail.FAILED if failed else Letter.Mail.QUEUED,
        wake_at=None if failed else now + min(FIRST_DELAY * 2**letter.attempts, LONGEST_DELAY),
    )


def message(letter: Letter) -> EmailMultiAlternatives:
    """The mail of a letter: plain text first, HTML with the same words, one-click unsubscribe (RFC 8058)."""
    unsubscribe_link = settings.SITE_URL + reverse(
        "notifications:unsubscribe", args=[unsubscribe_token(letter.recipient)]
    )
    subject, body, link_words = letter.notice.filled(letter.language)
    with override(letter.language):
        context = {
            "subject": subject,
            "body": body,
            "link_words": link_words,
            "language": letter.language,
            "paragraphs": body.split("\n\n"),
            "link": settings.SITE_URL + letter.notice.link,
            "unsubscribe_link": unsubscribe_link,
            "dir": "rtl" if get_language_info(letter.language)["bidi"] else "ltr",
        }
        text = render_to_string("notifications/letter.txt", context)
        html = render_to_string("notifications/letter.html", context)
    mail = EmailMultiAlternatives(
        subject=subject,
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


@transaction.atomic
def retry_letters(ids: Iterable[int] | None = None, *, now: datetime) -> int:
    """Bring letters that were put off forward to now, all or these; what was given up begins anew. Returns how many.

    A letter that a worker has in its hands is left alone, so that it does not leave twice.
    """
    put_off, given_up = put_off_letters().filter(wake_at__gt=now), given_up_letters()
    if ids is not None:
        ids = list(ids)
        put_off, given_up = put_off.filter(pk__in=ids), given_up.filter(pk__in=ids)
    begun_anew = given_up.update(mail=Letter.Mail.QUEUED, wake_at=now, attempts=0, last_error="")
    return put_off.update(wake_at=now) + begun_anew
