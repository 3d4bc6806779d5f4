"""The mails in which letters leave, made fast: what many share is made once, what is one person's is filled in.

Django's own way through its templates and `email.message` takes longer than all the rest of sending. Here a
template is rendered once for each language, with gaps; the words of a notice are set once for all who read them
in one language and zone; and a mail becomes bytes without a tree of objects. `Mail.as_message` is the ordinary
way: other backends than SMTP use it, and a test compares the two.
"""

import quopri
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import formatdate, parseaddr
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import get_language_info, ngettext, override

from apps.accounts.models import User
from apps.core.dates import zone
from apps.notifications.models import Letter
from apps.notifications.timing import letter_language
from apps.notifications.tokens import DIGESTS, message_id, unsubscribe_token

LONGEST_LINE = 998  # RFC 5322
# Most addresses need nothing.
PLAIN_ADDRESS = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@[\w-]+(?:\.[\w-]+)+", re.ASCII)
LONGEST_WORD = 60  # Longer ones are encoded, since lines are folded between words only.


@dataclass(frozen=True)
class Mail:
    """One mail to one person: plain text first, HTML with the same words, one-click unsubscribe (RFC 8058)."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    unsubscribe_link: str

    @property
    def own_headers(self) -> dict[str, str]:
        return {
            "Message-ID": self.message_id,
            "List-Unsubscribe": f"<{self.unsubscribe_link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        }

    def as_message(self) -> EmailMultiAlternatives:
        mail = EmailMultiAlternatives(self.subject, self.text, to=[self.to], headers=self.own_headers)
        mail.attach_alternative(self.html, "text/html")
        return mail

    def as_bytes(self) -> bytes:
        boundary = secrets.token_hex(16)
        headers = {
            "Content-Type": f'multipart/alternative; boundary="{boundary}"',
            "MIME-Version": "1.0",
            "Subject": header_of(self.subject),
            "From": address_of(settings.DEFAULT_FROM_EMAIL),
            "To": address_of(self.to),
            "Date": formatdate(),
            **self.own_headers,
        }
        top = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        text, html, line = part("plain", self.text), part("html", self.html), f"\r\n--{boundary}".encode()
        return b"".join([top.encode("ascii"), line, text, line, html, line, b"--\r\n"])


@lru_cache(maxsize=1_000)
def header_of(words: str) -> str:
    """Words as the value of a header: folded, encoded where they are not plain, free of newlines."""
    words = " ".join(words.split())
    is_plain = words.isascii() and words.isprintable() and max(map(len, words.split(" "))) < LONGEST_WORD
    return Header(words, "us-ascii" if is_plain else "utf-8", header_name="Subject").encode(linesep="\r\n")


def address_of(address: str) -> str:
    """An address, with or without a name, as a header takes it."""
    return address if PLAIN_ADDRESS.fullmatch(address) else _sanitized(address)


@lru_cache(maxsize=1_000)
def envelope_address(address: str) -> str:
    """An address as the mail server takes it."""
    return address if PLAIN_ADDRESS.fullmatch(address) else parseaddr(_sanitized(address))[1]


@lru_cache(maxsize=1_000)
def _sanitized(address: str) -> str:
    return sanitize_address(address, "utf-8")


def part(subtype: str, words: str) -> bytes:
    """One part of a mail; lines that are too long for SMTP are broken by their encoding."""
    content = words.replace("\r\n", "\n").replace("\r", "\n").encode()
    encoding = "7bit" if content.isascii() else "8bit"
    if max(map(len, content.split(b"\n"))) > LONGEST_LINE:
        content, encoding = quopri.encodestring(content), "quoted-printable"
    headers = f'\r\nContent-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return headers.encode() + content.replace(b"\n", b"\r\n")


# --- Text with gaps --------------------------------------------------------------------------


class Gap(NamedTuple):
    name: str

    def __str__(self) -> str:
        """How it stands in a rendered template: between two signs that belong to no script."""
        return f"\ue000{self.name}\ue001"


@dataclass(frozen=True)
class Frame:
    """Text with gaps. What fills a gap never opens another one, whatever it holds."""

    pieces: tuple[str | Gap, ...]

    @classmethod
    def of(cls, rendered: str) -> "Frame":
        pieces = re.split("\ue000(.*?)\ue001", rendered)
        return cls(tuple(Gap(piece) if number % 2 else piece for number, piece in enumerate(pieces)))

    def fill(self, **words: str) -> "Frame":
        return Frame(tuple(words.get(piece.name, piece) if isinstance(piece, Gap) else piece for piece in self.pieces))

    def __str__(self) -> str:
        return "".join(self.pieces)  # type: ignore[arg-type]  # A gap that is still open is an error.


class Frames(NamedTuple):
    """The letter of one language without its words; `between` stands between two paragraphs of HTML."""

    text: Frame
    html: Frame
    between: str


@cache
def frames(language: str) -> Frames:
    gaps: dict[str, Any] = {name: Gap(name) for name in ("subject", "body", "link_words", "link", "unsubscribe_link")}
    # Rendered with two paragraphs, the template tells what stands between them.
    context = gaps | {"paragraphs": [gaps["body"]] * 2, **_direction(language)}
    with override(language):
        text = render_to_string("notifications/letter.txt", context)
        html = render_to_string("notifications/letter.html", context)
    before, between, after = html.split(str(gaps["body"]))
    return Frames(Frame.of(text), Frame.of(f"{before}{gaps['body']}{after}"), between)


def _direction(language: str) -> dict[str, str]:
    return {"language": language, "dir": "rtl" if get_language_info(language)["bidi"] else "ltr"}


# --- Letters and digests ---------------------------------------------------------------------


class Words(NamedTuple):
    """A notice as everybody of one language and zone reads it; only the link to unsubscribe is open."""

    subject: str
    text: Frame
    html: Frame


class Press:
    """Makes the mails of a batch; what its letters share is set once."""

    def __init__(self) -> None:
        self._words: dict[tuple[int, str, str], Words] = {}

    def mail(self, letters: Sequence[Letter], *, is_digest: bool = False) -> Mail:
        """The mail of one letter, or the digest of several; times in it are those of its reader."""
        with timezone.override(zone(letters[0].recipient.time_zone)):
            return digest(letters) if is_digest else self.letter(letters[0])

    def letter(self, letter: Letter) -> Mail:
        person, notice = letter.recipient, letter.notice
        key = (notice.pk, letter.language, person.time_zone)
        if key not in self._words:
            self._words[key] = words_of(letter)
        words, link = self._words[key], unsubscribe_link(person, notice.kind)
        return Mail(
            to=person.email,
            subject=words.subject,
            text=str(words.text.fill(unsubscribe_link=link)),
            html=str(words.html.fill(unsubscribe_link=escape(link))),
            message_id=message_id(letter),
            unsubscribe_link=link,
        )


def words_of(letter: Letter) -> Words:
    frame = frames(letter.language)
    subject, body, link_words = letter.notice.filled(letter.language)
    words = {"subject": subject, "link_words": link_words, "link": settings.SITE_URL + letter.notice.link}
    paragraphs = frame.between.join(linebreaksbr(escape(paragraph)) for paragraph in body.split("\n\n"))
    escaped = {name: escape(value) for name, value in words.items()}
    return Words(subject, frame.text.fill(body=body, **words), frame.html.fill(body=paragraphs, **escaped))


def digest(letters: Sequence[Letter]) -> Mail:
    """What is still open for one person, the next date first, then what is new."""
    letters = sorted(letters, key=_next_date_first)
    person, link = letters[0].recipient, unsubscribe_link(letters[0].recipient, DIGESTS)
    language = letter_language(person)
    with override(language):
        subject = _subject_of_digest(letters)
        context = {
            "subject": subject,
            "asked": [letter for letter in letters if letter.notice.deadline_id],
            "told": [letter for letter in letters if not letter.notice.deadline_id],
            "site": settings.SITE_URL,
            "unsubscribe_link": link,
            **_direction(language),
        }
        text = render_to_string("notifications/digest.txt", context)
        html = render_to_string("notifications/digest.html", context)
    first = min(letters, key=lambda letter: letter.pk)
    return Mail(person.email, subject, text, html, message_id(first, is_digest=True), link)


def _next_date_first(letter: Letter) -> tuple[bool, datetime, int]:
    due_at = letter.notice.times.get("due_at")
    at = datetime.fromisoformat(due_at) if due_at else letter.written_at
    return (letter.notice.deadline_id is None, at, letter.pk)


def _subject_of_digest(letters: Sequence[Letter]) -> str:
    others = len(letters) - 1
    if not others:
        return letters[0].subject
    words = ngettext("%(subject)s (and %(count)d more)", "%(subject)s (and %(count)d more)", others)
    return words % {"subject": letters[0].subject, "count": others}


def unsubscribe_link(person: User, what: str) -> str:
    before, after = _around_the_token()
    return f"{settings.SITE_URL}{before}{unsubscribe_token(person, what)}{after}"


@cache
def _around_the_token() -> list[str]:
    return reverse("notifications:unsubscribe", args=["TOKEN"]).split("TOKEN")
