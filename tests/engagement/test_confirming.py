"""Notes as evidence: they count once somebody outside the group who was there says so."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.engagement import actions, policy, queries
from apps.engagement.models import Confirmation, Entry
from apps.groups.actions import form_group, leave_group
from apps.initiatives.actions import step_down
from apps.initiatives.models import Lead
from apps.notifications.models import Letter
from tests.conftest import NOW, add_member, hand_over, log, step_called

DAY = timedelta(days=1)


@pytest.fixture
def note(adoption, group, coordinator):
    return log(
        adoption, "reach", by=coordinator, group=group, url="", note="Twenty of us met in the library of Kano.",
        regions=["ssa", "mena", "lac", "sa"], community="Hausa", people=20,
    )  # fmt: skip


def reach_of(adoption):
    return next(row for row in queries.checklist_of(adoption).steps if row.step.code == "reach")


def test_a_note_is_measured_from_the_moment_somebody_who_was_there_says_so(note, adoption, stranger, now):
    assert note.state == "awaiting"
    assert reach_of(adoption).count == "0 of 4 regions"
    actions.confirm_entry(note, is_named=False, by=stranger, now=now)
    assert reach_of(adoption).is_met
    assert Deadline.objects.get(rule="engagement.confirm_note").outcome == "confirmed"
    assert broken_promises() == []


def test_a_link_needs_nobody(adoption, group, coordinator, stranger, now):
    entry = log(adoption, "reach", by=coordinator, group=group, note="We also took pictures.")
    assert entry.counts
    with pytest.raises(Refused, match="has a link"):
        actions.confirm_entry(entry, is_named=False, by=stranger, now=now)


def test_a_step_that_counts_links_takes_no_note(adoption, group, coordinator):
    with pytest.raises(Refused, match="counts links"):
        log(adoption, "nutshell", by=coordinator, group=group, url="", note="We have a page.")
    assert not Entry.objects.exists()


def test_each_confirmed_note_is_a_venue_of_its_own(adoption, group, coordinator, stranger, now):
    for place in ("Kano", "Lagos", "Accra"):
        entry = log(adoption, "announce", by=coordinator, group=group, url="", note=f"Told at the meetup of {place}.")
        actions.confirm_entry(entry, is_named=False, by=stranger, now=now)
    announced = next(row for row in queries.checklist_of(adoption).steps if row.step.code == "announce")
    assert announced.is_met


def test_nobody_of_the_group_confirms_it_not_even_a_year_after_leaving(note, group, stranger, volunteer, coordinator):
    member = add_member(group, volunteer, coordinates=True)
    assert not policy.may_confirm(coordinator, note, NOW)
    assert not policy.may_confirm(volunteer, note, NOW)
    leave_group(group, by=volunteer, now=NOW)
    member.refresh_from_db()
    assert not policy.may_confirm(volunteer, note, NOW + 364 * DAY)
    assert policy.may_confirm(volunteer, note, NOW + 366 * DAY)
    assert policy.may_confirm(stranger, note, NOW)


def test_saying_it_twice_counts_once(note, stranger, now):
    actions.confirm_entry(note, is_named=False, by=stranger, now=now)
    with pytest.raises(Refused, match="already that you were there"):
        actions.confirm_entry(note, is_named=True, by=stranger, now=now)
    assert Confirmation.objects.count() == 1


def test_taken_back_it_waits_again(note, adoption, stranger, now):
    actions.confirm_entry(note, is_named=True, by=stranger, now=now)
    actions.take_back_confirmation(note, by=stranger, now=now)
    note.refresh_from_db()
    assert note.state == "awaiting"
    assert reach_of(adoption).count == "0 of 4 regions"
    assert broken_promises() == []
    with pytest.raises(Refused, match="nothing to take back"):
        actions.take_back_confirmation(note, by=stranger, now=now)


def test_after_thirty_silent_days_it_does_not_count_until_somebody_does_say_so(note, adoption, coordinator, stranger):
    sweep(now=NOW + 30 * DAY - timedelta(seconds=1))
    note.refresh_from_db()
    assert note.state == "awaiting"
    sweep(now=NOW + 30 * DAY)
    note.refresh_from_db()
    assert note.state == "unconfirmed"
    told = Letter.objects.filter(notice__kind="engagement.note_not_confirmed")
    assert [letter.recipient for letter in told] == [coordinator]
    actions.confirm_entry(note, is_named=False, by=stranger, now=NOW + 40 * DAY)
    assert reach_of(adoption).is_met
    assert broken_promises() == []


def test_it_waits_for_nobody_once_its_term_or_the_entry_has_ended(note, adoption, group, coordinator, stranger, now):
    other = log(adoption, "reach", by=coordinator, group=group, url="", note="Another meeting.")
    actions.withdraw_entry(other, by=coordinator, now=now)
    with pytest.raises(Refused, match="withdrawn"):
        actions.confirm_entry(other, is_named=False, by=stranger, now=now)
    step_down(Lead.objects.get(), notes="", by=coordinator, now=now)
    assert broken_promises() == []
    with pytest.raises(Refused, match="term has ended"):
        actions.confirm_entry(note, is_named=False, by=stranger, now=now)


def test_a_note_is_handed_on_with_the_lead_and_its_date_stands(note, adoption, group, coordinator, volunteer, person):
    heirs = form_group(name="Second Wind", by=volunteer, now=NOW)
    add_member(heirs, person("Mona"))
    before = Deadline.objects.get(rule="engagement.confirm_note")
    hand_over(adoption, to=heirs, now=NOW + DAY)
    after = Deadline.objects.get(rule="engagement.confirm_note")
    assert (before.owner, after.owner) == (f"group:{group.pk}", f"group:{heirs.pk}")
    assert after.due_at == before.due_at
    sweep(now=NOW + 14 * DAY)
    assert [letter.recipient for letter in Letter.objects.filter(notice__kind="deadlines.reminder")] == [volunteer]
    sweep(now=NOW + 30 * DAY)
    told = Letter.objects.filter(notice__kind="engagement.note_not_confirmed")
    assert {letter.recipient.username for letter in told} == {"Ada", "Mona"}
    note.refresh_from_db()
    assert (note.state, note.group) == ("unconfirmed", group), "Who did it stays."


def test_a_note_that_waits_anew_after_a_handover_is_owed_by_who_leads_now(note, adoption, volunteer, stranger):
    actions.confirm_entry(note, is_named=False, by=stranger, now=NOW)
    heirs = form_group(name="Second Wind", by=volunteer, now=NOW)
    hand_over(adoption, to=heirs)
    actions.take_back_confirmation(note, by=stranger, now=NOW)
    assert Deadline.objects.get(rule="engagement.confirm_note", state="open").owner == f"group:{heirs.pk}"


def refused_by_database(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_the_database_keeps_these_promises(note, stranger, now):
    refused_by_database(lambda: Entry.objects.update(note=""))
    refused_by_database(lambda: Entry.objects.update(url="https://example.org"))
    refused_by_database(lambda: Entry.objects.update(state="withdrawn"))
    refused_by_database(lambda: Entry.objects.update(withdrawn_at=now, withdrawn_by=stranger))
    said = {"entry": note, "text_number": 1, "confirmed_by": stranger, "confirmed_at": now}
    Confirmation.objects.create(**said)
    refused_by_database(lambda: Confirmation.objects.create(**said))


def test_the_wait_for_a_witness_is_the_groups_and_no_debt_to_others(note, coordinator):
    deadline = Deadline.objects.get(rule="engagement.confirm_note")
    assert deadline.owner == f"group:{note.group_id}"
    sweep(now=NOW + 14 * DAY)
    assert [letter.recipient for letter in Letter.objects.filter(notice__kind="deadlines.reminder")] == [coordinator]
    assert step_called("reach").code == "reach"
