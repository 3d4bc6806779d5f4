"""Calendar feeds: read by a real parser, held against the rules of RFC 5545, and for nobody but whom they are for."""

import io
import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar, Event
from structlog.stdlib import ProcessorFormatter

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.groups.actions import answer_join, form_group, want_to_come
from apps.groups.models import Group, Meeting
from apps.home.feeds import plain
from apps.initiatives.actions import post_update, step_down
from apps.initiatives.models import Adoption, Lead
from apps.notifications.models import Letter
from apps.record.models import Act
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import add_member
from tests.world import World, ask_for, calendar_key_of, make_person, next_noon

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def private(key: str) -> str:
    return reverse("home:calendar_of_person", args=[key])


def public(number: int) -> str:
    return reverse("home:calendar_of_initiative", args=[number])


def fetched(address: str, **options) -> bytes:
    """As a calendar program fetches it: signed out, without cookies."""
    response = Client().get(address, **options)
    assert response.status_code == 200
    return response.content


def read(address: str, **options) -> Calendar:
    content = fetched(address, **options)
    assert_follows_the_rules(content)
    return Calendar.from_ical(content)


def events(address: str, **options) -> dict[str, Event]:
    """The events by what stands before the @ of their uid."""
    return {str(event["UID"]).partition("@")[0]: event for event in read(address, **options).walk("VEVENT")}


def of_person(person: User, **options) -> dict[str, Event]:
    person.refresh_from_db()
    return events(private(person.calendar_key or calendar_key_of(person)), **options)


def page_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- The rules of the format, checked without the library that writes it ------------------------

ONCE = ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "LAST-MODIFIED", "URL")
IN_UTC = re.compile(r"\d{8}T\d{6}Z")


def assert_follows_the_rules(content: bytes) -> None:
    assert content.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    physical = content.split(b"\r\n")[:-1]
    assert max(map(len, physical)) <= 75
    for line in physical:
        line.decode()  # No fold goes through the middle of a letter.
    text = content.decode()
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    lines = text.replace("\r\n ", "").split("\r\n")[:-1]
    assert all(re.match(r"[A-Z-]+[:;]", line) for line in lines), "a text has broken out of its line"
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    about_all, *parts = "\n".join(lines[1:-1]).split("BEGIN:VEVENT\n")
    assert "VERSION:2.0" in about_all
    assert about_all.count("PRODID:") == 1
    assert not set(re.findall(r"^(?:BEGIN|END):(\w+)", "\n".join(lines), re.M)) - {"VCALENDAR", "VEVENT"}
    uids = [assert_is_an_event(part) for part in parts]
    assert len(set(uids)) == len(uids)


def assert_is_an_event(part: str) -> str:
    properties = part.strip().split("\n")
    assert properties.pop() == "END:VEVENT"
    named = [line.partition(":") for line in properties]
    names = [name for name, _colon, _value in named]
    values = {name: value for name, _colon, value in named}
    assert [names.count(name) for name in ONCE] == [1] * len(ONCE), part
    for name in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED"):
        assert IN_UTC.fullmatch(values.get(name, "20260101T000000Z")), part
    assert re.fullmatch(r"[\w.-]+@localhost", values["UID"])
    return values["UID"]


# --- What I owe ------------------------------------------------------------------------------


def test_what_i_owe_stands_at_its_due_time_with_what_silence_does_and_a_link(world):
    coordinator = world.people["coordinator"]
    mine = of_person(coordinator)
    event = mine[f"groups.answer_join-{world.asked.pk}"]
    assert event["SUMMARY"] == "You owe: A request to join First Steps"
    assert (world.asked.began_at + timedelta(days=14)).replace(microsecond=0) == event.DTSTART
    assert event.DTSTART.tzinfo is not None
    silence, address = event["DESCRIPTION"].split("\n")
    assert silence.startswith("Silence until ")
    assert silence.endswith(" UTC: whoever asked becomes a member.")
    assert address == event["URL"] == f"http://localhost:8000{world.group.get_absolute_url()}"
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt == world.asked.began_at.replace(microsecond=0)


def test_a_debt_that_is_paid_disappears(world):
    coordinator = world.people["coordinator"]
    uid = f"groups.answer_join-{world.asked.pk}"
    assert uid in of_person(coordinator)
    answer_join(world.asked, admit=True, by=coordinator, now=world.now)
    assert uid not in of_person(coordinator)


def test_the_calendar_names_itself_and_says_how_often_to_come(world):
    found = read(private(world.calendar_key))
    assert found["X-WR-CALNAME"] == found["NAME"] == "Movement Strategy · What I owe"
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in fetched(private(world.calendar_key))
    assert b"\r\nX-PUBLISHED-TTL:PT1H\r\n" in fetched(private(world.calendar_key))
    assert found["URL"] == "http://localhost:8000/me/"
    assert found["VERSION"] == "2.0"
    assert "METHOD" not in found


def test_who_owes_nothing_has_an_empty_calendar(world):
    assert of_person(world.people["participant"]) == {}


def test_the_same_state_makes_the_same_file(world):
    assert fetched(private(world.calendar_key)) == fetched(private(world.calendar_key))


# --- The dates of my groups ------------------------------------------------------------------


def test_the_dates_of_the_term_stand_in_the_calendar_of_every_member(world):
    adoption = Adoption.objects.get(pk=world.adoption.pk)
    found = of_person(world.people["member"])
    expected = {
        f"notice-{adoption.pk}": adoption.notice_ends_at,
        f"quiet-{adoption.pk}": adoption.last_act_at + timedelta(days=60),
        f"lapse-{adoption.pk}": adoption.last_act_at + timedelta(days=90),
        f"term-{adoption.pk}": adoption.term_began_at + timedelta(days=365),
    }
    assert {uid: found[uid].DTSTART for uid in expected} == {
        uid: at.replace(microsecond=0) for uid, at in expected.items()
    }
    quiet = found[f"quiet-{adoption.pk}"]
    assert quiet["SUMMARY"] == "13 Resources for newcomers · The badge turns quiet"
    assert "If nothing more happens" in quiet["DESCRIPTION"]
    assert "Led by First Steps." in quiet["DESCRIPTION"]


def test_a_date_moves_and_keeps_its_uid(world):
    member, uid = world.people["member"], f"quiet-{world.adoption.pk}"
    before = of_person(member)[uid]
    post_update(world.adoption, group=world.group, text="And on.", link="", by=member, now=world.now)
    after = of_person(member)[uid]
    assert after.DTSTART > before.DTSTART
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt


def test_what_i_owe_at_the_moment_the_term_lapses_stands_there_once(world):
    lead = Lead.objects.get(adoption=world.adoption)
    found = of_person(world.people["coordinator"])
    assert f"initiatives.keep_alive-{lead.pk}" in found
    assert f"lapse-{world.adoption.pk}" not in found
    assert len({(event["URL"], event.DTSTART) for event in found.values()}) == len(found)


def test_a_booked_room_stands_from_start_to_end_with_purpose_and_address(world):
    room = world.room
    event = of_person(world.people["member"])[f"booking-{room.pk}"]
    assert (room.starts_at, room.ends_at) == (event.DTSTART, event.DTEND)
    assert event["SUMMARY"] == "Newcomers"
    assert event["DESCRIPTION"].startswith("Video meeting room for First Steps\n")
    assert event["LOCATION"] == room.address != ""
    assert event["TRANSP"] == "OPAQUE"


def test_a_room_given_back_and_the_rooms_of_others_are_not_there(world):
    member = world.people["member"]
    other = form_group(name="Other", by=world.people["outsider"], now=world.now)
    theirs = ask_for("video-meeting-room", other, by=world.people["outsider"], now=world.now,
                     starts_at=next_noon(world.now, 3))  # fmt: skip
    assert f"booking-{theirs.pk}" not in of_person(member)
    ResourceRequest.objects.filter(pk=world.room.pk).update(state="returned", closed_at=world.now)
    assert not [uid for uid in of_person(member) if uid.startswith("booking-")]


def test_who_leaves_a_group_loses_its_dates_and_its_rooms(world):
    member = world.people["member"]
    assert of_person(member)
    type(world.member).objects.filter(pk=world.member.pk).update(state="left", ended_at=world.now)
    own = f"groups.close_proposal-{world.objection.proposal_id}"
    assert set(of_person(member)) == {own}, "What they objected to themselves still waits for them."


def test_what_others_owe_my_group_says_who_owes_it(world):
    found = of_person(world.people["member"])
    review = found[f"engagement.review-{world.submission.pk}"]
    assert review["SUMMARY"] == "4 measured steps of First Steps"
    assert review["DESCRIPTION"].startswith("Owed by the reviewers, any one of them.\nSilence until ")
    assert review["URL"] == "http://localhost:8000/me/"  # The review queue is closed to them.
    assert f"resources.answer-{world.wish.pk}" in found


def test_what_i_owe_to_my_own_group_stands_there_once_as_mine(world):
    steward = world.people["steward"]
    add_member(world.group, steward, now=world.now)
    event = of_person(steward)[f"resources.answer-{world.wish.pk}"]
    assert event["SUMMARY"].startswith("You owe: ")


# --- The reader's language and time zone --------------------------------------------------------


def test_an_arabic_reader_gets_arabic_words_and_times_in_utc(world):
    coordinator = world.people["coordinator"]
    User.objects.filter(pk=coordinator.pk).update(language="ar")
    response = Client().get(private(world.calendar_key), headers={"Accept-Language": "en"})
    assert response["Content-Language"] == "ar"
    event = of_person(coordinator, headers={"Accept-Language": "en"})[f"engagement.review-{world.submission.pk}"]
    assert re.search("[\u0621-\u064a]{3}", event["SUMMARY"])
    assert "First Steps" in event["SUMMARY"]
    assert re.search("[\u0621-\u064a]{3}", event["DESCRIPTION"])
    assert event["DTSTART"].to_ical().endswith(b"Z")


@pytest.mark.parametrize(
    ("starts_at", "local"),
    [
        # In Berlin clocks went forward on 30 March and back on 26 October, both at 01:00 UTC.
        (datetime(2025, 3, 30, 0, 59, tzinfo=UTC), "30 March 2025, 01:59 CET"),
        (datetime(2025, 3, 30, 1, tzinfo=UTC), "30 March 2025, 03:00 CEST"),
        (datetime(2025, 10, 25, 23, tzinfo=UTC), "26 October 2025, 01:00 CEST"),
        (datetime(2025, 10, 26, 2, tzinfo=UTC), "26 October 2025, 03:00 CET"),
    ],
)
def test_times_are_in_utc_whatever_the_clocks_do_and_words_in_the_readers_zone(world, starts_at, local):
    coordinator = world.people["coordinator"]
    User.objects.filter(pk=coordinator.pk).update(time_zone="Europe/Berlin")
    ResourceRequest.objects.filter(pk=world.room.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    asked = Deadline.objects.filter(rule="groups.answer_join", subject_id=world.asked.pk)
    asked.update(opened_at=starts_at - timedelta(days=14), due_at=starts_at)
    found = of_person(coordinator)
    room, asked = found[f"booking-{world.room.pk}"], found[f"groups.answer_join-{world.asked.pk}"]
    written = starts_at.strftime("%Y%m%dT%H%M%SZ").encode()
    assert room["DTSTART"].to_ical() == asked["DTSTART"].to_ical() == written
    assert timedelta(hours=2) == room.DTEND - room.DTSTART
    assert asked["DESCRIPTION"].startswith(f"Silence until {local}: ")


def test_a_time_zone_and_a_language_that_are_gone_break_nothing(world):
    User.objects.filter(pk=world.people["coordinator"].pk).update(time_zone="Atlantis/Capital", language="xx")
    assert "You owe: " in str(of_person(world.people["coordinator"]))


# --- Texts that want to be more than texts ------------------------------------------------------

HOSTILE = [
    "a,b;c\\n\\,\\;",
    "x\r\nEND:VEVENT\r\nBEGIN:VALARM\nATTENDEE:mailto:eve@example.org",
    '<script>alert(1)</script> & "quotes" ^n ^\'',
    "اجتماع " * 11,
    "🧑🏽‍🤝‍🧑🏻" * 10,
    "\u202eevil\u2066 \u2028 \x85 bell\x07 esc\x1b",
    "ä" * 80,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_write_stays_the_text_of_one_property(world, text):
    Group.objects.filter(pk=world.group.pk).update(name=text[:80])
    ResourceRequest.objects.filter(pk=world.room.pk).update(purpose=text[:200])
    Meeting.objects.filter(pk=world.meeting.pk).update(agenda=text, place=text[:200])
    found = of_person(world.people["coordinator"])
    shown = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text.replace("\r\n", "\n"))
    event = found[f"booking-{world.room.pk}"]
    assert event["SUMMARY"] == shown[:200]
    meeting = found[f"meeting-{world.meeting.pk}"]
    assert meeting["LOCATION"].strip() == shown[:200].strip()
    assert shown.strip() in meeting["DESCRIPTION"]
    assert events(public(world.led.number)).keys() == {
        f"{kind}-{world.adoption.pk}" for kind in ("notice", "quiet", "lapse", "term")
    } | {
        f"engagement.review-{world.submission.pk}",
        f"resources.answer-{world.wish.pk}",
        f"meeting-{world.meeting.pk}",
    }


def test_a_nul_byte_is_left_out():
    assert plain("a\0b\tc\nd\x7f") == "ab\tc\nd"


# --- The secret ------------------------------------------------------------------------------


def test_a_person_makes_an_address_copies_it_changes_it_and_stops_it(world):
    person = world.people["member"]
    client = page_of(person)
    page = client.get("/me/calendar/").content.decode()
    assert "Make a secret address" in page
    assert "/feeds/calendar/" not in page

    page = client.post(reverse("accounts:make_calendar"), follow=True).content.decode()
    [first] = re.findall(r'value="http://localhost:8000(/feeds/calendar/[\w-]{43}\.ics)"', page)
    assert events(first)

    page = client.post(reverse("accounts:renew_calendar"), follow=True).content.decode()
    [second] = re.findall(r'value="http://localhost:8000(/feeds/calendar/[\w-]{43}\.ics)"', page)
    assert second != first
    assert Client().get(first).status_code == 404
    assert events(second)

    page = client.post(reverse("accounts:drop_calendar"), follow=True).content.decode()
    assert "The address of your calendar has stopped." in page
    assert Client().get(second).status_code == 404


def test_a_second_click_does_nothing_twice_and_says_so(world):
    person = world.people["member"]
    client = page_of(person)
    client.post(reverse("accounts:make_calendar"))
    person.refresh_from_db()
    key = person.calendar_key
    page = client.post(reverse("accounts:make_calendar"), follow=True).content.decode()
    person.refresh_from_db()
    assert "Your calendar has an address already." in page
    assert person.calendar_key == key
    client.post(reverse("accounts:drop_calendar"))
    for name in ("accounts:drop_calendar", "accounts:renew_calendar"):
        assert "Your calendar has no address." in client.post(reverse(name), follow=True).content.decode()
    person.refresh_from_db()
    assert person.calendar_key is None


@pytest.mark.parametrize("key", ["x" * 43, "None", "0", "null"])
def test_an_address_that_nobody_has_is_not_found(world, key):
    assert Client().get(private(key)).status_code == 404


def test_the_calendar_of_a_blocked_person_is_not_found_until_the_block_ends(world):
    coordinator = world.people["coordinator"]
    User.objects.filter(pk=coordinator.pk).update(blocked_at=world.now)
    assert Client().get(private(world.calendar_key)).status_code == 404
    User.objects.filter(pk=coordinator.pk).update(blocked_at=None)
    assert events(private(world.calendar_key))


def test_a_private_calendar_is_kept_by_no_cache_and_no_search_engine_and_sets_no_cookie(world):
    response = Client().get(private(world.calendar_key))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Content-Disposition"].endswith('.ics"')
    assert not response.cookies
    assert "ETag" not in response


def test_who_is_signed_in_elsewhere_reads_the_calendar_of_the_address(world):
    response = page_of(world.people["steward"]).get(private(world.calendar_key))
    assert response.content == fetched(private(world.calendar_key))


def test_nobody_finds_the_secret_on_a_page_in_the_record_in_a_letter_or_in_the_download(world):
    key, client = world.calendar_key, page_of(world.people["coordinator"])
    own = client.get("/me/calendar/")
    assert key in own.content.decode()
    assert "no-store" in own["Cache-Control"]
    for role in ("member", "administrator", "reviewer"):
        for address in ("/me/calendar/", "/me/", world.group.get_absolute_url(), "/people/", "/accounts/settings/"):
            assert key not in page_of(world.people[role]).get(address).content.decode()
    data = json.loads(client.get(reverse("accounts:export")).content)
    assert data["account"]["calendar_feed"] is True
    assert key not in json.dumps(data)
    acts, letters = Act.objects.count(), Letter.objects.count()
    client.post(reverse("accounts:renew_calendar"))
    client.post(reverse("accounts:drop_calendar"))
    assert (acts, letters) == (Act.objects.count(), Letter.objects.count())


def test_logs_do_not_tell_the_secret(world, monkeypatch):
    [console] = [
        handler for handler in logging.getLogger().handlers if isinstance(handler.formatter, ProcessorFormatter)
    ]
    written = io.StringIO()
    monkeypatch.setattr(console, "stream", written)
    client = Client(raise_request_exception=False)
    User.objects.filter(pk=world.people["coordinator"].pk).update(blocked_at=world.now)
    assert client.get(private(world.calendar_key)).status_code == 404
    User.objects.filter(pk=world.people["coordinator"].pk).update(blocked_at=None)
    monkeypatch.setattr("apps.home.calendar.events_of_person", None)
    assert client.get(private(world.calendar_key)).status_code == 500
    assert written.getvalue().count("/feeds/calendar/….ics") >= 2
    assert world.calendar_key not in written.getvalue()


# --- Meetings ------------------------------------------------------------------------------------


def test_a_meeting_of_members_stands_in_their_calendars_alone(world):
    name = f"meeting-{world.meeting.pk}"
    member, guest = world.people["member"], world.people["participant"]
    want_to_come(world.meeting, by=guest, now=world.now)
    assert name in of_person(member)
    assert name in of_person(guest)
    assert name in events(public(world.led.number))
    Meeting.objects.filter(pk=world.meeting.pk).update(is_open=False)
    assert name in of_person(member)
    assert name not in of_person(guest)
    assert name not in events(public(world.led.number))


def test_a_meeting_about_another_initiative_stands_in_its_calendar_alone(world):
    Meeting.objects.filter(pk=world.meeting.pk).update(initiative_number=world.free.number)
    assert f"meeting-{world.meeting.pk}" not in events(public(world.led.number))


# --- The public calendar of an initiative --------------------------------------------------------


def test_the_calendar_of_an_initiative_has_its_dates_and_public_waits_and_no_person(world):
    text = fetched(public(world.led.number)).decode().replace("\r\n ", "")
    found = events(public(world.led.number))
    assert {uid.rpartition("-")[0] for uid in found} == {
        "notice", "quiet", "lapse", "term", "engagement.review", "resources.answer", "meeting",
    }  # fmt: skip
    assert "Owed by the reviewers" in str(found)
    assert "First Steps" in text
    for person in world.people.values():
        assert person.username not in text
    assert world.room.address not in text
    calendar = read(public(world.led.number))
    assert calendar["X-WR-CALNAME"] == "Movement Strategy · 13 Resources for newcomers"
    assert calendar["URL"] == f"http://localhost:8000{world.led.get_absolute_url()}"
    meeting = f"http://localhost:8000{world.meeting.get_absolute_url()}"
    assert {event["URL"] for event in found.values()} == {calendar["URL"], meeting}


def test_an_initiative_that_nobody_leads_has_an_empty_calendar(world):
    assert events(public(world.free.number)) == {}
    step_down(Lead.objects.get(adoption=world.adoption), notes="", by=world.people["coordinator"], now=world.now)
    assert events(public(world.led.number)) == {}


def test_what_waits_for_the_clock_alone_is_in_the_calendar_of_the_group_only(world):
    Resource.objects.filter(pk=world.room.resource_id).update(capacity=1)
    starts_at = world.room.starts_at + timedelta(minutes=30)
    late = ask_for(
        "video-meeting-room", world.group, by=world.people["coordinator"], now=world.now, starts_at=starts_at
    )
    assert late.state == "waiting"
    assert f"resources.wait_for_seat-{late.pk}" in of_person(world.people["member"])
    assert f"resources.wait_for_seat-{late.pk}" not in events(public(world.led.number))


def test_a_missing_early_step_is_said_at_the_day_of_quiet(world):
    Adoption.objects.filter(pk=world.adoption.pk).update(
        early_steps_met_at=None, adopted_at=world.now - timedelta(days=80)
    )
    event = events(public(world.led.number))[f"quiet-{world.adoption.pk}"]
    assert "the first four must-steps are not met" in event["SUMMARY"]


def test_the_public_calendar_is_the_same_for_all_readers_of_a_language(world):
    User.objects.update(time_zone="Asia/Tokyo")
    theirs = page_of(world.people["coordinator"]).get(public(world.led.number))
    assert theirs.content == fetched(public(world.led.number))
    arabic = Client().get(public(world.led.number), {"language": "ar"})
    assert arabic["Content-Language"] == "ar"
    assert world.led.titles["ar"] in arabic.content.decode().replace("\r\n ", "")


def test_a_program_that_has_the_file_already_gets_no_second_one(world):
    first = Client().get(public(world.led.number))
    again = Client().get(public(world.led.number), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_page_of_an_initiative_leads_to_its_calendar(world):
    page = Client().get(world.led.get_absolute_url(), {"language": "ar"}).content.decode()
    address = f"{public(world.led.number)}?language=ar"
    assert f'<link rel="alternate" type="text/calendar" href="{address}"' in page
    assert f'<a href="{address}">' in page


def test_my_page_and_the_settings_lead_to_my_calendar(world):
    client = page_of(make_person("Nell"))
    for address in ("/me/", "/accounts/settings/"):
        assert 'href="/me/calendar/"' in client.get(address).content.decode()
