"""Mail that comes back: which refusals of a mail server, and which reports (RFC 3464), mean that an address is dead."""

import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parseaddr

NO_SUCH_ADDRESS = {550, 551, 553}
# An enhanced status of its own subject: the address (5.1), or a mailbox that takes no mail for good (5.2.1).
ADDRESS_IS_DEAD = re.compile(r"5\.1\.\d{1,3}|5\.2\.1\b")
ENHANCED_STATUS = re.compile(r"\s*(\d\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class Bounce:
    """A report that a mail did not arrive and never will: which one, to which address, and why."""

    message_id: str
    address: str
    why: str


def refused_for_good(error: Exception) -> str:
    """What a mail server said when it refused an address for good; "" for any other failure.

    Servers also answer 550 to what they take for spam (5.7.1). That says nothing about the address.
    """
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return ""
    for code, reason in error.recipients.values():
        words = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        status = ENHANCED_STATUS.match(words)
        if 500 <= code < 600 and (ADDRESS_IS_DEAD.match(status[1]) if status else code in NO_SUCH_ADDRESS):
            return f"{code} {words}"
    return ""


def read_bounce(mail: bytes) -> Bounce | None:
    """The permanent failure that a mail reports; None for whatever else people and machines send."""
    report = message_from_bytes(mail)
    if report.get_content_type() != "multipart/report":
        return None
    why = next(_permanent_failures(report), "")
    returned = _returned_headers(report)
    if not why or returned is None:
        return None
    return Bounce(str(returned.get("Message-ID", "")), parseaddr(str(returned.get("To", "")))[1], why)


def _permanent_failures(report: Message) -> Iterator[str]:
    for part in report.walk():
        for block in _parts_of(part) if part.get_content_type() == "message/delivery-status" else []:
            status = str(block.get("Status", "")).strip()
            if str(block.get("Action", "")).strip().lower() == "failed" and status.startswith("5."):
                yield str(block.get("Diagnostic-Code", "")).strip() or status


def _returned_headers(report: Message) -> Message | None:
    """The headers of our mail, which the report gives back whole or as text."""
    for part in report.walk():
        if part.get_content_type() == "message/rfc822":
            return next(iter(_parts_of(part)), None)
        if part.get_content_type() == "text/rfc822-headers":
            return message_from_string(str(part.get_payload()))
    return None


def _parts_of(part: Message) -> list[Message]:
    """The messages inside a part; none where somebody called text so."""
    inside = part.get_payload()
    return [message for message in inside if isinstance(message, Message)] if isinstance(inside, list) else []
