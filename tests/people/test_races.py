"""The same role is asked for twice at once, then confirmed, declined and taken back at the same moment."""

from datetime import timedelta
from functools import partial

import pytest

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.people import actions
from apps.people.models import RoleTerm
from tests.conftest import NOW, granted
from tests.journeys.at_once import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services, pytest.mark.slow]


def test_of_many_clicks_on_one_role_one_asks_and_one_answers(person, administrator):
    asker, other = person("Ada"), granted(person("Zuri"), "liaison", languages=["sw"])
    covers = {"languages": ["sw"], "regions": [], "recommendations": []}
    ask = partial(actions.ask_for_role, role="liaison", why="Yes.", **covers, by=asker, now=NOW)
    answers = at_once(ask, ask, ask)
    assert sum(isinstance(answer, Refused) for answer in answers) == 2
    term = RoleTerm.objects.get(user=asker)
    later = NOW + timedelta(minutes=1)
    answers = at_once(
        partial(actions.confirm_role, term, by=administrator, now=later),
        partial(actions.confirm_role, term, by=other, now=later),
        partial(actions.decline_role, term, reason="Not now", by=other, now=later),
        partial(actions.take_back_role_request, term, by=asker, now=later),
    )
    assert sum(isinstance(answer, Refused) for answer in answers) == 3
    assert Deadline.objects.filter(rule="people.confirm_role").exclude(state="open").count() == 1
    assert broken_promises() == []
