"""What pages of resources promise, what asks once more before it is undone for good, and the way on after a no."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from apps.core.dates import day, day_and_time, moment_in
from apps.core.templatetags.ui import due_words
from apps.resources import actions, queries
from apps.resources.forms import OfferForm
from apps.resources.models import Resource, ResourceRequest
from tests.resources.offers import ask, offer, pool
from tests.resources.test_booking_pages import ROOM, WEEK, at, reader_as, take
from tests.world import World, ask_for, make_person, next_noon, plan

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ANSWERS = "If no steward answers in 10 working days, "


@pytest.fixture
def world(shared_world: World) -> World:
    Resource.objects.filter(slug="video-meeting-room").update(capacity=1)
    return shared_world


def change_room(**fields: object) -> None:
    Resource.objects.filter(slug="video-meeting-room").update(**fields)


# --- What is promised ------------------------------------------------------------------------


def test_a_room_that_stewards_decide_on_promises_no_booking_and_no_waiting_list(world):
    start = next_noon(world.now, 7)
    take(world, start)
    bola = reader_as(world, "coordinator")
    assert "Book a room: Video meeting room" in [words for words, _href in bola.open("/resources/").links]
    assert "waiting list" in bola.open(ROOM).text
    change_room(policy="stewards_decide")
    assert "Ask: Video meeting room" in [words for words, _href in bola.open("/resources/").links]
    page = bola.open(f"{ROOM}?start={at(start)}Z&purpose=Mine")
    assert "waiting list" not in page.text
    assert "The stewards can give it only if places come free." in page.text
    assert f"{ANSWERS}the next offer of that kind is asked, or your wish is shown as wanted." in page.text
    bola.press("Ask for this room")
    assert "Every place is taken at this time." in bola.page.text
    bola.press("Ask all the same")
    wish = queries.requests_to_answer(Resource.objects.get(slug="video-meeting-room")).get(purpose="Mine")
    assert f"Asked for {day_and_time(start)}." in bola.page.text

    tala = reader_as(world, "steward")
    for address in (ROOM, f"{ROOM}stewards/"):
        text = tala.open(address).text
        assert f"for {day_and_time(start)}" in text, address
        assert due_words(wish.due_at, timezone.now()) in text, address
        assert f"{ANSWERS}the next offer of that kind is asked" in text, address
    tala.open(ROOM)
    assert "Or decline, with a reason: Mine" in tala.page.text
    assert "Why: Mine" in tala.page.text
    assert "Where it is" not in tala.page.text, "A machine makes it."
    assert "The way in is made by itself once you give it." in tala.page.text
    ResourceRequest.objects.exclude(pk=wish.pk).delete()
    tala.press("Give it", answer="Welcome.")
    wish.refresh_from_db()
    assert wish.state == "in_use"


def test_a_room_of_a_machine_that_is_asked_shortly_before_says_so(world, bigbluebutton):
    assert "The address is yours in the same minute." in reader_as(world, "coordinator").open(ROOM).text
    change_room(provider="bigbluebutton", server="bigbluebutton")
    text = reader_as(world, "coordinator").open(ROOM).text
    assert "It is yours at once; the way in opens 15 minutes before." in text
    assert "in the same minute" not in text


def test_what_silence_gives_is_said_to_whoever_asks(world):
    pool(world.people["participant"], policy="stewards_decide", silence_gives=True, now=world.now)
    page = reader_as(world, "coordinator").open("/resources/our-room/")
    assert f"{ANSWERS}it is yours if a place is free;" in page.text


def test_the_fields_that_an_offer_may_need_are_not_folded_away(world):
    form = OfferForm(person=world.people["participant"], affiliates=[], is_reachable=True)
    shown = {field.name for _headline, fields, is_folded in form.parts if not is_folded for field in fields}
    assert {"max_hours", "lasts_days"} <= shown


# --- Times -----------------------------------------------------------------------------------


def test_a_time_has_its_day_and_its_zone_wherever_the_reader_is(world):
    start = next_noon(world.now, 7)
    coordinator = world.people["coordinator"]
    coordinator.time_zone = "Pacific/Auckland"
    coordinator.save()
    wish = ask_for("video-meeting-room", world.group, by=coordinator, now=world.now, starts_at=start)
    bola = reader_as(world, "coordinator")
    text = bola.open(wish.get_absolute_url()).text
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        own = timezone.localtime(start)
        assert f"Booked for {day_and_time(start)}." in text
        assert f"({own:%a %H:%M} for you)" in text
        assert own.date() > start.date()
    assert f"{start:%a} {day(start)}, 12:00 UTC" in text
    page = bola.open(f"{ROOM}?start={at(start)}Z")
    assert "In your time zone, Pacific/Auckland." in page.text
    assert page.link("Change your time zone")
    runs = timezone.now() - timedelta(minutes=5)
    ResourceRequest.objects.filter(pk=wish.pk).update(starts_at=runs, ends_at=runs + HOUR)
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        until = timezone.localtime(runs + 1.5 * HOUR)
        assert any(form.has(f"Until {until:%H:%M %Z}") for form in bola.open(wish.get_absolute_url()).forms)


def test_every_slot_of_the_calendar_says_its_day_and_hour_and_past_ones_that_they_are(world):
    start = next_noon(world.now, 3)
    page = reader_as(world, "coordinator").open(f"{ROOM}?week={world.now:%Y-%m-%d}&purpose=Ours")
    [slot] = [href for words, href in page.links if words == f"{start:%a} {start.day}, 12:00 UTC: 1 free"]
    assert parse_qs(urlsplit(slot).query)["purpose"] == ["Ours"], "What the link brought goes along."


def test_after_a_refusal_free_times_are_named_and_a_series_says_why_each_date_stays(world):
    start, by = next_noon(world.now, 7), world.people["coordinator"]
    room = Resource.objects.get(slug="video-meeting-room")
    times = [(start + n * WEEK, start + n * WEEK + HOUR) for n in range(3)]
    first, *_later = actions.request_dates(
        room, group=world.group, purpose="Weekly", times=times, may_wait=True, by=by, now=world.now
    )
    for n in range(2):
        take(world, start + n * WEEK + 6 * HOUR)
    bola = reader_as(world, "coordinator")
    bola.open(reverse("resources:change", args=[first.pk]))
    bola.press("Change the time", starts_at=at(start + 6 * HOUR), hours="1.0", which="alone")
    near = "; ".join(day_and_time(start + n * HOUR) for n in (5, 7, 7.5))
    assert f"Free nearby: {near}" in bola.page.text
    bola.press("Change the time", starts_at=at(start + 6 * HOUR), hours="1.0", which="later")
    assert "1 date has another time now." in bola.page.text
    stay = f"{day(start)}, {day(start + WEEK)} stay as they are: There is no free place for it at the new time."
    assert stay in bola.page.text


def test_a_free_time_for_a_meeting_is_filled_in_already(world):
    start = next_noon(world.now, 12)
    meeting = plan(world.group, by=world.people["coordinator"], now=world.now, starts_at=start)
    take(world, start)
    bola = reader_as(world, "coordinator")
    bola.open(meeting.get_absolute_url())
    bola.press("Get a room")
    [free, *_rest] = [href for _words, href in bola.page.links if "?start=" in href]
    moment = moment_in(parse_qs(urlsplit(free).query)["start"][0])
    bola.open(free)
    assert bola.page.form("Save").values["starts_at"] == [at(moment)]
    assert moment != start


# --- What cannot be undone -------------------------------------------------------------------


def test_what_is_lost_for_good_is_folded_behind_a_sentence(world):
    bola = reader_as(world, "coordinator")
    html = bola.open(world.room.get_absolute_url()).html
    folded = html[html.index("<summary>Give it back…</summary>") :]
    assert "It ends for your whole group." in folded[: folded.index("</details>")]
    assert reverse("resources:give_back", args=[world.room.pk]) in folded[: folded.index("</details>")]
    html = bola.open(world.wish.get_absolute_url()).html
    assert "Take the wish back" in html
    assert "Give it back…" not in html, "A wish that only waits loses nothing."


# --- The way on after a no -------------------------------------------------------------------


def test_after_a_no_coordinators_can_ask_again_or_elsewhere_and_nobody_else_is_sent_round(world):
    wish, tala = world.wish, world.people["steward"]
    ways = {"Ask for it again", "Other offers of that kind"}
    closed = {"closed_at": world.now, "answer": "No.", "answered_by": tala, "answered_at": world.now}
    actions.decline_request(wish, answer="No.", by=tala, now=world.now)
    for state in ("declined", "lapsed", "ended", "returned", "taken_back", "unmet"):
        ResourceRequest.objects.filter(pk=wish.pk).update(state=state, **closed)
        links = dict(reader_as(world, "coordinator").open(wish.get_absolute_url()).links)
        assert ways <= links.keys(), state
        assert links["Other offers of that kind"] == "/resources/?kind=mailing_list"
        assert parse_qs(urlsplit(links["Ask for it again"]).query)["purpose"] == [wish.purpose]
        assert not ways & dict(reader_as(world, "participant").open(wish.get_absolute_url()).links).keys()


def test_another_time_is_offered_to_those_who_can_choose_one(world):
    start = next_noon(world.now, 7)
    take(world, start)
    waits = ask_for("video-meeting-room", world.group, by=world.people["coordinator"], now=world.now, starts_at=start)
    address = waits.get_absolute_url()
    assert "Choose another time" in dict(reader_as(world, "coordinator").open(address).links)
    assert "Choose another time" not in reader_as(world, "participant").open(address).text
    meeting = plan(world.group, by=world.people["coordinator"], now=world.now, starts_at=start)
    ResourceRequest.objects.filter(pk=waits.pk).update(meeting=meeting)
    links = dict(reader_as(world, "coordinator").open(address).links)
    assert links["Choose another time for the meeting"] == meeting.get_absolute_url()


def test_whoever_may_not_is_shown_where_to_go_on(world):
    stranger = reader_as(world, "outsider")
    found = {}
    for address in (
        reverse("resources:enter", args=[world.room.pk]),
        reverse("resources:change", args=[world.room.pk]),
        reverse("resources:stewards", args=["mailing-list"]),
    ):
        page = stranger.open(address)
        assert page.status == 403
        found |= dict(page.links)
    assert found["Open the page of the group"] == world.group.get_absolute_url()
    assert found["Open the page of the request"] == world.room.get_absolute_url()
    assert found["Open the page of the resource"] == "/resources/mailing-list/"


def test_a_limit_leads_to_what_the_group_has_and_never_to_a_field_that_nobody_sees(world):
    by = world.people["coordinator"]
    ask(offer(make_person("Otilia"), max_at_once=1, lasts_days=30, now=world.now), world.group, by=by, now=world.now)
    bola = reader_as(world, "coordinator")
    bola.open("/resources/our-room/")
    bola.press("Ask for it", purpose="One more")
    assert "which is the limit" in bola.page.text
    assert 'href="#id_group"' not in bola.page.html
    assert bola.page.link("See what your group has") == f"{world.group.get_absolute_url()}#uses"


def test_dates_that_were_not_seen_yet_are_pointed_to(world):
    start = next_noon(world.now, 7)
    bola = reader_as(world, "coordinator")
    bola.open(f"{ROOM}?week={start:%Y-%m-%d}")
    typed = {"starts_at": at(start), "hours": "1.0", "repeat": "weekly", "until": f"{start + WEEK:%Y-%m-%d}"}
    bola.press("Book this room", **typed)
    assert bola.posted[-1][0] == f"{ROOM}?week={start:%Y-%m-%d}", "The week that was looked at stays."
    assert bola.page.link("Look at the dates, then press the button again.") == "#chosen"
    assert "Nothing is booked yet: look at the dates, then press the button at the end again." in bola.page.text
    bola.press("Look again")
    assert "Look at the dates, then press the button again." not in bola.page.text


# --- Languages -------------------------------------------------------------------------------


def test_a_text_says_in_which_language_it_stands(world):
    resource = offer(world.people["participant"], name="غرفة", language="ar", now=world.now)
    assert resource.name_in == "ar", "Nobody has written English yet."
    html = reader_as(world, "coordinator").open(resource.get_absolute_url()).html
    assert '<h1><bdi lang="ar">غرفة</bdi></h1>' in html
    with translation.override("ar"):
        assert Resource(names={"en": "Room"}).name_in == "en"
        assert Resource(names={"en": "Room", "ar": "غرفة"}).name_in == "ar"
