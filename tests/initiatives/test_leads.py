"""Two ways to the same lead, and what a new term leaves behind."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import transaction

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.groups.actions import (
    form_group,
    leave_group,
    let_a_member_coordinate,
    make_coordinator,
    offer_to_coordinate,
    take_back_offer,
)
from apps.groups.models import Group
from apps.home.words import LAST_ACT_WORDS
from apps.initiatives.actions import (
    InTheWay,
    accept_lead,
    answer_obstacle,
    bid_for_lead,
    clear_obstacle,
    conclude,
    decline_bid,
    hold_for_longer,
    lead_in_a_way,
    leave_after_silence,
    let_objectors_share,
    object_to,
    offer_lead,
    post_update,
    put_on_hold,
    renew_term,
    seek_successor,
    share_lead,
    step_down,
    take_over,
    uphold_objection,
)
from apps.initiatives.badge import State, quiet_at, running_state
from apps.initiatives.models import Adoption, Bid, Hold, Initiative, Lead
from apps.initiatives.policy import may_clear_obstacle
from apps.initiatives.queries import running_adoption, told_of_an_obstacle
from apps.notifications.models import Letter
from apps.record.models import Act
from tests.conftest import NOW, add_member, adopt, hand_over, meet_early_steps, proposal

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WHILE_LED = NOW + 20 * DAY


@pytest.fixture
def other_group(volunteer) -> Group:
    return form_group(name="Second Wind", by=volunteer, now=NOW)


def leading() -> list[str]:
    return list(Lead.objects.filter(ended_at=None).values_list("group__name", flat=True).order_by("group__name"))


def object_with(group: Group, adoption: Adoption, *, by):
    return object_to(adoption, reason="They never asked.", group=group, plan="We ask first.", by=by, now=NOW)


def join(initiative, group: Group, *, by) -> Bid:
    return bid_for_lead(initiative, proposal(group), kind="join", by=by, now=NOW)


def open_waits(rule: str) -> int:
    return Deadline.objects.filter(rule=rule, state="open").count()


def test_whoever_leads_after_an_objection_waits_for_no_answer_to_a_bid(
    initiative, adoption, volunteer, other_group, reviewer
):
    objection = object_with(other_group, adoption, by=volunteer)
    bid = join(initiative, other_group, by=volunteer)
    let_objectors_share(objection, note="Both are good.", by=reviewer, now=NOW + DAY)
    bid.refresh_from_db()
    assert leading() == ["First Steps", "Second Wind"]
    assert (bid.state, open_waits("initiatives.answer_bid")) == ("void", 0)


def test_an_objection_that_is_upheld_after_its_group_came_to_lead_leaves_it_alone(
    initiative, adoption, coordinator, volunteer, other_group, reviewer
):
    objection = object_with(other_group, adoption, by=volunteer)
    share_lead(join(initiative, other_group, by=volunteer), by=coordinator, now=NOW + DAY)
    uphold_objection(objection, note="They are many.", by=reviewer, now=NOW + 2 * DAY)
    assert leading() == ["Second Wind"]


def test_what_a_group_leads_elsewhere_by_now_keeps_no_reviewer_from_a_decision(
    initiative, adoption, volunteer, other_group, reviewer
):
    objection = object_with(other_group, adoption, by=volunteer)
    adopt(Initiative.objects.get(number=21), group=other_group, by=volunteer)
    with pytest.raises(Refused, match="It can lead a second one once"):
        let_objectors_share(objection, note="Both are good.", by=reviewer, now=NOW + DAY)
    uphold_objection(objection, note="They should have asked.", by=reviewer, now=NOW + DAY)
    assert running_adoption(initiative) is None, "It is open again."
    assert leading() == ["Second Wind"], "What it leads elsewhere goes on."


def test_a_group_that_everybody_has_left_does_not_lead(adoption, volunteer, other_group, reviewer):
    objection = object_with(other_group, adoption, by=volunteer)
    leave_group(other_group, by=volunteer, now=NOW)
    with pytest.raises(Refused, match="No group stands behind"):
        let_objectors_share(objection, note="Good.", by=reviewer, now=NOW + DAY)
    uphold_objection(objection, note="Good.", by=reviewer, now=NOW + DAY)
    assert leading() == []


def test_the_last_member_stays_while_a_bid_waits(initiative, adoption, volunteer, other_group):
    join(initiative, other_group, by=volunteer)
    with pytest.raises(Refused, match="asked to lead"):
        leave_group(other_group, by=volunteer, now=NOW)


def test_an_offer_is_made_by_the_lead_alone(initiative, adoption, volunteer, other_group):
    with pytest.raises(Refused, match="adopted this initiative before you"):
        lead_in_a_way(initiative, proposal(other_group), way="handover", by=volunteer, now=NOW)
    assert not Bid.objects.exists()


def test_whoever_takes_over_goes_before_whoever_is_offered_the_lead(
    initiative, adoption, group, coordinator, volunteer, other_group, stranger
):
    lead = seeking(adoption, group, by=coordinator)
    third = form_group(name="Third", by=stranger, now=NOW)
    offer = offer_lead(lead, group=third, by=coordinator, now=WHILE_LED)
    take_over(initiative, proposal(other_group), by=volunteer, now=WHILE_LED)
    offer.refresh_from_db()
    assert (offer.state, leading()) == ("void", ["Second Wind"])


@pytest.mark.parametrize("is_grown", [False, True])
def test_whoever_waits_for_a_quiet_lead_takes_it_over_when_a_successor_is_sought(
    initiative, adoption, group, coordinator, volunteer, stranger, other_group, is_grown
):
    meet_early_steps(adoption, by=coordinator, group=group)
    add_member(other_group, stranger, coordinates=True)
    if is_grown:
        adopt(Initiative.objects.get(number=21), group=other_group, by=volunteer)
        Adoption.objects.filter(initiative__number=21).update(musts_met=3)
    bid = bid_for_lead(initiative, proposal(other_group), kind="quiet", by=volunteer, now=NOW + 60 * DAY)
    seek_successor(adoption.leads.get(), by=coordinator, now=NOW + 65 * DAY)
    with pytest.raises(Refused, match="new version"):
        take_over(initiative, proposal(other_group, guidelines=None), by=volunteer, now=NOW + 65 * DAY)
    bid.refresh_from_db()
    assert bid.state == "open", "Refused, it has lost nothing."
    # Either by the group that waits, or by another one of somebody who coordinates both.
    new = None if is_grown else form_group(name="Third", by=stranger, now=NOW)
    lead = take_over(initiative, proposal(new or other_group), by=stranger if new else volunteer, now=NOW + 65 * DAY)
    bid.refresh_from_db()
    assert (bid.state, open_waits("initiatives.answer_bid")) == ("void", 0)
    assert [lead.group] == [each.group for each in running_adoption(initiative).leads.filter(ended_at=None)]
    assert broken_promises() == []


def test_what_a_group_waits_for_elsewhere_is_a_second_lead(
    initiative, adoption, group, coordinator, volunteer, stranger, other_group
):
    elsewhere = adopt(
        Initiative.objects.get(number=21), group=form_group(name="Third", by=stranger, now=NOW), by=stranger
    )
    bid = join(elsewhere.initiative, other_group, by=volunteer)
    seeking(adoption, group, by=coordinator)
    with pytest.raises(Refused, match="Second Wind asks to lead"):
        take_over(initiative, proposal(other_group), by=volunteer, now=WHILE_LED)
    bid.refresh_from_db()
    assert bid.state == "open"


def seeking(adoption: Adoption, group: Group, *, by) -> Lead:
    meet_early_steps(adoption, by=by, group=group)
    return seek_successor(adoption.leads.get(), by=by, now=WHILE_LED)


def test_whoever_took_over_does_not_conclude_what_those_before_concluded(
    initiative, adoption, group, coordinator, volunteer, other_group
):
    lead = seeking(adoption, group, by=coordinator)
    Adoption.objects.update(musts_settled=True)
    conclude(lead, summary="Done.", by=coordinator, now=WHILE_LED)
    take_over(initiative, proposal(other_group), by=volunteer, now=WHILE_LED)
    running = running_adoption(initiative)
    assert (running.concludes_at, running.summary, open_waits("initiatives.conclude")) == (None, "", 0)


@pytest.mark.parametrize("clock", ["the notice of 14 days", "the term of 12 months"])
def test_what_has_an_open_must_step_again_is_not_done(initiative, adoption, group, coordinator, clock):
    [lead] = adoption.leads.all()
    late = NOW + (20 if clock == "the notice of 14 days" else 360) * DAY
    Adoption.objects.update(musts_settled=True)
    Deadline.objects.filter(rule="initiatives.keep_alive").update(wake_at=NOW + 900 * DAY)
    conclude(lead, summary="Done.", by=coordinator, now=late)
    Adoption.objects.update(musts_settled=False)
    sweep(now=late + 14 * DAY)
    adoption.refresh_from_db()
    if clock == "the term of 12 months":
        assert adoption.ending == "expired"
        return
    assert (adoption.ended_at, adoption.concludes_at, adoption.summary) == (None, None, "")
    assert (leading(), open_waits("initiatives.conclude")) == (["First Steps"], 0)
    assert Act.objects.filter(verb="initiatives.not_concluded").count() == 1
    letter = Letter.objects.get(notice__kind="initiatives.not_concluded")
    assert (letter.recipient, letter.subject) == (coordinator, "“Resources for newcomers” is not done yet")
    assert broken_promises() == []
    Adoption.objects.update(musts_settled=True)
    conclude(lead, summary="Done.", by=coordinator, now=late + 15 * DAY)
    sweep(now=late + 29 * DAY)
    adoption.refresh_from_db()
    assert adoption.ending == "concluded"


def test_nobody_takes_over_what_is_on_hold(initiative, adoption, group, coordinator, volunteer, other_group):
    lead = seeking(adoption, group, by=coordinator)
    put_on_hold(
        lead, reason="The board.", waits_for="March", review_at=WHILE_LED + 30 * DAY, by=coordinator, now=WHILE_LED
    )
    with pytest.raises(Refused, match="does not seek a successor"):
        take_over(initiative, proposal(other_group), by=volunteer, now=WHILE_LED)


def test_a_hold_is_prolonged_in_public_and_within_the_same_180_days(adoption, group, coordinator):
    lead = adoption.leads.get()
    why = {"reason": "The board.", "waits_for": "March"}

    def longer(days: int, **changed: str) -> Hold:
        at = {"review_at": WHILE_LED + days * DAY, "by": coordinator, "now": WHILE_LED + 100 * DAY}
        return hold_for_longer(lead, **(why | changed), **at)

    with pytest.raises(Refused, match="not on hold"):
        longer(150)
    put_on_hold(lead, **why, review_at=WHILE_LED + 90 * DAY, by=coordinator, now=WHILE_LED)
    first = Deadline.objects.get(rule="initiatives.review_hold")
    with pytest.raises(Refused, match="Choose a later day"):
        longer(90)
    with pytest.raises(Refused, match="The day of the next look lies in the future"):
        longer(99)
    with pytest.raises(Refused, match="at most 180 days of any 365"):
        longer(181)
    hold = longer(180, waits_for="April")
    adoption.refresh_from_db()
    assert (hold.state, hold.waits_for, hold.review_at) == ("running", "April", WHILE_LED + 180 * DAY)
    assert (adoption.on_hold_for, adoption.hold_review_at) == ("April", hold.review_at)
    first.refresh_from_db()
    assert (first.state, first.outcome) == ("met", "longer")
    again = Deadline.objects.get(rule="initiatives.review_hold", state="open")
    assert again.ends_at == WHILE_LED + 194 * DAY
    assert Act.objects.filter(verb="initiatives.hold_longer", by=coordinator).count() == 1
    with pytest.raises(Refused, match="at most 180 days of any 365"):
        longer(181)


def test_until_a_group_is_grown_nobody_coordinates_it_beside_another_young_one(
    initiative, adoption, group, coordinator, volunteer, other_group
):
    """The limits on squatting hold for whoever is made coordinator, too."""
    member = add_member(group, volunteer)
    adopt(Initiative.objects.get(number=5), group=other_group, by=volunteer)
    with pytest.raises(Refused, match="Ada coordinates Second Wind, which leads"):
        make_coordinator(member, by=coordinator, now=NOW)
    Adoption.objects.filter(initiative=initiative).update(musts_met=3)
    make_coordinator(member, by=coordinator, now=NOW)
    member.refresh_from_db()
    assert member.is_coordinator


def test_a_group_that_leads_nothing_takes_any_coordinator(catalogue, group, coordinator, volunteer, other_group):
    adopt(Initiative.objects.get(number=5), group=other_group, by=volunteer)
    member = add_member(group, volunteer)
    make_coordinator(member, by=coordinator, now=NOW)
    member.refresh_from_db()
    assert member.is_coordinator


def test_silence_passes_over_whom_the_limits_exclude_unless_nobody_else_is_there(
    adoption, group, volunteer, stranger, other_group
):
    adopt(Initiative.objects.get(number=5), group=other_group, by=volunteer)
    longest, other = add_member(group, volunteer, now=NOW - 20 * DAY), add_member(group, stranger, now=NOW - DAY)
    succession = offer_to_coordinate(group, by=volunteer, now=NOW)
    offer_to_coordinate(group, by=stranger, now=NOW)
    with transaction.atomic():
        let_a_member_coordinate(succession, now=NOW + 14 * DAY)
        assert list(group.memberships.filter(is_coordinator=True, user__in=[volunteer, stranger])) == [other]
        transaction.set_rollback(True)
    take_back_offer(group, by=stranger, now=NOW)
    let_a_member_coordinate(succession, now=NOW + 14 * DAY)
    assert list(group.memberships.filter(is_coordinator=True, user__in=[volunteer, stranger])) == [longest]


def test_a_lead_that_is_shared_after_an_objection_seeks_no_successor(
    adoption, coordinator, volunteer, other_group, reviewer
):
    objection = object_with(other_group, adoption, by=volunteer)
    seek_successor(adoption.leads.get(), by=coordinator, now=NOW)
    let_objectors_share(objection, note="Both are good.", by=reviewer, now=NOW + DAY)
    adoption.refresh_from_db()
    assert adoption.handing_over_at is None


def test_a_second_member_may_leave_while_a_bid_waits(initiative, adoption, volunteer, stranger, other_group):
    add_member(other_group, stranger)
    join(initiative, other_group, by=volunteer)
    leave_group(other_group, by=stranger, now=NOW)
    assert other_group.memberships.filter(state="active").count() == 1


# --- Days and letters of whoever comes and goes ----------------------------------------------


# --- An answer is an act ------------------------------------------------------------------------


def test_whoever_shares_the_lead_on_day_80_is_not_silent_on_day_90(
    initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    bid = bid_for_lead(initiative, proposal(other_group), kind="quiet", by=volunteer, now=NOW + 70 * DAY)
    share_lead(bid, by=coordinator, now=NOW + 80 * DAY)
    for day in (90, 94, 108, 169):
        sweep(now=NOW + day * DAY)
        assert leading() == ["First Steps", "Second Wind"], day
    sweep(now=NOW + 170 * DAY)
    assert "First Steps" not in leading(), "90 days after its answer."
    assert broken_promises() == []


def test_a_silent_lead_that_was_to_leave_stays_when_it_shares(
    initiative, adoption, group, coordinator, volunteer, other_group
):
    meet_early_steps(adoption, by=coordinator, group=group)
    bid = bid_for_lead(initiative, proposal(other_group), kind="quiet", by=volunteer, now=NOW + 80 * DAY)
    sweep(now=NOW + 90 * DAY)
    lead = adoption.leads.get()
    assert lead.leaves_at == NOW + 108 * DAY
    share_lead(bid, by=coordinator, now=NOW + 92 * DAY)
    sweep(now=NOW + 109 * DAY)
    lead.refresh_from_db()
    assert (leading(), lead.leaves_at) == (["First Steps", "Second Wind"], None)
    assert broken_promises() == []


def test_to_decline_a_bid_counts_for_the_lead_and_to_decline_an_offer_for_nobody(
    initiative, adoption, coordinator, volunteer, other_group
):
    lead, day_0 = adoption.leads.get(), adoption.last_act_at
    offer = offer_lead(lead, group=other_group, by=coordinator, now=NOW + DAY)
    decline_bid(offer, reason="No time.", by=volunteer, now=NOW + 2 * DAY)
    lead.refresh_from_db()
    assert lead.last_act_at == day_0
    decline_bid(join(initiative, other_group, by=volunteer), reason="Not now.", by=coordinator, now=NOW + 3 * DAY)
    lead.refresh_from_db()
    adoption.refresh_from_db()
    assert lead.last_act_at == adoption.last_act_at == NOW + 3 * DAY
    assert adoption.last_act == "initiatives.declined_by_lead"
    assert str(LAST_ACT_WORDS[adoption.last_act]) == "the answer to a group that would lead, too"


def told(kind: str) -> set[str]:
    return set(Letter.objects.filter(notice__kind=f"initiatives.{kind}").values_list("recipient__username", flat=True))


def test_a_group_that_takes_over_has_its_own_90_days_for_the_first_steps(
    initiative, adoption, group, coordinator, volunteer, other_group
):
    at = NOW + 85 * DAY
    post_update(adoption, group=group, text="We look for somebody.", link="", by=coordinator, now=at)
    seek_successor(adoption.leads.get(), by=coordinator, now=at)
    at = NOW + 100 * DAY
    take_over(initiative, proposal(other_group), by=volunteer, now=at)
    running = running_adoption(initiative)
    post_update(running, group=other_group, text="We began.", link="", by=volunteer, now=at + 60 * DAY)
    assert running_state(running, at) is State.LED
    assert quiet_at(running_adoption(initiative)) == at + 90 * DAY
    assert told("part_ended") == {coordinator.username}, "Whoever sought a successor is told that there is one."


def test_a_term_that_is_renewed_has_no_second_90_days(initiative, adoption, group, coordinator):
    at = NOW + 340 * DAY
    Adoption.objects.update(last_act_at=at)
    renew_term(adoption.leads.get(), summary="A year of lists.", by=coordinator, now=at)
    assert running_state(running_adoption(initiative), at) is State.QUIET


def test_whoever_waits_for_the_lead_is_told_when_it_is_theirs(
    initiative, adoption, coordinator, volunteer, other_group
):
    join(initiative, other_group, by=volunteer)
    step_down(adoption.leads.get(), notes="", by=coordinator, now=NOW + DAY)
    assert (leading(), told("next_in_line"), told("part_ended")) == (
        ["Second Wind"],
        {volunteer.username},
        {coordinator.username},
    )


def test_whoever_waits_for_an_answer_is_told_when_the_term_ends_before(
    initiative, adoption, coordinator, volunteer, stranger, other_group, reviewer
):
    join(initiative, other_group, by=volunteer)
    first = object_to(adoption, reason="They never asked.", by=stranger, now=NOW)
    object_to(adoption, reason="Nor us.", by=volunteer, now=NOW)
    uphold_objection(first, note="They should have.", by=reviewer, now=NOW + DAY)
    assert leading() == []
    assert told("bid_void") == {volunteer.username}
    assert told("objection_decided") == {stranger.username, volunteer.username}
    assert told("part_ended") == set(), "The answer to the objection has told them."


def test_whoever_offers_the_lead_is_told_the_answer(adoption, coordinator, volunteer, other_group):
    lead = adoption.leads.get()
    decline_bid(
        offer_lead(lead, group=other_group, by=coordinator, now=NOW), reason="No time.", by=volunteer, now=NOW + DAY
    )
    assert told("offer_answered") == {coordinator.username, volunteer.username}
    offer = offer_lead(lead, group=other_group, by=coordinator, now=NOW + DAY)
    accept_lead(offer, plan="We ask first.", first_steps=["Ask"], by=volunteer, now=NOW + 2 * DAY)
    to_coordinator = Letter.objects.filter(notice__kind="initiatives.offer_answered", recipient=coordinator)
    assert (to_coordinator.count(), told("part_ended")) == (2, set())


def test_a_silent_group_that_leaves_beside_another_one_is_thanked(
    initiative, adoption, coordinator, volunteer, other_group
):
    share_lead(join(initiative, other_group, by=volunteer), by=coordinator, now=NOW + DAY)
    leave_after_silence(Lead.objects.get(group__name="First Steps"), now=NOW + 95 * DAY)
    assert (leading(), told("part_ended")) == (["Second Wind"], {coordinator.username})


# --- What is in the way of whoever leads -----------------------------------------------------


@pytest.fixture
def obstacle(adoption, group, coordinator, reviewer):
    update = {"group": group, "text": "We began.", "link": "", "by": coordinator, "now": NOW}
    return post_update(adoption, **update, obstacle=InTheWay("No logo", role="reviewer")).obstacle


def told_of_it() -> set[str]:
    letters = Letter.objects.filter(notice__kind="initiatives.obstacle_settled")
    return {letter.recipient.username for letter in letters}


def test_whoever_takes_over_inherits_what_is_in_the_way_and_whoever_left_does_not_clear_it(
    adoption, obstacle, coordinator, volunteer, other_group, reviewer, person
):
    add_member(other_group, person("Mona"))
    assert (may_clear_obstacle(coordinator, obstacle), may_clear_obstacle(volunteer, obstacle)) == (True, False)
    hand_over(adoption, to=other_group, now=NOW + DAY)
    assert (may_clear_obstacle(coordinator, obstacle), may_clear_obstacle(volunteer, obstacle)) == (False, True)
    assert told_of_an_obstacle(obstacle) == 2
    answer_obstacle(obstacle, answer="Use the old one.", by=reviewer, now=NOW + 2 * DAY)
    assert told_of_it() == {"Ada", "Mona"}
    obstacle.refresh_from_db()
    assert not may_clear_obstacle(volunteer, obstacle), "It is answered."


def test_each_group_that_leads_clears_it_and_all_read_that_nobody_answered(
    initiative, adoption, obstacle, coordinator, volunteer, other_group
):
    share_lead(join(initiative, other_group, by=volunteer), by=coordinator, now=NOW + DAY)
    assert [may_clear_obstacle(who, obstacle) for who in (coordinator, volunteer)] == [True, True]
    sweep(now=NOW + 14 * DAY)
    assert told_of_it() == {"Bola", "Ada"}
    clear_obstacle(obstacle, by=volunteer, now=NOW + 15 * DAY)
    assert broken_promises() == []


def test_a_late_answer_after_the_term_reaches_those_who_named_it(adoption, obstacle, coordinator, reviewer):
    sweep(now=NOW + 14 * DAY)
    Letter.objects.all().delete()
    step_down(adoption.leads.get(), notes="", by=coordinator, now=NOW + 15 * DAY)
    assert told_of_an_obstacle(obstacle) == 1
    answer_obstacle(obstacle, answer="Use the old one.", by=reviewer, now=NOW + 16 * DAY)
    assert told_of_it() == {"Bola"}


def test_badges_of_terms_from_before_learn_who_asks_and_who_leaves(initiative, adoption, volunteer, other_group):
    """The migration says of each running term what was written with every act since."""
    bid = join(initiative, other_group, by=volunteer)
    Lead.objects.update(leaves_at=NOW + 99 * DAY)
    Adoption.objects.update(shared_at=None, leaves_at=None)
    import_module("apps.initiatives.migrations.0003_the_badge_says_who_asks_for_the_lead").say_what_comes(apps, None)
    adoption.refresh_from_db()
    assert adoption.shared_at == bid.made_at + 14 * DAY
    assert adoption.leaves_at == NOW + 99 * DAY
