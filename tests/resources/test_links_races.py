"""However many ask for a link of a pool in the same moment: each link has one group, and nobody is lost."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from apps.groups.actions import form_group
from apps.resources import actions
from apps.resources.models import Resource, ResourceRequest
from tests.journeys.at_once import assert_promises_hold, at_once, people
from tests.resources.offers import ask, pool

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_of_ten_groups_three_have_a_link_of_their_own_while_one_is_retired_and_one_comes(catalogue, volunteer):
    now = timezone.now()
    resource = pool(volunteer, links=[f"https://meet.example.org/{n}" for n in range(3)], now=now - timedelta(days=1))
    asking = people(10)
    groups = [form_group(name=f"Group {n}", by=person, now=now) for n, person in enumerate(asking)]
    at_once(
        *(partial(ask, resource, group, by=person, now=now) for group, person in zip(groups, asking, strict=True)),
        partial(actions.retire_link, resource.links.first(), by=volunteer, now=now),
        partial(actions.add_links, resource, links=["https://meet.example.org/new"], by=volunteer, now=now),
    )
    resource.refresh_from_db()
    assert resource.capacity == 3 == resource.links.filter(retired_at=None).count()
    uses = ResourceRequest.objects.filter(resource=resource, state="in_use")
    links = [use.link_id for use in uses]
    assert len(set(links)) == len(links) in {3, 4}  # The retired one goes with the end of its use.
    assert uses.filter(link__retired_at=None).count() == 3
    assert ResourceRequest.objects.filter(state="waiting").count() == 10 - len(links)
    assert_promises_hold()


def test_of_two_who_take_on_the_same_wish_one_has_it(catalogue, volunteer, stranger, group, coordinator):
    wish = ask(Resource.objects.get(slug="survey-tool"), group, by=coordinator, now=timezone.now())
    assert wish.state == "wanted"
    now = timezone.now()
    offers = at_once(
        *(
            partial(pool, by, name=f"By {by}", links=["https://a.example.org/x"], now=now)
            for by in (volunteer, stranger)
        )
    )
    wish.refresh_from_db()
    assert wish.state == "in_use"
    assert wish.resource in offers
    assert_promises_hold()
