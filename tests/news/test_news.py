"""Strategy News: submitted by anybody, published by any one editor, never by silence; corrected and translated."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises, deadlines_owed_by, nobody_can_answer, open_waits, waits
from apps.deadlines.sweep import sweep
from apps.news import actions, policy, queries
from apps.news.kinds import published_items
from apps.news.models import Correction, Item
from apps.notifications.models import Letter
from apps.people.actions import grant_role
from apps.record.models import Act
from apps.record.queries import lines, newest_acts
from tests.conftest import granted

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LINK = "https://meta.wikimedia.org/wiki/Strategy"


def submit(
    *, by, now, text="Two hubs have begun. They meet on Monday.", link=LINK, initiative=None, regions=()
) -> Item:
    return actions.submit_item(text=text, link=link, initiative=initiative, regions=regions, by=by, now=now)


def told(kind: str) -> list:
    letters = Letter.objects.filter(notice__kind=f"news.{kind}").order_by("pk")
    return [letter.recipient for letter in letters]


def refused(match: str):
    return pytest.raises(Refused, match=match)


@pytest.fixture
def editor(person):
    return granted(person("Edda"), "editor")


@pytest.fixture
def other_editor(person):
    return granted(person("Eike"), "editor")


@pytest.fixture
def item(editor, volunteer, now):
    return submit(by=volunteer, now=now)


@pytest.fixture
def published(item, editor, now):
    return actions.publish_item(item, by=editor, now=now + DAY)


# --- Submitting -------------------------------------------------------------------------------


def test_any_one_editor_owes_an_answer_in_five_working_days(item, editor, administrator, volunteer, now):
    wait = Deadline.objects.get(rule="news.answer")
    assert (wait.owner, wait.due_at) == ("role:news_editor", add_working_days(now, 5))
    assert told("submitted") == [editor]
    assert wait in deadlines_owed_by(editor, now)
    assert wait not in deadlines_owed_by(administrator, now), "Administrators confirm editors, and publish nothing."
    assert wait in open_waits()
    [shown] = waits([wait])
    assert "hubs" not in f"{shown.what}{shown.link}", "What nobody has published is not told on the board."
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("wrong", "match", "field"),
    [
        ({"text": "x" * 401}, "at most 400", "text"),
        ({"text": "One. Two. Three. Four."}, "These are 4 sentences. An item has at most three", "text"),
        ({"text": "Read meta.wikimedia.org/wiki/A too."}, "one link, in its own field", "text"),
        ({"link": "http://meta.wikimedia.org/wiki/A"}, "begins with https", "link"),
    ],
)
def test_what_is_no_item_is_refused_beside_its_field(volunteer, now, wrong, match, field):
    with refused(match) as refusal:
        submit(by=volunteer, now=now, **wrong)
    assert refusal.value.field == field
    assert not Item.objects.exists()
    submit(by=volunteer, now=now, text=f"{'x' * 394}. A! B", link="https://a.org/" + "x" * 486)


def test_the_same_link_waits_for_thirty_days(published, stranger, now):
    with refused("An item with this link waits, or was published in the last 30 days"):
        submit(by=stranger, now=now + 31 * DAY - SECOND)
    again = submit(by=stranger, now=now + 31 * DAY)
    with refused("An item with this link waits"):
        submit(by=stranger, now=now + 32 * DAY)
    actions.withdraw_item(again, by=stranger, now=now + 32 * DAY)
    submit(by=stranger, now=now + 32 * DAY)


def test_of_two_clicks_at_once_the_database_takes_one(item, stranger, now, monkeypatch):
    """Another person has submitted the link between the question and the row."""
    monkeypatch.setattr(queries, "items_in_the_way_of", lambda link, now: Item.objects.none())
    with refused("An item with this link waits"):
        submit(by=stranger, now=now)
    assert Item.objects.count() == 1


def test_three_items_of_one_person_wait_at_most(item, editor, volunteer, stranger, now):
    for number in range(2):
        submit(by=volunteer, now=now, link=f"{LINK}/{number}")
    with refused("Three items of yours wait"):
        submit(by=volunteer, now=now, link=f"{LINK}/3")
    submit(by=stranger, now=now, link=f"{LINK}/3")
    actions.decline_item(item, reason="Old.", by=editor, now=now)
    submit(by=volunteer, now=now, link=f"{LINK}/4")


# --- Answering --------------------------------------------------------------------------------


def test_one_click_publishes_once(item, editor, other_editor, volunteer, now):
    actions.publish_item(item, by=editor, now=now)
    for act in (actions.publish_item, actions.withdraw_item):
        with refused("settled before you: Published"):
            act(item, by=other_editor, now=now)
    with refused("settled before you: Published"):
        actions.decline_item(item, reason="No.", by=other_editor, now=now)
    assert list(published_items()) == [item]
    assert told("published") == [volunteer]
    assert Act.objects.filter(verb="news.published").count() == 1
    assert broken_promises() == []


def test_a_refused_text_is_for_its_submitter_and_the_editors(item, editor, volunteer, stranger, now):
    actions.decline_item(item, reason="It is in the issue of May.", by=editor, now=now)
    item.refresh_from_db()
    assert (item.state, item.reason, item.decided_by) == ("declined", "It is in the issue of May.", editor)
    assert told("declined") == [volunteer]
    assert "It is in the issue of May." in Letter.objects.get(notice__kind="news.declined").body
    assert not published_items().exists()
    said = " ".join(line.words for line in lines(newest_acts()))
    assert "An item for Strategy News was declined" in said
    assert "hubs" not in said
    assert [policy.may_read(someone, item, now) for someone in (volunteer, editor, stranger)] == [True, True, False]
    assert broken_promises() == []


def test_nobody_answers_for_their_own_and_editors_alone_answer(editor, other_editor, administrator, stranger, now):
    mine = submit(by=editor, now=now)
    assert told("submitted") == [other_editor]
    for act, more in ((actions.publish_item, {}), (actions.decline_item, {"reason": "So."})):
        with refused("Another editor answers"):
            act(mine, by=editor, now=now, **more)
    able = [policy.may_answer(person, mine, now) for person in (editor, other_editor, administrator, stranger)]
    assert able == [False, True, False, False]
    actions.publish_item(mine, by=other_editor, now=now)
    with refused("Another editor answers"):
        actions.correct_item(mine, text="Mine.", link=LINK, why="So.", seen=0, by=editor, now=now)


def test_an_editor_who_is_blocked_or_whose_term_is_over_answers_nothing(item, editor, now):
    assert policy.may_answer(editor, item, now)
    assert not policy.may_answer(editor, item, now + 900 * DAY)
    editor.blocked_at = now
    editor.save()
    assert not policy.may_answer(editor, item, now)


def test_silence_publishes_nothing_and_thanks(item, editor, volunteer, now):
    for count, kinds in ((3, {"deadlines.reminder"}), (5, {"deadlines.reminder", "deadlines.all_told"})):
        sweep(now=add_working_days(now, count))
        asked = Letter.objects.filter(recipient=editor, notice__kind__startswith="deadlines.")
        assert set(asked.values_list("notice__kind", flat=True)) == kinds
    sweep(now=add_working_days(now, 10) - SECOND)
    item.refresh_from_db()
    assert item.state == "waiting"
    lapsed_at = add_working_days(now, 10)
    sweep(now=lapsed_at)
    item.refresh_from_db()
    assert item.state == "lapsed"
    assert not published_items().exists()
    assert told("lapsed") == [volunteer]
    assert "Thank you" in Letter.objects.get(notice__kind="news.lapsed").body
    with refused("settled before you: Lapsed"):
        actions.publish_item(item, by=editor, now=lapsed_at)
    assert submit(by=volunteer, now=lapsed_at).state == "waiting"
    assert broken_promises() == []


def test_without_an_editor_the_board_says_so_and_the_date_stands(volunteer, stranger, now):
    item = submit(by=volunteer, now=now)
    found = waits(open_waits())
    assert nobody_can_answer(found, now) == {found[0].deadline.pk}
    grant_role(stranger, role="editor", until=now + 90 * DAY, by=None, now=now)
    assert nobody_can_answer(found, now) == set()
    assert found[0].deadline in deadlines_owed_by(stranger, now)
    actions.publish_item(item, by=stranger, now=now)


def test_what_is_withdrawn_waits_for_nobody(item, editor, volunteer, now):
    actions.withdraw_item(item, by=volunteer, now=now)
    with refused("settled before you: Withdrawn"):
        actions.publish_item(item, by=editor, now=now)
    assert not open_waits().exists()
    assert queries.over_and_mine(volunteer, str(item.pk)) == item
    assert queries.over_and_mine(editor, str(item.pk)) is None
    assert broken_promises() == []


# --- Correcting -------------------------------------------------------------------------------


def correct(item, *, by, now, seen=0, text="Three hubs have begun.", link=LINK):
    return actions.correct_item(item, text=text, link=link, why="There are three.", seen=seen, by=by, now=now)


def test_a_correction_says_why_and_tells_who_submitted_it(published, editor, other_editor, volunteer, now):
    with refused("Nothing is changed"):
        correct(published, by=editor, now=now, text=published.text)
    with refused("at most three"):
        correct(published, by=editor, now=now, text="A. B. C. D! E! F! G!")
    correct(published, by=editor, now=now)
    with refused("meanwhile: “Three hubs have begun.”"):
        correct(published, by=other_editor, now=now, text="Four hubs.")
    correct(published, by=other_editor, now=now, text="Four hubs.", seen=1)
    published.refresh_from_db()
    assert published.texts == {"en": "Four hubs."}
    assert [row.corrected_by for row in Correction.objects.order_by("pk")] == [editor, other_editor]
    assert told("corrected") == [volunteer, volunteer]
    assert "corrected in Strategy News" in lines(newest_acts().filter(verb="news.corrected"))[0].words


def test_only_what_is_published_is_corrected(item, editor, now):
    with refused("settled before you: Waits for an editor"):
        correct(item, by=editor, now=now)


@pytest.mark.parametrize(
    "wrong", [{"state": "published"}, {"state": "declined"}, {"reason": "No."}, {"decided_at": "2026-09-07T10:00Z"}]
)
def test_the_database_keeps_what_an_item_promises(item, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.update(**wrong)
