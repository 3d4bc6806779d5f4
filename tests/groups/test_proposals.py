"""Proposals: versions, positions, objections and answers, and every way in which one ends."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.groups import actions, queries
from apps.groups.models import Group, Position, Proposal
from apps.groups.policy import may_settle
from apps.notifications.models import Letter
from apps.record.models import Act
from apps.record.queries import acts_about
from tests.conftest import add_member, granted
from tests.journeys.reader import Reader

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def propose(group: Group, *, by, now: datetime, lasts: timedelta = 14 * DAY, **what) -> Proposal:
    proposal = {"title": "One help page", "text": "We write one page.", "initiative_number": None}
    return actions.open_proposal(group, closes_at=now + lasts, by=by, now=now, **(proposal | what))


@pytest.fixture
def member(group, volunteer):
    add_member(group, volunteer)
    return volunteer


@pytest.fixture
def proposal(group, member, coordinator, now) -> Proposal:
    return propose(group, by=coordinator, now=now)


@pytest.fixture
def objection(proposal, member, now) -> Position:
    return say(proposal, "object", by=member, now=now, reason="Nobody reads it.")


def say(proposal: Proposal, stance: str, *, by, now: datetime, reason: str = "") -> Position:
    return actions.take_position(proposal, stance=stance, reason=reason, by=by, now=now)


def state_of(proposal: Proposal) -> str:
    return Proposal.objects.get(pk=proposal.pk).state


def answer(objection: Position, *, by, now: datetime) -> Position:
    return actions.answer_objection(objection, answer="We ask readers first.", by=by, now=now)


# --- Opening and versions --------------------------------------------------------------------


def test_silence_until_the_end_date_adopts_and_is_an_act_of_the_lead(adoption, proposal):
    sweep(now=proposal.closes_at - SECOND)
    assert state_of(proposal) == "open"
    sweep(now=proposal.closes_at)
    assert state_of(proposal) == "adopted"
    adoption.refresh_from_db()
    assert (adoption.last_act_at, adoption.last_act) == (proposal.closes_at, "groups.decided")
    assert acts_about(adoption.initiative)[0].verb == "groups.decided"
    assert broken_promises() == []


def test_less_than_fourteen_days_are_refused_also_by_the_database(group, coordinator, now):
    with pytest.raises(Refused, match="at least 14 days"):
        propose(group, by=coordinator, now=now, lasts=14 * DAY - SECOND)
    proposal = propose(group, by=coordinator, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(closes_at=proposal.closes_at - SECOND)


def test_a_second_click_opens_no_second_proposal(proposal, group, coordinator, now):
    with pytest.raises(Refused, match="open already"):
        propose(group, by=coordinator, now=now)
    actions.withdraw_proposal(proposal, by=coordinator, now=now)
    propose(group, by=coordinator, now=now)


def test_members_are_told_and_nobody_else(proposal, member, stranger):
    assert [letter.recipient for letter in Letter.objects.filter(notice__kind="groups.proposed")] == [member]


def test_a_new_version_asks_again_whoever_took_a_position(proposal, member, coordinator, stranger, now):
    say(proposal, "support", by=member, now=now)
    say(proposal, "support", by=stranger, now=now)
    actions.publish_version(proposal, text="We write two pages.", why="One is long.", by=coordinator, now=now)
    asked = Letter.objects.filter(notice__kind="groups.new_version")
    assert {letter.recipient for letter in asked} == {member, stranger}
    assert [version.number for version in proposal.versions.all()] == [1, 2]
    assert Position.objects.get(person=member).version == 1
    assert say(proposal, "support", by=member, now=now).version == 2


def test_the_same_text_is_no_new_version(proposal, coordinator, now):
    with pytest.raises(Refused, match="newest version already"):
        actions.publish_version(proposal, text="We write one page.", why="", by=coordinator, now=now)


def test_a_version_of_the_last_day_is_open_for_fourteen_days_too(proposal, coordinator):
    last_day = proposal.closes_at - SECOND
    actions.publish_version(proposal, text="Something else.", why="", by=coordinator, now=last_day)
    sweep(now=proposal.closes_at)
    assert state_of(proposal) == "open"
    sweep(now=last_day + 14 * DAY)
    assert state_of(proposal) == "adopted"


def test_an_early_version_does_not_move_the_end(group, coordinator, now):
    proposal = propose(group, by=coordinator, now=now, lasts=30 * DAY)
    actions.publish_version(proposal, text="Two pages.", why="", by=coordinator, now=now + DAY)
    proposal.refresh_from_db()
    assert proposal.closes_at == now + 30 * DAY


def test_two_versions_are_compared_word_by_word():
    changes = queries.changes_between("We write one page.", "We write two long pages.")
    assert [tuple(change) for change in changes] == [
        ("same", "We write "),
        ("old", "one page."),
        ("new", "two long pages."),
    ]
    text = "word " * 2000
    assert "".join(change.text for change in queries.changes_between(text, text + "x") if change.kind != "old")


# --- Positions -------------------------------------------------------------------------------


def test_only_members_from_before_the_opening_count(proposal, group, member, stranger, person, now):
    late = person("Late")
    add_member(group, late, now=now + SECOND)
    later = now + DAY
    assert say(proposal, "object", by=member, now=later, reason="No").counts
    assert not say(proposal, "object", by=late, now=later, reason="No").counts
    assert not say(proposal, "object", by=stranger, now=later, reason="No").counts
    shown = queries.positions_on(proposal)
    assert [row.position.person for row in shown.counting] == [member]
    assert {row.position.person for row in shown.others} == {late, stranger}


def test_an_objection_from_outside_stops_nothing(proposal, stranger, now):
    say(proposal, "object", by=stranger, now=now, reason="No")
    sweep(now=proposal.closes_at)
    assert state_of(proposal) == "adopted"


@pytest.mark.parametrize("stance", ["support", "stand_aside"])
def test_other_positions_stop_nothing(proposal, member, now, stance):
    say(proposal, stance, by=member, now=now)
    sweep(now=proposal.closes_at)
    assert state_of(proposal) == "adopted"


def test_an_objection_needs_a_reason_and_a_position_is_said_once(proposal, member, now):
    with pytest.raises(Refused, match="Say why you object"):
        say(proposal, "object", by=member, now=now)
    say(proposal, "support", by=member, now=now)
    with pytest.raises(Refused, match="said this already"):
        say(proposal, "support", by=member, now=now)
    assert Position.objects.count() == 1


def test_after_the_end_date_no_position_is_taken(proposal, member):
    with pytest.raises(Refused, match="has passed"):
        say(proposal, "object", by=member, now=proposal.closes_at, reason="Late")
    sweep(now=proposal.closes_at)
    with pytest.raises(Refused, match="has ended: Adopted"):
        say(proposal, "object", by=member, now=proposal.closes_at, reason="Late")


def test_whoever_changes_their_mind_stops_nothing_any_more(proposal, objection, member, now):
    say(proposal, "support", by=member, now=now + DAY)
    sweep(now=proposal.closes_at)
    assert state_of(proposal) == "adopted"


# --- Objections ------------------------------------------------------------------------------


def test_an_open_objection_stops_it_and_the_group_owes_an_answer_in_fourteen_days(
    proposal, objection, group, coordinator
):
    assert Letter.objects.get(notice__kind="groups.objection").recipient == coordinator
    sweep(now=proposal.closes_at)
    assert state_of(proposal) == "owed"
    deadline = Deadline.objects.get(rule="groups.answer_objections", subject_id=proposal.pk)
    assert (deadline.owner, deadline.due_at) == (f"group:{group.pk}", proposal.closes_at + 14 * DAY)
    assert Letter.objects.get(notice__kind="groups.objections_owed").recipient == coordinator
    assert broken_promises() == []


def test_an_objection_without_an_answer_lets_it_fall(adoption, proposal, objection):
    sweep(now=proposal.closes_at)
    sweep(now=proposal.closes_at + 14 * DAY - SECOND)
    assert state_of(proposal) == "owed"
    sweep(now=proposal.closes_at + 14 * DAY)
    assert state_of(proposal) == "fallen"
    adoption.refresh_from_db()
    assert adoption.last_act == "initiatives.adopted", "What falls is no decision."
    assert Position.objects.get().state == "closed"
    assert broken_promises() == []


def test_fourteen_days_of_silence_after_an_answer_settle_an_objection(proposal, objection, coordinator, member):
    sweep(now=proposal.closes_at)
    answered_at = proposal.closes_at + 2 * DAY
    answer(objection, by=coordinator, now=answered_at)
    assert state_of(proposal) == "settling"
    assert Letter.objects.get(notice__kind="groups.objection_answered").recipient == member
    assert broken_promises() == []
    sweep(now=answered_at + 14 * DAY - SECOND)
    assert state_of(proposal) == "settling"
    sweep(now=answered_at + 14 * DAY)
    assert state_of(proposal) == "adopted"
    assert broken_promises() == []


def test_an_answered_objection_stops_it_until_it_is_settled(proposal, objection, coordinator, member):
    answer(objection, by=coordinator, now=proposal.closes_at - DAY)
    sweep(now=proposal.closes_at)
    assert state_of(proposal) == "settling"
    actions.settle_objection(objection, by=member, now=proposal.closes_at + DAY)
    assert state_of(proposal) == "adopted"
    assert broken_promises() == []


def test_settled_before_the_end_it_is_adopted_on_its_end_date_and_not_before(proposal, objection, coordinator, member):
    answer(objection, by=coordinator, now=proposal.opened_at + DAY)
    actions.settle_objection(objection, by=member, now=proposal.opened_at + 2 * DAY)
    assert state_of(proposal) == "open"
    sweep(now=proposal.closes_at)
    assert state_of(proposal) == "adopted"


def test_who_insists_is_owed_another_answer(proposal, objection, coordinator, member):
    sweep(now=proposal.closes_at)
    answer(objection, by=coordinator, now=proposal.closes_at)
    insisted_at = proposal.closes_at + 3 * DAY
    actions.insist_on_objection(objection, reason="They do not answer.", by=member, now=insisted_at)
    assert state_of(proposal) == "owed"
    assert broken_promises() == []
    sweep(now=insisted_at + 14 * DAY)
    assert state_of(proposal) == "fallen"


def test_who_insists_while_another_answer_is_owed_gives_the_group_its_14_days(
    group, proposal, objection, stranger, coordinator, member, now
):
    add_member(group, stranger)
    say(proposal, "object", by=stranger, now=now, reason="Who writes it?")
    sweep(now=proposal.closes_at)
    answer(objection, by=coordinator, now=proposal.closes_at)
    letters = Letter.objects.filter(recipient=coordinator, notice__kind="groups.objections_owed")
    before, insisted_at = letters.count(), proposal.closes_at + 13 * DAY
    actions.insist_on_objection(objection, reason="They do not answer.", by=member, now=insisted_at)
    assert letters.count() == before + 1
    assert broken_promises() == []
    sweep(now=proposal.closes_at + 15 * DAY)
    assert state_of(proposal) == "owed"
    sweep(now=insisted_at + 14 * DAY)
    assert state_of(proposal) == "fallen"


def test_a_reviewer_from_outside_settles_an_answered_objection(proposal, objection, coordinator, reviewer, member, now):
    assert may_settle(reviewer, objection, now)
    with pytest.raises(Refused, match="has not answered"):
        actions.settle_objection(objection, by=reviewer, now=now)
    answer(objection, by=coordinator, now=now)
    actions.settle_objection(objection, by=reviewer, now=now)
    assert Position.objects.get().settled_by == reviewer
    with pytest.raises(Refused, match="not open any more"):
        actions.settle_objection(objection, by=reviewer, now=now)
    assert not may_settle(granted(coordinator, "reviewer"), objection, now), "Nobody reviews their own group."


def test_nobody_answers_their_own_objection_nor_one_twice(proposal, objection, coordinator, member, now):
    with pytest.raises(Refused, match="your own objection"):
        answer(objection, by=member, now=now)
    answer(objection, by=coordinator, now=now)
    with pytest.raises(Refused, match="not open any more"):
        answer(objection, by=coordinator, now=now)


def test_one_objection_of_two_without_an_answer_lets_it_fall(proposal, objection, coordinator, now):
    say(proposal, "object", by=coordinator, now=now, reason="I doubt it.")
    sweep(now=proposal.closes_at)
    answer(objection, by=coordinator, now=proposal.closes_at)
    assert state_of(proposal) == "owed"
    sweep(now=proposal.closes_at + 14 * DAY)
    assert state_of(proposal) == "fallen"
    assert broken_promises() == []


@pytest.mark.parametrize("when", ["open", "owed", "settling"])
def test_it_is_withdrawn_before_it_is_decided_and_not_after(proposal, objection, coordinator, when):
    if when != "open":
        sweep(now=proposal.closes_at)
    if when == "settling":
        answer(objection, by=coordinator, now=proposal.closes_at)
    assert state_of(proposal) == when
    actions.withdraw_proposal(proposal, by=coordinator, now=proposal.closes_at)
    assert broken_promises() == []
    assert not Act.objects.filter(verb="groups.decided").exists()
    with pytest.raises(Refused, match="has ended: Withdrawn"):
        actions.withdraw_proposal(proposal, by=coordinator, now=proposal.closes_at)


def test_the_last_member_withdraws_what_is_open_before_leaving(group, coordinator, now):
    proposal = propose(group, by=coordinator, now=now)
    with pytest.raises(Refused, match="a proposal of your group is open"):
        actions.leave_group(group, by=coordinator, now=now)
    actions.withdraw_proposal(proposal, by=coordinator, now=now)
    actions.leave_group(group, by=coordinator, now=now)


@pytest.mark.parametrize(
    "wrong",
    [{"reason": ""}, {"counts": False}, {"answered_at": datetime(2026, 9, 9, tzinfo=UTC)}, {"answer": "Yes"}],
)
def test_the_database_keeps_what_an_objection_promises(objection, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Position.objects.update(**wrong)


# --- Pages -----------------------------------------------------------------------------------


def reader(person=None) -> Reader:
    reader = Reader()
    if person:
        reader.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return reader


def test_a_proposal_from_its_opening_to_an_answered_objection_on_the_pages(group, coordinator, person):
    mina = person("Mina")
    add_member(group, mina)
    bola, other = reader(coordinator), reader(mina)
    bola.open(group.get_absolute_url())
    bola.follow("Make a proposal")
    closes_at = (timezone.now() + 20 * DAY).strftime("%Y-%m-%dT%H:%M")
    bola.press("Open the proposal", title="One page", text="We <b>write</b> one page.", closes_at=closes_at)
    assert "Nobody objects; on" in bola.page.text
    assert "We <b>write</b> one page." in bola.page.text
    assert "Nobody has taken a position yet." in bola.page.text
    address = bola.page.address

    other.open(address)
    assert "Yours counts" in other.page.text
    other.follow("Take a position")
    other.press("Take this position", stance="object")
    assert "Say why you object" in other.page.text
    other.press("Take this position", stance="object", reason="Nobody <i>reads</i> it.")
    assert "1 open objection stops it" in other.page.text

    bola.open(address)
    bola.follow("Publish a new version")
    bola.press("Publish the version", text="We <b>write</b> two pages.", why="One is long.")
    assert "From version 1 to 2" in bola.page.text
    assert "<del>one page.</del><ins>two pages.</ins>" in bola.page.html
    assert "&lt;b&gt;write&lt;/b&gt;" in bola.page.html
    bola.follow("Answer the objection")
    bola.press("Publish the answer", answer="We ask readers first.")
    assert "Silence: the objection counts as answered" in bola.page.text

    other.open(address)
    other.follow("The answer does not do")
    other.press("Keep the objection open", reason="Which readers?")
    assert "Which readers?" in other.page.text
    other.press("It is answered")
    assert "The objection is settled." in other.page.text
    assert "Nobody objects; on" in other.page.text

    bola.open(address)
    bola.press("Withdraw the proposal")
    assert "Withdrawn on" in bola.page.text
    assert "One proposal so far." in reader().open(f"{group.get_absolute_url()}proposals/").text


def test_the_versions_to_compare_are_chosen_in_the_address(group, coordinator):
    now = timezone.now()
    proposal = propose(group, by=coordinator, now=now, text="One")
    for text in ("Two", "Three"):
        actions.publish_version(proposal, text=text, why="", by=coordinator, now=now)
    address = proposal.get_absolute_url()
    assert "<del>Two</del><ins>Three</ins>" in reader().open(address).html
    assert "<del>One</del><ins>Three</ins>" in reader().open(f"{address}?from=1&to=3").html
    assert "<del>Two</del><ins>Three</ins>" in reader().open(f"{address}?from=x&to=99999").html


def test_strangers_are_heard_apart(proposal, stranger):
    Proposal.objects.update(closes_at=timezone.now() + 20 * DAY)
    sven = reader(stranger)
    sven.open(proposal.get_absolute_url())
    assert "Yours is shown apart" in sven.page.text
    sven.follow("Take a position")
    sven.press("Take this position", stance="support")
    assert "Positions of others" in sven.page.text
    assert "Nobody has taken a position yet." in sven.page.text
