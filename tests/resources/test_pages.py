"""The pages of resources: who sees what, what is said when it is full, and that nothing typed is lost."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.core.dates import day_and_time
from apps.groups.actions import form_group
from apps.resources.models import Resource, ResourceRequest
from tests.journeys.reader import Page, Reader
from tests.world import World, ask_for, next_noon

pytestmark = pytest.mark.django_db
ROOM = "/resources/video-meeting-room/"


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def reader_as(world: World, role: str) -> Reader:
    reader = Reader()
    if role != "visitor":
        reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader


def open_as(world: World, role: str, address: str) -> Page:
    return reader_as(world, role).open(address)


@pytest.mark.parametrize("role", ["coordinator", "member"])
def test_members_of_the_group_see_where_the_room_is(world, role):
    reader = reader_as(world, role)
    enter = reader.open(world.room.get_absolute_url()).link("Open the room")
    assert enter == f"{world.room.get_absolute_url()}enter/"
    assert reader.client.get(enter).url.startswith(world.room.address)
    assert world.room.address.startswith("https://meet.jit.si/MovementStrategy-")


@pytest.mark.parametrize("role", ["visitor", "participant", "steward", "reviewer", "administrator", "asker", "blocked"])
def test_nobody_else_sees_where_the_room_is(world, role):
    page = open_as(world, role, world.room.get_absolute_url())
    assert page.status == 200
    assert "Newcomers" in page.text  # What it is for is public.
    assert world.room.key not in page.html
    assert "Only the members of the group see the address." in page.text


def test_whoever_left_the_group_no_longer_sees_where_the_room_is(world):
    world.member.state, world.member.ended_at = "left", world.now
    world.member.save()
    assert world.room.key not in open_as(world, "member", world.room.get_absolute_url()).html


def test_details_are_read_by_the_stewards_and_the_group_alone(world):
    ResourceRequest.objects.filter(pk=world.wish.pk).update(details="We meet on Mondays.")
    for role in ("coordinator", "member", "steward"):
        assert "We meet on Mondays." in open_as(world, role, world.wish.get_absolute_url()).text
    for role in ("visitor", "participant", "reviewer"):
        assert "We meet on Mondays." not in open_as(world, role, world.wish.get_absolute_url()).text


def test_a_time_that_is_clicked_in_the_calendar_stands_in_the_form(world):
    reader = reader_as(world, "coordinator")
    start = next_noon(world.now, 3)
    reader.open(f"{ROOM}?start={start:%Y-%m-%dT%H:%M}Z")
    assert reader.page.form("Book this room").values["starts_at"] == [f"{start:%Y-%m-%dT%H:%M}"]


def test_the_time_is_the_readers_own(world):
    coordinator = world.people["coordinator"]
    coordinator.time_zone = "Asia/Kolkata"
    coordinator.save()
    reader = reader_as(world, "coordinator")
    reader.open(ROOM)
    at = (world.now + timedelta(days=6)).strftime("%Y-%m-%d")
    reader.press("Book this room", starts_at=f"{at}T15:30", purpose="In my evening", hours="1.0")
    booked = ResourceRequest.objects.get(purpose="In my evening")
    assert booked.starts_at.strftime("%Y-%m-%d %H:%M %Z") == f"{at} 10:00 UTC"
    with timezone.override(ZoneInfo("Asia/Kolkata")):
        assert f"Booked for {day_and_time(booked.starts_at)}." in reader.page.text
    assert "10:00 UTC" in reader.page.text
    assert "15:30 for you)" in reader.page.text


def test_a_full_room_puts_the_wish_on_the_waiting_list_and_says_so(world):
    start = next_noon(world.now, 7)
    for number in range(Resource.objects.get(slug="video-meeting-room").capacity):
        outsider = world.people["outsider"]
        group = form_group(name=f"Early {number}", by=outsider, now=world.now)
        ask_for("video-meeting-room", group, by=outsider, now=world.now, starts_at=start)
    reader = reader_as(world, "coordinator")
    assert "Full" in reader.open(f"{ROOM}?week={start:%Y-%m-%d}").text
    reader.press("Book this room", starts_at=f"{start:%Y-%m-%dT%H:%M}", purpose="Late", hours="1.0")
    assert "Every place is taken at this time." in reader.page.text
    assert not ResourceRequest.objects.filter(purpose="Late").exists(), "Shown before it is written."
    reader.press("Put us on the waiting list")
    assert "There is no free place for it: it is on the waiting list." in reader.page.text
    assert "Open the room" not in reader.page.text


def test_a_time_in_the_past_is_refused_with_a_sentence_and_the_purpose_stays(world):
    reader = reader_as(world, "coordinator")
    reader.open(ROOM)
    yesterday = (world.now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    reader.press("Book this room", starts_at=yesterday, purpose="Too late", hours="1.0")
    assert "This time is in the past. Choose a later one." in reader.page.text
    assert reader.page.form("Book this room").values["purpose"] == ["Too late"]


def test_who_coordinates_no_group_is_led_to_forming_one(world):
    page = open_as(world, "participant", ROOM)
    assert page.link("Form a working group") == "/groups/new/"
    assert not any(form.has("Book this room") for form in page.forms)


def test_a_visitor_is_asked_to_sign_in_and_comes_back(world):
    page = open_as(world, "visitor", ROOM)
    assert page.link("Sign in to ask") == "/accounts/sign-in/?next=%2Fresources%2Fvideo-meeting-room%2F"


def test_a_steward_finds_the_wish_gives_it_and_the_group_alone_sees_the_address(world):
    tala = reader_as(world, "steward")
    tala.open("/resources/mailing-list/")
    tala.press("Give it", address="https://lists.wikimedia.org/first-steps", answer="Welcome.")
    assert "Given. The group is told." in tala.page.text
    page = open_as(world, "coordinator", world.wish.get_absolute_url())
    assert page.link("https://lists.wikimedia.org/first-steps")
    assert "Welcome." in page.text
    assert "lists.wikimedia.org/first-steps" not in open_as(world, "reviewer", world.wish.get_absolute_url()).html


def test_a_steward_declines_only_with_a_reason(world):
    tala = reader_as(world, "steward")
    tala.open(world.wish.get_absolute_url())
    tala.press("Decline")
    assert "Say why, and what else could help." in tala.page.text
    tala.press("Decline", **{"no-answer": "There is one already."})
    assert "Declined" in tala.page.text
    assert "There is one already." in open_as(world, "coordinator", world.wish.get_absolute_url()).text


def test_the_second_steward_is_told_and_keeps_what_they_wrote(world):
    first, second = reader_as(world, "steward"), reader_as(world, "steward")
    first.open(world.wish.get_absolute_url())
    second.open(world.wish.get_absolute_url())
    first.press("Give it", address="https://lists.wikimedia.org/one")
    second.press("Give it", address="https://lists.wikimedia.org/two", answer="My own words.")
    assert "This was settled before you" in second.page.text
    assert "My own words." in second.page.text
    world.wish.refresh_from_db()
    assert world.wish.address == "https://lists.wikimedia.org/one"


def test_what_nobody_stewards_is_shown_as_wanted(world):
    ask_for("survey-tool", world.group, by=world.people["coordinator"], now=world.now, purpose="For our call")
    page = open_as(world, "visitor", "/resources/")
    assert "1 wish that nobody answers" in page.text
    assert "For our call" in page.text


def test_weeks_go_from_this_one_to_half_a_year_ahead(world):
    assert "Week before" not in open_as(world, "visitor", ROOM).text
    assert "Week after" in open_as(world, "visitor", ROOM).text
    far = open_as(world, "visitor", f"{ROOM}?week=9999-12-31").text
    assert "Week after" not in far
    assert "Week before" in far
