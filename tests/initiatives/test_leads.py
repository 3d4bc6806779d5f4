"""Two ways to the same lead, and what a new term leaves behind."""

from datetime import timedelta

import pytest

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.groups.actions import form_group, leave_group
from apps.groups.models import Group
from apps.initiatives.actions import (
    bid_for_lead,
    conclude,
    lead_in_a_way,
    let_objectors_share,
    object_to,
    offer_lead,
    put_on_hold,
    seek_successor,
    share_lead,
    take_over,
    uphold_objection,
)
from apps.initiatives.models import Adoption, Bid, Lead
from apps.initiatives.queries import running_adoption
from tests.conftest import NOW, add_member, meet_early_steps, proposal

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


def test_nobody_takes_over_what_is_on_hold(initiative, adoption, group, coordinator, volunteer, other_group):
    lead = seeking(adoption, group, by=coordinator)
    put_on_hold(
        lead, reason="The board.", waits_for="March", review_at=WHILE_LED + 30 * DAY, by=coordinator, now=WHILE_LED
    )
    with pytest.raises(Refused, match="does not seek a successor"):
        take_over(initiative, proposal(other_group), by=volunteer, now=WHILE_LED)


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
