"""The letters about resources, read as those read them who get them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.clock import add_working_days
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.notifications.kinds import LetterKind
from apps.notifications.models import Letter
from apps.resources import actions, words
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW, add_member
from tests.resources.offers import ask, offer, pool

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
TOMORROW = NOW + DAY  # 8 September 2026, 10:00 UTC
ROOM = {"kind": "room", "max_hours": 2, "name": "Our room"}


def read(kind, person):
    """The newest letter of a kind that somebody got: its subject and its paragraphs, and where it leads."""
    letter = Letter.objects.filter(notice__kind=f"resources.{kind}", recipient=person).latest("pk")
    return letter.subject, letter.body.split("\n\n"), letter.notice.link


def count(kind, person):
    return Letter.objects.filter(notice__kind=f"resources.{kind}", recipient=person).count()


def book(room, group, by, *, starts_at=TOMORROW, now=NOW):
    return ask(room, group, by=by, now=now, starts_at=starts_at, ends_at=starts_at + HOUR)


@pytest.fixture
def one_place():
    Resource.objects.filter(slug="video-meeting-room").update(capacity=1)
    return Resource.objects.get(slug="video-meeting-room")


@pytest.fixture
def other(person):
    someone = person("Otto")
    return form_group(name="Others", by=someone, now=NOW), someone


@pytest.fixture
def colleague(group, volunteer):
    add_member(group, volunteer, coordinates=True)
    return volunteer


# --- Answers ---------------------------------------------------------------------------------


def test_a_booking_that_is_given_says_when_it_begins_in_the_zone_of_its_reader(volunteer, group, coordinator):
    wish = book(offer(volunteer, **ROOM), group, coordinator)
    actions.give_resource(wish, address="https://example.org/room", answer="Bring cables.", by=volunteer, now=NOW)
    subject, paragraphs, link = read("answered", coordinator)
    assert subject == "Yours on 8 September 2026: Our room"
    assert paragraphs[:2] == [
        "“Our room” is yours for Our survey (First Steps). It begins on 8 September 2026, 10:00 UTC and ends on "
        "8 September 2026, 11:00 UTC.",
        "The stewards wrote: “Bring cables.”",
    ]
    assert "give it back" in paragraphs[2]
    assert link == wish.get_absolute_url()
    with timezone.override("Asia/Kolkata"):
        assert "begins on 8 September 2026, 15:30 IST" in read("answered", coordinator)[1][0]


def test_the_letter_about_a_place_that_came_free_is_about_the_place(one_place, group, coordinator, other):
    taken = book(one_place, *other)
    book(one_place, group, coordinator)
    actions.give_back(taken, by=other[1], now=NOW)
    subject, paragraphs, _link = read("answered", coordinator)
    assert subject == "Yours on 8 September 2026: Video meeting room"
    assert not [said for said in paragraphs if "In use" in said or "wrote" in said]


def test_what_lasts_says_until_when_and_what_silence_does_then(volunteer, group, coordinator):
    resource = offer(volunteer, name="Survey tool", lasts_days=30)
    wish = ask(resource, group, by=coordinator)
    wish = actions.give_resource(wish, address="https://example.org/x", answer="", by=volunteer, now=NOW)
    subject, paragraphs, _link = read("answered", coordinator)
    assert subject == "Yours until 7 October 2026: Survey tool"
    assert paragraphs[0] == "“Survey tool” is yours for Our survey (First Steps), until 7 October 2026, 10:00 UTC."
    assert "Before it ends, say on its page whether you still use it." in paragraphs[1]
    assert paragraphs[2] == "If none of you says so, it is given back on that day."
    actions.end_use(wish, reason="Spam was sent.", by=volunteer, now=NOW + DAY)
    subject, paragraphs, _link = read("answered", coordinator)
    assert subject == "Ended by a steward: Survey tool"
    assert paragraphs[0].endswith("(Our survey). You cannot use it any more.")
    assert paragraphs[1] == "The stewards wrote: “Spam was sent.”"


def test_what_is_given_once_and_what_is_declined_say_so(volunteer, group, coordinator):
    resource = offer(volunteer, name="Translations")
    wish = ask(resource, group, by=coordinator)
    actions.give_resource(wish, address="", answer="By Friday.", by=volunteer, now=NOW)
    subject, paragraphs, _link = read("answered", coordinator)
    assert subject == "Yours: Translations"
    assert paragraphs[:2] == [
        "“Translations” was given to your group First Steps for Our survey.",
        "The stewards wrote: “By Friday.”",
    ]
    wish = ask(resource, group, by=coordinator, purpose="Another")
    actions.decline_request(wish, answer="No time.", by=volunteer, now=NOW)
    subject, paragraphs, _link = read("answered", coordinator)
    assert subject == "Declined: Translations"
    assert paragraphs[:2] == [
        "The stewards of “Translations” declined what First Steps asked for (Another).",
        "The stewards wrote: “No time.”",
    ]


def test_a_booking_that_is_declined_or_ended_says_which(volunteer, group, coordinator):
    room = offer(volunteer, **ROOM)
    first, second = (book(room, group, coordinator, starts_at=TOMORROW + n * DAY) for n in (0, 1))
    actions.decline_request(first, answer="Closed.", by=volunteer, now=NOW)
    subject, paragraphs, _link = read("answered", coordinator)
    assert subject == "Declined for 8 September 2026: Our room"
    assert "asked for on 8 September 2026, 10:00 UTC (Our survey)" in paragraphs[0]
    second = actions.give_resource(second, address="https://example.org/x", answer="", by=volunteer, now=NOW)
    actions.end_use(second, reason="Water damage.", by=volunteer, now=NOW)
    subject, paragraphs, _link = read("answered", coordinator)
    assert subject == "Not yours any more on 9 September 2026: Our room"
    assert "that begins on 9 September 2026, 10:00 UTC" in paragraphs[0]
    assert paragraphs[1] == "The stewards wrote: “Water damage.”"


def test_a_wait_in_vain_says_for_when_and_leads_to_where_one_asks_again(one_place, group, coordinator, other):
    book(one_place, *other)
    book(one_place, group, coordinator)
    sweep(now=TOMORROW)
    subject, paragraphs, link = read("answered", coordinator)
    assert subject == "No place came free on 8 September 2026: Video meeting room"
    assert "on 8 September 2026, 10:00 UTC, so the wish is off the waiting list" in paragraphs[0]
    assert link == "/resources/video-meeting-room/?group=first-steps&purpose=Our+survey"
    links = pool(other[1], links=["https://meet.example.org/one"], lasts_days=100)
    ask(links, other[0], by=other[1])
    ask(links, group, by=coordinator)
    sweep(now=NOW + 90 * DAY)
    subject, paragraphs, _link = read("answered", coordinator)
    assert subject == "No place came free: Our room"
    assert "in 90 days" in paragraphs[0]


# --- What stewards are asked -----------------------------------------------------------------


def test_stewards_read_for_when_they_are_asked_and_how_many_dates(volunteer, group, coordinator):
    room = offer(volunteer, **ROOM)
    book(room, group, coordinator)
    subject, paragraphs, link = read("stewards_asked", volunteer)
    assert subject == "By 8 September 2026: First Steps asks for Our room"
    assert paragraphs[0] == (
        "First Steps asks for “Our room” from 8 September 2026, 10:00 UTC to 8 September 2026, 11:00 UTC: “Our survey”."
    )
    times = [(TOMORROW + n * WEEK, TOMORROW + n * WEEK + HOUR) for n in (1, 2, 3)]
    actions.request_dates(room, group=group, purpose="Weekly", times=times, may_wait=True, by=coordinator, now=NOW)
    assert count("stewards_asked", volunteer) == 2
    _subject, paragraphs, link = read("stewards_asked", volunteer)
    assert "to 15 September 2026, 11:00 UTC, and on 2 more dates: “Weekly”." in paragraphs[0]
    assert "Each date has an answer of its own." in paragraphs[1]
    assert link == f"/resources/{room.slug}/stewards/"


def test_those_who_could_help_read_until_when(volunteer, steward, group, coordinator):
    offer(volunteer, name="Elsewhere", for_regions=["mena"])
    group.region = "ssa"
    group.save()
    ask(Resource.objects.get(slug="survey-tool"), group, by=coordinator)
    assert "It is wanted until 6 December 2026, 10:00 UTC." in read("can_you_help", volunteer)[1][2]


def test_a_room_that_nobody_offers_is_wanted_until_its_time(volunteer, stranger, group, coordinator):
    Resource.objects.filter(kind="room").update(for_regions=["mena"])
    room = offer(stranger, **ROOM)
    offer(volunteer, kind="room", max_hours=1, name="Elsewhere", for_regions=["mena"])
    group.region = "ssa"
    group.save()
    book(room, group, coordinator, starts_at=NOW + 30 * DAY)
    actions.leave_stewards(room, by=stranger, now=NOW)
    _subject, paragraphs, _link = read("can_you_help", volunteer)
    assert "wants this on 7 October 2026, 10:00 UTC" in paragraphs[0]
    assert "It is wanted until 7 October 2026, 10:00 UTC." in paragraphs[2]
    sweep(now=NOW + 30 * DAY)
    assert "wanted on 7 October 2026, 10:00 UTC (Our survey)" in read("off_the_board", coordinator)[1][0]


# --- Wishes that go on -----------------------------------------------------------------------


def test_the_letter_names_those_who_were_silent_and_those_who_are_asked_now(volunteer, stranger, group, coordinator):
    ask(offer(volunteer, name="Slow"), group, by=coordinator)
    offer(stranger, name="Quick")
    sweep(now=add_working_days(NOW, 10))
    subject, paragraphs, _link = read("moved_on", coordinator)
    assert subject == "Slow: nobody answered in time"
    assert paragraphs[0] == (
        "The stewards of “Slow” did not answer the wish of your group First Steps (Our survey) in time. The stewards "
        "of “Quick” are asked now."
    )


def test_the_reason_of_a_withdrawal_is_a_paragraph_with_its_author_or_none(volunteer, stranger, group, coordinator):
    first = pool(volunteer, policy="stewards_decide", name="First", links=["https://meet.example.org/one"])
    actions.give_resource(ask(first, group, by=coordinator), address="", answer="", by=volunteer, now=NOW)
    second = offer(stranger, kind="other", name="Second")
    ask(first, group, by=coordinator, purpose="Once more")
    ask(second, group, by=coordinator, purpose="Something")
    actions.withdraw_offer(first, reason="We move", by=volunteer, now=NOW)
    said = "Whoever withdrew it wrote: “We move”"
    assert read("withdrawn_in_use", coordinator)[1][1] == said
    assert read("went_on", coordinator)[1][1] == "Whoever withdrew the offer wrote: “We move”"
    actions.leave_stewards(second, by=stranger, now=NOW)
    assert not [said for said in read("went_on", coordinator)[1] if "wrote" in said]


# --- Bookings that change --------------------------------------------------------------------


def test_a_use_that_goes_on_says_until_when_and_names_no_new_start(one_place, group, coordinator, colleague):
    use = book(one_place, group, coordinator)
    actions.extend_use(use, half_hours=1, by=coordinator, now=TOMORROW + HOUR / 2)
    subject, paragraphs, _link = read("booking_changed", colleague)
    assert subject == "Video meeting room goes on for longer"
    assert paragraphs[0] == (
        "Your group First Steps goes on in “Video meeting room” (Our survey) until 8 September 2026, 11:30 UTC."
    )


def test_a_series_that_moves_writes_once_of_all_its_dates_and_names_the_first(
    one_place, group, coordinator, colleague, other
):
    times = [(TOMORROW + n * WEEK, TOMORROW + n * WEEK + HOUR) for n in range(4)]
    made = actions.request_dates(
        one_place, group=group, purpose="Weekly", times=times, may_wait=True, by=coordinator, now=NOW
    )
    book(one_place, *other, starts_at=TOMORROW + WEEK + 2 * HOUR)
    later = {"starts_at": TOMORROW + 2 * HOUR, "ends_at": TOMORROW + 3 * HOUR}
    actions.change_series(made[0], **later, by=coordinator, now=NOW)
    subject, paragraphs, link = read("booking_changed", colleague)
    assert count("booking_changed", colleague) == 1
    assert subject == "Now from 8 September 2026 on: Video meeting room"
    assert "3 dates have another time. 1 date keeps its old time." in paragraphs[0]
    assert "The first new time is 8 September 2026, 12:00 UTC." in paragraphs[0]
    assert link == made[0].get_absolute_url()
    last = {"starts_at": TOMORROW + 3 * WEEK + 4 * HOUR, "ends_at": TOMORROW + 3 * WEEK + 5 * HOUR}
    actions.change_series(made[3], **last, by=coordinator, now=NOW + HOUR)
    assert read("booking_changed", colleague)[0] == "Now on 29 September 2026: Video meeting room"


def test_what_waited_and_is_given_by_another_time_has_one_letter(one_place, group, coordinator, colleague, other):
    book(one_place, *other)
    wish = book(one_place, group, coordinator)
    later = {"starts_at": TOMORROW + 2 * HOUR, "ends_at": TOMORROW + 3 * HOUR}
    actions.change_booking(wish, **later, by=coordinator, now=NOW)
    assert read("answered", colleague)[0] == "Yours on 8 September 2026: Video meeting room"
    assert not count("booking_changed", colleague)


# --- Whether anybody came --------------------------------------------------------------------


def test_who_said_that_nobody_came_is_said_and_who_can_correct_it(one_place, group, coordinator, colleague, steward):
    one_place.stewards.add(steward)
    first, second = (book(one_place, group, coordinator, starts_at=TOMORROW + n * HOUR) for n in (0, 1))
    over = TOMORROW + 3 * HOUR
    sweep(now=over)
    actions.note_use(first, was_used=False, by=coordinator, now=over)
    _subject, paragraphs, _link = read("nobody_came", colleague)
    assert paragraphs[0].startswith("A coordinator of First Steps said that nobody came to “Video meeting room” on ")
    assert paragraphs[1] == "If it did take place, say so on its page by 15 September 2026, 11:00 UTC."
    actions.note_use(first, was_used=True, by=colleague, now=over)
    actions.note_use(second, was_used=False, by=steward, now=over)
    _subject, paragraphs, _link = read("nobody_came", coordinator)
    assert paragraphs[0].startswith(
        "A steward said that nobody came to “Video meeting room” on 8 September 2026, 11:00"
    )
    assert "any one of them can correct it by 15 September 2026, 12:00 UTC" in paragraphs[1]
    noted = ResourceRequest.objects.filter(pk__in=[first.pk, second.pk]).order_by("starts_at")
    assert list(noted.values_list("was_used", "whose_word")) == [(True, "group"), (False, "stewards")]


# --- All of them -----------------------------------------------------------------------------


def test_every_case_that_says_what_silence_does_says_what_is_asked():
    kinds = [kind for kind in vars(words).values() if isinstance(kind, LetterKind)]
    assert len(kinds) > 30
    for kind in kinds:
        assert kind.happened
        assert kind.asked or not kind.silence, kind.subject
