"""The pages of booking: what is shown before it is sent, in how few clicks, and rooms of meetings."""

from datetime import UTC, timedelta
from urllib.parse import urldefrag

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.core.dates import day
from apps.groups.actions import cancel_meeting, change_meeting, form_group, want_to_come
from apps.groups.models import Meeting
from apps.notifications.models import Letter
from apps.resources import actions
from apps.resources.models import Resource, ResourceRequest
from tests.journeys.reader import Reader
from tests.world import World, ask_for, next_noon, plan

pytestmark = pytest.mark.django_db
ROOM = "/resources/video-meeting-room/"
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


@pytest.fixture
def world(shared_world: World) -> World:
    Resource.objects.filter(slug="video-meeting-room").update(capacity=1)
    return shared_world


def reader_as(world: World, role: str) -> Reader:
    reader = Reader()
    reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader


def take(world: World, starts_at, name: str = "Early") -> ResourceRequest:
    """Somebody else has the only seat then."""
    outsider = world.people["outsider"]
    group = form_group(name=f"{name} {starts_at:%m-%d %H}", by=outsider, now=world.now)
    return ask_for("video-meeting-room", group, by=outsider, now=world.now, starts_at=starts_at)


def at(moment) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}"


# --- One form, few clicks --------------------------------------------------------------------


def test_from_the_page_of_a_group_to_a_room_and_to_a_pad_in_two_clicks(world):
    reader = reader_as(world, "coordinator")
    reader.open(world.group.get_absolute_url())
    reader.follow("Book a room")
    form = reader.page.form("Book this room")
    assert form.values["purpose"] == ["Call of First Steps"]
    assert form.values["group"] == [str(world.group.pk)]
    assert "For which group" not in reader.page.text, "There is only one."
    reader.press("Book this room")
    assert reader.page.link("Open the room")
    reader.open(world.group.get_absolute_url())
    reader.follow("Open a pad")
    reader.press("Open a pad", purpose="Minutes")
    assert reader.page.link("Open the pad")


def test_a_pad_of_a_meeting_is_filled_in_already(world):
    reader = reader_as(world, "coordinator")
    reader.open(world.meeting.get_absolute_url())
    reader.follow("Open a pad for the notes")
    assert reader.page.form("Open a pad").values["purpose"] == [world.meeting.title]
    reader.press("Open a pad")
    assert reader.page.link("Open the pad")


def test_who_reads_what_is_said_to_stewards_beforehand(world):
    coordinator = world.people["coordinator"]
    coordinator.languages = ["en", "yo"]
    coordinator.save()
    page = reader_as(world, "coordinator").open("/resources/page-translation/")
    assert page.form("Ask for it").values["details"] == ["Languages: English, Yorùbá"]


# --- Clashes before anything is written ------------------------------------------------------


def test_a_clash_is_said_first_with_other_times_and_a_waiting_list(world):
    start = next_noon(world.now, 7)
    taken = take(world, start)
    reader = reader_as(world, "coordinator")
    reader.open(f"{ROOM}?start={at(start)}Z&hours=1.0&purpose=Mine")
    assert "Every place is taken at this time." in reader.page.text
    nearest = [
        text for text, href in reader.page.links if "start=" in href and "purpose=Mine" in href and "hours" in href
    ]
    nearest = [text for text in nearest if "free" not in text and "Full" not in text]
    assert [text[-9:-4] for text in nearest] == ["11:00", "13:00", "13:30"]
    reader.follow(nearest[1])
    assert "Free:" in reader.page.text
    assert reader.page.form("Book this room").values["purpose"] == ["Mine"], "What was typed comes along."
    reader.open(ROOM)
    reader.press("Book this room", starts_at=at(start), hours="1.0", purpose="Mine")
    assert not ResourceRequest.objects.filter(purpose="Mine").exists()
    reader.press("Put us on the waiting list")
    waiting = ResourceRequest.objects.get(purpose="Mine")
    assert "Number 1 in the line." in reader.page.text
    assert "UTC: it leaves the waiting list, and the group is told" in reader.page.text
    actions.give_back(taken, by=world.people["outsider"], now=timezone.now())
    waiting.refresh_from_db()
    assert waiting.state == "in_use"


def test_while_choosing_the_same_view_answers_with_the_part_alone_and_writes_nothing(world):
    start = next_noon(world.now, 7)
    take(world, start)
    before = ResourceRequest.objects.count()
    client = reader_as(world, "coordinator").client
    client.handler.enforce_csrf_checks = False
    typed = {"look": "yes", "starts_at": at(start), "hours": "1.0", "purpose": ""}
    part = client.post(ROOM, typed, headers={"HX-Request": "true"})
    html = part.content.decode()
    assert html.strip().startswith('<div id="chosen"')
    assert "Every place is taken at this time." in html
    assert "HX-Request" in part["Vary"]
    whole = client.post(ROOM, typed).content.decode()
    assert "<html" in whole
    assert "Put us on the waiting list" in whole
    assert ResourceRequest.objects.count() == before


def test_closed_hours_are_shown_and_refused_with_a_sentence(world):
    Resource.objects.filter(slug="video-meeting-room").update(opens_hour=8, closes_hour=18)
    start = next_noon(world.now, 3)
    reader = reader_as(world, "coordinator")
    page = reader.open(f"{ROOM}?week={start:%Y-%m-%d}")
    assert "It can be used from 8:00 to 18:00 UTC." in page.text
    assert "Closed" in page.text
    reader.press("Book this room", starts_at=at(start.replace(hour=19)), hours="1.0", purpose="Late")
    assert "It is closed then. It can be used from 08:00 to 18:00 UTC" in reader.page.text
    assert not ResourceRequest.objects.filter(purpose="Late").exists()


# --- The calendar ----------------------------------------------------------------------------


def test_a_month_leads_to_its_weeks_and_names_its_fullest_hour(world):
    start = next_noon(world.now, 7)
    take(world, start)
    page = reader_as(world, "coordinator").open(f"{ROOM}?month={start:%Y-%m}")
    assert "is fullest from 12:00 to 13:00 UTC: no place is free." in page.text
    assert page.link(f"{start.day} 96% free") == f"?week={start:%Y-%m-%d}#when"
    assert "Month before" not in reader_as(world, "member").open(f"{ROOM}?month={world.now:%Y-%m}").text


@pytest.mark.parametrize(
    ("zone", "rows"),
    [
        ("Asia/Kolkata", ["00:00 05:30", "03:00 08:30", "06:00 11:30", "13:00 18:30"]),
        ("Asia/Tokyo", ["00:00 09:00", "10:00 19:00", "21:00 06:00 +1", "+1 means the next day there"]),
    ],
)
def test_the_hours_of_the_readers_day_are_shown_in_utc_with_their_own_time_beside(world, zone, rows):
    coordinator = world.people["coordinator"]
    coordinator.time_zone = zone
    coordinator.save()
    text = reader_as(world, "coordinator").open(ROOM).text
    for row in rows:
        assert row in text
    assert " 03:00 +1" not in text, "The middle of their night."


# --- Several dates ---------------------------------------------------------------------------


def test_a_weekly_series_is_shown_first_each_date_can_be_left_out_then_all_is_booked(world):
    start = next_noon(world.now, 7)
    take(world, start + WEEK)
    reader = reader_as(world, "coordinator")
    reader.open(ROOM)
    typed = {"starts_at": at(start), "hours": "1.0", "purpose": "Weekly", "repeat": "weekly"}
    reader.press("Book this room", **typed, until=f"{start + 3 * WEEK:%Y-%m-%d}")
    assert "3 of 4 dates are free" in reader.page.text
    assert not ResourceRequest.objects.filter(purpose="Weekly").exists(), "Shown before it is written."
    kept = [f"{start + n * WEEK:%Y%m%dT%H%M}" for n in (0, 1, 3)]
    reader.press("Book this room", take=kept)
    made = ResourceRequest.objects.filter(purpose="Weekly").order_by("starts_at")
    assert [(wish.starts_at, wish.state) for wish in made] == [
        (start, "in_use"), (start + WEEK, "waiting"), (start + 3 * WEEK, "in_use"),
    ]  # fmt: skip
    assert "2 dates are booked, 1 date is on the waiting list." in reader.page.text
    assert "3 dates of this series" in reader.page.text
    assert "Give back this and later dates…" in reader.page.text
    reader.press(f"Give back 3 dates, from {day(start)} on")
    assert set(made.values_list("state", flat=True)) == {"returned", "taken_back"}


def test_full_dates_are_left_out_if_one_wants_that_and_the_limit_is_explained(world):
    Resource.objects.filter(slug="video-meeting-room").update(max_per_month=3)
    start = next_noon(world.now, 40)
    take(world, start)
    reader = reader_as(world, "coordinator")
    reader.open(ROOM)
    days = ", ".join(f"{start + timedelta(days=n):%Y-%m-%d}" for n in (1, 2, 3, 4))
    typed = {"starts_at": at(start), "hours": "1.0", "purpose": "Days", "repeat": "days", "days": days}
    reader.press("Show the dates", **typed)
    assert "2 of 5 dates are free" in reader.page.text
    assert "Over the limit Your group has 3 uses within 30 days" in reader.page.text
    reader.press("Look again", full="leave")
    assert "3 of 5 dates are free" in reader.page.text, "What is left out does not count."
    reader.press("Book this room", full="leave")
    made = ResourceRequest.objects.filter(purpose="Days")
    assert sorted(made.values_list("starts_at", "state")) == [(start + timedelta(days=n), "in_use") for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"repeat": "weekly"}, "Say until which day"),
        ({"repeat": "weekly", "until": "2000-01-01"}, "too far away"),
        ({"repeat": "days"}, "Name at least one more day."),
        ({"repeat": "days", "days": "tomorrow"}, "“tomorrow” is not a day"),
        ({"repeat": "days", "days": "2026-02-30"}, "“2026-02-30” is not a day"),
    ],
)
def test_what_is_missing_of_a_series_is_said(world, typed, sentence):
    reader = reader_as(world, "coordinator")
    reader.open(ROOM)
    reader.press("Book this room", starts_at=at(next_noon(world.now, 2)), hours="1.0", purpose="Often", **typed)
    assert sentence in reader.page.text
    assert not ResourceRequest.objects.filter(purpose="Often").exists()


# --- What a group does with a booking --------------------------------------------------------


def test_a_booking_gets_another_time_and_a_running_one_goes_on_for_longer(world):
    start = next_noon(world.now, 7)
    mine = ask_for("video-meeting-room", world.group, by=world.people["coordinator"], now=world.now, starts_at=start)
    reader = reader_as(world, "coordinator")
    reader.open(mine.get_absolute_url())
    reader.follow("Change the time")
    reader.press("Change the time", starts_at=at(start + HOUR), hours="2.0")
    mine.refresh_from_db()
    assert (mine.starts_at, mine.ends_at) == (start + HOUR, start + 3 * HOUR)
    runs = timezone.now() - timedelta(minutes=5)
    ResourceRequest.objects.filter(pk=mine.pk).update(starts_at=runs, ends_at=runs + HOUR)
    reader.open(mine.get_absolute_url())
    reader.press(f"Until {runs + 1.5 * HOUR:%H:%M} UTC")
    mine.refresh_from_db()
    assert mine.ends_at == runs + 1.5 * HOUR


def test_coordinators_and_stewards_say_whether_anybody_came(world):
    over = timezone.now() - HOUR
    world.room.resource.stewards.add(world.people["steward"])
    ResourceRequest.objects.filter(pk=world.room.pk).update(
        starts_at=over - HOUR, ends_at=over, state="returned", closed_at=over, was_used=False, whose_word="machine"
    )
    bola = reader_as(world, "coordinator")
    bola.open(world.room.get_absolute_url())
    assert "The machine saw nobody. If that is not so, correct it by" in bola.page.text
    bola.press("It took place", came="yes")
    assert "The group said that it took place." in bola.page.text
    reader = reader_as(world, "steward")
    reader.open(world.room.get_absolute_url())
    reader.press("Yes, nobody came")
    assert "Nobody came: it counts twice" in reader.page.text
    assert "Did it take place?" not in reader_as(world, "coordinator").open(world.room.get_absolute_url()).text
    assert "Did it take place?" not in reader_as(world, "participant").open(world.room.get_absolute_url()).text


def test_a_steward_answers_on_the_page_of_the_resource_and_stays_there(world):
    tala = reader_as(world, "steward")
    tala.open("/resources/mailing-list/")
    tala.press("Give it", address="https://lists.example.org/x", answer="Welcome.")
    assert tala.page.address == "/resources/mailing-list/"
    world.wish.refresh_from_db()
    assert (world.wish.state, world.wish.address) == ("in_use", "https://lists.example.org/x")


# --- Rooms of meetings -----------------------------------------------------------------------


def test_a_meeting_gets_its_room_in_one_click_and_guests_find_it(world):
    meeting, guest = world.meeting, world.people["participant"]
    want_to_come(meeting, by=guest, now=timezone.now())
    reader = reader_as(world, "coordinator")
    reader.open(meeting.get_absolute_url())
    reader.press("Get a room")
    booked = meeting.bookings.get()
    assert (booked.state, booked.purpose) == ("in_use", meeting.title)
    assert (meeting.starts_at - booked.starts_at, booked.ends_at) == (timedelta(minutes=10), meeting.ends_at)
    assert "Recording is off unless somebody switches it on." in reader.page.text
    assert reader.page.link(urldefrag(booked.address).url) == booked.address
    assert reader_as(world, "participant").open(meeting.get_absolute_url()).link(urldefrag(booked.address).url)
    ics = reader.client.get(reverse("home:calendar_of_meeting", args=[meeting.pk])).content.decode()
    assert booked.key in ics.replace("\r\n ", "")
    assert Letter.objects.filter(recipient=guest, notice__kind="groups.meeting_moved").count() == 1
    Meeting.objects.filter(pk=meeting.pk).update(is_open=False)
    assert booked.key not in reader_as(world, "participant").open(meeting.get_absolute_url()).html
    actions.give_back(booked, by=world.people["coordinator"], now=timezone.now())
    assert Letter.objects.filter(recipient=guest, notice__kind="groups.meeting_moved").count() >= 1
    assert booked.key not in reader.open(meeting.get_absolute_url()).html


def test_when_every_room_is_taken_the_page_says_so_first_and_the_meeting_can_wait(world):
    meeting, guest = world.meeting, world.people["participant"]
    want_to_come(meeting, by=guest, now=timezone.now())
    taken = take(world, meeting.starts_at)
    reader = reader_as(world, "coordinator")
    reader.open(meeting.get_absolute_url())
    reader.press("Get a room")
    assert "Every room is taken at the time of the meeting." in reader.page.text
    assert "A room is free if the meeting begins" in reader.page.text
    assert not meeting.bookings.exists()
    reader.press("Put us on the waiting list")
    assert "It waits for a room" in reader.page.text
    actions.give_back(taken, by=world.people["outsider"], now=timezone.now())
    assert meeting.bookings.get().state == "in_use"
    assert Letter.objects.filter(recipient=guest, notice__kind="groups.meeting_moved").count() == 1


def test_a_meeting_gets_the_room_with_the_most_free_seats_that_its_group_can_have(world):
    room = Resource.objects.get(slug="video-meeting-room")
    for slug, changed in {
        "bigger": {"capacity": 9},
        "closed": {"capacity": 99, "opens_hour": 0, "closes_hour": 1},
        "elsewhere": {"capacity": 50, "for_regions": ["eseap"]},
    }.items():
        room.pk, room.slug = None, slug
        for name, value in changed.items():
            setattr(room, name, value)
        room.save(force_insert=True)
    assert actions.book_room_for(world.meeting, by=world.people["coordinator"], now=world.now).resource.slug == "bigger"


def test_a_meeting_is_planned_with_a_room_and_without_a_place(world):
    reader = reader_as(world, "coordinator")
    reader.open(reverse("groups:plan_meeting", args=[world.group.slug]))
    start = next_noon(world.now, 9)
    typed = {"title": "With a room", "agenda": "All", "starts_at": at(start), "minutes": "180", "languages": "en"}
    reader.press("Plan the meeting", **typed)
    assert "Say where people go, or book a room." in reader.page.text
    reader.press("Plan the meeting", **typed, book_room="on")
    booked = ResourceRequest.objects.get(purpose="With a room")
    assert booked.starts_at == start, "Three hours are the most, so it begins with the meeting."
    assert reader.page.link(urldefrag(booked.address).url)
    reader.follow("Change the meeting")
    reader.press("Save", starts_at=at(start + HOUR))
    booked.refresh_from_db()
    assert booked.starts_at == start + HOUR


def changed(meeting, starts_at, by):
    now = timezone.now()
    return change_meeting(
        meeting, title=meeting.title, agenda=meeting.agenda, starts_at=starts_at, minutes=60, languages=["en"],
        place=meeting.place, is_open=True, initiative_number=None, by=by, now=now,
    )  # fmt: skip


def test_the_room_goes_along_with_its_meeting_waits_if_the_new_time_is_full_and_ends_with_it(world):
    coordinator, start = world.people["coordinator"], next_noon(world.now, 12)
    meeting = plan(world.group, by=coordinator, now=world.now, starts_at=start, title="Moves")
    guest = world.people["participant"]
    want_to_come(meeting, by=guest, now=world.now)
    booked = actions.book_room_for(meeting, by=coordinator, now=world.now)
    key = booked.key
    meeting = changed(meeting, start + HOUR, coordinator)
    booked.refresh_from_db()
    assert (booked.starts_at, booked.key, booked.state) == (start + HOUR - timedelta(minutes=10), key, "in_use")
    reader = reader_as(world, "coordinator")
    assert "It follows its meeting" in reader.open(booked.get_absolute_url()).text
    taken = take(world, start + 6 * HOUR)
    meeting = changed(meeting, start + 6 * HOUR, coordinator)
    booked.refresh_from_db()
    waits = meeting.bookings.get(state="waiting")
    assert booked.state == "returned"
    assert Letter.objects.filter(recipient=guest, notice__kind="groups.meeting_moved").exists()
    assert "It waits for a room" in reader.open(meeting.get_absolute_url()).text
    actions.give_back(taken, by=world.people["outsider"], now=timezone.now())
    waits.refresh_from_db()
    assert waits.state == "in_use"
    cancel_meeting(meeting, reason="Ill.", by=coordinator, now=timezone.now())
    waits.refresh_from_db()
    assert waits.state == "returned"


def test_a_second_click_gives_no_second_room_and_strangers_get_none(world):
    coordinator = world.people["coordinator"]
    actions.book_room_for(world.meeting, by=coordinator, now=timezone.now())
    address = reverse("resources:room_for_meeting", args=[world.meeting.pk])
    client = reader_as(world, "coordinator").client
    client.handler.enforce_csrf_checks = False
    assert "has a room already" in client.post(address, follow=True).content.decode()
    assert world.meeting.bookings.count() == 1
    page = reader_as(world, "participant").open(world.meeting.get_absolute_url())
    assert not any(form.has("Get a room") for form in page.forms)
