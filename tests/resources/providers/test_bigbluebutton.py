"""BigBlueButton against a stand-in that follows its published API."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from apps.resources.providers import provider_for, server_named
from apps.resources.providers.bigbluebutton import BigBlueButton, signed
from apps.resources.providers.naming import named
from apps.resources.providers.protocol import Condition, ProviderError, Server
from tests.resources.providers.conftest import NOW
from tests.servers.web import Answer

KEY = "0123456789abcdef01234567"


@pytest.fixture
def bbb(bigbluebutton):
    return provider_for(server_named("bigbluebutton"))


def refused(act, *about) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        act(*about)
    return caught.value


def test_the_checksum_example_that_is_published():
    """https://docs.bigbluebutton.org/development/api/#usage"""
    secret = "639259d4-9dd8-4b25-bf01-95f9567eaf4b"
    server = Server("bbb", "bigbluebutton", "https://bbb.example.org", secret, options={"checksum": "sha1"})
    query = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444"
    assert signed(server, "create", query) == f"{query}&checksum=1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_every_checksum_is_accepted_by_a_server_that_knows_it(bigbluebutton, order, algorithm):
    BigBlueButton(bigbluebutton.server(checksum=algorithm)).create(order())
    assert len(bigbluebutton.meetings) == 1
    bigbluebutton.algorithms = {"sha1"} if algorithm != "sha1" else {"sha256"}
    assert refused(BigBlueButton(bigbluebutton.server(checksum=algorithm)).create, order()).is_final


def test_a_room_from_making_to_ending(bigbluebutton, bbb, order):
    wanted = order(title="Öffentliches Gespräch & mehr")
    place = bbb.create(wanted)
    assert bbb.check(wanted, place) == Condition.READY
    assert list(bbb.made()) == [KEY]
    for name, is_host in (("Ada", True), ("Zoë <b>", False)):
        with urlopen(bbb.address_for(wanted, place, name=name, is_host=is_host, now=NOW)) as page:
            assert "In the room" in page.read().decode()
    [meeting] = bigbluebutton.meetings.values()
    assert meeting.people == [("Ada", "MODERATOR"), ("Zoë <b>", "VIEWER")]
    assert bbb.check(wanted, place) == Condition.RUNNING
    assert bbb.text_to_keep(wanted, place) == ""
    bbb.end(wanted, place)
    assert bigbluebutton.meetings == {}
    assert bbb.check(wanted, place) == Condition.MISSING
    bbb.end(wanted, place)  # what is gone is ended
    assert list(bbb.made()) == []


def test_a_room_is_not_recorded(bigbluebutton, bbb, order):
    bbb.create(order())
    [meeting] = bigbluebutton.meetings.values()
    wishes = meeting.parameters
    assert (wishes["record"], wishes["autoStartRecording"], wishes["allowStartStopRecording"]) == ("false",) * 3


def test_a_room_lives_until_we_end_it_also_when_the_call_goes_on_for_longer(bigbluebutton, bbb, order):
    """Made 15 minutes before; nobody comes for an hour, all lose the connection, and the booking is made longer."""
    wanted, made_at = order(), order().starts_at - bbb.lead_time
    bigbluebutton.now = lambda: at.timestamp()
    at = made_at
    place = bbb.create(wanted)
    at = wanted.starts_at + timedelta(hours=1)
    assert bbb.check(wanted, place) == Condition.READY
    urlopen(bbb.address_for(wanted, place, name="Ada", is_host=True, now=NOW)).close()
    at = wanted.ends_at + timedelta(hours=2)
    assert bbb.check(wanted, place) == Condition.RUNNING
    bigbluebutton.all_leave()
    at += timedelta(hours=1)
    assert bbb.check(wanted, place) == Condition.RUNNING, "It was used, though nobody is in it now."
    # What nobody ends, because this site is gone, does not stand there for ever.
    at += timedelta(days=2)
    assert bbb.check(wanted, place) == Condition.MISSING


def test_names_are_as_the_api_wants_them(bigbluebutton, bbb, order):
    bbb.create(order(title="A\x00 long\n\tcall " * 20, group="G"))
    [meeting] = bigbluebutton.meetings.values()
    assert len(meeting.parameters["name"]) <= 64
    assert meeting.parameters["name"].startswith("A long call A long call")
    address = bbb.address_for(order(), None, name=" \n", is_host=False, now=NOW)
    assert parse_qs(urlsplit(address).query)["fullName"] == ["Guest"]


def test_a_repeat_finds_the_room_also_when_the_title_has_changed(bigbluebutton, bbb, order):
    assert bbb.create(order()) == bbb.create(order()) == bbb.create(order(title="Another title"))
    assert bigbluebutton.created == 1


@pytest.mark.parametrize("trouble", ["late", "dead"])
def test_a_connection_that_breaks_never_makes_a_second_room(bigbluebutton, bbb, order, trouble):
    bigbluebutton.fail_next(trouble)
    assert not refused(bbb.create, order()).is_final
    assert bigbluebutton.created == (1 if trouble == "late" else 0)
    place = bbb.create(order())
    assert bigbluebutton.created == 1
    bigbluebutton.fail_next("late")
    refused(bbb.end, order(), place)
    bbb.end(order(), place)


def test_a_server_that_forgot_its_rooms_gets_them_again(bigbluebutton, bbb, order):
    place = bbb.create(order())
    bigbluebutton.forget()
    assert bbb.check(order(), place) == Condition.MISSING
    address = bbb.address_for(order(), place, name="Ada", is_host=True, now=NOW)
    bbb.create(order())
    with urlopen(address) as page:
        assert page.status == 200, "addresses that were handed out go on working"


def test_a_wrong_secret_is_for_a_person_and_not_told(bigbluebutton, order):
    server = bigbluebutton.server(secret="another secret")
    why = refused(BigBlueButton(server).create, order())
    assert why.is_final
    assert str(why) == "bigbluebutton refuses it (checksumError)."


def test_rooms_of_others_are_not_ours(bigbluebutton, bbb, order, settings):
    bbb.create(order())
    settings.SITE_URL = "https://trial.example.org"
    bbb.create(order(key="f" * 24))
    assert len(bigbluebutton.meetings) == 2
    assert list(bbb.made()) == ["f" * 24]
    bigbluebutton.meetings["movement-strategy-"] = next(iter(bigbluebutton.meetings.values()))
    assert list(bbb.made()) == ["f" * 24]


def test_two_servers_know_nothing_of_each_other(bigbluebutton, order):
    with type(bigbluebutton)() as other:
        BigBlueButton(bigbluebutton.server()).create(order())
        assert list(BigBlueButton(other.server(name="bbb-2")).made()) == []


@pytest.mark.parametrize(
    ("key", "is_final"),
    [
        ("validationError", True),
        ("idNotUnique", True),
        ("maxParticipantsReached", False),
        ("<script>", False),
        ("", False),
    ],
)
def test_refusals_are_told_apart_by_their_key(bigbluebutton, bbb, order, key, is_final):
    body = (
        f"<response><returncode>FAILED</returncode><messageKey><![CDATA[{key}]]></messageKey>"
        "<message><![CDATA[<script>alert(1)</script>]]></message></response>"
    )
    bigbluebutton.fail_next(Answer(200, body))
    why = refused(bbb.create, order())
    assert why.is_final is is_final
    assert "<" not in str(why)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FINE = "<response><returncode>SUCCESS</returncode><x>&b;</x></response>"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, BOMB + FINE),
        Answer(200, '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + FINE.replace("&b;", "")),
        Answer(200, '<?xml version="1.0" encoding="utf-7"?>' + FINE.replace("&b;", "")),
        Answer(200, '<?xml version="1.0" encoding="nonsense"?>' + FINE.replace("&b;", "")),
        Answer(200, "<response><returncode>SUCCESS</returncode>"),
        Answer(200, "<other><returncode>SUCCESS</returncode></other>"),
        Answer(200, ""),
        Answer(200, "{}"),
        Answer(200, "<response>" * 10_000),
        Answer.html("<script>alert(1)</script>"),
    ],
    ids=["entities", "file", "encoding", "unknown encoding", "cut", "other", "empty", "json", "deep", "html"],
)
def test_hostile_and_broken_answers_are_not_understood(bigbluebutton, bbb, order, answer):
    for act in (bbb.create, lambda wanted: bbb.check(wanted, None), lambda _wanted: list(bbb.made())):
        bigbluebutton.fail_next(answer)
        assert str(refused(act, order())) == "bigbluebutton answered something that we do not understand."


def test_a_document_type_is_seen_in_every_encoding(bbb):
    from apps.resources.providers import http
    from apps.resources.providers.bigbluebutton import _parsed

    for encoding in ("utf-8", "utf-16", "utf-8-sig"):
        body = (BOMB + FINE).encode(encoding)
        with pytest.raises(ProviderError):
            _parsed(http.Answer(bbb.server, 200, {}, body))
    assert isinstance(
        _parsed(http.Answer(bbb.server, 200, {}, FINE.replace("&b;", "").encode("utf-16"))), ElementTree.Element
    )


def test_a_server_that_is_asked_too_often_names_the_wait(bigbluebutton, bbb, order):
    bigbluebutton.fail_next(Answer(429, "", {"Retry-After": "30"}))
    why = refused(bbb.create, order())
    assert why.retry_in == timedelta(seconds=30)
    assert not why.is_final


def test_nobody_is_led_to_the_inner_network(bigbluebutton, bbb, order):
    bigbluebutton.fail_next(Answer.to("http://169.254.169.254/latest/meta-data/"))
    assert "somewhere else" in str(refused(bbb.create, order()))
    outside = BigBlueButton(replace(bigbluebutton.server(), is_internal=False))
    before = len(bigbluebutton.asked)
    assert refused(outside.create, order()).is_final
    assert len(bigbluebutton.asked) == before


def test_a_name_of_ours_holds_its_key():
    assert named(KEY).endswith(KEY)
    assert len(named(KEY)) == 49
