"""Handing mails to a mail server with one wait for each instead of four, where the server allows it (RFC 2920)."""

import re
from contextlib import suppress
from smtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

OK, WILL_FORWARD, GO_ON = 250, 251, 354


class Conversation:
    """Mails from one sender, one after the other over one connection.

    Once a mail is taken, the server hears at once whom the next one is for, so that it has looked at that while we note
    what it has taken.
    """

    def __init__(self, server: SMTP, sender: str) -> None:
        self.server, self.sender = server, sender
        # Whom the mail is for that the server waits for; "" while it waits for none.
        self.announced = ""

    def hand_over(self, recipient: str, content: bytes, *, next_to: str = "") -> None:
        """Returns when the server has taken the mail; raises what smtplib raises when it does not.

        `next_to` is whom the next mail is for, if one follows.
        """
        self.server.ehlo_or_helo_if_needed()
        if not self.server.has_extn("pipelining"):
            self.server.sendmail(self.sender, [recipient], content)
            return
        assert self.announced in {"", recipient}, "What was announced comes next."
        if not self.announced:
            self._announce(recipient)
        self._hand_over(recipient, content)
        if next_to:
            # What was taken is taken, whatever became of the connection since: the next mail finds out.
            with suppress(SMTPException, OSError):
                self._announce(next_to)

    def break_off(self) -> None:
        """End the connection without a word, if the server waits for a mail: it would take any word for the mail."""
        if self.announced:
            self.announced = ""
            self.server.close()

    def _announce(self, recipient: str) -> None:
        body = " BODY=8BITMIME" if self.server.has_extn("8bitmime") else ""
        self.server.send(f"MAIL FROM:<{self.sender}>{body}\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
        self.announced = recipient

    def _hand_over(self, recipient: str, content: bytes) -> None:
        mail, rcpt, data = (self.server.getreply() for _command in range(3))
        is_taken = mail[0] == OK and rcpt[0] in {OK, WILL_FORWARD}
        if data[0] == GO_ON:
            # Also when it refused the person: a mail without a text ends what it is waiting for.
            self.server.send((re.sub(rb"(?m)^\.", b"..", content) if is_taken else b"") + b".\r\n")
            data = self.server.getreply()
        self.announced = ""
        if mail[0] != OK:
            raise SMTPSenderRefused(*mail, self.sender)
        if not is_taken:
            raise SMTPRecipientsRefused({recipient: rcpt})
        if data[0] != OK:
            raise SMTPDataError(*data)
