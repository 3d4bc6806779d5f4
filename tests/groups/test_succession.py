"""The lone coordinator who vanishes: after 14 days' notice the longest-active willing member coordinates."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core.refused import Refused
from apps.deadlines.sweep import sweep
from apps.groups.actions import (
    leave_group,
    make_coordinator,
    offer_to_coordinate,
    say_still_here,
    take_back_offer,
)
from apps.groups.models import Succession
from apps.groups.queries import coordinators_of
from apps.notifications.models import Letter
from tests.conftest import NOW, add_member

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def members(group, volunteer, stranger, steward):
    """Three members; the steward has been there longest, and offers nothing."""
    for days, person in ((30, steward), (20, stranger), (10, volunteer)):
        add_member(group, person, now=NOW - days * DAY)
    return group


def names(group):
    return sorted(person.username for person in coordinators_of(group))


def test_the_member_who_was_there_longest_and_offers_coordinates_after_14_days(members, volunteer, stranger):
    offer_to_coordinate(members, by=volunteer, now=NOW)
    offer_to_coordinate(members, by=stranger, now=NOW + 2 * DAY)
    assert [letter.recipient.username for letter in Letter.objects.filter(notice__kind="groups.are_you_there")] == [
        "Bola"
    ]
    sweep(now=NOW + 13.9 * DAY)
    assert names(members) == ["Bola"]
    sweep(now=NOW + 14 * DAY)
    assert names(members) == ["Bola", "Sven"]
    assert Letter.objects.get(notice__kind="groups.you_coordinate").recipient == stranger
    assert not members.memberships.exclude(willing_at=None).exists()


def test_a_coordinator_who_is_there_answers_with_one_click(members, volunteer, coordinator):
    offer_to_coordinate(members, by=volunteer, now=NOW)
    say_still_here(members, by=coordinator, now=NOW + DAY)
    sweep(now=NOW + 15 * DAY)
    assert names(members) == ["Bola"]
    assert Succession.objects.get().state == "answered"
    with pytest.raises(Refused, match="Nobody asks that any more"):
        say_still_here(members, by=coordinator, now=NOW + DAY)


def test_making_a_coordinator_answers_too(members, volunteer, coordinator):
    offer_to_coordinate(members, by=volunteer, now=NOW)
    make_coordinator(members.memberships.get(user=volunteer), by=coordinator, now=NOW + DAY)
    assert Succession.objects.get().state == "answered"
    sweep(now=NOW + 15 * DAY)
    assert names(members) == ["Ada", "Bola"]


def test_an_offer_that_is_taken_back_asks_nobody(members, volunteer):
    offer_to_coordinate(members, by=volunteer, now=NOW)
    with pytest.raises(Refused, match="offered already"):
        offer_to_coordinate(members, by=volunteer, now=NOW + DAY)
    take_back_offer(members, by=volunteer, now=NOW + DAY)
    assert Succession.objects.get().state == "void"
    sweep(now=NOW + 15 * DAY)
    assert names(members) == ["Bola"]


def test_whoever_offered_and_left_does_not_coordinate(members, volunteer):
    offer_to_coordinate(members, by=volunteer, now=NOW)
    leave_group(members, by=volunteer, now=NOW + DAY)
    sweep(now=NOW + 15 * DAY)
    assert (names(members), Succession.objects.get().state) == (["Bola"], "void")


@pytest.mark.parametrize("who", ["coordinator", "reviewer"])
def test_coordinators_and_people_outside_offer_nothing(members, who, request):
    with pytest.raises(Refused):
        offer_to_coordinate(members, by=request.getfixturevalue(who), now=NOW)


def test_one_succession_of_a_group_at_a_time(members, volunteer):
    offer_to_coordinate(members, by=volunteer, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Succession.objects.create(group=members, opened_at=NOW)


def test_the_pages_of_a_member_and_of_the_coordinator(members, volunteer, coordinator, sign_in):
    address = members.get_absolute_url()
    assert "I would coordinate" in sign_in(volunteer).get(address).content.decode()
    sign_in(volunteer).post(f"{address}succession/", {"answer": "offer"})
    assert "I do not offer to coordinate any more" in sign_in(volunteer).get(address).content.decode()
    page = sign_in(coordinator).get(address).content.decode()
    assert "We are there" in page
    sign_in(coordinator).post(f"{address}succession/", {"answer": "here"})
    assert "We are there" not in sign_in(coordinator).get(address).content.decode()
