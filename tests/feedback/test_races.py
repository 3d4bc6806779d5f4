"""A liaison who clicks in three windows at the same moment carries two rounds, and is told so in the third."""

from functools import partial

import pytest

from apps.core.refused import Refused
from apps.feedback import actions
from apps.feedback.models import Carry
from tests.conftest import NOW, granted
from tests.feedback.conftest import draft
from tests.journeys.at_once import assert_promises_hold, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.services]


def test_of_three_rounds_at_once_a_liaison_carries_two(person, group, initiative, coordinator):
    liaison = granted(person("Rex"), "liaison", regions=["ssa"])
    rounds = [draft(group, initiative, by=coordinator, title=f"Round {number}") for number in range(3)]
    for round_ in rounds:
        actions.open_round(round_, by=coordinator, now=NOW)
    answers = at_once(*(partial(actions.carry_round, round_, by=liaison, now=NOW) for round_ in rounds))
    [told] = [answer for answer in answers if isinstance(answer, Refused)]
    assert "two rounds already" in told.sentence
    assert sorted(Carry.objects.values_list("state", "place")) == [("accepted", 1), ("accepted", 2), ("asked", None)]
    assert_promises_hold()
