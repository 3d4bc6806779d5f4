"""Two reviewers and the clock at one submission in the same moment: whoever is first, every promise holds."""

from datetime import timedelta
from functools import partial

import pytest

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.engagement import actions
from apps.engagement.models import Decision
from tests.conftest import NOW, meet_early_steps
from tests.journeys.at_once import assert_promises_hold, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.services]


@pytest.mark.parametrize("again", range(3))
def test_taking_back_beside_another_decision_and_silence(adoption, group, coordinator, reviewer, other_reviewer, again):
    """A part is taken back while another reviewer answers the rest and the last day comes."""
    meet_early_steps(adoption, by=coordinator, group=group)
    bundle = actions.hand_in_measured(adoption, group=group, by=coordinator, now=NOW)
    first, *rest = list(bundle.steps.values_list("pk", flat=True))
    last = add_working_days(NOW, 20)
    before = last - timedelta(minutes=5)
    decision = actions.accept_steps(bundle, steps=[first], by=reviewer, now=before)
    Deadline.objects.filter(rule="engagement.review").update(rung=3, wake_at=last)
    undone, answered, _swept = at_once(
        partial(actions.take_back, decision, by=reviewer, now=last - timedelta(seconds=1)),
        partial(actions.waive_steps, bundle, steps=rest, note="Fine.", by=other_reviewer, now=last),
        partial(sweep, now=last),
    )
    sweep(now=last + timedelta(minutes=5))  # what gave way
    states = dict(bundle.steps.values_list("pk", "state"))
    silent = isinstance(answered, Refused)
    assert {states[pk] for pk in rest} == {"confirmed_by_silence" if silent else "waived"}
    assert states[first] == ("accepted" if isinstance(undone, Refused) else "confirmed_by_silence")
    assert Deadline.objects.filter(rule="engagement.review").count() == 1
    told = [sorted(row.steps.values_list("pk", flat=True)) for row in Decision.objects.filter(taken_back_at=None)]
    assert sorted(pk for steps in told for pk in steps) == sorted(states)
    assert_promises_hold()
