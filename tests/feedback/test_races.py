"""A liaison who clicks in three windows at the same moment carries two rounds, and is told so in the third."""

from functools import partial

import pytest

from apps.core.refused import Refused
from apps.feedback import actions
from apps.feedback.models import Carry
from apps.people.actions import grant_role
from tests.conftest import NOW, granted
from tests.feedback.conftest import DAY, draft
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


def test_places_that_are_freed_at_once_are_asked_for_each_open_round_once(person, group, initiative, coordinator):
    """A report, two cancelled rounds and a new liaison each ask in the rounds of the others."""
    liaisons = [granted(person(name), "liaison", regions=["ssa"]) for name in ("Rex", "Rosa")]
    rounds = [draft(group, initiative, by=coordinator, title=f"Round {number}") for number in range(6)]
    for round_, liaison in zip(rounds, [*liaisons, *liaisons], strict=False):
        actions.open_round(round_, by=coordinator, now=NOW)
        actions.carry_round(round_, by=liaison, now=NOW)
    for round_ in rounds[4:]:
        actions.open_round(round_, by=coordinator, now=NOW)
    newcomer, usual = person("Nia"), {"text": "Pictures.", "language": "sw", "people": 2, "is_relayed": True}
    answers = at_once(
        partial(actions.write_report, rounds=[rounds[3].pk, rounds[1].pk], **usual, by=liaisons[1], now=NOW),
        partial(actions.cancel_round, rounds[2], reason="Too early.", by=coordinator, now=NOW),
        partial(actions.cancel_round, rounds[0], reason="Too early.", by=coordinator, now=NOW),
        partial(grant_role, newcomer, role="liaison", regions=["ssa"], until=NOW + DAY, by=None, now=NOW),
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    for round_ in rounds[4:]:
        assert set(round_.carries.values_list("liaison__username", "state")) == {
            (name, "asked") for name in ("Rex", "Rosa", "Nia")
        }
    assert not Carry.objects.filter(round__in=[rounds[0], rounds[2]], state__in=["asked", "accepted"]).exists()
    assert_promises_hold()
