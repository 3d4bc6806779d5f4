from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import StaffIdentity
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.groups import actions, queries
from apps.groups.models import Group, Membership
from apps.initiatives.actions import step_down
from apps.initiatives.models import Lead
from apps.notifications.models import Letter
from apps.notifications.queries import out_of_date
from apps.people.models import Affiliate
from apps.resources.actions import give_back, request_resource
from apps.resources.models import Resource
from tests.conftest import add_member


def test_a_group_begins_with_one_person_who_coordinates_it(group, coordinator):
    assert list(queries.coordinators_of(group)) == [coordinator]


@pytest.mark.parametrize("name", ["First Steps", "first steps", "First  steps!"])
def test_a_name_is_taken_also_in_another_writing(group, volunteer, now, name):
    with pytest.raises(Refused, match="has this name"):
        actions.form_group(name=name, by=volunteer, now=now)


def test_a_name_without_letters_is_refused(volunteer, now):
    with pytest.raises(Refused, match="at least one letter"):
        actions.form_group(name="!!!", by=volunteer, now=now)


def test_an_arabic_name_makes_an_arabic_address(volunteer, now):
    assert actions.form_group(name="فريق الترحيب", by=volunteer, now=now).slug == "فريق-الترحيب"


def test_asking_to_join_tells_the_coordinators_and_opens_a_deadline(group, volunteer, coordinator, now):
    membership = actions.ask_to_join(group, message="Hello", by=volunteer, now=now)
    deadline = Deadline.objects.get(rule="groups.answer_join", subject_id=membership.pk)
    assert deadline.owner == f"group:{group.pk}"
    assert deadline.due_at == now + timedelta(days=14)
    letter = Letter.objects.get(recipient=coordinator, notice__kind="groups.asks_to_join")
    assert "Ada" in letter.subject
    assert "becomes a member" in letter.body


def test_asking_twice_is_refused(group, volunteer, now):
    actions.ask_to_join(group, message="", by=volunteer, now=now)
    with pytest.raises(Refused, match="asked already"):
        actions.ask_to_join(group, message="", by=volunteer, now=now)


def test_admitting_closes_the_deadline_and_tells_the_person(group, volunteer, coordinator, now):
    membership = actions.ask_to_join(group, message="", by=volunteer, now=now)
    actions.answer_join(membership, admit=True, by=coordinator, now=now)
    assert volunteer in queries.active_members_of(group)
    assert Deadline.objects.get(rule="groups.answer_join").state == "met"
    assert Letter.objects.filter(recipient=volunteer, notice__kind="groups.admitted").exists()


def test_declining_ends_the_request_and_the_person_may_ask_again(group, volunteer, coordinator, now):
    membership = actions.ask_to_join(group, message="", by=volunteer, now=now)
    actions.answer_join(membership, admit=False, by=coordinator, now=now)
    assert volunteer not in queries.active_members_of(group)
    assert actions.ask_to_join(group, message="", by=volunteer, now=now).state == "asked"


def test_letters_that_were_answered_need_not_leave(group, volunteer, stranger, coordinator, now):
    asked = actions.ask_to_join(group, message="", by=volunteer, now=now)
    [invited] = actions.invite(group, people=[stranger], by=coordinator, now=now)
    letters = list(Letter.objects.filter(notice__kind__in=["groups.asks_to_join", "groups.invitation"]))
    assert len(letters) == 2
    assert out_of_date(letters, now) == set()
    actions.answer_join(asked, admit=True, by=coordinator, now=now)
    actions.answer_invitation(invited, accept=False, now=now)
    assert out_of_date(letters, now) == {letter.pk for letter in letters}


def test_a_second_answer_is_told_what_the_first_was(group, volunteer, coordinator, now):
    membership = actions.ask_to_join(group, message="", by=volunteer, now=now)
    actions.answer_join(membership, admit=True, by=coordinator, now=now)
    with pytest.raises(Refused, match="answered already: Member"):
        actions.answer_join(membership, admit=False, by=coordinator, now=now)


def test_silence_admits_on_day_14_and_not_before(group, volunteer, now):
    actions.ask_to_join(group, message="", by=volunteer, now=now)
    sweep(now=now + timedelta(days=14, seconds=-1))
    assert volunteer not in queries.active_members_of(group)
    sweep(now=now + timedelta(days=14))
    assert volunteer in queries.active_members_of(group)
    assert Deadline.objects.get(rule="groups.answer_join").state == "lapsed"


def test_an_invitation_lapses_in_silence_and_nobody_is_told(group, volunteer, coordinator, now):
    actions.invite(group, people=[volunteer], by=coordinator, now=now)
    before = Letter.objects.exclude(recipient=volunteer).count()
    sweep(now=now + timedelta(days=15))
    assert Membership.objects.get(user=volunteer).state == "lapsed"
    assert Letter.objects.exclude(recipient=volunteer).count() == before


def test_whoever_is_invited_and_asks_is_a_member_at_once(group, volunteer, coordinator, now):
    actions.invite(group, people=[volunteer], by=coordinator, now=now)
    actions.ask_to_join(group, message="", by=volunteer, now=now)
    assert volunteer in queries.active_members_of(group)


def test_nobody_is_invited_twice(group, volunteer, coordinator, now):
    actions.invite(group, people=[volunteer, volunteer], by=coordinator, now=now)
    assert actions.invite(group, people=[volunteer], by=coordinator, now=now) == []


def test_the_only_coordinator_names_another_before_leaving(group, volunteer, coordinator, now):
    member = add_member(group, volunteer)
    with pytest.raises(Refused, match="only coordinator"):
        actions.leave_group(group, by=coordinator, now=now)
    actions.make_coordinator(member, by=coordinator, now=now)
    actions.leave_group(group, by=coordinator, now=now)
    assert list(queries.coordinators_of(group)) == [volunteer]


def test_the_last_member_leaves_a_group_that_leads_nothing(group, coordinator, volunteer, stranger, now):
    actions.change_group(group, purpose="", region="", seeks_members=True, by=coordinator, now=now)
    actions.invite(group, people=[volunteer], by=coordinator, now=now)
    actions.leave_group(group, by=coordinator, now=now)
    assert set(group.memberships.values_list("state", flat=True)) == {"left", "lapsed"}
    assert not Deadline.objects.filter(state="open").exists()
    assert group not in queries.groups_seeking_members()
    with pytest.raises(Refused, match="Nobody is a member"):
        actions.ask_to_join(group, message="", by=stranger, now=now)


def test_the_last_member_stays_while_somebody_asks_to_join(group, coordinator, volunteer, now):
    asked = actions.ask_to_join(group, message="", by=volunteer, now=now)
    with pytest.raises(Refused, match="Answer them first"):
        actions.leave_group(group, by=coordinator, now=now)
    actions.answer_join(asked, admit=False, by=coordinator, now=now)
    actions.leave_group(group, by=coordinator, now=now)


def test_the_last_member_steps_down_first(adoption, group, coordinator, now):
    with pytest.raises(Refused, match="Step down first"):
        actions.leave_group(group, by=coordinator, now=now)
    step_down(Lead.objects.get(), notes="", by=coordinator, now=now)
    actions.leave_group(group, by=coordinator, now=now)


def test_the_last_member_gives_back_first(group, coordinator, catalogue, now):
    pad = Resource.objects.get(slug="notes-pad")
    use = request_resource(pad, group=group, purpose="Notes", by=coordinator, now=now)
    with pytest.raises(Refused, match="Give it back first"):
        actions.leave_group(group, by=coordinator, now=now)
    give_back(use, by=coordinator, now=now)
    actions.leave_group(group, by=coordinator, now=now)


def test_only_whom_others_admitted_gets_a_letter(group, volunteer, stranger, coordinator, now):
    asked = actions.ask_to_join(group, message="", by=volunteer, now=now)
    [invited] = actions.invite(group, people=[stranger], by=coordinator, now=now)
    actions.answer_join(asked, admit=True, by=coordinator, now=now)
    actions.answer_invitation(invited, accept=True, now=now)
    told = Letter.objects.filter(notice__kind="groups.admitted").values_list("recipient__username", flat=True)
    assert list(told) == ["Ada"]


def is_unconfirmed(group):
    alone = Group.objects.annotate(is_unconfirmed=queries.unconfirmed()).get(pk=group.pk).is_unconfirmed
    coordinating = Membership.objects.filter(group=group, is_coordinator=True)
    [as_member] = coordinating.annotate(found=queries.unconfirmed("group__"))
    assert as_member.found == alone
    return alone


def test_a_foundation_group_is_confirmed_by_a_coordinator_with_a_staff_sign_in(group, coordinator, volunteer, now):
    assert not is_unconfirmed(group)
    group.kind = "foundation"
    group.save()
    add_member(group, volunteer)
    link_staff(volunteer, now)
    assert is_unconfirmed(group)
    link_staff(coordinator, now)
    assert not is_unconfirmed(group)


def test_staff_do_not_confirm_a_group_of_an_affiliate(volunteer, administrator, now, catalogue):
    affiliate = Affiliate.objects.get(name="Wikimedia Argentina")
    group = actions.form_group(name="WMAR group", kind="affiliate", affiliate=affiliate, by=volunteer, now=now)
    link_staff(volunteer, now)
    assert is_unconfirmed(group)
    actions.confirm_group(group, by=administrator, now=now)
    assert not is_unconfirmed(group)


def link_staff(person, now):
    return StaffIdentity.objects.create(
        user=person, issuer="https://idp", subject=person.username, is_reviewer=False, linked_at=now,
        last_signed_in_at=now,
    )  # fmt: skip


def test_a_group_of_an_affiliate_is_of_its_region_unless_it_says_another_one(volunteer, now, catalogue):
    affiliate = Affiliate.objects.get(name="Wikimedia Argentina")
    of = {"kind": "affiliate", "affiliate": affiliate, "by": volunteer, "now": now}
    assert actions.form_group(name="One", **of).region == affiliate.region != ""
    assert actions.form_group(name="Two", region="ssa", **of).region == "ssa"
    assert actions.form_group(name="Three", by=volunteer, now=now).region == ""


def test_an_affiliate_group_is_confirmed_once(volunteer, administrator, now, catalogue):
    affiliate = Affiliate.objects.get(name="Wikimedia Argentina")
    group = actions.form_group(name="WMAR group", kind="affiliate", affiliate=affiliate, by=volunteer, now=now)
    assert group.confirmed_at is None
    actions.confirm_group(group, by=administrator, now=now)
    with pytest.raises(Refused, match="confirmed already"):
        actions.confirm_group(group, by=administrator, now=now)


def refused_by_database(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_keeps_one_running_membership_per_person(group, volunteer, now):
    add_member(group, volunteer)
    refused_by_database(lambda: add_member(group, volunteer))


def test_the_database_keeps_coordinators_active(group, coordinator):
    refused_by_database(
        lambda: Membership.objects.filter(user=coordinator).update(state="left", ended_at="2026-09-09T00:00Z")
    )


def test_the_database_keeps_affiliate_groups_with_an_affiliate(group):
    refused_by_database(lambda: Group.objects.update(kind="affiliate"))


def test_the_database_keeps_confirmed_at_with_confirmed_by(group, now):
    refused_by_database(lambda: Group.objects.update(confirmed_at=now))


def test_the_database_keeps_times_with_states(group, coordinator):
    refused_by_database(lambda: Membership.objects.update(joined_at=None))
    refused_by_database(lambda: Membership.objects.update(state="declined", is_coordinator=False))
