"""Handing a mail to a mail server with two waits instead of four, where the server allows it (RFC 2920)."""

import re
from smtplib import SMTP, SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

OK, WILL_FORWARD, GO_ON = 250, 251, 354


def hand_over(server: SMTP, *, sender: str, recipient: str, content: bytes) -> None:
    """Returns when the server has taken the mail; raises what smtplib raises when it does not."""
    server.ehlo_or_helo_if_needed()
    if not server.has_extn("pipelining"):
        server.sendmail(sender, [recipient], content)
        return
    body = " BODY=8BITMIME" if server.has_extn("8bitmime") else ""
    server.send(f"MAIL FROM:<{sender}>{body}\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
    mail, rcpt, data = (server.getreply() for _command in range(3))
    is_taken = mail[0] == OK and rcpt[0] in {OK, WILL_FORWARD}
    if data[0] == GO_ON:
        # Also when it refused the person: a mail without a text ends what it is waiting for.
        server.send((re.sub(rb"(?m)^\.", b"..", content) if is_taken else b"") + b".\r\n")
        data = server.getreply()
    if mail[0] != OK:
        raise SMTPSenderRefused(*mail, sender)
    if not is_taken:
        raise SMTPRecipientsRefused({recipient: rcpt})
    if data[0] != OK:
        raise SMTPDataError(*data)
