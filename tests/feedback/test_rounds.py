"""A round from its draft to its closing: who may, what is refused, what the clock does."""

import pytest
from django.db import IntegrityError, transaction

from apps.core.languages import language
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.feedback import actions, policy, queries
from apps.feedback.models import Carry, Round
from apps.groups.actions import leave_group
from apps.initiatives.actions import say_interest
from apps.initiatives.models import Lead
from apps.notifications.models import Letter
from apps.people.actions import grant_role
from apps.record.models import Act
from tests.conftest import NOW, add_member, granted
from tests.feedback.conftest import DAY, answer_with, draft, end_of_day, refused

pytestmark = pytest.mark.django_db


def letters(kind: str) -> set[str]:
    return set(Letter.objects.filter(notice__kind=f"feedback.{kind}").values_list("recipient__username", flat=True))


def state_of(round_: Round) -> str:
    round_.refresh_from_db()
    return round_.state


def test_a_member_drafts_and_a_coordinator_is_told_and_opens(group, initiative, coordinator, volunteer):
    add_member(group, volunteer)
    round_ = draft(group, initiative, by=volunteer)
    assert policy.may_draft(volunteer, round_)
    assert not policy.may_run(volunteer, round_)
    assert letters("draft_ready") == {"Bola"}
    actions.open_round(round_, by=coordinator, now=NOW)
    assert state_of(round_) == "open"
    assert not letters("opened")


def test_a_coordinator_who_drafts_needs_no_letter(group, initiative, coordinator):
    draft(group, initiative, by=coordinator)
    assert letters("draft_ready") == set()


def test_what_was_never_opened_is_read_by_members_only(group, initiative, coordinator, stranger):
    round_ = draft(group, initiative, by=coordinator)
    assert policy.may_read(coordinator, round_)
    assert not policy.may_read(stranger, round_)
    actions.discard_draft(round_, by=coordinator, now=NOW)
    round_.refresh_from_db()
    assert not policy.may_read(stranger, round_)


@pytest.mark.parametrize(("days", "taken"), [(20, False), (21, True)])
def test_a_round_closes_21_days_ahead_at_the_earliest(group, initiative, coordinator, days, taken):
    if taken:
        assert draft(group, initiative, by=coordinator, closes_at=end_of_day(days)).pk
    else:
        assert "21 days" in refused(draft, group, initiative, by=coordinator, closes_at=end_of_day(days))


def test_a_draft_whose_date_came_near_is_not_opened(group, initiative, coordinator):
    round_ = draft(group, initiative, by=coordinator, closes_at=end_of_day(21))
    assert "21 days" in refused(actions.open_round, round_, by=coordinator, now=NOW + DAY)


def test_the_second_click_drafts_and_opens_nothing(group, initiative, coordinator):
    round_ = draft(group, initiative, by=coordinator)
    assert "already" in refused(draft, group, initiative, by=coordinator)
    actions.open_round(round_, by=coordinator, now=NOW)
    assert "not possible any more" in refused(actions.open_round, round_, by=coordinator, now=NOW)
    assert Act.objects.filter(verb="feedback.opened").count() == 1


def test_a_draft_that_nobody_opens_is_put_away_after_30_days(group, initiative, coordinator):
    round_ = draft(group, initiative, by=coordinator, closes_at=end_of_day(90))
    sweep(now=NOW + 29 * DAY)
    assert state_of(round_) == "draft"
    sweep(now=NOW + 30 * DAY)
    assert state_of(round_) == "discarded"
    assert broken_promises() == []


def test_the_clock_closes_it_and_reminds_the_group_a_week_before(round_):
    sweep(now=NOW + 24 * DAY)
    reminded = Letter.objects.filter(notice__kind="deadlines.reminder", recipient__username="Bola")
    assert reminded.count() == 1
    assert state_of(round_) == "open"
    sweep(now=NOW + 31 * DAY)
    assert state_of(round_) == "closed"
    sweep(now=NOW + 31 * DAY)
    assert Act.objects.filter(verb="feedback.closed").count() == 1
    assert broken_promises() == []


def test_a_round_of_the_lead_counts_as_its_act(adoption, group, coordinator):
    round_ = draft(group, adoption.initiative, by=coordinator, now=NOW + DAY)
    actions.open_round(round_, by=coordinator, now=NOW + 2 * DAY)
    adoption.refresh_from_db()
    assert adoption.last_act_at == NOW + 2 * DAY
    assert adoption.last_act == "feedback.opened_by_lead"
    assert Lead.objects.get().last_act_at == NOW + 2 * DAY


def test_a_round_of_a_group_that_only_supports_counts_for_nobody(adoption, person):
    from apps.groups.actions import form_group

    supporter = person("Sumi")
    other = form_group(name="Supporters", by=supporter, now=NOW)
    round_ = draft(other, adoption.initiative, by=supporter)
    actions.open_round(round_, by=supporter, now=NOW + DAY)
    adoption.refresh_from_db()
    assert adoption.last_act_at == NOW
    assert Act.objects.filter(verb="feedback.opened").exists()


def test_cancelling_says_why_and_tells_those_who_asked_to_be_told(round_, coordinator, volunteer, stranger):
    actions.give_answer(round_, **answer_with(), by=volunteer, now=NOW)
    actions.give_answer(round_, **answer_with(wants_news=False), by=stranger, now=NOW)
    actions.cancel_round(round_, reason="The plan has changed.", by=coordinator, now=NOW + DAY)
    assert state_of(round_) == "cancelled"
    assert letters("cancelled") == {"Ada"}
    assert not Deadline.objects.filter(rule="feedback.close", state="open").exists()
    again = refused(actions.cancel_round, round_, reason="Again", by=coordinator, now=NOW + DAY)
    assert "Cancelled" in again
    assert "not possible" in refused(actions.give_answer, round_, **answer_with(), by=volunteer, now=NOW + DAY)


def test_the_last_member_stays_while_their_group_asks(round_, group, coordinator):
    assert "asks for feedback" in refused(leave_group, group, by=coordinator, now=NOW)


@pytest.mark.parametrize(
    ("constraint", "broken"),
    [
        ("opened_round_has_opened_at_and_by", {"opened_at": None}),
        ("round_is_open_for_21_days", {"closes_at": NOW + 20 * DAY}),
        ("round_that_is_over_has_a_time", {"state": "closed"}),
        ("cancelled_round_says_why", {"state": "cancelled", "closed_at": NOW}),
        ("summarised_round_has_its_summary", {"state": "summarised", "closed_at": NOW}),
    ],
)
def test_the_database_refuses(round_, constraint, broken):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Round.objects.filter(pk=round_.pk).update(**broken)


# --- Changing the words ----------------------------------------------------------------------


def words_of(round_: Round, **changed):
    return {"title": round_.title, "text": round_.text, "questions": round_.questions} | changed


def test_a_changed_source_marks_translations_outdated(round_, coordinator, volunteer):
    text = {"title": "Kichwa", "text": "Maandishi", "questions": ["Nini?", "Nani?"]}
    actions.write_translation(round_, into="sw", version=1, **text, by=volunteer, now=NOW)
    actions.change_round(round_, **words_of(round_, text="We plan two pages."), by=coordinator, now=NOW)
    row = queries.shown(Round.objects.get(), ["sw"])
    assert row.outdated == [language("sw")]
    actions.write_translation(round_, into="sw", version=2, **text, by=volunteer, now=NOW)
    assert queries.shown(Round.objects.get(), ["sw"]).outdated == []


def test_answers_keep_their_questions(round_, coordinator):
    fewer = words_of(round_, questions=["What is missing?"])
    assert "not how many" in refused(actions.change_round, round_, **fewer, by=coordinator, now=NOW)
    assert "Nothing is changed" in refused(actions.change_round, round_, **words_of(round_), by=coordinator, now=NOW)


# --- Wanting more while it is open -----------------------------------------------------------


def test_an_open_round_asks_in_more_languages_and_whoever_can_help_is_asked(round_, coordinator, volunteer, person):
    rex = person("Rex")
    covers = {"languages": ["en", "ha"], "regions": ["ssa"]}
    grant_role(rex, role="liaison", **covers, until=NOW + 90 * DAY, by=None, now=NOW)
    lia = granted(person("Lia"), "liaison", languages=["en", "fr"])
    said = {"ways": ["would_translate"], "languages": ["fr"], "region": "", "is_named": False, "wants_news": True}
    say_interest(round_.initiative, **said, by=volunteer, now=NOW)
    later = NOW + 3 * DAY
    more = words_of(round_, languages=["ha", "ar", "fr", "sw"], regions=["ssa"])
    changed = actions.change_round(round_, **more, by=coordinator, now=later)
    assert (changed.languages, changed.version) == (["sw", "ar", "ha", "fr"], 1), "No translation is outdated by it."
    assert letters("translation_wanted") == {volunteer.username}
    assert letters("asked_to_carry") == {"Rex", "Lia"}
    assert letters("more_to_carry") == {"Rex"}, "Whoever was asked already is told, and is not asked twice."
    assert {carry.liaison: carry.languages for carry in Carry.objects.all()} == {rex: ["ha"], lia: ["fr"]}
    assert Deadline.objects.get(rule="feedback.carry", subject_id=rex.carries.get().pk).opened_at == NOW
    assert broken_promises() == []
    assert "Nothing is changed" in refused(actions.change_round, round_, **more, by=coordinator, now=later)


def test_what_somebody_works_on_stays_wanted(round_, coordinator, volunteer, person):
    granted(person("Rex"), "liaison", regions=["ssa"])
    actions.write_translation(round_, into="sw", version=1, **KISWAHILI, by=volunteer, now=NOW)
    for fewer, field in (({"languages": ["ar"]}, "languages"), ({"regions": []}, "regions")):
        with pytest.raises(Refused, match="So it stays wanted") as refusal:
            actions.change_round(round_, **words_of(round_, **fewer), by=coordinator, now=NOW)
        assert refusal.value.field == field
    actions.change_round(round_, **words_of(round_, languages=["sw"]), by=coordinator, now=NOW)
    assert Round.objects.get().languages == ["sw"], "Nobody works on Arabic yet."


# --- Translations first ----------------------------------------------------------------------

KISWAHILI = {"title": "Ukurasa mmoja", "text": "Tunapanga ukurasa mmoja.", "questions": ["Nini?", "Nani?"]}


def test_a_round_asks_for_the_texts_that_are_missing(round_, volunteer):
    assert [lang.code for lang in queries.shown(round_, ["en"]).missing] == ["sw", "ar"]
    actions.write_translation(round_, into="sw", version=1, **KISWAHILI, by=volunteer, now=NOW)
    row = queries.shown(Round.objects.get(), ["sw", "en"])
    assert [lang.code for lang in row.missing] == ["ar"]
    assert row.shown.title == "Ukurasa mmoja"
    assert row.shown.translation.written_by == volunteer
    assert letters("translation_there") == {"Bola"}


def test_who_would_translate_the_initiative_is_told_what_is_wanted(group, initiative, coordinator, person):
    for name, ways, languages in (
        ("Swa", ["would_translate"], ["sw", "ar"]),
        ("Joi", ["would_join"], ["sw"]),
        ("Fra", ["would_translate"], ["fr"]),
    ):
        said = {"ways": ways, "languages": languages, "region": "", "is_named": False, "wants_news": True}
        say_interest(initiative, **said, by=person(name), now=NOW)
    draft_of_it = draft(group, initiative, by=coordinator, languages=["en", "sw", "ha"])
    actions.open_round(draft_of_it, by=coordinator, now=NOW)
    [letter] = Letter.objects.filter(notice__kind="feedback.translation_wanted")
    assert (letter.recipient.username, letter.notice.link) == ("Swa", f"/feedback/{draft_of_it.pk}/in/sw/")


def test_a_translation_is_corrected_by_its_writer_or_members_and_nobody_else(round_, volunteer, coordinator, stranger):
    actions.write_translation(round_, into="sw", version=1, **KISWAHILI, by=volunteer, now=NOW)
    better = KISWAHILI | {"title": "Ukurasa mmoja tu"}
    theirs = refused(actions.write_translation, round_, into="sw", version=1, **better, by=stranger, now=NOW)
    assert "before you" in theirs
    twice = refused(actions.write_translation, round_, into="sw", version=1, **KISWAHILI, by=volunteer, now=NOW)
    assert "Nothing is changed" in twice
    for person in (volunteer, coordinator):
        better["text"] += "!"
        written = actions.write_translation(round_, into="sw", version=1, **better, by=person, now=NOW)
        assert (written.written_by, written.corrected_by) == (volunteer, person)


def test_whoever_read_an_older_text_is_told_so(round_, coordinator, volunteer):
    actions.change_round(round_, **words_of(round_, title="Two help pages"), by=coordinator, now=NOW)
    late = refused(actions.write_translation, round_, into="sw", version=1, **KISWAHILI, by=volunteer, now=NOW)
    assert "changed its text" in late
    same = refused(actions.write_translation, round_, into="en", version=2, **KISWAHILI, by=volunteer, now=NOW)
    assert "in this language already" in same


# --- Answers ---------------------------------------------------------------------------------


def test_anybody_answers_in_any_language_and_is_named_only_if_they_like(round_, volunteer, stranger):
    actions.give_answer(round_, **answer_with("Picha zaidi.", replies=["Picha", ""]), by=volunteer, now=NOW)
    actions.give_answer(round_, **answer_with(is_named=True, language="ar"), by=stranger, now=NOW)
    first, second = queries.answers_shown(round_, round_.questions)
    assert (first.name, second.name) == ("", "Sven")
    assert first.replies == [("What is missing?", "Picha")]
    assert Act.objects.filter(verb="feedback.answered", by=None).count() == 2


def test_an_answer_is_corrected_or_taken_back_until_the_closing(round_, volunteer):
    assert "at least one" in refused(actions.give_answer, round_, **answer_with(""), by=volunteer, now=NOW)
    actions.give_answer(round_, **answer_with(), by=volunteer, now=NOW)
    assert "already" in refused(actions.give_answer, round_, **answer_with(), by=volunteer, now=NOW)
    actions.give_answer(round_, **answer_with("Fewer pictures."), by=volunteer, now=NOW + DAY)
    assert queries.answer_of(volunteer, round_).text == "Fewer pictures."
    actions.take_back_answer(round_, by=volunteer, now=NOW + DAY)
    assert queries.answer_of(volunteer, round_) is None
    assert "no answer here" in refused(actions.take_back_answer, round_, by=volunteer, now=NOW)
    actions.give_answer(round_, **answer_with(), by=volunteer, now=NOW + 2 * DAY)
    sweep(now=NOW + 31 * DAY)
    assert "not possible" in refused(actions.take_back_answer, round_, by=volunteer, now=NOW + 31 * DAY)
