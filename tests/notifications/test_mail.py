"""The bytes of a mail, made fast, beside those that Django's own classes make of the same words."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.conf import settings

from apps.groups.words import ADMITTED
from apps.notifications.mail import Frame, Gap, Mail, Press, header_of
from apps.notifications.models import Letter
from tests.conftest import NOW
from tests.notifications.post import parts_of, write_to

pytestmark = pytest.mark.django_db

PLAIN = "A plain name"
NAMES = {
    "plain": PLAIN,
    "quotes": 'Tea & "Cake" <b>, O’Neil\'s; (x)',
    "arabic": "فريق الخطوات الأولى للمجتمعات الصغيرة",
    "emoji": "Friends 👩🏽‍💻🎉 of Wikis",
    "long ascii": "word " * 60,
    "long arabic": "فريق الخطوات " * 30,
    "one long word": "x" * 2_000,
    "newlines": "Evil\r\nBcc: everybody@example.org\n\nSubject: other",
    "dots": ".\r\n.\r\nMAIL FROM:<x@example.org>",
    "line separators": "Evil\u2028Bcc: x\x85Cc: y\x0bTo: z",
    "gaps": "\ue000link\ue001 \ue000unsubscribe_link\ue001",
    "percent": "100 %(due_at)s %% %s",
}


@pytest.fixture(params=NAMES)
def mail(request, person):
    someone = person("Noor", language="ar" if "arabic" in request.param else "en")
    [letter] = write_to(someone, group=NAMES[request.param], person="أحمد")
    return Press().mail([letter])


def parsed(content):
    return message_from_bytes(content, policy=policy.default)


def test_our_bytes_say_what_djangos_say(mail):
    ours, djangos = parsed(mail.as_bytes()), parsed(mail.as_message().message().as_bytes(linesep="\r\n"))
    for name in {*ours.keys(), *djangos.keys()} - {"Date", "Content-Type"}:
        assert [" ".join(str(value).split()) for value in ours.get_all(name, [])] == [
            " ".join(str(value).split()) for value in djangos.get_all(name, [])
        ], name
    assert ours.get_content_type() == djangos.get_content_type() == "multipart/alternative"
    assert parts_of(ours) == parts_of(djangos)
    assert not ours.defects
    assert not [defect for part in ours.walk() for defect in part.defects]


def test_every_line_fits_into_smtp_and_ends_as_it_should(mail):
    content = mail.as_bytes()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    head = content.partition(b"\r\n\r\n")[0]
    assert head.isascii()


def test_headers_are_those_that_we_wrote(mail):
    ours = "Content-Type MIME-Version Subject From To Date Message-ID List-Unsubscribe List-Unsubscribe-Post"
    assert parsed(mail.as_bytes()).keys() == [*ours.split(), "Auto-Submitted"]


def test_what_fills_a_gap_opens_no_other_one():
    frame = Frame.of(f"{Gap('body')} – {Gap('link')}").fill(body=f"I say {Gap('link')}")
    assert str(frame.fill(link="https://example.org")) == f"I say {Gap('link')} – https://example.org"


def test_a_gap_that_is_left_open_is_an_error():
    with pytest.raises(TypeError):
        str(Frame.of(f"{Gap('body')} – {Gap('link')}").fill(body="x"))


def test_a_boundary_cannot_be_known_beforehand(person):
    [letter] = write_to(person("Noor"))
    boundaries = {parsed(Press().mail([letter]).as_bytes()).get_boundary() for _ in range(2)}
    assert len(boundaries) == 2


@pytest.mark.parametrize("name", ["É" * 200, "x" * 300, "a b\tc\r\nd", "عربي 👍 " * 20])
def test_a_long_subject_is_folded_and_comes_out_whole(name):
    folded = f"Subject: {header_of(name)}\r\n\r\n".encode("ascii")
    assert parsed(folded)["Subject"] == " ".join(name.split())


def test_addresses_beyond_ascii_are_sent_as_servers_take_them(person):
    content = parsed(Mail("x@müller.example", "s", "t", "h", "<1@x>", "https://x").as_bytes())
    assert content["To"].addresses[0].domain == "xn--mller-kva.example"
    assert content["From"].addresses[0].addr_spec == settings.DEFAULT_FROM_EMAIL.split("<")[-1].strip(">")


def test_letters_of_one_notice_share_its_words_but_not_its_links_or_times(person):
    """Three people, two languages, two zones; the first and the second read the same words."""
    people = [
        person("One"),
        person("Two"),
        person("Three", time_zone="Pacific/Auckland"),
        person("Four", language="ar"),
    ]
    press = Press()
    one, two, three, four = (
        press.mail([letter]) for letter in write_to(*people, due_at=NOW.replace(hour=22) + timedelta(days=1))
    )
    assert one.subject == two.subject == "By 8 September 2026: will you join First Steps?"
    assert three.subject == "By 9 September 2026: will you join First Steps?"
    assert four.subject != one.subject
    assert len({mail.unsubscribe_link for mail in (one, two, three, four)}) == 4
    assert one.text.replace(one.unsubscribe_link, "") == two.text.replace(two.unsubscribe_link, "")
    for mail in (one, two, three, four):
        assert mail.unsubscribe_link in mail.text
        assert mail.to in str(mail.as_bytes())


def test_other_backends_get_the_same_mail(settings, mailoutbox, clock, volunteer):
    """Files, memory, console: what is not SMTP."""
    from tests.notifications.post import post

    write_to(volunteer, kind=ADMITTED)
    assert post(clock) == 1
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == ([volunteer.email], "You are a member of First Steps")
    assert Letter.objects.get().mail == Letter.Mail.SENT
