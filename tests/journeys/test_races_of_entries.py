"""People who act on one entry at the same moment, on PostgreSQL with real threads."""

from functools import partial

import pytest

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.sweep import sweep
from apps.engagement import actions
from apps.engagement.models import Doubt, Entry
from tests.conftest import NOW, log
from tests.journeys.at_once import assert_promises_hold, at_once, people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services, pytest.mark.slow]


def test_of_those_who_doubt_confirm_and_correct_at_once_each_finds_the_entry_as_another_left_it(
    adoption, group, coordinator
):
    entry = log(adoption, "reach", by=coordinator, group=group, url="", note="Twenty of us met.")
    first, *others = people(9)
    actions.confirm_entry(entry, is_named=False, by=first, now=NOW)
    doubts = [partial(actions.doubt_entry, entry, reason="Hm.", by=person, now=NOW) for person in others[:4]]
    confirms = [partial(actions.confirm_entry, entry, is_named=True, by=person, now=NOW) for person in others[4:]]
    correct = partial(actions.correct_entry, entry, group=group, by=coordinator, now=NOW, note="Nineteen of us met.")
    at_once(*doubts, *confirms, correct)
    assert Doubt.objects.count() <= 1
    assert Entry.objects.get().text_number == 2
    assert_promises_hold()


def test_an_answer_at_the_moment_of_silence_comes_before_it_or_is_refused(adoption, group, coordinator, person):
    entry = log(adoption, "conversations", by=coordinator, group=group)
    doubt = actions.doubt_entry(entry, reason="Hm.", by=person("Sven"), now=NOW)
    late = add_working_days(NOW, 10)
    answer = partial(actions.answer_doubt, doubt, answer="It moved.", group=group, by=coordinator, now=late)
    said, _rungs = at_once(answer, partial(sweep, now=late))
    doubt.refresh_from_db()
    entry.refresh_from_db()
    assert (doubt.state, entry.state) in {("answered", "doubted"), ("unanswered", "struck")}
    assert isinstance(said, Refused) == (doubt.state == "unanswered")
    assert_promises_hold()
