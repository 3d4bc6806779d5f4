"""Running adoptions keep their guidelines, and can move on: steps stay by their code with all that was done."""

from datetime import timedelta

import pytest

from apps.core.refused import Refused
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.engagement import actions
from apps.engagement.models import ChecklistStep, Entry, Submission
from apps.engagement.queries import checklist_of
from apps.guidelines import actions as guidelines
from apps.guidelines.queries import current_version
from apps.initiatives.actions import conclude, step_down, take_back_conclusion
from apps.initiatives.models import Adoption, Lead
from apps.notifications.models import Letter
from apps.record.models import Act
from tests.conftest import NOW as EARLIER
from tests.conftest import add_member, adopt, log, meet_early_steps

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue"), pytest.mark.slow]
DAY = timedelta(days=1)
NOW = EARLIER + 70 * DAY


@pytest.fixture
def adoption(initiative, group, coordinator):
    adoption = adopt(initiative, group=group, by=coordinator, now=NOW)
    meet_early_steps(adoption, by=coordinator, group=group, now=NOW)
    log(adoption, "calls", by=coordinator, group=group, now=NOW)
    return adoption


@pytest.fixture
def newer(adoption, reviewer):
    """Guidelines 1.1 are in force: four venues instead of three, no calls any more, thanks are new."""
    draft = guidelines.start_draft(by=reviewer, now=NOW)
    steps = [
        row | {"needs": {"venues": 4}} if row["code"] == "announce" else row
        for row in draft.steps
        if row["code"] != "calls"
    ]
    steps.append(steps[0] | {"code": "thanks", "title": "Say thanks", "level": "could"})
    guidelines.save_draft(draft, seen=0, number="1.1", title=draft.title, body=draft.body, steps=steps, by=reviewer,
                          now=NOW)  # fmt: skip
    guidelines.announce_draft(draft, comments_url="https://example.org", by=reviewer, now=NOW)
    version = guidelines.publish_draft(draft, by=reviewer, now=NOW + 14 * DAY)
    sweep(now=NOW + 44 * DAY)
    assert current_version() == version
    return version


def move(adoption, group, by, number="1.1"):
    return actions.move_to_guidelines(adoption, number=number, group=group, by=by, now=NOW + 45 * DAY)


def test_steps_that_stay_keep_entries_and_decisions_and_everything_is_measured_again(
    adoption, newer, group, coordinator, reviewer
):
    submission = actions.hand_in_measured(adoption, group=group, by=coordinator, now=NOW + 44 * DAY)
    actions.accept_steps(submission, by=reviewer, now=NOW + 44 * DAY)
    move(adoption, group, coordinator)
    adoption.refresh_from_db()
    assert adoption.guidelines == newer
    checklist = checklist_of(adoption)
    by_code = {shown.step.code: shown for shown in checklist.steps}
    assert {shown.step.version for shown in checklist.steps} == {newer}
    assert by_code["nutshell"].line.state == "accepted"
    assert by_code["nutshell"].line.decided_by == reviewer
    assert Entry.objects.filter(step=by_code["announce"].step).count() == 3
    assert by_code["announce"].line.measured["needed"] == 4
    assert not by_code["announce"].line.is_met
    assert by_code["neighbours"].line.named == []
    assert (by_code["thanks"].line.state, by_code["thanks"].is_met) == ("open", False)
    assert [shown.step.code for shown in checklist.earlier] == ["calls"]
    assert by_code["announce"].is_met, "It was accepted, and stays so."
    assert adoption.early_steps_met_at
    assert broken_promises() == []


def test_before_it_moves_it_keeps_the_version_it_was_made_under(adoption, newer):
    adoption.refresh_from_db()
    assert adoption.guidelines.number == "1.0"
    assert len(checklist_of(adoption).steps) == 10


def test_coordinators_are_told_when_they_can_move_and_members_when_it_moved(
    adoption, newer, group, coordinator, volunteer
):
    add_member(group, volunteer)
    can_move = Letter.objects.filter(notice__kind="engagement.can_move")
    assert [letter.recipient for letter in can_move] == [coordinator]
    move(adoption, group, coordinator)
    moved = Letter.objects.filter(notice__kind="engagement.moved")
    assert [letter.recipient for letter in moved] == [volunteer]
    assert Act.objects.filter(verb="engagement.moved").count() == 1


def test_the_second_click_is_told_that_it_is_there_already(adoption, newer, group, coordinator):
    move(adoption, group, coordinator)
    with pytest.raises(Refused, match="This adoption is under guidelines"):
        move(adoption, group, coordinator)
    assert Act.objects.filter(verb="engagement.moved").count() == 1


def test_it_does_not_move_while_steps_are_in_review(adoption, newer, group, coordinator):
    actions.hand_in_measured(adoption, group=group, by=coordinator, now=NOW + 44 * DAY)
    with pytest.raises(Refused, match="Steps are in review"):
        move(adoption, group, coordinator)
    sweep(now=NOW + 88 * DAY)
    assert not Submission.objects.filter(state="open").exists()
    move(adoption, group, coordinator)


def test_it_does_not_move_while_it_concludes(adoption, newer, group, coordinator):
    """New must-steps are open, and what concludes has settled all of them."""
    Adoption.objects.filter(pk=adoption.pk).update(musts_settled=True)
    lead = Lead.objects.get(adoption=adoption)
    conclude(lead, summary="Done.", by=coordinator, now=NOW + 44 * DAY)
    with pytest.raises(Refused, match="Take the conclusion back first"):
        move(adoption, group, coordinator)
    take_back_conclusion(lead, by=coordinator, now=NOW + 44 * DAY)
    move(adoption, group, coordinator)


def test_an_ended_term_and_a_version_that_was_not_read_are_refused(adoption, newer, group, coordinator):
    with pytest.raises(Refused, match="Read what they change first"):
        move(adoption, group, coordinator, number="1.0")
    step_down(Lead.objects.get(adoption=adoption), notes="", by=coordinator, now=NOW + 44 * DAY)
    with pytest.raises(Refused, match="This term has ended"):
        move(adoption, group, coordinator)


def test_a_dropped_step_is_never_handed_in(adoption, newer, group, coordinator):
    move(adoption, group, coordinator)
    adoption.refresh_from_db()
    assert adoption.early_steps_met_at is None, "A fourth venue is needed now."
    ChecklistStep.objects.filter(step__code="calls").update(is_met=True)
    submission = actions.hand_in_measured(adoption, group=group, by=coordinator, now=NOW + 46 * DAY)
    assert "calls" not in set(submission.steps.values_list("step__code", flat=True))


def test_a_coordinator_moves_on_the_page_and_a_member_does_not(
    adoption, newer, group, coordinator, volunteer, client, sign_in
):
    address = f"/initiatives/{adoption.initiative.number}-{adoption.initiative.words}/guidelines/"
    add_member(group, volunteer)
    sign_in(volunteer)
    assert client.get(address).status_code == 403
    assert client.post(address, {"version": "1.1"}).status_code == 403
    sign_in(coordinator)
    page = client.get(address).content.decode()
    assert "Guidelines 1.1 change 3 steps of your checklist." in page
    assert "at least \u20663 → 4\u2069" in page
    checklist = client.get(adoption.initiative.get_absolute_url() + "checklist/").content.decode()
    assert address in checklist
    page = client.post(address, {"version": "1.1"}, follow=True).content.decode()
    assert "Moved. The checklist has measured itself again." in page
    assert "Steps of earlier guidelines" in page
    assert "An entry for calls" in page
    assert "There is nothing to move to." in client.get(address).content.decode()
