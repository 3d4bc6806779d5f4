"""The checklist, the pages of its steps, and the queue of the reviewers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.deadlines.models import Deadline
from apps.engagement.actions import ask_for_more, hand_in_early, hand_in_measured
from apps.engagement.models import ChecklistStep, Entry, Submission
from apps.groups.actions import form_group
from apps.initiatives.models import Initiative
from apps.people.actions import grant_role
from tests.conftest import add_member, meet_early_steps, step_called
from tests.journeys.reader import Page, Reader
from tests.world import World, lead, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(catalogue: None) -> World:
    return make_world(timezone.now())


def reader_as(world: World, role: str) -> Reader:
    reader = Reader()
    if role != "visitor":
        reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader


def open_as(world: World, role: str, address: str) -> Page:
    return reader_as(world, role).open(address)


def checklist(world: World) -> str:
    return f"{world.led.get_absolute_url()}checklist/"


# --- Checklist -------------------------------------------------------------------------------


def test_everybody_reads_the_checklist_and_only_members_log(world):
    for role in ("visitor", "reviewer", "steward"):
        page = open_as(world, role, checklist(world))
        assert "4 of 10 steps are met." in page.text
        assert not [text for text, _href in page.links if "Log an entry" in text]
        assert not [form for form in page.forms if form.has("Withdraw")]
    page = open_as(world, "member", checklist(world))
    assert len([text for text, _href in page.links if "Log an entry" in text]) == 10
    assert [form for form in page.forms if form.has("Withdraw")]


def test_what_is_missing_is_said_by_name_and_number(world):
    reader = reader_as(world, "member")
    reader.open(f"{checklist(world)}languages/")
    for language in ("ar", "fr"):
        reader.press(
            "Log this entry", title="Nutshell", url=f"https://meta.wikimedia.org/wiki/Nutshell/{language}",
            happened_on=timezone.localdate().isoformat(), languages=[language],
        )  # fmt: skip
    assert "2 of 5 languages" in reader.page.text


def test_an_initiative_without_a_lead_has_no_checklist(world):
    assert open_as(world, "visitor", f"{world.free.get_absolute_url()}checklist/").status == 404


def test_an_entry_of_tomorrow_is_refused_and_what_was_typed_stays(world):
    reader = reader_as(world, "member")
    reader.open(f"{checklist(world)}announce/")
    reader.press(
        "Log this entry", title="Village pump", url="https://meta.wikimedia.org/wiki/Pump", languages=["en", "fr"],
        happened_on=(timezone.localdate() + timedelta(days=3)).isoformat(), community="Small wikis", people="12",
    )  # fmt: skip
    assert "This day has not come yet." in reader.page.text
    typed = reader.page.form("Log this entry").values
    assert (typed["title"], typed["community"], typed["people"]) == (["Village pump"], ["Small wikis"], ["12"])
    assert typed["languages"] == ["en", "fr"]


def test_a_withdrawn_entry_counts_no_more(world):
    reader = reader_as(world, "member")
    before = Entry.objects.filter(withdrawn_at=None).count()
    reader.open(f"{checklist(world)}announce/")
    reader.press("Withdraw")
    assert "Withdrawn." in reader.page.text
    assert Entry.objects.filter(withdrawn_at=None).count() == before - 1
    assert "2 of 3" in reader.page.text


def test_a_step_handed_in_early_says_why_to_the_reviewer(world):
    reader = reader_as(world, "member")
    reader.open(f"{checklist(world)}calls/")
    reader.follow("Hand it in early, with a reason")
    reader.press("Hand in with this reason", reason="One call reached everybody.")
    page = open_as(world, "reviewer", "/review/")
    assert "One call reached everybody." in page.text
    assert "2 answers are owed by the reviewers." in page.text


# --- Queue -----------------------------------------------------------------------------------


def second_line(world: World) -> Submission:
    coordinator = make_person("Cora")
    group = form_group(name="Second Group", by=coordinator, now=world.now)
    adoption = lead(Initiative.objects.get(number=5), group, by=coordinator, now=world.now)
    meet_early_steps(adoption, by=coordinator, group=group, now=world.now)
    return hand_in_measured(adoption, group=group, by=coordinator, now=world.now)


def test_the_oldest_deadline_stands_first(world):
    second = second_line(world)
    page = open_as(world, "reviewer", "/review/")
    assert page.html.index(f'id="line-{world.submission.pk}"') < page.html.index(f'id="line-{second.pk}"')


def test_nobody_sees_the_line_of_their_own_group_but_is_told_that_there_is_one(world):
    second_line(world)
    add_member(world.group, world.people["reviewer"], now=world.now)
    page = open_as(world, "reviewer", "/review/")
    assert f'id="line-{world.submission.pk}"' not in page.html
    assert "Second Group" in page.text
    assert "Not shown: 1 line of groups you belong to" in page.text


@pytest.mark.parametrize("decision", ["Ask for more", "Waive"])
def test_a_no_needs_a_note_and_the_line_stays_open(world, decision):
    reader = reader_as(world, "reviewer")
    reader.open("/review/")
    reader.press(decision)
    assert "Say why" in reader.page.text
    assert Submission.objects.get().state == "open"
    reader.press(decision, note="Link the discussion, please.")
    assert "Noted. The group is told." in reader.page.text
    assert "Link the discussion, please." in open_as(world, "visitor", checklist(world)).text


def test_single_steps_of_a_bundle_are_answered_and_the_others_stay(world):
    chosen = ChecklistStep.objects.get(submission=world.submission, step__code="announce")
    reader = reader_as(world, "reviewer")
    reader.open("/review/")
    reader.press("Accept", steps=[str(chosen.pk)])
    states = ChecklistStep.objects.filter(submission=world.submission).values_list("state", flat=True)
    assert sorted(states) == ["accepted", "in_review", "in_review", "in_review"]
    assert Submission.objects.get().state == "open"


def test_the_second_reviewer_is_told_who_was_faster_and_keeps_the_note(world):
    other = make_person("Omar")
    grant_role(other, role="reviewer", until=world.now + timedelta(days=90), by=None, now=world.now)
    world.people["other"] = other
    first, second = reader_as(world, "reviewer"), reader_as(world, "other")
    first.open("/review/")
    second.open("/review/")
    first.press("Accept")
    second.press("Ask for more", note="I wanted a second link.")
    assert "Somebody answered this before you" in second.page.text
    assert "I wanted a second link." in second.page.text


def test_who_asked_for_more_leaves_the_next_answer_to_somebody_else(world):
    rhea = reader_as(world, "reviewer")
    line = hand_in_early(
        world.adoption, step=step_called("calls"), reason="Enough.", group=world.group,
        by=world.people["coordinator"], now=world.now,
    )  # fmt: skip
    rhea.open("/review/")
    form = next(form for form in rhea.page.forms if form.action.startswith(f"/review/{line.pk}/"))
    rhea.client.post(form.action, form.values | {"decision": "more", "note": "One more, please."})
    again = hand_in_early(
        world.adoption, step=step_called("calls"), reason="Now two.", group=world.group,
        by=world.people["coordinator"], now=world.now,
    )  # fmt: skip
    page = rhea.open("/review/")
    form = next(form for form in page.forms if form.action.startswith(f"/review/{again.pk}/"))
    response = rhea.client.post(form.action, form.values | {"decision": "accept"})
    assert "another reviewer answers now" in response.content.decode()
    again.refresh_from_db()
    assert again.state == "open"


def test_an_empty_queue_says_so(world):
    Submission.objects.update(state="settled", settled_at=world.now)
    Deadline.objects.filter(rule="engagement.review").update(state="met", closed_at=world.now)
    assert "No group waits for a reviewer." in open_as(world, "reviewer", "/review/").text


def test_everybody_reads_what_more_was_asked_for_and_that_staff_answered(world):
    rhea, now = world.people["reviewer"], timezone.now()
    ask_for_more(world.submission, steps=None, note="Where is it?", by=rhea, now=now)
    again = hand_in_measured(world.adoption, group=world.group, by=world.people["coordinator"], now=now)
    assert "More was asked on" in open_as(world, "reviewer", "/review/").text
    ChecklistStep.objects.filter(submission=again).update(
        state="accepted", decided_at=now, decided_by=rhea, note="", by_staff_alone=True
    )
    page = open_as(world, "visitor", checklist(world))
    assert "“Where is it?”" in page.text
    assert "Reviewed by staff, since nobody else could." in page.text
