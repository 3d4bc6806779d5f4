from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.actions import declare_absence
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.engagement import actions, policy, queries
from apps.engagement.models import ChecklistStep, Entry, Submission
from apps.groups.actions import form_group, leave_group
from apps.groups.models import Membership
from apps.initiatives.actions import step_down
from apps.initiatives.models import Lead
from apps.notifications.models import Letter
from apps.record.models import Act
from tests.conftest import NOW, add_member, adopt, hand_over, log, meet_early_steps, step_called

pytestmark = pytest.mark.slow


@pytest.fixture
def bundle(adoption, group, coordinator, reviewer, other_reviewer, now):
    meet_early_steps(adoption, by=coordinator, group=group)
    return actions.hand_in_measured(adoption, group=group, by=coordinator, now=now)


def states(adoption):
    lines = ChecklistStep.objects.filter(adoption=adoption).select_related("step")
    return {line.step.code: line.state for line in lines if line.state != "open"}


def line(submission, code):
    return submission.steps.get(step__code=code)


def answer(submission, code, by, now):
    """The group hands a step in again that a reviewer asked more about, or refused."""
    return actions.hand_in_again(
        submission.adoption, step=step_called(code), answer="It is there now.", group=submission.group, by=by, now=now
    )


# --- Logging ---------------------------------------------------------------------------------


def test_an_entry_counts_as_an_act_and_measures_the_step(adoption, group, coordinator):
    later = NOW + timedelta(days=20)
    log(adoption, "conversations", by=coordinator, group=group, now=later)
    adoption.refresh_from_db()
    assert (adoption.last_act_at, adoption.last_act) == (later, "engagement.logged")
    assert adoption.musts_met == 1
    assert queries.checklist_of(adoption).steps[0].is_met


def test_the_first_four_must_steps_are_noted_on_the_adoption(adoption, group, coordinator):
    meet_early_steps(adoption, by=coordinator, group=group)
    adoption.refresh_from_db()
    assert adoption.early_steps_met_at == NOW
    assert adoption.musts_met == 4


def test_a_withdrawn_entry_counts_no_more_and_stays(adoption, group, coordinator, now):
    entry = log(adoption, "conversations", by=coordinator, group=group)
    actions.withdraw_entry(entry, by=coordinator, now=now)
    assert not queries.checklist_of(adoption).steps[0].is_met
    assert Entry.objects.count() == 1
    with pytest.raises(Refused, match="withdrawn already"):
        actions.withdraw_entry(entry, by=coordinator, now=now)


def test_nothing_is_logged_after_the_term(adoption, group, coordinator, now):
    step_down(Lead.objects.get(), notes="", by=coordinator, now=now)
    with pytest.raises(Refused, match="term has ended"):
        log(adoption, "conversations", by=coordinator, group=group)
    assert not Entry.objects.exists()


# --- Telling former leads --------------------------------------------------------------------


@pytest.fixture
def after_others(initiative, group, coordinator, person):
    """The initiative was led before, by a group whose term ended."""
    before = form_group(name="Old Mentors", by=person("Olga"), now=NOW)
    earlier = adopt(initiative, group=before, by=before.memberships.get().user)
    step_down(earlier.leads.get(), notes="", by=before.memberships.get().user, now=NOW)
    return adopt(initiative, group=group, by=coordinator)


def test_former_leads_are_told_whomever_the_group_names(after_others, group, coordinator, now):
    step = step_called("neighbours")
    act = {"step": step, "group": group, "by": coordinator, "now": now}
    assert queries.whom_to_tell(after_others, None) == []
    for names in ([], ["Peer Spaces"]):
        with pytest.raises(Refused, match="led the initiative before, so they are told in any case: Old Mentors"):
            actions.name_neighbours(after_others, names=names, **act)
    named = actions.name_neighbours(after_others, names=["old mentors", "Peer Spaces"], **act)
    told = {"by": coordinator, "group": group}
    log(after_others, "neighbours", told="Peer Spaces", n=1, **told)
    named.refresh_from_db()
    assert (named.is_met, named.measured["missing"]) == (False, {"told": ["Old Mentors"]})
    log(after_others, "neighbours", told="Old Mentors", n=2, **told)
    named.refresh_from_db()
    assert (named.is_met, named.measured["needed"]) == (True, 2)


def test_a_group_that_led_too_and_left_is_told_also_if_nobody_was_named_before(
    joint, adoption, group, coordinator, now
):
    meet_early_steps(adoption, by=coordinator, group=group)
    assert queries.whom_to_tell(adoption, []) == []
    Lead.objects.filter(group=joint).update(ended_at=now, ending="stepped_down")
    bundle = actions.hand_in_measured(adoption, group=group, by=coordinator, now=now)
    assert bundle.step_count == 3
    assert not ChecklistStep.objects.get(step__code="neighbours").is_met


# --- Handing in ------------------------------------------------------------------------------


def test_every_measured_step_goes_in_one_bundle(bundle, adoption):
    assert states(adoption) == dict.fromkeys(["conversations", "nutshell", "neighbours", "announce"], "in_review")
    assert bundle.step_count == 4
    assert Deadline.objects.get(rule="engagement.review").due_at == add_working_days(NOW, 10)


def test_nothing_measured_is_nothing_to_hand_in(adoption, group, coordinator, now):
    with pytest.raises(Refused, match="No step is measured"):
        actions.hand_in_measured(adoption, group=group, by=coordinator, now=now)


def test_handing_in_twice_is_refused(bundle, adoption, group, coordinator, now):
    with pytest.raises(Refused, match="No step is measured"):
        actions.hand_in_measured(adoption, group=group, by=coordinator, now=now)


def test_a_bundle_takes_no_step_along_that_a_reviewer_asked_about(
    bundle, adoption, group, coordinator, reviewer, other_reviewer, now
):
    """Without an answer silence would confirm what was questioned."""
    actions.ask_for_more(bundle, steps=[line(bundle, "nutshell").pk], note="Where is it?", by=reviewer, now=now)
    actions.accept_steps(bundle, by=reviewer, now=now)
    checklist = queries.checklist_of(adoption)
    assert (checklist.to_hand_in, [shown.step.code for shown in checklist.to_answer]) == ([], ["nutshell"])
    with pytest.raises(Refused, match="No step is measured"):
        actions.hand_in_measured(adoption, group=group, by=coordinator, now=now)
    actions.refuse_steps(answer(bundle, "nutshell", coordinator, now), steps=None, note="No.", by=other_reviewer,
                         now=now)  # fmt: skip
    log(adoption, "changes", by=coordinator, group=group)
    assert [shown.step.code for shown in queries.checklist_of(adoption).to_hand_in] == ["changes"]
    second = actions.hand_in_measured(adoption, group=group, by=coordinator, now=now)
    assert [row.step.code for row in second.steps.all()] == ["changes"]
    sweep(now=add_working_days(now, 20))
    assert (states(adoption)["nutshell"], states(adoption)["changes"]) == ("refused", "confirmed_by_silence")


def test_one_reviewer_is_asked_who_reads_the_language_and_has_the_fewest_open(
    adoption, group, coordinator, reviewer, other_reviewer, now
):
    meet_early_steps(adoption, by=coordinator, group=group)
    first = actions.hand_in_measured(adoption, group=group, by=coordinator, now=now)
    assert asked_for(first) == reviewer
    assert queries.reviewer_to_ask(first, reads="ar", now=now) == other_reviewer
    other_reviewer.languages = ["en"]
    other_reviewer.save()
    assert queries.reviewer_to_ask(first, reads="en", now=now) == other_reviewer


def asked_for(submission):
    return Deadline.objects.get(rule="engagement.review", subject_id=submission.pk).asked


def test_only_the_asked_one_gets_the_letter(bundle, reviewer):
    letters = Letter.objects.filter(notice__kind="engagement.review_asked")
    assert [letter.recipient for letter in letters] == [reviewer]
    assert "confirmed by silence" in letters[0].body


def test_without_any_reviewer_it_is_handed_in_all_the_same(adoption, group, coordinator, now):
    meet_early_steps(adoption, by=coordinator, group=group)
    submission = actions.hand_in_measured(adoption, group=group, by=coordinator, now=now)
    assert asked_for(submission) is None
    sweep(now=add_working_days(now, 20))
    assert set(states(adoption).values()) == {"confirmed_by_silence"}


def test_an_unmeasured_step_goes_alone_with_a_reason(adoption, group, coordinator, now):
    submission = actions.hand_in_early(
        adoption, step=step_called("calls"), reason="One call was enough.", group=group, by=coordinator, now=now
    )
    assert submission.kind == "early"
    assert states(adoption) == {"calls": "in_review"}


# --- Reviewing -------------------------------------------------------------------------------


def test_a_bundle_is_accepted_in_one_go(bundle, adoption, reviewer, coordinator, now):
    actions.accept_steps(bundle, by=reviewer, now=now)
    assert set(states(adoption).values()) == {"accepted"}
    bundle.refresh_from_db()
    assert bundle.state == "settled"
    deadline = Deadline.objects.get(rule="engagement.review")
    assert (deadline.state, deadline.outcome) == ("met", "accepted")
    assert not bundle.steps.filter(by_staff_alone=True).exists()
    assert Act.objects.filter(verb="engagement.accepted").count() == 4
    assert Letter.objects.filter(recipient=coordinator, notice__kind="engagement.decided").count() == 1


def test_steps_are_decided_one_by_one_and_the_deadline_waits_for_the_last(bundle, adoption, reviewer, now):
    actions.accept_steps(bundle, steps=[line(bundle, "nutshell").pk], by=reviewer, now=now)
    assert Deadline.objects.get(rule="engagement.review").state == "open"
    actions.waive_steps(bundle, steps=None, note="Not needed here.", by=reviewer, now=now)
    assert states(adoption)["nutshell"] == "accepted"
    assert states(adoption)["announce"] == "waived"
    assert Deadline.objects.get(rule="engagement.review").state == "met"


@pytest.mark.parametrize("act", [actions.ask_for_more, actions.waive_steps])
def test_these_answers_need_a_reason(bundle, reviewer, now, act):
    with pytest.raises(Refused, match="Say why"):
        act(bundle, steps=None, note="", by=reviewer, now=now)


def test_more_is_asked_once_and_then_another_reviewer_answers(
    bundle, adoption, group, coordinator, reviewer, other_reviewer, now
):
    wanted = [line(bundle, "nutshell").pk]
    actions.ask_for_more(bundle, steps=wanted, note="Where is it?", by=reviewer, now=now)
    actions.accept_steps(bundle, by=reviewer, now=now)
    log(adoption, "nutshell", by=coordinator, group=group, n=2)
    again = answer(bundle, "nutshell", coordinator, now)
    assert again.step_count == 1
    assert asked_for(again) == other_reviewer
    with pytest.raises(Refused, match="More was asked"):
        actions.ask_for_more(again, steps=None, note="More!", by=other_reviewer, now=now)
    with pytest.raises(Refused, match="another reviewer answers"):
        actions.accept_steps(again, by=reviewer, now=now)
    actions.refuse_steps(again, steps=None, note="It is not public.", by=other_reviewer, now=now)
    assert states(adoption)["nutshell"] == "refused"


def test_what_more_was_asked_for_stays_whatever_comes_later(
    bundle, adoption, group, coordinator, reviewer, other_reviewer, now
):
    nutshell, announce = line(bundle, "nutshell"), line(bundle, "announce")
    actions.ask_for_more(bundle, steps=[nutshell.pk, announce.pk], note="Where is it?", by=reviewer, now=now)
    again, _announced = [answer(bundle, code, coordinator, now) for code in ("nutshell", "announce")]
    actions.accept_steps(again, by=other_reviewer, now=now)
    sweep(now=add_working_days(now, 20))
    for found in (nutshell, announce):
        found.refresh_from_db()
    assert (nutshell.state, nutshell.note, nutshell.more_asked_note) == ("accepted", "", "Where is it?")
    assert (announce.state, announce.more_asked_note) == ("confirmed_by_silence", "Where is it?")


def test_a_step_that_comes_again_after_a_refusal_says_so(
    bundle, adoption, group, coordinator, reviewer, other_reviewer, now
):
    actions.ask_for_more(bundle, steps=None, note="Where is it?", by=reviewer, now=now)
    again = answer(bundle, "conversations", coordinator, now)
    assert not any(shown.was_refused for shown in queries.checklist_of(adoption).steps)
    actions.refuse_steps(again, steps=None, note="Not public.", by=other_reviewer, now=now + timedelta(days=1))
    answer(bundle, "conversations", coordinator, now + timedelta(days=2))
    shown = queries.checklist_of(adoption).steps[0]
    assert (shown.was_refused, shown.line.note, shown.line.more_asked_note) == (True, "Not public.", "Where is it?")


@pytest.mark.parametrize("why", ["conflict", "away"])
def test_the_only_reviewer_who_asked_for_more_answers_again_rather_than_nobody(
    bundle, adoption, group, coordinator, reviewer, other_reviewer, now, why
):
    if why == "conflict":
        add_member(group, other_reviewer)
    else:
        declare_absence(begins_at=now, ends_at=now + timedelta(days=30), by=other_reviewer, now=now)
    actions.ask_for_more(bundle, steps=None, note="Where is it?", by=reviewer, now=now)
    again = answer(bundle, "nutshell", coordinator, now)
    assert asked_for(again) == reviewer
    sweep(now=add_working_days(now, 10))
    assert Letter.objects.filter(recipient=reviewer, notice__kind="deadlines.all_told").exists()
    actions.accept_steps(again, by=reviewer, now=now)
    assert states(adoption)["nutshell"] == "accepted"


def test_once_the_other_reviewer_is_here_again_the_answer_is_theirs(
    bundle, adoption, group, coordinator, reviewer, other_reviewer, now
):
    declare_absence(begins_at=now, ends_at=now + timedelta(days=3), by=other_reviewer, now=now)
    actions.ask_for_more(bundle, steps=None, note="Where is it?", by=reviewer, now=now)
    again = answer(bundle, "nutshell", coordinator, now)
    with pytest.raises(Refused, match="another reviewer answers"):
        actions.accept_steps(again, by=reviewer, now=now + timedelta(days=4))


def test_nothing_is_refused_before_more_was_asked(bundle, reviewer, now):
    with pytest.raises(Refused, match="Ask for more"):
        actions.refuse_steps(bundle, steps=None, note="No.", by=reviewer, now=now)


def test_the_second_reviewer_is_told_what_the_first_decided(bundle, reviewer, other_reviewer, now):
    actions.accept_steps(bundle, by=reviewer, now=now)
    with pytest.raises(Refused, match="before you: Accepted"):
        actions.waive_steps(bundle, steps=None, note="No need.", by=other_reviewer, now=now)


def test_a_waived_must_step_counts_as_met(adoption, group, coordinator, reviewer, now):
    submission = actions.hand_in_early(
        adoption, step=step_called("nutshell"), reason="It is on the wall.", group=group, by=coordinator, now=now
    )
    actions.waive_steps(submission, steps=None, note="Fine.", by=reviewer, now=now)
    adoption.refresh_from_db()
    assert adoption.musts_met == 1


def test_the_letter_after_silence_counts_what_was_settled_and_how(bundle, adoption, group, coordinator, reviewer, now):
    actions.accept_steps(bundle, steps=[line(bundle, "nutshell").pk], by=reviewer, now=now)
    actions.withdraw_entry(Entry.objects.filter(step__code="announce").first(), by=coordinator, now=now)
    sweep(now=add_working_days(now, 20))
    assert states(adoption)["announce"] == "not_reviewed"
    letter = Letter.objects.get(recipient=coordinator, notice__kind="engagement.settled_by_silence")
    assert letter.subject == "Settled by silence: 2 steps confirmed by silence, 1 step not reviewed"
    assert "handed in for “Resources for newcomers”" in letter.body


def test_who_leads_now_is_told_of_answers_and_of_silence_each_person_once(
    bundle, joint, adoption, group, coordinator, volunteer, reviewer, person, now
):
    add_member(joint, coordinator)
    actions.accept_steps(bundle, steps=[line(bundle, "nutshell").pk], by=reviewer, now=now)
    assert told("decided") == ["Bola", "Joan"]
    step_down(Lead.objects.get(group=group), notes="", by=coordinator, now=now)
    actions.accept_steps(bundle, steps=[line(bundle, "announce").pk], by=reviewer, now=now)
    leave_group(joint, by=coordinator, now=now)
    heirs = form_group(name="Second Wind", by=volunteer, now=now)
    add_member(heirs, person("Mona"))
    hand_over(adoption, to=heirs, now=now)
    Letter.objects.all().delete()
    actions.accept_steps(bundle, steps=[line(bundle, "neighbours").pk], by=reviewer, now=now)
    assert told("decided") == ["Ada", "Mona"]
    sweep(now=add_working_days(now, 20))
    assert told("settled_by_silence") == ["Ada", "Mona"]


def told(kind):
    letters = Letter.objects.filter(notice__kind=f"engagement.{kind}").order_by("recipient__username")
    return [letter.recipient.username for letter in letters]


@pytest.mark.parametrize("end", ["step down", "lapse"])
def test_the_end_of_a_term_ends_its_reviews(adoption, group, coordinator, reviewer, now, end):
    meet_early_steps(adoption, by=coordinator, group=group)
    late = now + timedelta(days=80)
    bundle = actions.hand_in_measured(adoption, group=group, by=coordinator, now=late)
    if end == "lapse":
        sweep(now=now + timedelta(days=90))
    else:
        step_down(Lead.objects.get(), notes="", by=coordinator, now=late)
    adoption.refresh_from_db()
    assert adoption.ended_at
    bundle.refresh_from_db()
    assert bundle.state == "settled"
    assert states(adoption) == {}
    assert Deadline.objects.get(rule="engagement.review").state == "cancelled"
    assert not Deadline.objects.filter(state="open").exists()
    assert broken_promises() == []
    assert list(queries.submissions_for(reviewer, now)) == []
    assert queries.checklist_of(adoption).steps[0].was_left_in_review
    assert not queries.checklist_of(adoption).steps[-1].was_left_in_review
    with pytest.raises(Refused, match="term has ended"):
        actions.accept_steps(bundle, by=reviewer, now=late)


# --- Conflicts -------------------------------------------------------------------------------


def may(reviewer, group, now):
    return reviewer in queries.reviewers_of({0: {group.pk}}, now)[0]


def test_nobody_reviews_a_group_they_belong_to(group, reviewer, now):
    assert may(reviewer, group, now)
    add_member(group, reviewer)
    assert not may(reviewer, group, now)


def test_a_former_member_waits_for_twelve_months(group, reviewer, now):
    add_member(group, reviewer)
    leave_group(group, by=reviewer, now=now)
    assert not may(reviewer, group, now + timedelta(days=364))
    assert may(reviewer, group, now + timedelta(days=366))


def test_whoever_only_asked_to_join_has_no_conflict(group, reviewer, now):
    from apps.groups.actions import ask_to_join

    ask_to_join(group, message="", by=reviewer, now=now)
    assert may(reviewer, group, now)


def staff(person, now):
    from apps.accounts.models import StaffIdentity

    return StaffIdentity.objects.create(
        user=person,
        issuer="https://idp",
        subject=person.username,
        is_reviewer=True,
        linked_at=now,
        last_signed_in_at=now,
    )


def test_staff_review_a_foundation_group_only_where_nobody_else_can(group, reviewer, person, now):
    employee = person("Wil (WMF)")
    staff(employee, now)
    assert may(employee, group, now)
    group.kind = "foundation"
    group.save()
    assert not may(employee, group, now)
    add_member(group, reviewer)
    assert may(employee, group, now)


def test_staff_find_a_foundation_group_in_the_queue_where_nobody_else_can(
    bundle, group, reviewer, other_reviewer, person, now
):
    employee = person("Wil (WMF)")
    staff(employee, now)
    group.kind = "foundation"
    group.save()
    add_member(group, reviewer)
    assert list(queries.submissions_for(employee, now)) == []
    add_member(group, other_reviewer)
    bundle.refresh_from_db()
    assert queries.reviewer_to_ask(bundle, reads="en", now=now) == employee
    assert list(queries.submissions_for(employee, now)) == [bundle]
    actions.accept_steps(bundle, by=employee, now=now)
    assert line(bundle, "nutshell").by_staff_alone


def test_a_blocked_reviewer_reviews_nothing(group, reviewer, now):
    reviewer.blocked_at = now
    reviewer.save()
    assert not may(reviewer, group, now)


def test_a_term_that_ended_ends_the_role(group, reviewer, now):
    assert not may(reviewer, group, now + timedelta(days=901))


def test_the_queue_hides_groups_in_conflict(bundle, reviewer, other_reviewer, now):
    add_member(bundle.group, other_reviewer)
    assert list(queries.submissions_for(reviewer, now)) == [bundle]
    assert list(queries.submissions_for(other_reviewer, now)) == []


@pytest.fixture
def joint(adoption, person, now):
    """A group that leads the same adoption; it hands nothing in itself."""
    group = form_group(name="Joint Lead", by=person("Joan"), now=now)
    Lead.objects.create(adoption=adoption, group=group, began_at=now, last_act_at=now)
    return group


def test_nobody_reviews_what_their_group_leads_with_another(
    joint, bundle, adoption, group, coordinator, reviewer, other_reviewer, now
):
    """The checklist is that of all who lead, whoever of them hands it in."""
    assert queries.reviewers_for(bundle, now) == [reviewer, other_reviewer]
    membership = add_member(joint, reviewer)
    assert queries.reviewers_for(bundle, now) == [other_reviewer]
    assert list(queries.submissions_for(reviewer, now)) == []
    assert not policy.may_decide(reviewer, bundle, now)
    assert [(hidden.group, hidden.count) for hidden in queries.lines_in_conflict(reviewer, now)] == [(joint, 1)]
    early = actions.hand_in_early(adoption, step=step_called("calls"), reason="x", group=group, by=coordinator, now=now)
    assert asked_for(early) == other_reviewer
    sweep(now=add_working_days(now, 10))
    told = Letter.objects.filter(notice__kind="deadlines.all_told").values_list("recipient__username", flat=True)
    assert set(told) == {"Omar"}

    membership.state, membership.ended_at = "left", now
    membership.save()
    day = timedelta(days=1)
    assert not policy.may_decide(reviewer, bundle, now + 364 * day)
    assert list(queries.submissions_for(reviewer, now + 364 * day)) == []
    assert policy.may_decide(reviewer, bundle, now + 366 * day)
    assert list(queries.submissions_for(reviewer, now + 366 * day)) == [bundle, early]


def test_a_group_that_leads_no_more_keeps_nobody_from_reviewing(joint, bundle, reviewer, now):
    add_member(joint, reviewer)
    Lead.objects.filter(group=joint).update(ended_at=now, ending="stepped_down")
    assert policy.may_decide(reviewer, bundle, now)
    assert list(queries.submissions_for(reviewer, now)) == [bundle]


def test_a_line_of_two_groups_is_kept_back_once_and_as_long_as_the_last_of_them_does(
    joint, bundle, group, reviewer, now
):
    left = {"state": "left", "is_coordinator": False, "began_at": now, "joined_at": now}
    for whose, days in ((group, 10), (joint, 100)):
        Membership.objects.create(group=whose, user=reviewer, ended_at=now + timedelta(days=days), **left)
    [hidden] = queries.lines_in_conflict(reviewer, now + timedelta(days=101))
    assert (hidden.group, hidden.count, hidden.until) == (joint, 1, now + timedelta(days=465))


def test_staff_leave_what_a_foundation_group_leads_with_another_to_others(
    joint, bundle, reviewer, other_reviewer, person, now
):
    employee = person("Wil (WMF)")
    staff(employee, now)
    assert list(queries.submissions_for(employee, now)) == [bundle]
    joint.kind = "foundation"
    joint.save()
    assert list(queries.submissions_for(employee, now)) == []
    assert not policy.may_decide(employee, bundle, now)
    for person_ in (reviewer, other_reviewer):
        add_member(bundle.group, person_)
    assert list(queries.submissions_for(employee, now)) == [bundle]
    actions.accept_steps(bundle, by=employee, now=now)
    assert line(bundle, "nutshell").by_staff_alone


def test_the_queue_is_ordered_by_the_oldest_deadline(bundle, adoption, group, coordinator, reviewer, now):
    early = actions.hand_in_early(
        adoption, step=step_called("calls"), reason="x", group=group, by=coordinator, now=now - timedelta(days=3)
    )
    assert list(queries.submissions_for(reviewer, now)) == [early, bundle]


def test_the_queue_takes_the_same_number_of_queries_for_one_and_three(
    bundle, adoption, group, coordinator, reviewer, now, django_assert_num_queries
):
    with django_assert_num_queries(7):
        assert len(queries.queue_lines(queries.submissions_for(reviewer, now)[:1])) == 1
    for code in ("calls", "reach"):
        actions.hand_in_early(adoption, step=step_called(code), reason="x", group=group, by=coordinator, now=now)
    with django_assert_num_queries(7):
        assert len(queries.queue_lines(queries.submissions_for(reviewer, now))) == 3


# --- What the database keeps -----------------------------------------------------------------


def refused_by_database(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_keeps_states_with_their_times(bundle, adoption, reviewer, now):
    refused_by_database(lambda: Submission.objects.update(state="settled"))
    refused_by_database(lambda: Submission.objects.update(kind="early", reason=""))
    refused_by_database(lambda: ChecklistStep.objects.update(submission=None))
    refused_by_database(lambda: ChecklistStep.objects.update(state="accepted"))
    refused_by_database(lambda: ChecklistStep.objects.update(more_asked_at=now))
    refused_by_database(
        lambda: ChecklistStep.objects.update(state="waived", decided_at=now, decided_by=reviewer, note="")
    )
    refused_by_database(lambda: ChecklistStep.objects.create(adoption=adoption, step=step_called("nutshell")))
    refused_by_database(lambda: Entry.objects.update(withdrawn_at=now))
    refused_by_database(lambda: Entry.objects.update(closed_on="2020-01-01"))


def test_a_second_initiative_has_a_checklist_of_its_own(bundle, volunteer, now):
    from apps.initiatives.models import Initiative

    other = adopt(Initiative.objects.get(number=14), group=None, by=volunteer, new_group_name="Others")
    assert queries.checklist_of(other).met == 0


def test_a_second_click_logs_no_second_entry(adoption, group, coordinator, now):
    entry = log(adoption, "conversations", by=coordinator, group=group)
    with pytest.raises(Refused, match="logged already"):
        log(adoption, "conversations", by=coordinator, group=group)
    actions.withdraw_entry(entry, by=coordinator, now=now)
    assert log(adoption, "conversations", by=coordinator, group=group).pk


def test_two_calls_of_one_day_with_one_page_of_notes_are_two_entries(adoption, group, coordinator):
    log(adoption, "calls", by=coordinator, group=group, starts_at=NOW)
    log(adoption, "calls", by=coordinator, group=group, starts_at=NOW + timedelta(hours=8))
    with pytest.raises(Refused, match="logged already"):
        log(adoption, "calls", by=coordinator, group=group, starts_at=NOW + timedelta(hours=8))
    assert Entry.objects.count() == 2
