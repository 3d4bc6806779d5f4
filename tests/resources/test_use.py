"""Use and fairness, with examples counted by hand."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.cache import cache

from apps.core.clock import add_working_days
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.resources import actions, queries
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries.use import count_use
from tests.conftest import NOW
from tests.resources.offers import ask, offer, pool

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGAN = NOW - 40 * DAY


@pytest.fixture(autouse=True)
def nothing_counted_yet(db):
    cache.clear()


@pytest.fixture
def others(person):
    someone = person("Otto")
    return form_group(name="Others", by=someone, now=BEGAN), someone


def rows(now=NOW):
    counted = count_use(now)
    _everything, offers = queries.use_of_offers(counted, queries.most_asked(counted), now)
    return {(row["resource"], row["group"]): row for row in queries.use_as_data(offers)}


def without_zeros(row):
    about = {"resource", "resource_name", "group", "group_name"}
    return {name: value for name, value in row.items() if value and name not in about}


@pytest.fixture
def booked_room(catalogue, group, coordinator, steward, others):
    """A room with one place, and seven bookings that were asked for on the same day:

    First Steps   two hours that took place; one hour to which nobody came; one hour given back the day before;
                  one hour that begins tomorrow
    Others        three hours of which nobody said anything; three hours that a steward ended after two;
                  and the hour of tomorrow, which is taken: they are on the waiting list
    """
    Resource.objects.filter(slug="video-meeting-room").update(capacity=1)
    room = Resource.objects.get(slug="video-meeting-room")
    room.stewards.add(steward)

    def book(whose, by, starts_at, hours):
        times = {"starts_at": starts_at, "ends_at": starts_at + hours * HOUR}
        return ask(room, whose, by=by, now=BEGAN, purpose=f"{starts_at}", **times)

    took_place = book(group, coordinator, BEGAN + DAY, 2)
    nobody_came = book(group, coordinator, BEGAN + 2 * DAY, 1)
    given_back = book(group, coordinator, BEGAN + 4 * DAY, 1)
    book(group, coordinator, NOW + DAY, 1)
    book(*others, BEGAN + 3 * DAY, 3)
    ended = book(*others, BEGAN + 5 * DAY, 3)
    book(*others, NOW + DAY, 1)
    for request, was_used in ((took_place, True), (nobody_came, False)):
        sweep(now=request.ends_at)
        actions.note_use(request, was_used=was_used, by=coordinator, now=request.ends_at)
    actions.give_back(given_back, by=coordinator, now=BEGAN + 3 * DAY)
    sweep(now=BEGAN + 4 * DAY)
    actions.end_use(ended, reason="Repairs.", by=steward, now=ended.starts_at + 2 * HOUR)
    return room


def test_hours_of_a_room_by_hand(booked_room):
    # Booked: 2 + 1 + 0 (given back before it began) + 1 by First Steps, 3 + 2 (ended after two) by Others: 9 hours.
    # Of these 2 were used, to 1 nobody came, 1 is to come, and of 5 nobody knows: they are not called used.
    found = rows()
    assert without_zeros(found["video-meeting-room", None]) == {
        "asked": 7, "given": 6, "places": 6, "waiting": 1, "ended": 1, "given_back": 1, "no_shows": 1, "capacity": 1,
        "hours_booked": 9, "hours_used": 2, "hours_nobody_came": 1, "hours_not_known": 5, "hours_to_come": 1,
    }  # fmt: skip
    # The bigger share first, of hours and not of times: 5 of 9, though Others were given less often.
    assert [group for _resource, group in found] == [None, "others", "first-steps"]
    assert [found["video-meeting-room", group]["share"] for group in ("others", "first-steps")] == [0.5556, 0.4444]
    assert [found["video-meeting-room", group]["given"] for group in ("others", "first-steps")] == [2, 4]
    tomorrow = rows(NOW + DAY)["video-meeting-room", None]
    assert (tomorrow["in_use_now"], tomorrow["hours_to_come"]) == (1, 1)
    assert rows(NOW + DAY + HOUR)["video-meeting-room", None]["hours_to_come"] == 0


def test_what_stewards_and_silence_did_by_hand(catalogue, group, coordinator, steward, stranger, others):
    """Three wishes at an offer whose stewards are slow, and what became of each."""
    quiet = offer(steward, name="Quiet", now=BEGAN)
    busy = offer(stranger, name="Busy", now=BEGAN)
    late = add_working_days(BEGAN, 10)
    went_on = ask(quiet, group, by=coordinator, now=BEGAN)
    agreed = pool(steward, name="Agreed", kind="liaison_hours", policy="stewards_decide", silence_gives=True, now=BEGAN)
    ask(agreed, others[0], by=others[1], now=BEGAN)
    sweep(now=late)
    went_on.refresh_from_db()
    assert went_on.resource == busy
    actions.decline_request(went_on, answer="Not this one.", by=stranger, now=late)
    given = ask(quiet, group, by=coordinator, now=BEGAN, purpose="Two")
    actions.give_resource(given, address="", answer="Here.", by=steward, now=BEGAN + DAY)
    ask(quiet, *others[:1], by=others[1], now=NOW, purpose="Three")
    ask(Resource.objects.get(slug="forum-category"), group, by=coordinator, now=NOW)
    old = ask(busy, group, by=coordinator, now=BEGAN, purpose="Long ago")
    ResourceRequest.objects.filter(pk=old.pk).update(asked_at=NOW - 366 * DAY)

    found = {name: without_zeros(row) for (name, group), row in rows().items() if group is None}
    assert found == {
        "quiet": {"asked": 3, "given": 1, "places": 1, "went_on_in_silence": 1, "unanswered": 1},
        "busy": {"asked": 1, "declined": 1},
        "agreed": {"asked": 1, "given": 1, "places": 1, "given_by_silence": 1, "capacity": 2},
        "forum-category": {"asked": 1, "went_on_otherwise": 1, "wanted": 1},
    }
    everything, _offers = queries.use_of_offers(count_use(NOW), [], NOW)
    assert [(got.group.name, got.use.given, got.percent) for got in everything.shares] == [
        ("First Steps", 1, "50%"),
        ("Others", 1, "50%"),
    ]
    # Whoever asked and got nothing is not left out.
    assert without_zeros(rows()["quiet", "others"]) == {"asked": 1, "unanswered": 1}
    assert rows()["busy", "first-steps"]["share"] == 0


def test_stewards_that_give_after_all_what_their_silence_let_go_gave_it_themselves(
    catalogue, group, coordinator, steward
):
    quiet = offer(steward, now=BEGAN)
    wish = ask(quiet, group, by=coordinator, now=BEGAN)
    late = add_working_days(BEGAN, 10)
    sweep(now=late)
    actions.name_steward(quiet, person=coordinator, now=late)
    wish.refresh_from_db()
    assert wish.state == "asked"
    actions.give_resource(wish, address="", answer="Here.", by=steward, now=late)
    assert without_zeros(rows()["our-room", None]) == {"asked": 1, "given": 1, "places": 1}


def test_a_wish_that_is_taken_back_under_wanted_is_counted_once(catalogue, group, coordinator):
    wish = ask(Resource.objects.get(slug="forum-category"), group, by=coordinator, now=BEGAN)
    actions.give_back(wish, by=coordinator, now=NOW)
    assert without_zeros(rows()["forum-category", None]) == {"asked": 1, "went_on_otherwise": 1, "wanted": 1}


def test_the_pages_say_the_numbers_and_name_no_person(booked_room, group, steward, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    quiet = offer(steward, name="Quiet", now=BEGAN)
    for number in range(5):
        wish = ask(quiet, group, by=group.memberships.get().user, now=BEGAN, purpose=f"{number}")
        actions.decline_request(wish, answer="No.", by=steward, now=BEGAN + 2 * DAY)
    pages = [" ".join(client.get(at).content.decode().split()) for at in addresses("video-meeting-room", "quiet")]
    everything, of_room, of_quiet = pages
    assert "Offers were asked 12 times in the last twelve months. They gave 6 times." in everything
    assert "2 used, 1 to which nobody came, 5 not known, 1 still to come" in everything
    assert "Asked for 7 times in the last twelve months. Given 6 times." in of_room
    assert "1 ended by a steward, 1 given back before its end, 1 to which nobody came" in of_room
    assert of_room.index("Others</bdi>") < of_room.index("First Steps</bdi>")
    assert "56%" in of_room
    assert "The limit for every group: 3 hours at once" in of_room
    for page in (everything, of_quiet):
        times = page[page.index("The stewards of “Quiet”</bdi>") :]
        assert "5 declined" in times
        assert ">2.0</td>" in times
    assert "too few to say" in of_room
    for page in pages:
        assert not [name for name in (steward.username, "Bola", "Otto") if name in page]


def addresses(*slugs):
    return ["/resources/use/", *(f"/resources/{slug}/use/" for slug in slugs)]


def test_an_empty_site_says_so(catalogue, client):
    everything, of_room = (client.get(at).content.decode() for at in addresses("video-meeting-room"))
    assert "Nothing was asked for in the last twelve months." in everything
    assert "Nobody asked for this in the last twelve months." in of_room
    assert client.get("/resources/use.json").json()["rows"] == []


def test_the_data_has_the_same_rows(booked_room, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    data = client.get("/resources/use.json").json()
    assert data["counted_at"] == "2026-09-07T10:00:00Z"
    assert data["rows"] == list(rows().values())
    table = list(csv.DictReader(io.StringIO(client.get("/resources/use.csv").content.decode())))
    assert [(row["resource"], row["group"], row["hours_booked"]) for row in table] == [
        ("video-meeting-room", "", "9.0"),
        ("video-meeting-room", "others", "5.0"),
        ("video-meeting-room", "first-steps", "4.0"),
    ]
