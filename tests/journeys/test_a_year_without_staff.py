"""A whole year without any staff: no reviewer, no administrator, no steward who answers. Everything still moves.

What had been announced comes true by silence, is labelled so, and stands in a report that everybody can read.
"""

from datetime import timedelta

import pytest

from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises, open_deadlines
from apps.engagement.actions import answer_doubt, doubt_entry, hand_in_early, hand_in_measured
from apps.engagement.models import ChecklistStep, Entry
from apps.feedback.actions import draft_round, open_round
from apps.feedback.models import Round
from apps.groups.actions import form_group, offer_to_coordinate, plan_meeting
from apps.groups.models import Meeting, Membership
from apps.initiatives.actions import post_update
from apps.initiatives.models import Adoption, Initiative, Lead, Objection
from apps.people.actions import ask_for_role
from apps.people.models import RoleTerm
from apps.questions.actions import ask_question
from apps.questions.models import Question
from apps.resources.actions import name_steward, request_resource
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW, add_member, adopt, meet_early_steps, proposal, step_called
from tests.journeys.story import Story

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAY = timedelta(days=1)
STEP = timedelta(hours=37)


@pytest.fixture
def story(monkeypatch):
    return Story(monkeypatch)


def test_a_whole_year_without_any_staff(story, initiative, group, coordinator, volunteer, stranger, steward, person):
    absent = person("Away")
    for resource in Resource.objects.filter(provider=Resource.Provider.BY_HAND):
        name_steward(resource, person=absent, now=NOW)

    # The first days: an adoption, an objection, a request to join, a question that reviewers owe, a role.
    adoption = adopt(initiative, group=group, by=coordinator)
    story.opens(volunteer, initiative, "Object, with a reason").press("Object", reason="They never asked us.")
    meet_early_steps(adoption, by=coordinator, group=group, now=NOW)
    hand_in_measured(adoption, group=group, by=coordinator, now=NOW + DAY)
    calls, one_is_enough = step_called("calls"), "One call was enough."
    hand_in_early(adoption, step=calls, reason=one_is_enough, group=group, by=coordinator, now=NOW + DAY)
    story.opens(stranger, group, "Ask to join").press("Ask to join", message="I translate.")
    nobodys = Initiative.objects.get(number=21)
    ask_question(nobodys, title="Who pays for it?", details="", by=stranger, now=NOW)
    liaison = {"role": "liaison", "why": "I know them.", "languages": ["ha"], "regions": [], "recommendations": []}
    ask_for_role(**liaison, by=stranger, now=NOW)
    mailing_list = Resource.objects.get(slug="mailing-list")
    request_resource(
        mailing_list, group=group, purpose="To write", starts_at=None, ends_at=None, by=coordinator, now=NOW
    )

    # Another group adopts, and falls silent; what it adopted is adopted again on day 60.
    silent = adopt(Initiative.objects.get(number=14), group=None, by=steward, new_group_name="Silent")
    meet_early_steps(silent, by=steward, group=silent.leads.get().group, now=NOW)

    story.until(20, every=STEP)
    assert Objection.objects.get().state == "stands_by_silence"
    assert Membership.objects.get(user=stranger).state == "active"
    assert Question.objects.get().state == "unanswered"

    # The movement goes on: a doubt that the group answers, a round nobody answers, a meeting without notes.
    entry = Entry.objects.filter(adoption=adoption).first()
    answer_doubt(
        doubt_entry(entry, reason="It is empty.", by=volunteer, now=story.now),
        answer="It moved.", group=group, by=coordinator, now=story.now,
    )  # fmt: skip
    round_ = draft_round(
        group=group, initiative=initiative, closes_at=story.now + 22 * DAY, by=coordinator, now=story.now,
        title="One help page", text="Is it clear?", questions=["What is missing?"], language="en", languages=["sw"],
        regions=[],
    )  # fmt: skip
    open_round(round_, by=coordinator, now=story.now)
    plan_meeting(
        group, title="First call", agenda="Hello", starts_at=story.now + DAY, minutes=60, languages=["en"],
        place="https://meet.example.org/x", is_open=True, initiative_number=None, by=coordinator, now=story.now,
    )  # fmt: skip

    story.until(45, every=STEP)
    states = dict(ChecklistStep.objects.filter(adoption=adoption).values_list("step__code", "state"))
    assert states["conversations"] == "confirmed_by_silence"
    assert states["calls"] == "not_reviewed"
    assert RoleTerm.objects.get(user=stranger).ends_at > story.now, "Held for 90 days, unconfirmed."
    assert ResourceRequest.objects.get().state != "asked"
    assert Meeting.objects.get().state == "no_notes"
    entry.refresh_from_db()
    assert entry.counts, "The answered doubt fell."
    post_update(adoption, group=group, text="We go on.", link="", by=coordinator, now=story.now)

    story.until(61, every=STEP)
    second = form_group(name="Second Wind", by=volunteer, now=story.now)
    reader = story.opens(volunteer, silent.initiative, "Adopt this quiet initiative")
    written = proposal(second)
    steps = {f"step_{n}": step for n, step in enumerate(written.first_steps, start=1)}
    reader.press("Adopt it", accept="on", plan=written.plan, group=str(second.pk), **steps)

    # The coordinator of the first group vanishes; a member takes over and keeps it alive.
    add_member(group, volunteer, now=story.now)
    offer_to_coordinate(group, by=stranger, now=story.now)
    story.until(76, every=STEP)
    assert group.memberships.get(user=stranger).is_coordinator
    assert Round.objects.get().state == "unsummarised"
    assert set(Lead.objects.filter(adoption=silent, ended_at=None).values_list("group__name", flat=True)) == {
        "Silent", "Second Wind",
    }  # fmt: skip

    for day in (95, 150, 205, 260, 315, 340):
        story.until(day, every=STEP)
        for lead in Lead.objects.filter(ended_at=None, group__in=[group, second]):
            by = stranger if lead.group == group else volunteer
            post_update(lead.adoption, group=lead.group, text=f"Day {day}.", link="", by=by, now=story.now)
    story.opens(stranger, initiative, "Renew the term").press("Renew for twelve months", summary="A good year.")
    story.until(370, every=STEP)

    # Everything moved, nothing hangs, nothing failed.
    assert broken_promises() == []
    assert not open_deadlines().filter(wake_at__lte=story.now).exists()
    assert not Deadline.objects.exclude(last_error="").exists()
    assert story.badge(initiative) == "Led"
    assert Adoption.objects.get(pk=silent.pk).leads.filter(group__name="Silent", ending="lapsed").exists()

    # The report says what silence decided.
    decided = Deadline.objects.filter(state="lapsed", closed_at__gt=story.now - timedelta(days=365))
    page = story.opens(None, "/waiting/", "What silence decided").page
    for words in (
        "Objections to an adoption",
        "Reviews of checklist steps",
        "Requests to join a group",
        "Bids for a part in the lead",
        "Groups whose coordinators seem to be gone",
    ):
        assert words in page.text, words
    assert decided.count() > 10
    assert "the adoption stands" in story.opens(None, "/waiting/silence/?page=2").page.text + page.text
