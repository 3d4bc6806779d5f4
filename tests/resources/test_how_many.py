"""For what, from when to when, how many: several places in one wish, and people's time that is booked."""

import json
from contextlib import suppress
from datetime import UTC, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.queries import PERSONAL_DATA
from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.notifications.models import Letter
from apps.resources import actions, queries
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries.use import count_use
from tests.conftest import NOW
from tests.journeys.at_once import people
from tests.journeys.reader import Reader
from tests.resources.offers import ask, offer, pool, seats_taken, terms
from tests.world import World, next_noon

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
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


def test_a_wish_goes_on_to_offers_that_have_as_many_alone(desk, group, coordinator, volunteer, stranger):
    """Silence passes it by the one that gives one at a time; a later offer of enough takes it on."""
    one = offer(stranger, name="One seat", capacity=1, lasts_days=30)
    wish = ask(desk, group, by=coordinator, quantity=3)
    sweep(now=NOW + 20 * DAY)
    wish.refresh_from_db()
    assert (wish.state, wish.resource) == ("wanted", desk)
    small = offer(stranger, name="Two seats", max_quantity=2, now=NOW + 21 * DAY)
    wish.refresh_from_db()
    assert (wish.state, wish.resource) == ("wanted", desk), f"Neither {one} nor {small} has three."
    enough = offer(stranger, name="Many seats", max_quantity=9, now=NOW + 22 * DAY)
    wish.refresh_from_db()
    assert (wish.state, wish.resource) == ("asked", enough)


def test_stewards_leave_as_many_places_as_a_group_waits_for(desk, group, coordinator, volunteer, other, stranger):
    yes(ask(desk, group, by=coordinator, quantity=3), volunteer)
    yes(ask(desk, other, by=stranger, quantity=2), volunteer)
    said = {"name": "Survey desk", "max_quantity": 4, "lasts_days": 30}
    with pytest.raises(Refused, match="waits for 2 places") as refusal:
        actions.change_offer(desk, terms(**said, capacity=1), by=volunteer, now=NOW)
    assert refusal.value.field == "capacity"
    actions.change_offer(desk, terms(**said, capacity=2), by=volunteer, now=NOW)


def test_fewer_places_in_the_file_stop_nobody_behind_who_waits_for_more(
    desk, group, coordinator, volunteer, other, stranger, person
):
    third, by = form_group(name="Third", by=person("Tomi"), now=NOW), person("Tess")
    yes(ask(desk, group, by=coordinator, quantity=3), volunteer)
    big = yes(ask(desk, other, by=stranger, quantity=3), volunteer)
    small = yes(ask(desk, third, by=by), volunteer)
    assert small.state == "waiting", "Whoever waits for three comes first."
    Resource.objects.filter(pk=desk.pk).update(capacity=2)
    actions.give_back(desk.requests.get(group=group), by=coordinator, now=NOW + DAY)
    big.refresh_from_db()
    small.refresh_from_db()
    assert (big.state, small.state) == ("waiting", "in_use")
    late = ask(desk, third, by=by, purpose="Late", now=NOW + DAY)
    assert yes(late, volunteer, NOW + DAY).state == "in_use"


def test_a_yes_to_more_than_there_is_is_refused(desk, group, coordinator, volunteer):
    wish = ask(desk, group, by=coordinator, quantity=3)
    actions.change_offer(
        desk, terms(name="Survey desk", capacity=2, max_quantity=4, lasts_days=30), by=volunteer, now=NOW
    )
    with pytest.raises(Refused, match="There are 2 places in all"):
        yes(wish, volunteer)


def test_what_is_free_and_what_was_used_count_places(
    desk, interpreters, group, coordinator, volunteer, other, stranger
):
    yes(ask(desk, group, by=coordinator, quantity=3), volunteer)
    yes(ask(desk, other, by=stranger), volunteer)
    assert [(one.taken_now, one.free_now) for one in queries.offers(NOW) if one.resource == desk] == [(4, 0)]
    yes(ask(interpreters, group, by=coordinator, quantity=2, **OVER_TWO_HOURS), volunteer)
    counted = count_use(NOW + 9 * DAY)
    of_desk, of_voices = counted.by_resource[desk.pk], counted.by_resource[interpreters.pk]
    assert (of_desk.whole.given, of_desk.whole.places) == (2, 4)
    assert [of_desk.share_of(use) for _group, use in of_desk.groups] == [0.75, 0.25]
    assert of_voices.whole.booked == 4 * HOUR, "Two languages for two hours."


def test_what_was_asked_for_is_in_the_download_with_how_many(desk, group, coordinator):
    ask(desk, group, by=coordinator, quantity=3)
    assert [wish["quantity"] for wish in PERSONAL_DATA["resources"](coordinator)["asked"]] == [3]


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


def test_what_was_asked_for_before_goes_on_as_it_was(catalogue, group, coordinator, volunteer, other, stranger):
    """Interpreters lasted for days once: the migration lets each wish go on in a state that waits for something."""
    said = {"kind": "interpretation", "max_hours": 2}
    voices, more = (offer(volunteer, name=name, **said) for name in ("Voices", "More voices"))
    wishes = [ask(voices, group, by=coordinator, **OVER_TWO_HOURS), ask(voices, other, by=stranger, **OVER_TWO_HOURS)]
    used = yes(wishes[1], volunteer)
    Deadline.objects.filter(subject_id=used.pk, state="open").update(rule="resources.still_in_use")
    Deadline.objects.filter(subject_id=wishes[0].pk, state="open").update(ends_at=None)
    migration = import_module("apps.resources.migrations.0003_how_many_and_when")
    migration.book_by_time(apps, None)
    assert broken_promises() == []
    sweep(now=NOW + 20 * DAY)
    wishes[0].refresh_from_db()
    used.refresh_from_db()
    assert used.state == "returned", "It ended on its day."
    assert (wishes[0].state, wishes[0].resource) == ("asked", more), (
        "Silence lets the next offer be asked, as was said."
    )
    assert broken_promises() == []


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


def test_a_clash_is_shown_before_anything_is_sent_for_as_many_as_are_wanted(world):
    """Without a script: a link brings the number, and a full time is asked for by a second button alone."""
    voices = Resource.objects.get(slug="live-interpretation")
    voices.stewards.add(world.people["steward"])
    Resource.objects.filter(pk=voices.pk).update(capacity=2)
    starts_at = next_noon(world.now, 30)
    times = {"starts_at": starts_at, "ends_at": starts_at + HOUR}
    yes(
        ask(voices, world.group, by=world.people["coordinator"], now=world.now, **times),
        world.people["steward"],
        world.now,
    )
    other = form_group(name="Second Wind", by=world.people["outsider"], now=world.now)
    reader = reader_as(world, "outsider")
    address = f"/resources/live-interpretation/?start={starts_at:%Y-%m-%dT%H:%M}Z"
    assert "Free:" in reader.open(address).text
    page = reader.open(f"{address}&quantity=2&group={other.slug}")
    assert "Only 1 place is free at this time." in page.text
    page = reader.press("Ask for it", purpose="Second call")
    assert "Only 1 place is free at this time." in page.text
    assert not other.resource_requests.exists()
    reader.press("Ask all the same")
    assert other.resource_requests.get().state == "asked"


def test_an_offer_for_a_wish_begins_with_enough_for_it(world):
    wish = ask(
        Resource.objects.get(slug="liaison-hours"),
        world.group,
        by=world.people["coordinator"],
        quantity=4,
        now=world.now,
    )
    assert wish.state == "wanted"
    reader = reader_as(world, "asker")
    page = reader.open(f"/resources/offer/?wish={wish.pk}")
    assert page.form("Offer it").values["max_quantity"] == ["4"]
    said = {"name": "My hours", "line": "On Mondays", "description": "I ask around."}
    page = reader.press("Offer it", **said, max_quantity="2", reads_on_site="on")
    assert "stays under “wanted”" in page.text
    page = reader_as(world, "outsider")
    page.open(f"/resources/offer/?wish={wish.pk}")
    assert "stays under" not in page.press("Offer it", **said, reads_on_site="on").text
    wish.refresh_from_db()
    assert wish.state == "asked"


def test_a_booking_that_moved_tells_calendars_when(world):
    room, moved_at = world.room, timezone.now() + HOUR
    actions.change_booking(
        room, starts_at=room.starts_at + DAY, ends_at=room.ends_at + DAY, by=world.people["coordinator"], now=moved_at
    )
    feed = Client().get(f"/feeds/calendar/{world.calendar_key}.ics").content.decode().replace("\r\n ", "")
    [event] = [event for event in feed.split("BEGIN:VEVENT") if f"booking-{room.pk}" in event]
    assert f"{moved_at.astimezone(UTC):%Y%m%dT%H%M%SZ}" in event


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
