"""Sending the letters that go by mail, each by itself or a person's digest of several.

How often can a letter leave twice? Sending is: the mail server says 250, then one UPDATE commits. Only a
process killed between those two lines sends a mail again, ten minutes later and with the same
Message-ID. `make bench` prints how long that window is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.db import connection, models, transaction
from django.db.models import F

from apps.accounts.actions import pause_mail
from apps.accounts.models import User
from apps.core.text import without_mail_addresses
from apps.notifications.actions import put_into_words
from apps.notifications.bounces import refused_for_good
from apps.notifications.mail import Mail, Press, envelope_address
from apps.notifications.models import Letter, Notice
from apps.notifications.queries import given_up_letters, out_of_date, put_off_letters
from apps.notifications.smtp import Conversation

log = structlog.get_logger("apps.notifications")

BATCH = 100
CLAIM_LASTS = timedelta(seconds=settings.LETTER_CLAIM_SECONDS)
# Shorter than the ten seconds between two rounds, so that they do not pile up where the sweep is done, too.
DELIVERY_LASTS = timedelta(seconds=8)
# Much shorter than a claim: a minute. Mailings have a worker of their own.
MAILING_LASTS = CLAIM_LASTS / 10
FIRST_DELAY = timedelta(seconds=settings.LETTER_RETRY_SECONDS)
LONGEST_DELAY = timedelta(hours=12)
# 2, 4, 8 minutes up to half a day: almost three days, longer than a weekend without a mail server.
MOST_ATTEMPTS = 14

MARK_SENT = "UPDATE {table} SET mail = %s, wake_at = NULL, sent_at = %s, last_error = '' WHERE id IN ({marks})"

Clock = Callable[[], datetime]
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Parcel:
    """What goes to one person in one mail: a letter, or the letters of a digest."""

    letters: list[Letter]
    is_digest: bool = False

    @property
    def to(self) -> str:
        return envelope_address(self.letters[0].recipient.email)

    @property
    def rows(self) -> models.QuerySet[Letter]:
        return Letter.objects.filter(pk__in=[letter.pk for letter in self.letters])


class MailServer:
    """Django's way to the mail server, held open for a round of letters."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend = get_connection()
        self._conversation: Conversation | None = None

    def open(self) -> None:
        self._backend.open()
        smtp = self._backend.connection if isinstance(self._backend, SmtpBackend) else None
        if smtp and not self._conversation:
            self._conversation = Conversation(smtp, envelope_address(settings.DEFAULT_FROM_EMAIL))

    def take(self, mail: Mail, *, to: str, next_to: str) -> None:
        """Returns when it has taken the mail; raises whatever it says against it."""
        if self._conversation:
            self._conversation.hand_over(to, mail.as_bytes(), next_to=next_to)
        else:
            self._backend.send_messages([mail.as_message()])

    def close(self) -> None:
        if self._conversation:
            self._conversation.break_off()
        self._conversation = None
        with suppress(Exception):
            self._backend.close()


def deliver(*, now: datetime, clock: Clock, bulk: bool = False) -> int:
    """Send the queued letters whose time has come, batch by batch; returns how many left."""
    lasts = MAILING_LASTS if bulk else DELIVERY_LASTS
    return _deliver(partial(claim_letters, bulk=bulk), until=now + lasts, clock=clock)


def deliver_digests(*, now: datetime, clock: Clock) -> int:
    """Send the digests whose time has come, with what is still open in them; returns how many left."""
    return _deliver(claim_digests, until=now + MAILING_LASTS, clock=clock)


def _deliver(claim: Callable[..., list[Letter]], *, until: datetime, clock: Clock) -> int:
    """Claim and send, batch by batch, over one connection.

    A batch is claimed for ten minutes, so that a killed worker's letters go out later and no two
    workers send the same one. Each letter is marked as soon as the mail server has taken it. After a
    while it stops and gives the rest of its batch back, for the next run: a slow mail server neither
    outlasts a claim nor keeps the worker from the sweep.
    """
    sent, mail_server = 0, MailServer()
    try:
        while (at := clock()) < until and (claimed := claim(now=at)):
            wanted = still_wanted(claimed, now=at)
            put_into_words(wanted)
            parcels, press = in_parcels(wanted), Press()
            try:
                while parcels and clock() < until:
                    parcel = parcels.pop(0)
                    next_to = parcels[0].to if parcels else ""
                    sent += send(parcel, next_to=next_to, press=press, through=mail_server, clock=clock)
            finally:
                give_back(parcels, now=clock())
    finally:
        mail_server.close()
    return sent


# --- Claiming --------------------------------------------------------------------------------


@transaction.atomic
def claim_letters(*, now: datetime, bulk: bool = False) -> list[Letter]:
    """Some letters that leave by themselves, the longest due first."""
    due = Letter.objects.filter(mail=Letter.Mail.QUEUED, is_bulk=bulk, wake_at__lte=now).order_by("wake_at")
    return _claim(due[:BATCH], now=now)


@transaction.atomic
def claim_digests(*, now: datetime) -> list[Letter]:
    """All that is due for some people. Their rows are held meanwhile, so that nobody's digest is torn in two."""
    due = Letter.objects.filter(mail=Letter.Mail.DIGEST, wake_at__lte=now)
    people = _not_held(User.objects.filter(pk__in=due.values("recipient")).order_by("pk"))
    return _claim(due.filter(recipient__in=list(people.values_list("pk", flat=True)[:BATCH])), now=now)


def _claim(due: models.QuerySet[Letter], *, now: datetime) -> list[Letter]:
    """Take letters for ten minutes; from now on nobody can recall them."""
    # Prefetched, so that letters of one notice share it.
    letters = list(_not_held(due.select_related("recipient").prefetch_related("notice")))
    recallable = {letter.notice_id for letter in letters if letter.notice.leaves_at > letter.notice.written_at}
    if recallable:
        Notice.objects.filter(pk__in=recallable, left_at=None).update(left_at=now)
    # Without the reason of an earlier failure, which marks what may be brought forward: what is in work may not.
    ids = [letter.pk for letter in letters]
    Letter.objects.filter(pk__in=ids).update(wake_at=now + CLAIM_LASTS, last_error="")
    return sorted(letters, key=lambda letter: letter.pk)


def _not_held(rows: models.QuerySet[Row]) -> models.QuerySet[Row]:
    """Rows that no other worker holds, held from now on; where rows cannot be held, the whole database is."""
    if not connection.features.has_select_for_update_skip_locked:
        return rows
    return rows.select_for_update(skip_locked=True, no_key=True, of=("self",))


def still_wanted(letters: list[Letter], *, now: datetime) -> list[Letter]:
    """Those that still go by mail; the others stay on the site alone.

    Their person is blocked by now, has no address, wants no mail of this kind, has read it on the site before
    the digest left, or can do nothing about it any more.
    """
    useless = out_of_date(letters, now)
    wanted = [letter for letter in letters if letter.pk not in useless and goes_by_mail(letter)]
    dropped = {letter.pk for letter in letters} - {letter.pk for letter in wanted}
    if dropped:
        Letter.objects.filter(pk__in=dropped).update(mail=Letter.Mail.NONE, wake_at=None)
    return wanted


def goes_by_mail(letter: Letter) -> bool:
    person = letter.recipient
    is_read = letter.mail == Letter.Mail.DIGEST and letter.read_at is not None
    return not person.is_blocked and not is_read and person.mail_for(letter.notice.kind) != User.Mail.SITE


def in_parcels(letters: list[Letter]) -> list[Parcel]:
    """Each letter by itself, but a person's digest in one piece."""
    digests: dict[int, list[Letter]] = defaultdict(list)
    for letter in letters:
        if letter.mail == Letter.Mail.DIGEST:
            digests[letter.recipient_id].append(letter)
    alone = [Parcel([letter]) for letter in letters if letter.mail != Letter.Mail.DIGEST]
    return alone + [Parcel(found, is_digest=True) for found in digests.values()]


def give_back(parcels: list[Parcel], *, now: datetime) -> None:
    """End the claim on letters that were not tried."""
    ids = [letter.pk for parcel in parcels for letter in parcel.letters]
    Letter.objects.filter(pk__in=ids, mail__in=Letter.WAITS_TO_LEAVE).update(wake_at=now)


# --- Sending ---------------------------------------------------------------------------------


def send(parcel: Parcel, *, next_to: str, press: Press, through: MailServer, clock: Clock) -> bool:
    """Hand one mail to the mail server; a failure puts it off with growing delay, a dead address pauses it.

    `next_to` is whom the next one goes to, "" if none follows.
    """
    try:
        through.open()
        mail = press.mail(parcel.letters, is_digest=parcel.is_digest)
        through.take(mail, to=parcel.to, next_to=next_to)
    except Exception as error:
        log.warning("letter.put_off", letter=parcel.letters[0].pk, error=str(error))
        through.close()
        why = refused_for_good(error)
        if why:
            give_up(parcel, why=why, now=clock())
        else:
            put_off(parcel, error=error, now=clock())
        return False
    mark_sent(parcel, now=clock())
    return True


def mark_sent(parcel: Parcel, *, now: datetime) -> None:
    """One statement, which commits as it returns; as SQL, since to write it takes the ORM longer than it runs."""
    ids = [letter.pk for letter in parcel.letters]
    sql = MARK_SENT.format(table=Letter._meta.db_table, marks=", ".join(["%s"] * len(ids)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [Letter.Mail.SENT, connection.ops.adapt_datetimefield_value(now), *ids])


def reason_of(error: Exception) -> str:
    """For operators, who are not told whose address it is: the letter says for whom."""
    return without_mail_addresses(str(error))[:300] or type(error).__name__


def put_off(parcel: Parcel, *, error: Exception, now: datetime) -> None:
    attempts = max(letter.attempts for letter in parcel.letters)
    changed = {"attempts": F("attempts") + 1, "last_error": reason_of(error)}
    if attempts + 1 >= MOST_ATTEMPTS:
        parcel.rows.update(mail=Letter.Mail.FAILED, wake_at=None, **changed)
    else:
        parcel.rows.update(wake_at=now + min(FIRST_DELAY * 2**attempts, LONGEST_DELAY), **changed)


@transaction.atomic
def give_up(parcel: Parcel, *, why: str, now: datetime) -> None:
    """There is no such address: write to it no more, until its person says otherwise. No operator can mend it."""
    person = parcel.letters[0].recipient
    parcel.rows.update(mail=Letter.Mail.NONE, wake_at=None, attempts=F("attempts") + 1, last_error=why[:300])
    pause_mail(person, address=person.email, why=why, now=now)


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
