"""How a lead is shared, lost, disputed, paused and handed over: through the pages, with the clock moved by sweeps."""

from datetime import timedelta

import pytest

from apps.deadlines.models import Deadline
from apps.groups.actions import form_group
from apps.groups.models import Group
from apps.initiatives.actions import post_update, say_interest
from apps.initiatives.models import Adoption, Bid, Lead, Objection
from apps.notifications.models import Letter
from apps.record.models import Act
from tests.conftest import NOW, meet_early_steps
from tests.journeys.story import Story

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("plain_header")]

PLAN = {
    "accept": "on",
    "plan": "Two hundred newcomers find a mentor.",
    "step_1": "Ask the mentors",
    "step_2": "Write a page",
    "step_3": "Meet",
}


@pytest.fixture
def story(monkeypatch):
    return Story(monkeypatch)


@pytest.fixture
def other_group(volunteer):
    return form_group(name="Second Wind", by=volunteer, now=NOW)


def leading():
    return sorted(Lead.objects.filter(ended_at=None).values_list("group__name", flat=True))


def endings():
    return dict(Lead.objects.exclude(ended_at=None).values_list("group__name", "ending"))


def letters(kind, person):
    return Letter.objects.filter(notice__kind=kind, recipient=person)


def interested(initiative, person):
    say_interest(
        initiative,
        ways=["would_join"],
        languages=["en"],
        region="",
        is_named=False,
        wants_news=True,
        by=person,
        now=NOW,
    )


def quiet_bid(story, initiative, person, group):
    """Somebody adopts a quiet initiative by the form."""
    reader = story.opens(person, initiative, "Adopt this quiet initiative")
    reader.press("Adopt it", **PLAN, group=str(group.pk))
    assert "After 14 days of silence your groups lead together" in reader.page.text
    return Bid.objects.latest("pk")


def test_the_silent_lead(story, initiative, adoption, group, coordinator, stranger):
    """Two reminders, quiet on day 60, lapsed on day 90 with thanks; whoever is interested is told, and it is free."""
    meet_early_steps(adoption, by=coordinator, group=group)
    interested(initiative, stranger)
    story.until(45)
    assert not letters("deadlines.reminder", coordinator).exists()
    story.until(59.9)
    assert letters("deadlines.reminder", coordinator).count() == 2
    assert story.badge(initiative) == "Led"
    story.until(60)
    assert story.badge(initiative) == "Quiet"
    story.until(90.5)
    page = story.opens(stranger, initiative).page
    assert "the last term lapsed" in page.text
    assert "lapsed after 90 days without a counted act" in page.text
    assert "Thank you" in letters("initiatives.term_ended", coordinator).get().subject
    assert letters("initiatives.free_again", stranger).exists()
    assert page.link("Adopt this initiative")


def test_the_lead_who_wakes_up_on_day_13_goes_on_with_evidence_once(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(60)
    bid = quiet_bid(story, initiative, volunteer, other_group)
    assert letters("initiatives.bid_for_quiet", coordinator).count() == 1
    story.until(73)
    reader = story.opens(coordinator, bid)
    reader.press("Go on alone", **{"go_on-text": "We met twice.", "go_on-link": ""})
    assert "takes evidence" in reader.page.text
    assert "We met twice." in reader.page.html
    reader.press(
        "Go on alone", **{"go_on-text": "We met twice.", "go_on-link": "https://meta.wikimedia.org/wiki/Notes"}
    )
    assert story.badge(initiative) == "Led"
    assert leading() == ["First Steps"]
    assert letters("initiatives.bid_answered", volunteer).count() == 1
    # It works once in a term: the second time the group shares or hands over.
    story.until(73 + 60)
    bid = quiet_bid(story, initiative, volunteer, other_group)
    reader = story.opens(coordinator, bid)
    assert "went on alone once in this term already" in reader.page.text
    assert not [form for form in reader.page.forms if form.has("Go on alone")]
    story.until(73 + 60 + 14.5)
    assert leading() == ["First Steps", "Second Wind"]


def test_an_update_alone_does_not_answer_whoever_adopts_a_quiet_initiative(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(60)
    quiet_bid(story, initiative, volunteer, other_group)
    story.opens(coordinator, initiative, "Post an update").press("Post the update", text="Still here.")
    story.until(74.5)
    assert leading() == ["First Steps", "Second Wind"]


def test_the_lead_who_wakes_up_on_day_14_finds_itself_joint(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(60)
    bid = quiet_bid(story, initiative, volunteer, other_group)
    story.until(74)
    assert leading() == ["First Steps", "Second Wind"]
    page = story.opens(coordinator, bid).page
    assert "Nobody answered: they lead together" in page.text
    assert not [form for form in page.forms if form.has("Lead together")]
    assert story.badge(initiative) == "Led"
    assert letters("initiatives.joined_by_silence", coordinator).count() == 1
    # The second click, from a page that was open since yesterday.
    reader = story.reader(coordinator)
    reader.open(bid.get_absolute_url())
    reader.client.enforce_csrf_checks = False
    reader.client.handler.enforce_csrf_checks = False
    answered = reader.client.post(f"{bid.get_absolute_url()}answer/", {"answer": "share"})
    assert answered.status_code == 403
    assert leading() == ["First Steps", "Second Wind"]


def test_the_silent_group_leaves_on_its_own_day_90_and_not_before_14_days_together(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(80)
    quiet_bid(story, initiative, volunteer, other_group)
    assert Adoption.objects.get().shared_at == Deadline.objects.get(rule="initiatives.answer_bid").due_at
    story.until(91)
    assert leading() == ["First Steps"], "Day 90 has passed, but somebody waits for the answer."
    assert Adoption.objects.get().leaves_at == NOW + timedelta(days=80 + 14 + 14)
    story.until(94.5)
    assert leading() == ["First Steps", "Second Wind"]
    story.until(107.9)
    assert leading() == ["First Steps", "Second Wind"]
    story.until(108.5)
    assert leading() == ["Second Wind"]
    assert endings() == {"First Steps": "lapsed"}
    assert Adoption.objects.get().ended_at is None


def test_the_lead_who_wakes_up_on_day_89_stays_beside_the_new_one(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(60)
    quiet_bid(story, initiative, volunteer, other_group)
    story.until(89)
    story.opens(coordinator, initiative, "Post an update").press("Post the update", text="We are back.")
    story.until(74 + 89)
    assert leading() == ["First Steps", "Second Wind"]
    story.until(74 + 91.5)
    assert leading() == ["First Steps"], "Each group counts its own days."


def test_a_lead_who_was_to_leave_wakes_up(story, initiative, adoption, group, coordinator, volunteer, other_group):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(80)
    quiet_bid(story, initiative, volunteer, other_group)
    story.until(100)
    story.opens(coordinator, initiative, "Post an update").press("Post the update", text="We are back.")
    story.until(150)
    assert leading() == ["First Steps", "Second Wind"]


def test_stepping_down_gives_the_lead_to_whoever_waits_for_it(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(60)
    bid = quiet_bid(story, initiative, volunteer, other_group)
    story.opens(coordinator, initiative, "Pause, hand over", "Step down").press("Step down", notes="Good luck.")
    assert leading() == ["Second Wind"]
    bid.refresh_from_db()
    assert bid.state == "handed_over"
    adoption.refresh_from_db()
    assert (adoption.ended_at, adoption.term_began_at) == (None, story.now)
    story.until(61)


def test_sharing_and_handing_over_are_one_click(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(60)
    bid = quiet_bid(story, initiative, volunteer, other_group)
    reader = story.opens(coordinator, bid)
    reader.press("Hand it over")
    assert leading() == ["Second Wind"]
    assert endings() == {"First Steps": "handed_over"}
    reader.press_again()
    assert leading() == ["Second Wind"]


# --- Joining the lead while the notice runs --------------------------------------------------


def test_a_group_joins_the_lead_by_silence(story, initiative, adoption, coordinator, volunteer, other_group):
    reader = story.opens(volunteer, initiative, "Lead it, too")
    reader.press("Ask to lead, too", **PLAN, group=str(other_group.pk))
    assert letters("initiatives.bid_to_join", coordinator).count() == 1
    story.until(13.5)
    assert leading() == ["First Steps"]
    story.until(14.5)
    assert leading() == ["First Steps", "Second Wind"]
    assert "Two hundred newcomers" in story.opens(None, initiative).page.text


def test_a_join_is_declined_with_a_reason(story, initiative, adoption, coordinator, volunteer, other_group):
    reader = story.opens(volunteer, initiative, "Lead it, too")
    reader.press("Ask to lead, too", **PLAN, group=str(other_group.pk))
    bid = Bid.objects.get()
    answer = story.opens(coordinator, bid)
    answer.press("Decline", **{"decline-reason": ""})
    assert "Say why" in answer.page.text
    answer.press("Decline", **{"decline-reason": "Our plans differ."})
    assert "Our plans differ." in story.opens(volunteer, bid).page.text
    story.until(20)
    assert leading() == ["First Steps"]


def test_after_the_notice_groups_offer_help(story, initiative, adoption, group, coordinator, volunteer):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(15)
    reader = story.opens(volunteer, initiative)
    assert reader.page.link("Offer help")
    assert "A group leads this already" in story.opens(volunteer, f"{initiative.get_absolute_url()}adopt/").page.text


def test_incumbents_join_with_evidence_in_the_first_60_days(
    story, settings, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    settings.LAUNCHED_ON = (NOW - timedelta(days=10)).date()
    story.until(20)
    reader = story.opens(volunteer, initiative, "We led this before")
    reader.press("Ask to lead, too", **PLAN, group=str(other_group.pk))
    assert "Give a link that shows" in reader.page.text
    reader.press(
        "Ask to lead, too", **PLAN, group=str(other_group.pk), evidence="https://meta.wikimedia.org/wiki/Report"
    )
    assert Bid.objects.get().evidence
    story.until(51)
    assert leading() == ["First Steps", "Second Wind"]
    assert "evidence" not in story.opens(volunteer, f"{initiative.get_absolute_url()}adopt/").page.html


# --- The disputed adoption -------------------------------------------------------------------


def objects(story, initiative, person, **more):
    reader = story.opens(person, initiative, "Object, with a reason")
    reader.press("Object", reason="They never asked the mentors.", **more)
    return Objection.objects.latest("pk")


def test_the_disputed_adoption_stands_when_nobody_decides(
    story, initiative, adoption, coordinator, volunteer, reviewer
):
    objection = objects(story, initiative, volunteer)
    assert letters("initiatives.objection_to_decide", reviewer).count() == 1
    assert letters("initiatives.objected", coordinator).count() == 1
    story.until(14.5)
    objection.refresh_from_db()
    assert objection.state == "stands_by_silence"
    assert leading() == ["First Steps"]
    assert letters("initiatives.objection_decided", volunteer).count() == 1


def test_a_reviewer_upholds_an_objection_and_the_other_plan_leads(
    story, initiative, adoption, coordinator, volunteer, other_group, reviewer
):
    objection = objects(story, initiative, volunteer, group=str(other_group.pk), plan="We begin with the mentors.")
    reader = story.opens(reviewer, "/review/", str(initiative))
    assert reader.page.address == objection.get_absolute_url()
    assert "We begin with the mentors." in reader.page.text
    reader.press("Decide", decision="uphold", note="")
    assert "Say why" in reader.page.text
    reader.press("Decide", decision="uphold", note="The mentors are with the other group.")
    assert leading() == ["Second Wind"]
    assert endings() == {"First Steps": "objected"}
    reader.press_again()
    assert leading() == ["Second Wind"]
    story.until(1)


def test_an_objection_without_a_plan_that_is_upheld_opens_the_initiative(
    story, initiative, adoption, volunteer, reviewer
):
    objection = objects(story, initiative, volunteer)
    story.opens(reviewer, objection).press("Decide", decision="uphold", note="Agreed.")
    assert leading() == []
    assert story.badge(initiative) == "Open"
    assert "ended the adoption after an objection" in story.opens(None, initiative).page.text
    story.until(1)


def test_two_plans_lead_together_when_a_reviewer_says_so(story, initiative, adoption, volunteer, other_group, reviewer):
    objection = objects(story, initiative, volunteer, group=str(other_group.pk), plan="We begin with the mentors.")
    story.opens(reviewer, objection).press("Decide", decision="share", note="Both are good.")
    assert leading() == ["First Steps", "Second Wind"]
    story.until(1)


def test_whoever_has_a_part_in_it_decides_no_objection(
    story, initiative, adoption, group, volunteer, reviewer, other_reviewer
):
    """A reviewer who left the leading group half a year ago has a part in it."""
    group.memberships.create(
        user=reviewer, state="left", began_at=NOW - timedelta(days=300), ended_at=NOW - timedelta(days=180)
    )
    objection = objects(story, initiative, volunteer)
    assert not letters("initiatives.objection_to_decide", reviewer).exists()
    assert letters("initiatives.objection_to_decide", other_reviewer).exists()
    assert not [form for form in story.opens(reviewer, objection).page.forms if form.has("Decide")]
    assert [form for form in story.opens(other_reviewer, objection).page.forms if form.has("Decide")]


def test_nobody_objects_after_the_notice(story, initiative, adoption, group, coordinator, volunteer):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(14)
    reader = story.opens(volunteer, f"{initiative.get_absolute_url()}object/")
    reader.press("Object", reason="Too late.")
    assert "The notice is over" in reader.page.text
    assert "Too late." in reader.page.html
    assert not Objection.objects.exists()


# --- Handing over ----------------------------------------------------------------------------


def offers(story, initiative, coordinator, group):
    reader = story.opens(coordinator, initiative, "Pause, hand over", "Offer it to a group")
    reader.press("Offer the lead", group=str(group.pk))
    return Bid.objects.latest("pk")


def test_the_handover_that_is_declined(story, initiative, adoption, coordinator, volunteer, other_group):
    offer = offers(story, initiative, coordinator, other_group)
    assert letters("initiatives.offered", volunteer).count() == 1
    story.until(3)
    story.opens(volunteer, offer).press("Decline", **{"decline-reason": "We have no time before June."})
    assert leading() == ["First Steps"]
    assert "We have no time before June." in story.opens(coordinator, offer).page.text
    assert offers(story, initiative, coordinator, other_group).state == "open"


def test_the_handover_that_nobody_answers_changes_nothing(
    story, initiative, adoption, coordinator, volunteer, other_group
):
    offer = offers(story, initiative, coordinator, other_group)
    story.until(14.5)
    offer.refresh_from_db()
    assert (offer.state, leading()) == ("lapsed", ["First Steps"])
    assert letters("initiatives.offer_lapsed", coordinator).count() == 1


def test_the_handover_that_is_accepted_begins_a_new_term_of_the_same_checklist(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(30)
    offer = offers(story, initiative, coordinator, other_group)
    answer = {f"accept-{name}": value for name, value in PLAN.items()}
    reader = story.opens(volunteer, offer)
    reader.press("Accept and lead", **(answer | {"accept-accept": ""}))
    assert "Accept the guidelines" in reader.page.text
    reader.press("Accept and lead", **answer)
    assert (leading(), endings()) == (["Second Wind"], {"First Steps": "handed_over"})
    adoption.refresh_from_db()
    assert (adoption.ended_at, adoption.term_began_at, adoption.musts_met) == (None, story.now, 4)
    story.until(31)


def test_a_successor_that_is_sought_leads_at_once(
    story, initiative, adoption, group, coordinator, volunteer, other_group, stranger
):
    meet_early_steps(adoption, by=coordinator, group=group)
    interested(initiative, stranger)
    story.until(20)
    story.opens(coordinator, initiative, "Pause, hand over").press("Seek a successor in public")
    assert story.badge(initiative) == "over"
    assert letters("initiatives.successor_sought", stranger).count() == 1
    assert leading() == ["First Steps"], "It leads until somebody takes over."
    reader = story.opens(volunteer, initiative, "Take over the lead")
    reader.press("Take over and lead", **PLAN, group=str(other_group.pk))
    assert (leading(), endings()) == (["Second Wind"], {"First Steps": "handed_over"})
    assert story.badge(initiative) == "Led"
    story.until(21)


def test_whoever_seeks_a_successor_can_change_their_mind(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(20)
    story.opens(coordinator, initiative, "Pause, hand over").press("Seek a successor in public")
    taking = story.opens(volunteer, initiative, "Take over the lead")
    story.opens(coordinator, initiative, "Pause, hand over").press("Seek no successor any more")
    taking.press("Take over and lead", **PLAN, group=str(other_group.pk))
    assert "does not seek a successor any more" in taking.page.text
    assert "Two hundred newcomers" in taking.page.html, "Nothing typed is lost."
    assert leading() == ["First Steps"]


# --- On hold ---------------------------------------------------------------------------------


def holds(story, initiative, person, days):
    reader = story.opens(person, initiative, "Pause, hand over", "Put it on hold")
    review_on = (story.now + timedelta(days=days)).date().isoformat()
    reader.press("Put it on hold", reason="The board decides.", waits_for="The decision in March", review_on=review_on)
    return reader.page


def test_the_hold_that_is_forgotten(story, initiative, adoption, group, coordinator, volunteer):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(20)
    holds(story, initiative, coordinator, 100)
    assert story.badge(initiative) == "hold"
    assert "The decision in March" in story.opens(None, "/").page.text
    story.until(119)
    assert letters("deadlines.reminder", coordinator).count() == 1
    assert leading() == ["First Steps"], "On hold no day counts."
    story.until(133)
    assert story.badge(initiative) == "hold"
    story.until(134.5)
    assert story.badge(initiative) == "Quiet"
    assert letters("initiatives.hold_forgotten", coordinator).count() == 1
    assert story.opens(volunteer, initiative).page.link("Adopt this quiet initiative")
    story.until(134 + 91)
    assert leading() == []


def test_the_hold_that_is_resumed(story, initiative, adoption, group, coordinator):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(20)
    holds(story, initiative, coordinator, 100)
    story.until(110)
    longer = story.opens(coordinator, initiative, "Keep it on hold for longer")
    assert longer.page.form("Keep it on hold").values["reason"] == ["The board decides."]
    longer.press("Keep it on hold", review_on=(story.now + timedelta(days=40)).date().isoformat())
    assert "On hold for longer" in longer.page.text
    assert "on hold for longer" in story.opens(None, initiative).page.text, "It stands in the timeline."
    story.until(140)
    assert story.badge(initiative) == "hold", "The first review date, and the days after it, have passed."
    story.opens(coordinator, initiative, "Resume it").press("Resume", text="The board said yes.")
    assert story.badge(initiative) == "Led"
    story.until(140 + 59)
    assert story.badge(initiative) == "Led"
    story.until(140 + 60)
    assert story.badge(initiative) == "Quiet"


def test_a_hold_lasts_at_most_180_days_of_any_365(story, initiative, adoption, group, coordinator):
    meet_early_steps(adoption, by=coordinator, group=group)
    assert "anybody may object or ask to join" in holds(story, initiative, coordinator, 100).text
    story.until(14)
    page = holds(story, initiative, coordinator, 182)
    assert "at most 180 days of any 365" in page.text
    assert "The board decides." in page.html
    holds(story, initiative, coordinator, 120)
    story.until(134)
    story.opens(coordinator, initiative, "Resume it").press("Resume", text="On we go.")
    assert "at most 180 days of any 365" in holds(story, initiative, coordinator, 62).text
    holds(story, initiative, coordinator, 59)
    assert story.badge(initiative) == "hold"


def test_what_is_quiet_cannot_be_put_on_hold(story, initiative, adoption, group, coordinator):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(61)
    assert "It is quiet. Post an update first" in holds(story, initiative, coordinator, 30).text


# --- Concluding ------------------------------------------------------------------------------


def test_it_concludes_after_14_days_and_can_be_reopened(
    story, initiative, adoption, group, coordinator, volunteer, stranger
):
    interested(initiative, stranger)
    reader = story.opens(coordinator, f"{initiative.get_absolute_url()}lead/conclude/")
    reader.press("Announce that it is done", summary="All mentors are found.")
    assert "Not all must-steps" in reader.page.text
    assert "All mentors are found." in reader.page.html
    Adoption.objects.update(musts_settled=True)
    reader.press("Announce that it is done", summary="All mentors are found.")
    assert letters("initiatives.concludes", stranger).count() == 1
    story.until(13.5)
    assert leading() == ["First Steps"]
    story.until(14.5)
    assert story.badge(initiative) == "Done"
    page = story.opens(volunteer, initiative).page
    assert "All mentors are found." in page.text
    assert letters("initiatives.done", stranger).count() == 1
    reader = story.opens(volunteer, initiative, "Reopen it")
    reader.press("Adopt and lead", **PLAN, group="new", new_group="Mentors again")
    assert leading() == ["Mentors again"]


def test_a_conclusion_is_taken_back(story, initiative, adoption, coordinator):
    Adoption.objects.update(musts_settled=True)
    reader = story.opens(coordinator, initiative, "Pause, hand over", "Conclude it")
    reader.press("Announce that it is done", summary="Done.")
    story.opens(coordinator, initiative, "Pause, hand over").press("It is not done yet")
    story.until(20)
    assert leading() == ["First Steps"]


# --- What is in the way ----------------------------------------------------------------------


def test_a_role_owes_an_answer_in_public(story, initiative, adoption, coordinator, reviewer, stranger):
    reader = story.opens(coordinator, initiative, "Post an update")
    reader.press("Post the update", text="We began.", obstacle="No answer on the logo.", waits_for="reviewer")
    assert letters("initiatives.obstacle_to_clear", reviewer).count() == 1
    page = story.opens(stranger, initiative).page
    assert "No answer on the logo." in page.text
    assert "What is in the way" in story.opens(stranger, "/waiting/").page.text
    page = story.opens(reviewer, initiative, "No answer on the logo.")
    page.press("Answer", answer="Use the old one.")
    assert "Use the old one." in story.opens(stranger, initiative, "No answer on the logo.").page.text
    assert letters("initiatives.obstacle_settled", coordinator).count() == 1


def test_silence_leaves_it_unanswered_in_public_and_a_late_answer_is_welcome(
    story, initiative, adoption, coordinator, volunteer, other_group, stranger
):
    reader = story.opens(coordinator, initiative, "Post an update")
    reader.press(
        "Post the update",
        text="We began.",
        obstacle="They hold the list.",
        waits_for="group",
        waits_for_group=str(other_group.pk),
    )
    story.until(14.5)
    assert "Nobody answered" in story.opens(stranger, initiative).page.text
    story.opens(volunteer, initiative, "They hold the list.").press("Answer", answer="Here it is.")
    assert "Here it is." in story.opens(stranger, initiative, "They hold the list.").page.text


def test_a_person_is_asked_first_and_named_nowhere(story, initiative, adoption, coordinator, volunteer, stranger):
    reader = story.opens(coordinator, initiative, "Post an update")
    reader.press(
        "Post the update", text="We began.", obstacle="The script.", waits_for="person", waits_for_person="Ada"
    )
    assert "Ada" not in story.opens(stranger, initiative, "The script.").page.text
    assert "What is in the way of 13" not in story.opens(stranger, "/waiting/").page.text
    asked = story.opens(volunteer, initiative, "The script.")
    asked.press("Yes, it waits for me")
    page = story.opens(stranger, "/waiting/").page
    assert "one person" in page.text.casefold()
    assert "Ada" not in page.text


def test_a_person_who_says_no_or_nothing_is_forgotten(story, initiative, adoption, coordinator, volunteer, stranger):
    reader = story.opens(coordinator, initiative, "Post an update")
    reader.press(
        "Post the update", text="We began.", obstacle="The script.", waits_for="person", waits_for_person="Ada"
    )
    story.until(14.5)
    assert "It waits for nobody" in story.opens(stranger, initiative).page.text
    assert adoption.obstacles.get().person is None


# --- Interest and hints ----------------------------------------------------------------------


def test_interest_turns_into_a_group_with_one_click(story, initiative, volunteer, stranger, coordinator):
    for person in (volunteer, stranger, coordinator):
        interested(initiative, person)
    reader = story.opens(volunteer, initiative)
    reader.press("Start a group with the others")
    group = Group.objects.get()
    assert group.name.startswith("Initiative 13:")
    assert set(group.memberships.filter(state="invited").values_list("user__username", flat=True)) == {"Sven", "Bola"}
    assert "Sven" not in reader.page.text
    assert reader.press_again().status == 200
    assert Group.objects.count() == 1


def test_a_hint_says_who_leads_it_elsewhere_and_changes_no_badge(story, initiative, volunteer, stranger):
    reader = story.opens(volunteer, initiative, "I know who leads this")
    reader.press("Leave the hint", text="The Hubs team", url="https://meta.wikimedia.org/wiki/Hubs")
    page = story.opens(stranger, initiative).page
    assert page.link("The Hubs team") == "https://meta.wikimedia.org/wiki/Hubs"
    assert story.badge(initiative) == "Open"
    assert not [form for form in page.forms if form.has("Take it back")]
    story.opens(volunteer, initiative).press("Take it back")
    assert "The Hubs team" not in story.opens(stranger, initiative).page.text


# --- Squatting -------------------------------------------------------------------------------


def test_the_squatter_with_one_line_every_59_days(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    """One line keeps the days at zero, but without the first four must-steps it is quiet on day 90 all the same."""
    for day in (59, 89):
        story.until(day)
        post_update(adoption, group=group, text=f"Line {day}", link="", by=coordinator, now=story.now)
    story.until(90.5)
    assert story.badge(initiative) == "Quiet"
    quiet_bid(story, initiative, volunteer, other_group)
    post_update(adoption, group=group, text="One more line", link="", by=coordinator, now=story.now)
    story.until(105)
    assert leading() == ["First Steps", "Second Wind"]


def test_a_bid_counts_as_a_lead_for_the_limits(story, initiative, adoption, group, coordinator, volunteer, other_group):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(60)
    quiet_bid(story, initiative, volunteer, other_group)
    reader = story.opens(volunteer, "/initiatives/14/", "Adopt this initiative")
    reader.press("Adopt and lead", **PLAN, group=str(other_group.pk))
    assert "Second Wind asks to lead" in reader.page.text
    assert "Take that back first, or wait for the answer." in reader.page.text


def test_the_record_tells_every_change_of_the_lead(
    story, initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    story.until(80)
    quiet_bid(story, initiative, volunteer, other_group)
    story.until(109)
    verbs = Act.objects.filter(verb__startswith="initiatives.").order_by("at", "pk").values_list("verb", flat=True)
    assert list(verbs) == [
        "initiatives.adopted",
        "initiatives.bid",
        "initiatives.took_the_lead",
        "initiatives.lapsed",
    ]
