"""Offers and what groups have of them, through the pages, with the clock moved by sweeps and the machines asked."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.core.clock import add_working_days
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.notifications.models import Letter
from apps.people.actions import say_contact
from apps.people.models import Affiliate
from apps.resources.actions import provision
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW
from tests.journeys.reader import Reader
from tests.journeys.story import Story
from tests.resources.offers import offer, pool

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("plain_header")]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Machines(Story):
    """The clock, and beside its sweep the worker that asks the machines."""

    def until_time(self, end: datetime, *, every: timedelta) -> None:
        while self.now < end:
            self.now = min(self.now + every, end)
            sweep(now=self.now)
            self.asks_machines()
        assert broken_promises() == []

    def asks_machines(self) -> int:
        return provision(now=self.now, clock=lambda: self.now)


@pytest.fixture
def story(monkeypatch):
    return Machines(monkeypatch)


@pytest.fixture
def other_group(volunteer):
    return form_group(name="Second Wind", by=volunteer, now=NOW)


@pytest.fixture
def room(catalogue, bigbluebutton, steward):
    Resource.objects.filter(slug="video-meeting-room").update(provider="bigbluebutton", server="bigbluebutton")
    room = Resource.objects.get(slug="video-meeting-room")
    room.stewards.add(steward)
    return room


@pytest.fixture
def pad(catalogue, etherpad):
    Resource.objects.filter(slug="notes-pad").update(server="etherpad")
    return Resource.objects.get(slug="notes-pad")


def letters(kind, person):
    return Letter.objects.filter(notice__kind=kind, recipient=person)


def books(story: Story, person: Any, room: Resource, starts_at: datetime) -> Reader:
    reader = story.opens(person, room)
    reader.press("Book this room", starts_at=f"{starts_at:%Y-%m-%dT%H:%M}", hours="1.0", purpose=f"Call of {person}")
    return reader


def asks(story: Story, person: Any, resource: Resource, button: str = "Ask for it") -> ResourceRequest:
    story.opens(person, resource).press(button, purpose=f"For {person}")
    return ResourceRequest.objects.latest("pk")


# --- The affiliate that offers and answers, and the line that moves up ---------------------------------


def test_the_affiliate_that_offers_ready_links_and_answers(
    story, catalogue, group, other_group, coordinator, volunteer, stranger
):
    affiliate = Affiliate.objects.get(name="Wikimedia Chile")
    say_contact(affiliate, by=stranger, now=NOW)
    sven = story.opens(stranger, "/resources/", "Offer something")
    sven.press(
        "Offer it", kind="survey", name="Survey corner", line="Up to 500 answers", description="Short surveys.",
        provider="pool", policy="stewards_decide", affiliate=str(affiliate.pk), lasts_days="30", max_at_once="1",
        links="https://survey.example.org/one",
    )  # fmt: skip
    corner = Resource.objects.get(slug="survey-corner")
    ours = asks(story, coordinator, corner)
    assert letters("resources.stewards_asked", stranger).count() == 1
    story.until(1)
    story.opens(stranger, corner).press("Give it", answer="Tell us how it went.")
    page = story.opens(coordinator, ours).page
    assert page.link("https://survey.example.org/one")
    assert "Tell us how it went." in page.text
    assert letters("resources.answered", coordinator).count() == 1

    theirs = asks(story, volunteer, corner)
    reader = story.opens(stranger, theirs)
    reader.press("Give it", answer="Here it is.")
    assert "There is no free place for it: it is given as soon as there is." in reader.page.text
    page = story.opens(volunteer, theirs).page
    assert "The stewards said yes. Number 1 in the line." in page.text
    assert "survey.example.org" not in page.html
    story.opens(coordinator, ours).press("Give it back")
    page = story.opens(volunteer, theirs).page
    assert page.link("https://survey.example.org/one")
    assert "Here it is." in page.text


def test_the_line_moves_up_by_itself_when_a_link_is_forgotten(
    story, catalogue, group, other_group, coordinator, volunteer, stranger
):
    corner = pool(stranger, links=["https://survey.example.org/one"], lasts_days=10, name="Survey corner")
    ours, theirs = asks(story, coordinator, corner), asks(story, volunteer, corner)
    page = story.opens(volunteer, theirs).page
    assert "There is no free place for it: it is on the waiting list. " in page.text
    assert "Number 1 in the line." in page.text
    story.until(4)
    assert letters("deadlines.reminder", coordinator).count() == 1
    assert "Still in use?" in story.opens(coordinator, ours).page.text
    story.until(9.9)
    assert not letters("resources.answered", volunteer).exists()
    story.until(10)
    assert letters("resources.answered", volunteer).get().written_at == story.now
    assert story.opens(volunteer, theirs).page.link("https://survey.example.org/one")
    page = story.opens(coordinator, ours).page
    assert "Given back on 17 September 2026." in page.text
    assert "survey.example.org" not in page.html
    assert letters("resources.use_ended", coordinator).count() == 1


# --- Silence of the stewards -------------------------------------------------------------------------


def test_silence_of_stewards_does_what_each_policy_said_beforehand(story, catalogue, group, coordinator, steward):
    decides = offer(steward, kind="survey", name="Surveys")
    agreed = pool(steward, kind="other", policy="stewards_decide", silence_gives=True, lasts_days=90, name="Tools")
    costed = offer(steward, kind="translation", policy="costed", name="Translators")
    said = {
        decides: "the next offer of that kind is asked, or the wish appears under “wanted”",
        agreed: "it is given if a place is free then, as the stewards agreed beforehand",
        costed: "silence never spends money",
    }
    wishes = {resource: asks(story, coordinator, resource) for resource in said}
    for resource, words in said.items():
        assert words in story.opens(coordinator, wishes[resource]).page.text
    story.until_time(add_working_days(NOW, 3), every=22 * HOUR)
    assert letters("deadlines.reminder", steward).count() == 3
    story.until_time(add_working_days(NOW, 10) - MINUTE, every=22 * HOUR)
    for wish in wishes.values():
        page = story.opens(coordinator, wish).page
        assert "The stewards owe an answer since 14 September 2026." in page.text
    story.until_time(add_working_days(NOW, 10), every=22 * HOUR)
    for resource in (decides, costed):
        page = story.opens(coordinator, wishes[resource]).page
        assert "Wanted: nobody offers it yet." in page.text
        assert f"For {coordinator}" in story.opens(None, "/resources/").page.text
    page = story.opens(coordinator, wishes[agreed]).page
    assert "In use until " in page.text
    assert page.link("https://meet.example.org/one")
    assert letters("resources.moved_on", coordinator).count() == 2
    assert letters("resources.answered", coordinator).count() == 1
    assert not [form for form in story.opens(steward, wishes[costed]).page.forms if form.has("Give it")]


# --- What is forgotten -------------------------------------------------------------------------------


def test_the_forgotten_room_is_given_back_and_counts_twice(
    story, room, group, coordinator, steward, stranger, bigbluebutton
):
    Resource.objects.filter(pk=room.pk).update(max_per_month=3)
    starts_at = NOW + DAY
    books(story, coordinator, room, starts_at)
    use = ResourceRequest.objects.get()
    story.until_time(starts_at - 15 * MINUTE, every=DAY)
    assert len(bigbluebutton.meetings) == 1
    story.until_time(starts_at + HOUR - MINUTE, every=10 * MINUTE)
    story.until_time(starts_at + HOUR, every=MINUTE)
    assert bigbluebutton.meetings == {}
    page = story.opens(stranger, use).page
    assert "Given back on 8 September 2026." in page.text
    assert "Nobody came: it counts twice" in page.text
    assert letters("resources.nobody_came", coordinator).count() == 1
    books(story, coordinator, room, starts_at + DAY)
    assert "counts twice, since nobody came" in books(story, coordinator, room, starts_at + 2 * DAY).page.text
    assert ResourceRequest.objects.count() == 2
    story.opens(steward, use).press("It took place")
    books(story, coordinator, room, starts_at + 2 * DAY)
    assert ResourceRequest.objects.count() == 3


def test_the_forgotten_pad_goes_back_and_its_text_stays_with_the_group(
    story, pad, group, coordinator, stranger, etherpad
):
    Resource.objects.filter(pk=pad.pk).update(lasts_days=10)
    use = asks(story, coordinator, pad, "Open a pad")
    story.asks_machines()
    address = story.opens(coordinator, use).page.link(f"{etherpad.url}/p/")
    use.refresh_from_db()
    etherpad.write(use.address, "We met, and these are our notes.")
    story.until(4)
    page = story.opens(coordinator, use).page
    assert "Still in use?" in page.text
    assert "it is given back" in page.text
    story.until_time(use.ends_at, every=22 * HOUR)
    assert etherpad.pads == {}
    page = story.opens(coordinator, use).page
    assert "Given back on 17 September 2026." in page.text
    assert "We met, and these are our notes." in page.text
    assert address not in page.html
    assert "these are our notes" not in story.opens(stranger, use).page.html
    assert letters("resources.use_ended", coordinator).count() == 1


# --- The machine that is down for a day ---------------------------------------------------------------


def test_a_machine_that_is_down_for_a_day_costs_nobody_their_request(
    story, room, group, other_group, coordinator, volunteer, steward, bigbluebutton
):
    during, after = NOW + 6 * HOUR, NOW + DAY + 5 * MINUTE
    books(story, coordinator, room, during)
    first = ResourceRequest.objects.get()
    books(story, volunteer, room, after)
    second = ResourceRequest.objects.latest("pk")
    bigbluebutton.fail_next("dead", 1000)

    story.until_time(during - 5 * MINUTE, every=5 * HOUR + 50 * MINUTE)
    page = story.opens(coordinator, first).page
    assert "It is not ready yet" in page.text
    assert "Your group keeps its place." in page.text
    story.until_time(during, every=MINUTE)
    assert letters("resources.not_made_yet", coordinator).count() == 1
    assert letters("resources.stewards_asked_for_hands", steward).count() == 1
    assert (
        "the stewards were asked to make it by hand by 10 September 2026" in story.opens(coordinator, first).page.text
    )
    hands = story.opens(steward, first)
    assert "The connection to bigbluebutton broke off." in hands.page.text
    hands.follow("Do it by hand")
    hands.press("It is done", address="https://meet.example.org/instead")
    assert story.opens(coordinator, first).page.link("https://meet.example.org/instead")
    assert letters("resources.made_after_all", coordinator).count() == 1

    story.until_time(NOW + DAY - MINUTE, every=2 * HOUR)
    assert bigbluebutton.created == 0
    assert "It is not ready yet" in story.opens(volunteer, second).page.text
    bigbluebutton.failures.clear()
    story.until_time(after, every=MINUTE)
    assert bigbluebutton.created == 1
    [meeting] = bigbluebutton.meetings.values()
    assert meeting.parameters["name"] == f"Call of {volunteer} (Second Wind)"
    reader = story.opens(volunteer, second, "Open the room")
    assert reader.elsewhere.startswith(bigbluebutton.url)
    assert not letters("resources.not_made_yet", volunteer).exists(), "It was ready in time."
    story.until_time(after + DAY, every=2 * HOUR)
    assert (bigbluebutton.created, bigbluebutton.meetings) == (1, {})
