"""For what, from when to when, how many: several places in one wish, and people's time that is booked."""

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.notifications.models import Letter
from apps.resources import actions, queries
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW
from tests.journeys.at_once import people
from tests.journeys.reader import Reader
from tests.resources.offers import ask, offer, pool, seats_taken, terms
from tests.world import World

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOMORROW = NOW + DAY
OVER_TWO_HOURS = {"starts_at": TOMORROW, "ends_at": TOMORROW + 2 * HOUR}


@pytest.fixture
def desk(volunteer):
    """Four places in all, three for one group at most, and a yes for each wish."""
    return offer(volunteer, name="Survey desk", capacity=4, max_quantity=4, max_at_once=3, lasts_days=30)


@pytest.fixture
def interpreters(volunteer):
    return offer(
        volunteer, kind="interpretation", policy="costed", name="Voices", capacity=3, max_quantity=3, max_hours=2
    )


@pytest.fixture
def other(stranger):
    return form_group(name="Second Wind", by=stranger, now=NOW)


def yes(wish, steward, now=NOW):
    actions.give_resource(wish, address="Here", answer="", by=steward, now=now)
    wish.refresh_from_db()
    return wish


# --- How many --------------------------------------------------------------------------------


def test_a_wish_for_several_takes_as_many_places(desk, group, coordinator, volunteer, other, stranger):
    three = yes(ask(desk, group, by=coordinator, quantity=3), volunteer)
    assert (three.state, three.quantity) == ("in_use", 3)
    assert seats_taken(desk, NOW, NOW + DAY) == 3
    two = yes(ask(desk, other, by=stranger, quantity=2), volunteer)
    assert two.state == "waiting", "One place is free, and two are wanted."
    actions.give_back(three, by=coordinator, now=NOW + DAY)
    two.refresh_from_db()
    assert (two.state, two.starts_at) == ("in_use", NOW + DAY)
    assert broken_promises() == []


def test_a_small_wish_does_not_overtake_an_older_big_one(desk, group, coordinator, volunteer, other, stranger):
    yes(ask(desk, group, by=coordinator, quantity=3), volunteer)
    two = yes(ask(desk, other, by=stranger, quantity=2), volunteer)
    one = yes(ask(desk, other, by=stranger, purpose="One more"), volunteer)
    assert (two.state, one.state) == ("waiting", "waiting"), "A place is free, and whoever waits longest comes first."
    actions.give_back(two, by=stranger, now=NOW)
    one.refresh_from_db()
    assert one.state == "in_use"


def test_who_waits_for_several_in_vain_makes_way(desk, group, coordinator, volunteer, other, stranger):
    yes(ask(desk, group, by=coordinator, quantity=3), volunteer)
    yes(ask(desk, other, by=stranger, quantity=2), volunteer)
    yes(ask(desk, other, by=stranger, purpose="One more"), volunteer, NOW + DAY)
    actions.keep_using(desk.requests.get(quantity=3), by=coordinator, now=NOW + 29 * DAY)
    actions.keep_using(desk.requests.get(quantity=3), by=coordinator, now=NOW + 59 * DAY)
    actions.keep_using(desk.requests.get(quantity=3), by=coordinator, now=NOW + 89 * DAY)
    sweep(now=NOW + 90 * DAY)
    assert [wish.state for wish in desk.requests.order_by("pk")] == ["in_use", "lapsed", "in_use"]


@pytest.mark.parametrize(
    ("had", "wanted", "sentence"),
    [
        (0, 5, "At most 4 can be asked for at once"),
        (0, 4, "may have 3 of this at once. Ask for fewer"),
        (2, 2, "has or awaits 2 of this, and may have 3 at once. Ask for fewer"),
        (3, 1, "has or awaits 3 of this, which is the limit"),
    ],
)
def test_more_than_there_is_or_than_a_group_may_have_is_refused(desk, group, coordinator, had, wanted, sentence):
    if had:
        ask(desk, group, by=coordinator, quantity=had)
    with pytest.raises(Refused, match=sentence):
        ask(desk, group, by=coordinator, quantity=wanted, purpose="More")
    assert ResourceRequest.objects.count() == bool(had)


def test_what_is_one_cannot_be_asked_for_twice_at_once(volunteer, group, coordinator):
    with pytest.raises(Refused, match="Each group gets one link"):
        pool(volunteer, max_quantity=2)
    with pytest.raises(Refused, match="At most 1 can be asked for"):
        ask(pool(volunteer), group, by=coordinator, quantity=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Resource.objects.filter(slug="video-meeting-room").update(max_quantity=2)


def test_one_is_no_number_to_choose(volunteer):
    assert offer(volunteer, max_quantity=1).max_quantity is None


def test_stewards_and_those_who_could_help_read_how_many(desk, group, coordinator, volunteer):
    ask(desk, group, by=coordinator, quantity=3)
    letter = Letter.objects.get(recipient=volunteer, notice__kind="resources.stewards_asked")
    assert "First Steps asks for “Survey desk (How many: 3)”: “Our survey”." in letter.body


PLACES = 3
ACTS = st.lists(
    st.tuples(st.sampled_from(["ask", "yes", "back", "places"]), st.integers(0, 2), st.integers(1, 3)), max_size=16
)


@pytest.mark.slow
@given(acts=ACTS)
def test_whatever_is_asked_for_no_place_is_given_twice_and_the_line_keeps_its_order(catalogue, acts):
    with transaction.atomic():
        steward, *asking = people(4, "Any")
        desk = offer(steward, name="Desk", capacity=PLACES, max_quantity=PLACES, lasts_days=30)
        groups = [(form_group(name=f"Any {who.pk}", by=who, now=NOW), who) for who in asking]
        places = PLACES
        for step, (act, who, number) in enumerate(acts):
            now = NOW + timedelta(minutes=step)
            with suppress(Refused), transaction.atomic():
                _do(act, desk, steward, *groups[who], number, now)
                places = number if act == "places" else places
            _assert_the_line_is_right(desk, act, places)
        transaction.set_rollback(True)


def _do(act, desk, steward, group, who, number, now):
    asked, held = desk.requests.filter(state="asked"), desk.requests.filter(state__in=["in_use", "waiting"])
    if act == "ask":
        ask(desk, group, by=who, quantity=number, purpose=f"{now}", now=now)
    elif act == "yes" and asked.exists():
        yes(asked.order_by("pk")[number % asked.count()], steward, now)
    elif act == "back" and held.exists():
        wish = held.order_by("pk")[number % held.count()]
        actions.give_back(wish, by=wish.asked_by, now=now)
    elif act == "places":
        said = terms(name="Desk", capacity=number, max_quantity=PLACES, lasts_days=30)
        actions.change_offer(desk, said, by=steward, now=now)


def _assert_the_line_is_right(desk, act, places):
    given = sum(desk.requests.filter(state="in_use").values_list("quantity", flat=True))
    first = queries.waiting_list(desk).first()
    assert act == "places" or given <= max(places, PLACES)
    assert first is None or given + first.quantity > places, "It waits beside free places."
    assert broken_promises() == []


# --- From when to when -----------------------------------------------------------------------


def test_interpreters_are_asked_for_a_time_and_taken_for_it_alone(
    interpreters, group, coordinator, volunteer, other, stranger
):
    with pytest.raises(Refused, match="Say when it begins"):
        ask(interpreters, group, by=coordinator)
    with pytest.raises(Refused, match="At most 2 hours at once"):
        ask(interpreters, group, by=coordinator, starts_at=TOMORROW, ends_at=TOMORROW + 3 * HOUR)
    two = yes(ask(interpreters, group, by=coordinator, quantity=2, **OVER_TWO_HOURS), volunteer)
    assert (two.state, two.starts_at) == ("in_use", TOMORROW)
    [clash] = queries.look_ahead(interpreters, other, [(TOMORROW + HOUR, TOMORROW + 2 * HOUR)], now=NOW, quantity=2)
    assert (clash.is_full, clash.why) == (True, "Only 1 place is free at this time.")
    [fits] = queries.look_ahead(interpreters, other, [(TOMORROW + HOUR, TOMORROW + 2 * HOUR)], now=NOW)
    assert fits.is_free
    assert yes(ask(interpreters, other, by=stranger, quantity=2, **OVER_TWO_HOURS), volunteer).state == "waiting"
    assert broken_promises() == []


def test_a_wish_for_a_time_lapses_when_it_comes_and_what_is_booked_ends(interpreters, group, coordinator, volunteer):
    asked = ask(interpreters, group, by=coordinator, **OVER_TWO_HOURS)
    assert Deadline.objects.get(rule="resources.answer", subject_id=asked.pk).ends_at == TOMORROW
    yes(asked, volunteer)
    ends = Deadline.objects.get(rule="resources.end_of_booking", subject_id=asked.pk)
    assert (ends.ends_at, ends.state) == (TOMORROW + 2 * HOUR, "open")


def test_what_people_give_at_a_time_says_for_how_long(volunteer):
    with pytest.raises(Refused, match="for how many hours it can be booked") as refusal:
        offer(volunteer, kind="facilitator")
    assert refusal.value.field == "max_hours"
    with pytest.raises(IntegrityError), transaction.atomic():
        Resource.objects.filter(kind="interpretation").update(max_hours=None)


def test_a_wish_of_before_without_a_time_is_answered_as_it_was_asked(interpreters, group, coordinator, volunteer):
    """Interpreters were asked for without times once."""
    wish = ask(interpreters, group, by=coordinator, **OVER_TWO_HOURS)
    ResourceRequest.objects.filter(pk=wish.pk).update(starts_at=None, ends_at=None)
    reader = Reader()
    reader.client.force_login(volunteer, backend="django.contrib.auth.backends.ModelBackend")
    for address in (wish.get_absolute_url(), interpreters.get_absolute_url()):
        page = reader.open(address)
        assert "Our survey" in page.text
        assert "Asked for " not in page.text
    assert yes(wish, volunteer).state == "given"
    assert "Our survey" in reader.open(wish.get_absolute_url()).text


# --- The catalogue follows its file ------------------------------------------------------------


def test_another_policy_in_the_file_takes_open_wishes_along(catalogue, group, coordinator, steward):
    pages = Resource.objects.get(slug="page-translation")
    Resource.objects.filter(pk=pages.pk).update(policy="self_service", provider="jitsi", capacity=0, max_quantity=None)
    pages.stewards.add(steward)
    pages.refresh_from_db()
    Resource.objects.filter(pk=pages.pk).update(lasts_days=3)
    waits = ask(Resource.objects.get(pk=pages.pk), group, by=coordinator)
    assert waits.state == "waiting"
    rows = json.loads(Path("apps/resources/data/resources.json").read_text())
    actions.load_resources(rows, now=NOW)
    waits.refresh_from_db()
    assert waits.state == "asked", "Its stewards answer now."
    assert broken_promises() == []


# --- The pages -------------------------------------------------------------------------------


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def reader_as(world: World, role: str) -> Reader:
    reader = Reader()
    reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader


def test_a_group_asks_for_interpreters_for_a_time_into_two_languages(world):
    steward = world.people["steward"]
    Resource.objects.get(slug="live-interpretation").stewards.add(steward)
    coordinator = reader_as(world, "coordinator")
    page = coordinator.open("/resources/live-interpretation/")
    assert "Into how many languages" in page.text
    moment = (world.now + 30 * DAY).strftime("%Y-%m-%dT18:00")
    page = coordinator.press("Ask for it", starts_at=moment, hours="2.0", quantity="9", purpose="Open call")
    assert page.text.count("At most 3.") == 3, "In the list, at the field, and as it is said beforehand."
    page = coordinator.press("Ask for it", quantity="2")
    wish = ResourceRequest.objects.get(purpose="Open call")
    assert (wish.quantity, wish.ends_at - wish.starts_at, wish.state) == (2, 2 * HOUR, "asked")
    assert "Into how many languages" in page.text
    for address in ("/resources/live-interpretation/", "/resources/live-interpretation/stewards/"):
        assert "Into how many languages: 2" in reader_as(world, "steward").open(address).text
    yes(wish, steward, world.now)
    assert b"Open call" in Client().get(f"/feeds/calendar/{world.calendar_key}.ics").content


def test_without_limits_there_is_no_calendar_and_the_first_time_is_one_that_stewards_answer_before(world):
    """“Free” would promise what nobody knows."""
    Resource.objects.get(slug="live-interpretation").stewards.add(world.people["steward"])
    page = reader_as(world, "coordinator").open("/resources/live-interpretation/")
    assert "Places free" not in page.text
    [starts_at] = page.form("Ask for it").values["starts_at"]
    assert starts_at[:10] >= add_working_days(world.now, 10).date().isoformat()
    Resource.objects.filter(slug="live-interpretation").update(capacity=3)
    assert "Places free" in reader_as(world, "coordinator").open("/resources/live-interpretation/").text


def test_what_is_asked_for_again_is_as_many(world):
    wish = ask(
        Resource.objects.get(slug="liaison-hours"),
        world.group,
        by=world.people["coordinator"],
        quantity=4,
        now=world.now,
    )
    page = reader_as(world, "coordinator").open(queries.page_to_ask_again(wish))
    assert page.form("Ask for it").values["quantity"] == ["4"]
