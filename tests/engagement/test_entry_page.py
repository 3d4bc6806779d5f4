"""The page of an entry: is it counted and why, who confirms it, who doubts it, what it said before."""

import pytest
from django.utils import timezone

from apps.engagement import actions
from apps.engagement.models import Doubt, Entry
from tests.conftest import log
from tests.engagement.test_pages import checklist, open_as, reader_as
from tests.journeys.at_once import browser_of
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


@pytest.fixture
def note(world) -> Entry:
    return log(
        world.adoption, "reach", by=world.people["coordinator"], group=world.group, now=world.now, url="",
        note="We met in <Kano>.", regions=["ssa"], people=3,
    )  # fmt: skip


def test_a_note_is_logged_with_the_form_and_confirmed_with_one_click(world):
    member = reader_as(world, "member")
    member.open(f"{checklist(world)}reach/")
    member.press(
        "Log this entry", title="Meetup of Kano", note="Twenty of us met.", languages=["ha"],
        happened_on=timezone.localdate().isoformat(),
    )  # fmt: skip
    assert "It counts once somebody who was there says so on its page" in member.page.text
    entry = Entry.objects.get(title="Meetup of Kano")
    assert "Does not count yet" in open_as(world, "visitor", checklist(world)).text
    witness = reader_as(world, "participant")
    assert "It does not count yet" in witness.open(entry.get_absolute_url()).text
    witness.press("I was there")
    assert "It counts: somebody outside the group was there and says so." in witness.page.text
    assert "1 person outside the group was there and confirms it." in witness.page.text
    assert "Pia" not in open_as(world, "visitor", entry.get_absolute_url()).text


def test_a_name_is_shown_if_its_owner_agrees(world, note):
    witness = reader_as(world, "participant")
    witness.open(note.get_absolute_url())
    witness.press("I was there", is_named="on")
    assert "Was there and confirms it: Pia" in open_as(world, "visitor", note.get_absolute_url()).text
    witness.press("Take back that I was there")
    assert "Pia" not in open_as(world, "visitor", note.get_absolute_url()).text


def test_members_are_told_why_they_cannot_confirm(world, note):
    page = open_as(world, "member", note.get_absolute_url())
    assert "Send the address of this page" in page.text
    answer = browser_of(world.people["member"]).post(f"{note.get_absolute_url()}confirm/", {"say": "yes"})
    assert answer.status_code == 403
    assert "Somebody outside the group confirms a note" in answer.content.decode()
    assert not note.confirmations.exists()


def test_neither_link_nor_note_is_no_entry(world):
    member = reader_as(world, "member")
    member.open(f"{checklist(world)}reach/")
    before = Entry.objects.count()
    member.press("Log this entry", title="Meetup", languages=["ha"], happened_on=timezone.localdate().isoformat())
    assert "An entry needs a link as evidence, or a note" in member.page.text
    assert Entry.objects.count() == before


def test_a_few_people_are_not_counted_out(world, note):
    page = open_as(world, "visitor", note.get_absolute_url())
    assert "fewer than 5 people" in page.text
    assert "about 3 people" not in page.text


def test_a_doubt_with_its_answer_and_the_judgement_stand_on_the_page_and_beside_the_entry(world):
    address = world.entry.get_absolute_url()
    doubter = reader_as(world, "participant")
    doubter.open(f"{address}doubt/")
    doubter.press("Doubt it, with this reason", reason="That page is <empty>.")
    page = open_as(world, "visitor", address)
    assert "It counts, but somebody doubts it and the group owes an answer." in page.text
    assert "That page is <empty>." in page.text
    assert "Pia" not in page.text
    assert "Counts, and is doubted" in open_as(world, "visitor", checklist(world)).text
    member = reader_as(world, "member")
    doubt = Doubt.objects.get()
    member.open(f"/doubts/{doubt.pk}/answer/")
    assert "That page is <empty>." in member.page.text
    member.press("Answer", answer="It was moved.")
    assert "the group has answered" in member.page.text
    reviewer = reader_as(world, "reviewer")
    reviewer.open(f"/doubts/{doubt.pk}/judge/")
    reviewer.press("Decide", decision="uphold", note="It is empty indeed.")
    page = open_as(world, "visitor", address)
    assert "It does not count: a reviewer upheld a doubt." in page.text
    assert "It is empty indeed." in page.text
    assert "Does not count, after a doubt" in open_as(world, "visitor", checklist(world)).text


def test_members_correct_with_the_form_and_the_earlier_text_stays_readable(world):
    member = reader_as(world, "member")
    member.open(f"{world.entry.get_absolute_url()}correct/")
    typed = member.page.form("Save the correction").values
    assert typed["title"] == ["An entry for conversations"]
    assert typed["languages"] == ["en"]
    member.press("Save the correction", title="Talk on Meta")
    page = open_as(world, "visitor", world.entry.get_absolute_url())
    assert "What it said before" in page.text
    assert "An entry for conversations" in page.text
    assert "Corrected; history" in open_as(world, "visitor", checklist(world)).text
    assert open_as(world, "participant", f"{world.entry.get_absolute_url()}correct/").status == 403


def test_whoever_may_not_is_told_so(world):
    actions.doubt_entry(world.entry, reason="Hm.", by=world.people["participant"], now=world.now)
    doubt = Doubt.objects.get()
    assert open_as(world, "member", f"{world.entry.get_absolute_url()}doubt/").status == 403
    assert open_as(world, "participant", f"/doubts/{doubt.pk}/answer/").status == 403
    assert open_as(world, "participant", f"/doubts/{doubt.pk}/judge/").status == 403
    said = browser_of(world.people["outsider"]).post(f"/doubts/{doubt.pk}/take-back/", follow=True)
    assert "Only whoever doubted can take the doubt back." in said.content.decode()
