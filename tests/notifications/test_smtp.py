"""Talking to mail servers that allow many commands at once, to those that do not, and to odd ones."""

import select
import smtplib
import socket
import threading

import pytest

from apps.notifications.smtp import Conversation

MAIL = b"Subject: x\r\n\r\n.hidden\r\n..\r\nend\r\n"


SITE = "site@example.org"


def say(sink, recipient="ada@example.org", content=MAIL, then="ada@example.org"):
    """Two mails over one connection."""
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as server:
        conversation = Conversation(server, SITE)
        conversation.hand_over(recipient, content, next_to=then)
        conversation.hand_over(then, content)


@pytest.mark.parametrize("pipelines", [True, False])
def test_a_mail_arrives_as_it_was_with_lines_that_begin_with_dots(smtp_sink, pipelines):
    smtp_sink.pipelines = pipelines
    say(smtp_sink)
    assert [mail["X-Envelope-To"] for mail in smtp_sink.messages] == ["ada@example.org"] * 2
    assert smtp_sink.messages[0].get_payload().splitlines() == [".hidden", "..", "end"]


@pytest.mark.parametrize("pipelines", [True, False])
def test_a_person_that_is_refused_is_told_from_a_mail_that_is_refused(smtp_sink, pipelines):
    smtp_sink.pipelines = pipelines
    smtp_sink.refuse(only="ada@example.org")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        say(smtp_sink)
    assert refused.value.recipients == {"ada@example.org": (550, b"No such person")}
    smtp_sink.refuse(554)
    with pytest.raises(smtplib.SMTPDataError):
        say(smtp_sink, recipient="sven@example.org")
    assert smtp_sink.messages == []


class OddServer:
    """Answers each line with what it was told to."""

    def __init__(self, *answers):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.answers, self.heard = self.listener.getsockname()[1], list(answers), []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        connection, _address = self.listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 odd\r\n")
            for line in lines:
                self.heard.append(line)
                if line.upper().startswith(b"EHLO"):
                    connection.sendall(b"250-odd\r\n250 PIPELINING\r\n")
                elif line.startswith(b"QUIT"):
                    connection.sendall(b"221 bye\r\n")
                else:
                    connection.sendall(self.answers.pop(0) + b"\r\n" if self.answers else b"250 ok\r\n")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([b"250 ok", b"550 5.1.1 who?", b"354 go on", b"554 nobody to give it to"], smtplib.SMTPRecipientsRefused),
        ([b"250 ok", b"550 5.1.1 who?", b"503 no recipient"], smtplib.SMTPRecipientsRefused),
        ([b"550 not you", b"503 no sender", b"503 no sender"], smtplib.SMTPSenderRefused),
        ([b"250 ok", b"250 ok", b"451 later"], smtplib.SMTPDataError),
    ],
)
def test_an_odd_server_gets_no_text_that_it_would_take_for_commands(answers, expected):
    odd = OddServer(*answers)
    with pytest.raises(expected):
        say(odd)
    odd.thread.join(5)
    assert b"end\r\n" not in odd.heard
    assert odd.heard[-1].startswith(b"QUIT"), "It is left in a state in which it understands us."


def test_a_server_that_breaks_off_is_no_success():
    odd = OddServer(b"250 ok", b"250 ok", b"354 go on")
    odd.answers += [b"421 gone"] * 20
    with pytest.raises(smtplib.SMTPException, match="421"):
        say(odd)


def test_the_next_envelope_is_there_before_the_mail_for_it(smtp_sink):
    with smtplib.SMTP("127.0.0.1", smtp_sink.port, timeout=5) as server:
        conversation = Conversation(server, SITE)
        conversation.hand_over("ada@example.org", MAIL, next_to="sven@example.org")
        assert select.select([server.sock], [], [], 5)[0], "It has answered already."
        conversation.hand_over("sven@example.org", MAIL)
    assert [mail["X-Envelope-To"] for mail in smtp_sink.messages] == ["ada@example.org", "sven@example.org"]


def test_a_next_one_that_is_refused_harms_the_one_before_not(smtp_sink):
    smtp_sink.refuse(only="ada@example.org")
    with smtplib.SMTP("127.0.0.1", smtp_sink.port, timeout=5) as server:
        conversation = Conversation(server, SITE)
        conversation.hand_over("sven@example.org", MAIL, next_to="ada@example.org")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            conversation.hand_over("ada@example.org", MAIL)
    assert [mail["X-Envelope-To"] for mail in smtp_sink.messages] == ["sven@example.org"]


def test_who_breaks_off_says_no_word_that_would_be_taken_for_the_mail(smtp_sink):
    server = smtplib.SMTP("127.0.0.1", smtp_sink.port, timeout=5)
    conversation = Conversation(server, SITE)
    conversation.hand_over("sven@example.org", MAIL, next_to="ada@example.org")
    conversation.break_off()
    assert server.sock is None
    with pytest.raises(smtplib.SMTPServerDisconnected):
        server.quit()
    assert len(smtp_sink.messages) == 1


def test_a_conversation_in_which_nothing_is_announced_is_ended_in_words(smtp_sink):
    server = smtplib.SMTP("127.0.0.1", smtp_sink.port, timeout=5)
    conversation = Conversation(server, SITE)
    conversation.hand_over("sven@example.org", MAIL)
    conversation.break_off()
    assert server.quit()[0] == 221


def test_a_connection_that_breaks_after_a_mail_was_taken_fails_the_next_one_alone(smtp_sink, monkeypatch):
    with smtplib.SMTP("127.0.0.1", smtp_sink.port, timeout=5) as server:
        conversation, send = Conversation(server, SITE), server.send

        def breaks(said):
            if "sven" in str(said) and server.sock:
                server.sock.shutdown(socket.SHUT_RDWR)
            send(said)

        monkeypatch.setattr(server, "send", breaks)
        conversation.hand_over("ada@example.org", MAIL, next_to="sven@example.org")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            conversation.hand_over("sven@example.org", MAIL)
    assert [mail["X-Envelope-To"] for mail in smtp_sink.messages] == ["ada@example.org"]
