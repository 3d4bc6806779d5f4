"""Liaisons: asked once the text is there, two rounds at a time, visibly and without their names."""

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.deadlines.board import board_rows
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises, open_waits, waits
from apps.deadlines.sweep import sweep
from apps.feedback import actions, queries
from apps.feedback.models import Carry, Report, Round
from apps.people.actions import ask_for_role, confirm_role, end_role, grant_role
from apps.record.queries import lines, newest_acts
from tests.conftest import NOW, granted
from tests.feedback.conftest import DAY, draft, end_of_day, refused
from tests.feedback.test_rounds import KISWAHILI, letters, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def liaison(person):
    """Reads Kiswahili alone, so that the English source is not there for her."""
    return granted(person("Lia", language="sw"), "liaison", languages=["sw"])


@pytest.fixture
def of_the_region(person):
    return granted(person("Rex"), "liaison", regions=["ssa"])


def another(group, initiative, coordinator, title="Another round") -> Round:
    return actions.open_round(draft(group, initiative, by=coordinator, title=title), by=coordinator, now=NOW)


def states_of(round_: Round) -> dict[str, str]:
    return dict(Carry.objects.filter(round=round_).values_list("liaison__username", "state"))


def standing(round_: Round, now=NOW) -> dict[str, list[str]]:
    return {row.name: row.lines for row in queries.wanted_shown(Round.objects.get(pk=round_.pk), now)}


def report_on(*rounds: Round, by, now=NOW, **said) -> Report:
    usual = {"text": "They want pictures.", "language": "sw", "people": 12, "is_relayed": True}
    return actions.write_report(rounds=[round_.pk for round_ in rounds], **(usual | said), by=by, now=now)


# --- Asking ----------------------------------------------------------------------------------


def test_a_liaisons_clock_starts_when_the_text_is_there(liaison, of_the_region, round_, volunteer):
    assert states_of(round_) == {"Rex": "asked"}
    assert "once the text is there" in standing(round_)["Kiswahili"][0]
    later = NOW + 5 * DAY
    actions.write_translation(round_, into="sw", version=1, **KISWAHILI, by=volunteer, now=later)
    assert states_of(round_) == {"Rex": "asked", "Lia": "asked"}
    assert letters("asked_to_carry") == {"Rex", "Lia"}
    carry = Carry.objects.get(liaison=liaison)
    assert (carry.languages, carry.regions) == (["sw"], [])
    deadline = Deadline.objects.get(rule="feedback.carry", subject_id=carry.pk)
    assert (deadline.opened_at, deadline.due_at) == (later, later + 14 * DAY)
    actions.write_translation(round_, into="ar", version=1, **KISWAHILI, by=volunteer, now=later)
    assert Carry.objects.count() == 2


def test_where_nobody_is_the_page_says_so(round_):
    rows = queries.wanted_shown(round_, NOW)
    assert [(row.has_nobody, row.lines) for row in rows] == [(True, [])] * 3


def test_a_liaison_at_the_cap_is_not_asked_and_counted(of_the_region, group, initiative, coordinator, round_):
    second = another(group, initiative, coordinator, "Second")
    for carried in (round_, second):
        actions.carry_round(carried, by=of_the_region, now=NOW)
    third = another(group, initiative, coordinator, "Third")
    assert states_of(third) == {}
    [row] = [row for row in queries.wanted_shown(third, NOW) if row.name.startswith("Sub-Saharan")]
    assert row.lines == ["1 liaison carries two rounds already and is asked once a place is free"]
    assert not row.has_nobody
    assert "two rounds already" in refused(actions.carry_round, third, by=of_the_region, now=NOW)
    report_on(second, by=of_the_region)
    assert states_of(third) == {"Rex": "asked"}
    actions.carry_round(third, by=of_the_region, now=NOW)
    assert states_of(third) == {"Rex": "accepted"}
    assert broken_promises() == []


@pytest.mark.parametrize("freed_by", ["a report", "no report", "a cancelled round"])
def test_a_liaison_whose_place_is_free_again_is_asked_for_what_is_open(
    of_the_region, group, initiative, coordinator, person, round_, freed_by
):
    closes_at = NOW + 60 * DAY
    second = another(group, initiative, coordinator, "Second")
    for carried in (round_, second):
        actions.carry_round(carried, by=of_the_region, now=NOW)
    waiting, elsewhere = (
        actions.open_round(
            draft(group, initiative, by=coordinator, title=name, regions=[region], languages=[], closes_at=closes_at),
            by=coordinator,
            now=NOW,
        )
        for name, region in (("Third", "ssa"), ("Elsewhere", "wce"))
    )
    assert states_of(waiting) == {}
    now = NOW + DAY
    if freed_by == "a report":
        report_on(second, by=of_the_region, now=now)
    elif freed_by == "a cancelled round":
        actions.cancel_round(second, reason="Too early.", by=coordinator, now=now)
    else:
        now = round_.closes_at + 7 * DAY
        sweep(now=now)
        assert states_of(round_) == {"Rex": "unreported"}
    assert (states_of(waiting), states_of(elsewhere)) == ({"Rex": "asked"}, {})
    deadline = Deadline.objects.get(rule="feedback.carry", subject_id=Carry.objects.get(round=waiting).pk)
    assert (deadline.state, deadline.due_at) == ("open", now + 14 * DAY)
    assert broken_promises() == []


@pytest.mark.parametrize("how", ["granted", "confirmed", "by silence"])
def test_whoever_becomes_a_liaison_is_asked_for_what_is_open(
    person, administrator, group, initiative, coordinator, how
):
    late = end_of_day(60)
    open_, closed, other = (
        actions.open_round(
            draft(group, initiative, by=coordinator, title=title, languages=languages, regions=[], closes_at=late),
            by=coordinator,
            now=NOW,
        )
        for title, languages in (("Open", ["sw"]), ("Closed", ["sw"]), ("Other", ["ar"]))
    )
    actions.cancel_round(closed, reason="Too early.", by=coordinator, now=NOW)
    newcomer, now = person("Nia", language="en"), NOW + DAY
    if how == "granted":
        grant_role(newcomer, role="liaison", languages=["sw"], until=late, by=administrator, now=now)
    else:
        covers = {"languages": ["sw"], "regions": [], "recommendations": []}
        term = ask_for_role(role="liaison", why="I know them.", **covers, by=newcomer, now=NOW)
        assert states_of(open_) == {}, "She only asks for it."
        if how == "confirmed":
            confirm_role(term, by=administrator, now=now)
        else:
            now = NOW + 20 * DAY
            sweep(now=now)
    assert [states_of(round_) for round_ in (open_, closed, other)] == [{"Nia": "asked"}, {}, {}]
    assert letters("asked_to_carry") == {"Nia"}
    if how == "by silence":
        confirm_role(term, by=administrator, now=now)
        assert states_of(open_) == {"Nia": "asked"}, "Each is asked once."
    assert broken_promises() == []


def test_whoever_learns_a_language_of_the_text_is_somebody_who_can_carry_it(liaison, round_):
    User.objects.filter(pk=liaison.pk).update(language="en")
    [row] = [row for row in queries.wanted_shown(Round.objects.get(pk=round_.pk), NOW) if row.name == "Kiswahili"]
    assert row.lines == ["1 liaison is there and can carry it without being asked"]
    assert not row.has_nobody
    actions.carry_round(round_, by=liaison, now=NOW)


def test_the_database_keeps_the_cap(of_the_region, group, initiative, coordinator, round_):
    second = another(group, initiative, coordinator)
    for carried in (round_, second):
        actions.carry_round(carried, by=of_the_region, now=NOW)
    one, two = Carry.objects.all()
    with pytest.raises(IntegrityError), transaction.atomic():
        Carry.objects.filter(pk=one.pk).update(place=two.place)
    for broken in ({"place": 3}, {"place": None}, {"state": "reported", "place": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Carry.objects.filter(pk=one.pk).update(**broken)


# --- Answering -------------------------------------------------------------------------------


def test_a_liaison_accepts_once_and_owes_a_report_7_days_after_the_closing(of_the_region, round_):
    carry = actions.carry_round(round_, by=of_the_region, now=NOW + DAY)
    assert "already" in refused(actions.carry_round, round_, by=of_the_region, now=NOW + DAY)
    deadline = Deadline.objects.get(rule="feedback.report", subject_id=carry.pk)
    assert deadline.due_at == round_.closes_at + 7 * DAY
    assert not letters("not_needed")


def test_who_is_no_liaison_there_cannot_carry_it(round_, volunteer, person, of_the_region):
    elsewhere = granted(person("Eli"), "liaison", languages=["fr"], regions=["wce"])
    for nobody in (volunteer, elsewhere):
        assert "Ask to become one" in refused(actions.carry_round, round_, by=nobody, now=NOW)
    assert "not asked" in refused(actions.decline_to_carry, round_, note="", by=volunteer, now=NOW)
    end_role(of_the_region.role_terms.get(), reason="Over", by=None, now=NOW + DAY)
    assert "Ask to become one" in refused(actions.carry_round, round_, by=of_the_region, now=NOW + 2 * DAY)


@pytest.mark.parametrize("note", ["", "I travel."])
def test_declining_needs_no_words_and_can_be_thought_over(of_the_region, round_, note):
    actions.decline_to_carry(round_, note=note, by=of_the_region, now=NOW)
    assert "Declined" in refused(actions.decline_to_carry, round_, note=note, by=of_the_region, now=NOW)
    [row] = [row for row in queries.wanted_shown(round_, NOW) if row.counts["declined"]]
    assert (row.has_nobody, row.notes) == (True, [note] if note else [])
    actions.carry_round(round_, by=of_the_region, now=NOW + DAY)
    assert states_of(round_) == {"Rex": "accepted"}
    assert broken_promises() == []


def test_silence_lapses_visibly_by_role_and_not_by_name(of_the_region, round_):
    [row] = [row for row in board_rows(open_waits(), NOW) if row.wait.rule.name == "feedback.carry"]
    assert (row.wait.owner_name, row.owner) == ("a liaison for Sub-Saharan Africa", "person")
    sweep(now=NOW + 13 * DAY)
    assert states_of(round_) == {"Rex": "asked"}
    sweep(now=NOW + 14 * DAY)
    assert states_of(round_) == {"Rex": "lapsed"}
    assert ["a liaison was asked, and nobody answered"] in standing(round_, NOW + 14 * DAY).values()
    assert not any("Rex" in line.words for line in lines(newest_acts()) if line.verb.startswith("feedback."))
    assert broken_promises() == []


def test_when_a_round_is_over_nobody_waits_for_an_answer(liaison, of_the_region, round_, coordinator, volunteer):
    actions.carry_round(round_, by=of_the_region, now=NOW)
    actions.write_translation(round_, into="sw", version=1, **KISWAHILI, by=volunteer, now=NOW + 20 * DAY)
    sweep(now=NOW + 31 * DAY)
    assert states_of(round_) == {"Rex": "accepted", "Lia": "cancelled"}
    assert letters("not_needed") == {"Lia"}
    assert broken_promises() == []


def test_a_cancelled_round_frees_those_who_carry_it(of_the_region, round_, coordinator):
    actions.carry_round(round_, by=of_the_region, now=NOW)
    actions.cancel_round(round_, reason="Too early.", by=coordinator, now=NOW)
    assert states_of(round_) == {"Rex": "cancelled"}
    assert letters("not_needed") == {"Rex"}
    assert not list(queries.carried_by(of_the_region))
    assert broken_promises() == []


# --- Reporting -------------------------------------------------------------------------------


def test_one_report_covers_several_rounds(of_the_region, group, initiative, coordinator, round_):
    second = another(group, initiative, coordinator)
    for carried in (round_, second):
        actions.carry_round(carried, by=of_the_region, now=NOW)
    report_on(round_, second, by=of_the_region)
    assert Report.objects.count() == 1
    assert [shown.heard_in for shown in queries.reports_shown(second)] == ["Sub-Saharan Africa"]
    assert letters("report_there") == {"Bola"}
    again = refused(report_on, round_, by=of_the_region)
    assert "not reported on" in again
    assert "already" in refused(actions.carry_round, round_, by=of_the_region, now=NOW)


def test_nobody_reports_on_what_another_carries(of_the_region, round_, volunteer):
    actions.carry_round(round_, by=of_the_region, now=NOW)
    assert "rounds that you carry" in refused(report_on, round_, by=volunteer)
    assert "rounds that you carry" in refused(report_on, by=of_the_region)


@pytest.mark.parametrize(
    "text",
    [
        "See https://example.org/x",
        "HTTP://x",
        "[[Talk:Main]]",
        "said user:Ada",
        "User talk:Ada",
        "ask @ada",
        "www.x.org",
    ],
)
def test_relayed_answers_carry_no_links_and_no_names(of_the_region, round_, text):
    actions.carry_round(round_, by=of_the_region, now=NOW)
    assert "no links and no user names" in refused(report_on, round_, by=of_the_region, text=text)
    report_on(round_, by=of_the_region, text=text, is_relayed=False)


@pytest.mark.parametrize("text", ["12 @ 14", "a superuser: yes", "mail a@b"])
def test_what_only_looks_like_a_name_is_relayed(of_the_region, round_, text):
    actions.carry_round(round_, by=of_the_region, now=NOW)
    report_on(round_, by=of_the_region, text=text)


def test_a_report_that_never_comes_is_said_and_frees_the_place(of_the_region, round_):
    actions.carry_round(round_, by=of_the_region, now=NOW)
    sweep(now=round_.closes_at + 6 * DAY)
    assert states_of(round_) == {"Rex": "accepted"}
    report_wait = [wait for wait in waits(open_waits()) if wait.rule.name == "feedback.report"]
    assert report_wait[0].owner_name == "a liaison for Sub-Saharan Africa"
    sweep(now=round_.closes_at + 7 * DAY)
    assert states_of(round_) == {"Rex": "unreported"}
    assert not list(queries.carried_by(of_the_region))
    assert state_of(round_) == "closed"
    assert broken_promises() == []
