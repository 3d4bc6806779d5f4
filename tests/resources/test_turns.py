"""Whose turn it is: who keeps a place, who gets the next one, and what a yes of the stewards holds for."""

from datetime import timedelta

import pytest

from apps.core.refused import Refused
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.notifications.models import Letter
from apps.resources import actions, queries
from tests.conftest import NOW
from tests.resources.offers import LINKS, ask, pool

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def others(person):
    """Groups with a coordinator each, one after the other."""

    def make():
        number = 0
        while True:
            number += 1
            by = person(f"Coordinator {number}")
            yield form_group(name=f"Group {number}", by=by, now=NOW), by

    return make()


def refused(sentence, act, *args, field="", **kwargs):
    with pytest.raises(Refused, match=sentence) as refusal:
        act(*args, **kwargs)
    assert not field or refusal.value.field == field


def letters(person, kind):
    return Letter.objects.filter(recipient=person, notice__kind=f"resources.{kind}")


def states(*requests):
    for request in requests:
        request.refresh_from_db()
    return [request.state for request in requests]


# --- What is over --------------------------------------------------------------------------------


def test_what_is_over_cannot_be_kept_and_whoever_waits_comes_before_a_newcomer(volunteer, group, coordinator, others):
    resource = pool(volunteer, links=LINKS[:1])
    mine = ask(resource, group, by=coordinator)
    (waits, who), (newcomer, by) = next(others), next(others)
    first = ask(resource, waits, by=who)
    over = mine.ends_at
    assert queries.can_be_kept(mine, over - HOUR)
    assert not queries.can_be_kept(mine, over)
    refused("was over on 17 September 2026", actions.keep_using, mine, by=coordinator, now=over)
    second = ask(resource, newcomer, by=by, now=over + HOUR)  # No sweep has come meanwhile.
    assert states(first, second) == ["in_use", "waiting"]
    sweep(now=over + HOUR)
    assert states(mine, first, second) == ["returned", "in_use", "waiting"]
    assert broken_promises() == []
