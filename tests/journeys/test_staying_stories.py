"""How a group stays at it when people vanish, rules change or nobody answers: over HTTP, the clock moved by sweeps."""

from datetime import timedelta

import pytest

from apps.engagement.models import ChecklistStep, Submission
from apps.feedback.models import Round
from apps.groups.queries import coordinators_of
from apps.guidelines.models import Draft
from apps.guidelines.queries import current_version
from apps.initiatives.models import Adoption, Initiative
from apps.notifications.models import Letter
from tests.conftest import NOW, adopt, meet_early_steps
from tests.journeys.story import Story
from tests.world import draft_form_data

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("plain_header")]
DAY = timedelta(days=1)
PLAN = {
    "accept": "on",
    "plan": "Newcomers on five wikis find one shared help page.",
    "step_1": "List what exists",
    "step_2": "Ask the neighbours",
    "step_3": "Write the first page",
}


@pytest.fixture
def story(monkeypatch):
    return Story(monkeypatch)


def letters(kind, person):
    return Letter.objects.filter(notice__kind=kind, recipient=person)


def joins(story, person, group, coordinator):
    """Somebody asks to join, and is admitted."""
    story.opens(person, group, "Ask to join").press("Ask to join", message="I translate.")
    story.opens(coordinator, group).press("Admit")


def posts_update(story, person, initiative, text):
    story.opens(person, initiative, "Post an update").press("Post the update", text=text)


# --- The lone coordinator who vanishes -----------------------------------------------------------


def test_the_lone_coordinator_who_vanishes(story, initiative, adoption, group, coordinator, volunteer, stranger):
    """The member who was there longest coordinates after 14 days' notice, and the initiative stays led."""
    meet_early_steps(adoption, by=coordinator, group=group)
    joins(story, volunteer, group, coordinator)
    story.until(1)
    joins(story, stranger, group, coordinator)

    # Day 50: nobody has heard of Bola, and two members would do it.
    story.until(50)
    story.opens(stranger, group).press("I would coordinate")
    story.opens(volunteer, group).press("I would coordinate")
    assert letters("groups.are_you_there", coordinator).count() == 1
    page = story.opens(volunteer, group).page
    assert "10 November Silence: the member who offers to" in page.text
    story.until(63.9)
    assert [person.username for person in coordinators_of(group)] == ["Bola"]
    assert story.badge(initiative) == "Quiet", "No act has counted for 60 days."

    story.until(64)
    assert sorted(person.username for person in coordinators_of(group)) == ["Ada", "Bola"]
    assert letters("groups.you_coordinate", volunteer).count() == 1
    posts_update(story, volunteer, initiative, "We begin again with the help page.")
    assert story.badge(initiative) == "Led"
    story.until(120)
    assert story.badge(initiative) == "Led"

    # Bola comes back: nobody has taken anything from her.
    assert "Post an update" in story.opens(coordinator, initiative).page.text


def test_the_lone_coordinator_who_wakes_up_in_time(story, group, coordinator, volunteer):
    joins(story, volunteer, group, coordinator)
    story.opens(volunteer, group).press("I would coordinate")
    story.until(13)
    story.opens(coordinator, group).press("We are there")
    story.until(30)
    assert [person.username for person in coordinators_of(group)] == ["Bola"]
    assert letters("groups.you_coordinate", volunteer).count() == 0


# --- The group under a new guidelines version ------------------------------------------------------


def test_the_group_under_a_new_guidelines_version(story, initiative, group, coordinator, reviewer, volunteer):
    """It keeps its version as long as it likes; new adoptions are under the new one; it moves by one click."""
    story.until(70)  # Guidelines 1.0 are in force since November.
    adoption = adopt(initiative, group=group, by=coordinator, now=story.now)
    meet_early_steps(adoption, by=coordinator, group=group, now=story.now)
    rhea = story.opens(reviewer, "/guidelines/draft/")
    rhea.press("Draft the next version")
    rhea.open("/guidelines/draft/edit/")
    draft = Draft.objects.get()
    rhea.press("Save the draft", **draft_form_data(draft, first_4=4, body=f"{draft.body}\n\nBe kind."))
    rhea.follow("Announce it")
    rhea.press("Announce it", comments_url="https://meta.wikimedia.org/wiki/Talk:Guidelines")
    story.until(83)
    assert not [form for form in story.opens(reviewer, "/guidelines/draft/").page.forms if form.has("Publish it")]
    story.until(85)
    story.opens(reviewer, "/guidelines/draft/").press("Publish it")

    # Published, and not in force yet: nobody has translated it, so it takes 30 days.
    checklist = f"{initiative.get_absolute_url()}checklist/"
    assert current_version().number == "1.0"
    story.until(114)
    assert current_version().number == "1.0"
    story.until(116)
    assert current_version().number == "1.1"
    assert letters("engagement.can_move", coordinator).count() == 1

    # The running adoption keeps its version and its numbers ...
    adoption.refresh_from_db()
    assert adoption.guidelines.number == "1.0"
    story.opens(coordinator, checklist).press("Hand in 4 measured steps")
    # ... what is adopted now is under the new one.
    other = Initiative.objects.get(number=21)
    reader = story.opens(volunteer, other, "Adopt this initiative")
    reader.press("Adopt and lead", new_group="Second Wind", **PLAN)
    assert Adoption.objects.get(initiative=other).guidelines.number == "1.1"

    # While steps are in review it cannot move; the page says what silence does, and after that it can.
    page = story.opens(coordinator, checklist, "See what would change here").page
    assert "Steps are in review." in page.text
    assert not [form for form in page.forms if form.has("Move to guidelines 1.1")]
    story.opens(reviewer, Submission.objects.get()).press("Accept")
    story.until(117)
    mover = story.opens(coordinator, checklist, "See what would change here")
    mover.press("Move to guidelines 1.1")
    assert "Moved. The checklist has measured itself again." in mover.page.text
    states = ChecklistStep.objects.filter(adoption=adoption, step__version__number="1.1")
    assert states.get(step__code="announce").state == "accepted", "What was accepted stays so."
    assert states.get(step__code="languages").measured["needed"] == 4


# --- The round nobody answers ----------------------------------------------------------------------


def test_the_round_nobody_answers(story, initiative, adoption, group, coordinator, volunteer, stranger):
    """It closes by itself; the group owes a summary in public; none comes, and the page says so for ever."""
    bola = story.opens(coordinator, "/feedback/", "Ask for feedback")
    bola.press(
        "Save the draft",
        group=group.pk,
        initiative=initiative.pk,
        title="One help page",
        text="We plan one page.",
        questions="What is missing?",
        languages=["sw"],
        regions=["ssa"],
        closes_on=(NOW + 30 * DAY).date().isoformat(),
    )
    bola.press("Open the round")
    round_ = Round.objects.get()
    page = story.opens(stranger, round_).page
    assert "with 0 answers so far." in page.text
    assert "nobody" in page.text.lower(), "Where no liaison is, the page says so."
    story.until(22)
    assert letters("deadlines.reminder", coordinator).count() == 0
    story.until(24)
    assert letters("deadlines.reminder", coordinator).count() == 1, "It closes in a week."
    story.until(31)
    page = story.opens(stranger, round_).page
    assert "and nobody answered." in page.text
    assert "One help page" in story.opens(stranger, "/waiting/").page.text, "The summary is owed in public."
    story.until(62)
    assert "No summary. The group owed one" in story.opens(None, round_).page.text
    round_.refresh_from_db()
    assert round_.state == "unsummarised"


# --- The reviewer with a conflict ------------------------------------------------------------------


def test_the_reviewer_with_a_conflict(
    story, initiative, adoption, group, coordinator, reviewer, other_reviewer, volunteer
):
    """Who was in the group decides nothing of it for twelve months, and is told why; then they may."""
    joins(story, reviewer, group, coordinator)
    story.opens(reviewer, group).press("Leave the group")
    meet_early_steps(adoption, by=coordinator, group=group)
    checklist = f"{initiative.get_absolute_url()}checklist/"
    story.opens(coordinator, checklist).press("Hand in 4 measured steps")
    first = Submission.objects.get()
    assert letters("engagement.review_asked", reviewer).count() == 0
    assert letters("engagement.review_asked", other_reviewer).count() == 1
    queue = story.opens(reviewer, "/review/").page
    assert not [form for form in queue.forms if form.has("Accept")]
    refused = story.reader(reviewer).client.post(f"/review/{first.pk}/", {"decision": "accept"})
    assert refused.status_code == 403
    story.opens(other_reviewer, "/review/").press("Accept")
    first.refresh_from_db()
    assert first.state == "settled"

    # A year later: the group leads something else, and its former member may answer.
    story.until(364)
    second = Initiative.objects.get(number=21)
    story.opens(coordinator, second, "Adopt this initiative").press("Adopt and lead", group=group.pk, **PLAN)
    meet_early_steps(Adoption.objects.get(initiative=second), by=coordinator, group=group, now=story.now)
    story.opens(coordinator, f"{second.get_absolute_url()}checklist/").press("Hand in 4 measured steps")
    later = Submission.objects.latest("pk")
    assert not [form for form in story.opens(reviewer, "/review/").page.forms if form.has("Accept")]
    story.until(367)
    story.opens(reviewer, "/review/").press("Accept")
    later.refresh_from_db()
    assert (later.state, later.steps.first().decided_by) == ("settled", reviewer)
