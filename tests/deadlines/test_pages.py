"""The waiting board: what the movement waits for, who owes it, since when, and what silence will do."""

from datetime import timedelta

import pytest

from apps.deadlines.models import Deadline
from apps.deadlines.rules import RULES
from tests.journeys.reader import Page, Reader
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def board() -> Page:
    return Reader().open("/waiting/")


def test_an_empty_board_says_that_nothing_waits(catalogue):
    page = board()
    assert "The movement waits for no answer." in page.text
    assert page.link("What a group can ask for") == "/resources/"


def test_what_is_owed_is_shown_with_who_owes_it_and_what_silence_does(world):
    page = board()
    assert "The movement is waiting for" in page.text
    assert "None is late." in page.text
    assert "4 measured steps of First Steps" in page.text
    assert "the steps are confirmed by silence, and labelled so" in page.text
    wait = Deadline.objects.get(rule="engagement.review")
    assert page.link("4 measured steps of First Steps") == wait.get_absolute_url()


def test_what_nobody_else_waits_for_is_not_on_the_board(world):
    private = [rule.name for rule in RULES.values() if not rule.public]
    assert Deadline.objects.filter(rule__in=private, state="open").exists()
    public = Deadline.objects.filter(state="open").exclude(rule__in=private).count()
    assert f"The movement is waiting for {public} answers." in board().text


def test_no_person_is_named_who_has_not_accepted(world):
    """Who asks to join or is invited is between them and the group."""
    text = board().text
    assert "Asa" not in text
    assert "Rhea" not in text  # A role owes the review, whoever was asked.


def test_what_is_late_is_counted_and_stands_first(world):
    late = Deadline.objects.get(rule="resources.answer")
    Deadline.objects.filter(pk=late.pk).update(due_at=world.now - timedelta(days=1))
    page = board()
    assert "1 is late." in page.text
    review = Deadline.objects.get(rule="engagement.review")
    first, second = (page.html.index(f'href="{wait.get_absolute_url()}"') for wait in (late, review))
    assert page.html.index("<tbody>") < first < second


def test_what_was_answered_leaves_the_board(world):
    rhea = Reader()
    rhea.client.force_login(world.people["reviewer"], backend="django.contrib.auth.backends.ModelBackend")
    rhea.open("/review/")
    rhea.press("Accept")
    assert "4 measured steps of First Steps" not in board().text
