"""Editors and a submitter who act on one item at the same moment: one of them is first, the others read who was."""

from functools import partial

import pytest

from apps.core.refused import Refused
from apps.deadlines.queries import broken_promises
from apps.news import actions
from apps.news.models import Item
from apps.notifications.models import Letter
from apps.record.models import Act
from tests.conftest import NOW
from tests.journeys.at_once import at_once, people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.services]

LINK = "https://meta.wikimedia.org/wiki/Hubs"


def submit(by, number=0):
    return actions.submit_item(text="Two hubs.", link=f"{LINK}/{number}", initiative=None, regions=[], by=by, now=NOW)


def test_of_all_who_act_at_once_one_does(catalogue):
    author, *editors = people(5)
    item = submit(author)
    answers = at_once(
        *(partial(actions.publish_item, item, by=editor, now=NOW) for editor in editors[:2]),
        *(partial(actions.decline_item, item, reason="Old.", by=editor, now=NOW) for editor in editors[2:]),
        partial(actions.withdraw_item, item, by=author, now=NOW),
    )
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 4
    state = Item.objects.get().get_state_display()
    assert {answer.sentence for answer in refused} == {f"This was settled before you: {state}."}
    assert Act.objects.filter(verb__startswith="news.").count() == 2
    assert Letter.objects.filter(recipient=author).count() == (0 if state == "Withdrawn" else 1)
    assert broken_promises() == []


def test_five_clicks_at_once_make_three_items_of_a_person_and_one_of_a_link(catalogue):
    author, *others = people(5)
    answers = at_once(*(partial(submit, author, number) for number in range(5)))
    assert sum(isinstance(answer, Refused) for answer in answers) == 2
    assert Item.objects.count() == 3
    answers = at_once(*(partial(submit, other, 9) for other in others))
    assert sum(isinstance(answer, Refused) for answer in answers) == 3
    assert Item.objects.count() == 4
    assert broken_promises() == []
