"""A feedback round of the lead fills the checklist, and nobody types anything twice."""

import pytest

from apps.deadlines.sweep import sweep
from apps.engagement.actions import correct_entry, withdraw_entry
from apps.engagement.models import ChecklistStep, Entry
from apps.feedback import actions
from apps.groups.actions import form_group
from apps.initiatives.actions import step_down
from apps.initiatives.models import Adoption, Lead
from tests.conftest import NOW, granted
from tests.feedback.conftest import DAY, draft, end_of_day

pytestmark = pytest.mark.django_db

TEXT = {"text": "…", "questions": ["?", "?"]}


@pytest.fixture
def round_(adoption, group, coordinator):
    return actions.open_round(draft(group, adoption.initiative, by=coordinator), by=coordinator, now=NOW)


def entries(code: str) -> list[Entry]:
    return list(Entry.objects.filter(step__code=code, withdrawn_at=None))


def measured(code: str) -> tuple[int, bool]:
    line = ChecklistStep.objects.get(step__code=code)
    return line.measured["count"], line.is_met


def test_opened_and_closed_it_keeps_the_step_open_for_its_days(round_):
    [entry] = entries("feedback")
    assert entry.url == f"http://localhost:8000/feedback/{round_.pk}/"
    assert (entry.happened_on, entry.closed_on) == (NOW.date(), None)
    sweep(now=NOW + 31 * DAY)
    [entry] = entries("feedback")
    assert entry.closed_on == (NOW + 31 * DAY).date()
    assert measured("feedback") == (31, True)


def test_each_translation_is_a_language_with_its_own_address(round_, volunteer):
    for code in ("sw", "ar", "fr", "es", "ha"):
        actions.write_translation(round_, into=code, version=1, title=code, **TEXT, by=volunteer, now=NOW)
    assert {entry.url.rpartition("=")[2] for entry in entries("languages")} == {"sw", "ar", "fr", "es", "ha"}
    assert measured("languages") == (5, True)
    # Logged by the group that asked, not by whoever translated.
    assert {entry.logged_by for entry in entries("languages")} == {round_.opened_by}


def test_reports_reach_the_regions_they_speak_of(round_, person):
    liaison = granted(person("Rex"), "liaison", regions=["ssa", "mena"])
    actions.carry_round(round_, by=liaison, now=NOW)
    said = {"text": "Pictures.", "language": "sw", "people": 12, "is_relayed": True}
    actions.write_report(rounds=[round_.pk], **said, by=liaison, now=NOW + DAY)
    [entry] = entries("reach")
    assert (entry.regions, entry.people) == (["ssa"], 12)
    assert ChecklistStep.objects.get(step__code="reach").measured["names"] == ["ssa"]


def test_the_summary_in_time_and_its_days_for_corrections_meet_the_step(round_, coordinator):
    sweep(now=NOW + 31 * DAY)
    actions.publish_summary(round_, text="Heard.", language="en", by=coordinator, now=NOW + 35 * DAY)
    assert measured("summary") == (1, True)


def test_a_cancelled_round_was_not_open_for_feedback(round_, coordinator, volunteer):
    actions.write_translation(round_, into="sw", version=1, title="sw", **TEXT, by=volunteer, now=NOW)
    actions.cancel_round(round_, reason="Too early.", by=coordinator, now=NOW + 30 * DAY)
    assert entries("feedback") == []
    assert len(entries("languages")) == 1
    assert measured("feedback") == (0, False)


def test_what_members_withdraw_stays_withdrawn(round_, coordinator):
    withdraw_entry(entries("feedback")[0], by=coordinator, now=NOW + DAY)
    sweep(now=NOW + 31 * DAY)
    assert entries("feedback") == []


def correct(entry, round_, by, **what):
    return correct_entry(entry, group=round_.group, by=by, now=NOW + DAY, **what)


def test_what_members_correct_stays_and_the_rest_follows_the_round(round_, coordinator, volunteer):
    [entry] = entries("feedback")
    correct(entry, round_, coordinator, title="Our call", languages=["en", "ha"])
    actions.write_translation(round_, into="sw", version=1, title="sw", **TEXT, by=volunteer, now=NOW + 2 * DAY)
    sweep(now=NOW + 31 * DAY)
    [entry] = entries("feedback")
    assert (entry.title, entry.languages) == ("Our call", ["en", "ha"])
    assert entry.closed_on == (NOW + 31 * DAY).date()
    assert measured("feedback") == (31, True)
    assert entry.earlier_texts.get().what["languages"] == ["en"]


def test_an_entry_with_a_better_address_is_not_logged_twice_and_ends_with_its_round(round_, coordinator, volunteer):
    [entry] = entries("feedback")
    correct(entry, round_, coordinator, url="https://meta.wikimedia.org/wiki/Call")
    actions.write_translation(round_, into="sw", version=1, title="sw", **TEXT, by=volunteer, now=NOW + 2 * DAY)
    [entry] = entries("feedback")
    assert (entry.url, entry.languages) == ("https://meta.wikimedia.org/wiki/Call", ["en", "sw"])
    actions.cancel_round(round_, reason="Too early.", by=coordinator, now=NOW + 3 * DAY)
    assert entries("feedback") == []


def test_a_round_closes_also_if_a_member_says_that_it_opened_later(round_, coordinator):
    correct(entries("feedback")[0], round_, coordinator, happened_on=(NOW + 40 * DAY).date())
    sweep(now=NOW + 31 * DAY)
    [entry] = entries("feedback")
    assert entry.closed_on == entry.happened_on == (NOW + 40 * DAY).date()


def test_only_rounds_of_the_lead_are_logged(adoption, person):
    supporter = person("Sumi")
    other = form_group(name="Supporters", by=supporter, now=NOW)
    actions.open_round(draft(other, adoption.initiative, by=supporter), by=supporter, now=NOW)
    assert not Entry.objects.exists()


def test_a_term_that_ended_logs_nothing_more_and_the_round_goes_on(round_, coordinator):
    step_down(Lead.objects.get(), notes="", by=coordinator, now=NOW + DAY)
    sweep(now=end_of_day(31))
    round_.refresh_from_db()
    assert round_.state == "closed"
    [entry] = entries("feedback")
    assert entry.closed_on is None
    assert Adoption.objects.get().ended_at == NOW + DAY
