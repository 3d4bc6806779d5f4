"""The example is taken away without a trace, whatever its people have done meanwhile."""

import pytest
from django.apps import apps
from django.db.models import Count
from django.utils import timezone

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.feedback.models import Round
from apps.groups.models import Group, Meeting, Position
from apps.home.example import load_example, remove_example
from apps.home.management.commands.catalogue import read
from apps.initiatives.models import Bid, Hold, Lead, Objection
from apps.news.models import Item
from apps.people.models import RoleTerm
from apps.questions.models import Question
from apps.resources.models import Resource, ResourceRequest
from tests.world import do_the_rest, links_to_people, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def rows() -> dict[str, int]:
    ours = [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("apps.")]
    return {model._meta.label: model._default_manager.count() for model in ours}


def test_an_example_whose_people_did_everything_is_removed_without_a_trace(catalogue):
    before = rows()
    do_the_rest(make_world(timezone.now()))
    for link in links_to_people():
        assert link.model._default_manager.exclude(**{link.name: None}).exists(), f"Nobody has done {link}"
    User.objects.update(is_example=True)
    Group.objects.update(is_example=True)
    assert remove_example() > 5
    assert rows() == before


def test_what_real_people_do_elsewhere_stays(catalogue):
    do_the_rest(make_world(timezone.now()))
    before = rows()
    load_example(read("home", "example.json"), now=timezone.now())
    remove_example()
    told = {"notifications.Notice", "notifications.Letter"}  # A real steward was asked by an example group.
    after = rows()
    assert {name: after[name] for name in after if name not in told} == {
        name: before[name] for name in before if name not in told
    }
    assert all(after[name] >= before[name] for name in told)


def test_the_example_as_loaded_is_removed_without_a_trace(catalogue):
    before = rows()
    load_example(read("home", "example.json"), now=timezone.now())
    assert Deadline.objects.exists()
    assert broken_promises() == []
    shown = {
        "a round with translations, a liaison and answers": Round.objects.filter(
            state="open", translations__isnull=False, carries__state="accepted", answers__isnull=False
        ),
        "a question with an answer": Question.objects.filter(state="answered"),
        "a question that waits": Question.objects.filter(state="open"),
        "news in two languages": Item.objects.filter(state="published", texts__has_key="ar"),
        "an item for the news that waits": Item.objects.filter(state="waiting"),
        "a proposal with an answered objection": Position.objects.filter(state="answered"),
        "a meeting with notes": Meeting.objects.filter(state="noted"),
        "a meeting that is planned": Meeting.objects.filter(state="planned"),
        "an objection": Objection.objects.filter(state="open"),
        "a bid for a quiet initiative": Bid.objects.filter(state="open", kind="quiet"),
        "an initiative on hold": Hold.objects.filter(state="running"),
        "a successor that is sought": Lead.objects.filter(ended_at=None).exclude(seeks_successor_at=None),
        "a facilitator": RoleTerm.objects.filter(state="held", role="facilitator", is_unconfirmed=False),
        "a liaison": RoleTerm.objects.filter(state="held", role="liaison", is_unconfirmed=False),
        "a liaison whom silence has confirmed": RoleTerm.objects.filter(state="held", is_unconfirmed=True),
        "an offer of an affiliate with two stewards": Resource.objects.exclude(affiliate=None)
        .annotate(number=Count("stewards"))
        .filter(number=2),
        "a pool of ready links": Resource.objects.filter(provider="pool", links__isnull=False),
        "a booked room": ResourceRequest.objects.filter(state="in_use", resource__kind="room"),
        "a room of a meeting": Meeting.objects.filter(state="planned", bookings__state="in_use"),
        "a waiting list": ResourceRequest.objects.filter(state="waiting"),
        "a wish that waits for an answer": ResourceRequest.objects.filter(state="asked"),
        "a wish that was answered": ResourceRequest.objects.filter(state="given"),
        "something wanted": ResourceRequest.objects.filter(state="wanted"),
    }
    assert [what for what, found in shown.items() if not found.exists()] == []
    remove_example()
    assert rows() == before
