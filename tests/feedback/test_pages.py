"""Rounds on their pages: asking, translating, answering, reading."""

from datetime import timedelta

import pytest
from django.utils.http import urlencode

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.feedback import actions
from apps.feedback.models import Answer, Round, Translation
from apps.initiatives.models import Interest
from apps.people.actions import grant_role
from tests.feedback.conftest import answer_with, draft, end_of_day
from tests.journeys.at_once import people
from tests.journeys.reader import Reader
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(shared_world: World) -> World:
    world = shared_world
    Deadline.objects.filter(rule__startswith="feedback.").delete()
    Round.objects.all().delete()
    return world


def reader_as(world: World, role: str) -> Reader:
    reader = Reader()
    if role != "visitor":
        reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader


def opened(world: World, **asked) -> Round:
    by = world.people["coordinator"]
    closes_at = end_of_day(30, world.now)
    round_ = draft(world.group, world.led, by=by, now=world.now, closes_at=closes_at, **asked)
    return actions.open_round(round_, by=by, now=world.now)


def test_an_empty_page_says_what_to_do_first(world):
    page = reader_as(world, "visitor").open("/feedback/")
    assert "No group asks for feedback at the moment." in page.text
    assert "A member of a working group drafts a round" in page.text


def test_opening_and_cancelling_say_how_many_are_told_and_can_be_recalled(world):
    by, everybody = world.people["coordinator"], people(21)
    Interest.objects.bulk_create(
        Interest(
            initiative=world.led,
            user=person,
            would_translate=True,
            wants_news=True,
            languages=["sw"],
            said_at=world.now,
        )
        for person in everybody
    )
    round_ = draft(world.group, world.led, by=by, now=world.now, closes_at=end_of_day(30, world.now))
    bola = reader_as(world, "coordinator")
    assert "21 people get a letter about it. You can recall" in bola.open(f"/feedback/{round_.pk}/").text
    assert "21 people will be told on" in bola.press("Open the round").text
    Answer.objects.bulk_create(
        Answer(round=round_, person=person, language="sw", text="Yes", wants_news=True, answered_at=world.now)
        for person in everybody
    )
    assert "21 people get a letter about it. You can recall" in bola.follow("Cancel the round").text
    assert "21 people will be told on" in bola.press("Cancel the round", reason="Too early.").text


def test_a_coordinator_asks_and_everybody_reads(world):
    bola = reader_as(world, "coordinator")
    bola.open("/feedback/")
    bola.follow("Ask for feedback")
    bola.press(
        "Save the draft",
        group=world.group.pk,
        initiative=world.led.pk,
        title="Help <b>pages</b>",
        text="We plan one page.",
        questions="What is missing?\n\n Who  writes? ",
        languages=["sw", "ar"],
        regions=["ssa"],
        closes_on=end_of_day(30, world.now).date().isoformat(),
    )
    assert "A draft: only your group sees it." in bola.page.text
    round_ = Round.objects.get()
    assert (round_.language, round_.questions) == ("en", ["What is missing?", "Who writes?"])
    assert reader_as(world, "visitor").open(round_.get_absolute_url()).status == 404
    assert "Help <b>pages</b>" not in reader_as(world, "visitor").open("/feedback/").text
    bola.press("Open the round")
    assert "It is open." in bola.page.text
    page = reader_as(world, "visitor").open(round_.get_absolute_url())
    assert "with 0 answers so far." in page.text
    assert "Help &lt;b&gt;pages&lt;/b&gt;" in page.html
    assert "What is missing?" in page.text
    assert "Help <b>pages</b>" in reader_as(world, "visitor").open("/feedback/").text


def test_the_rounds_of_one_initiative_are_listed_alone_with_a_way_to_all(world):
    opened(world)
    visitor = reader_as(world, "visitor")
    visitor.open(world.led.get_absolute_url())
    visitor.follow("Feedback rounds")
    assert visitor.page.address.endswith(f"?initiative={world.led.number}")
    assert "One help page for newcomers" in visitor.page.text
    assert f"These are the rounds on initiative {world.led.number}," in visitor.page.text
    none = visitor.open(f"/feedback/?initiative={world.free.number}")
    assert "One help page for newcomers" not in none.text
    assert "No group asks for feedback on" in none.text
    assert "No round on it has closed yet." in none.text
    visitor.follow("All rounds")
    assert "One help page for newcomers" in visitor.page.text
    for nonsense in ("", "0", "x", "-1", "٣", "a\0b", "9" * 400, "1.5"):
        page = visitor.open(f"/feedback/?{urlencode({'initiative': nonsense})}")
        assert page.status == 200
        assert "One help page for newcomers" in page.text, nonsense


def test_a_member_drafts_and_finds_no_button_to_open_it(world):
    mina = reader_as(world, "member")
    draft(world.group, world.led, by=world.people["member"], now=world.now, closes_at=end_of_day(30, world.now))
    mina.open("/feedback/")
    mina.follow("One help page for newcomers")
    assert not any(form.has("Open the round") for form in mina.page.forms)
    assert "A coordinator of your group opens it." in mina.page.text
    address = f"/feedback/{Round.objects.get().pk}/open/"
    mina.client.enforce_csrf_checks = False
    mina.client.handler.enforce_csrf_checks = False
    assert mina.client.post(address).status_code == 403


def test_who_has_no_group_is_told_to_form_one(world):
    page = reader_as(world, "participant").open("/feedback/new/")
    assert page.status == 403
    assert "Form a working group first" in page.text


def test_bad_dates_and_too_many_questions_are_refused_and_nothing_is_lost(world):
    bola = reader_as(world, "coordinator")
    bola.open("/feedback/new/?initiative=13")
    typed = {
        "title": "Pages",
        "text": "Text",
        "questions": "\n".join("123456"),
        "closes_on": end_of_day(30, world.now).date().isoformat(),
    }
    bola.press("Save the draft", **typed)
    assert "Ask at most 5 questions" in bola.page.text
    bola.press("Save the draft", questions="", closes_on=end_of_day(5, world.now).date().isoformat())
    assert "at least 21 days" in bola.page.text
    assert bola.page.form("Save the draft").values["title"] == ["Pages"]
    bola.press("Save the draft", closes_on=typed["closes_on"], language="Klingonisch")
    assert "This language is not known: Klingonisch." in bola.page.text


def test_a_translation_is_written_in_place_and_shown_in_the_readers_language(world):
    round_ = opened(world)
    User.objects.filter(pk=world.people["participant"].pk).update(language="sw")
    pia = reader_as(world, "participant")
    pia.open(round_.get_absolute_url())
    pia.follow("wanted: translate it")
    assert "Translate it into Kiswahili" in pia.page.text
    typed = {"title": "Ukurasa", "text": "Tunapanga.", "question_1": "Nini?"}
    pia.press("Save the translation", **typed)
    assert "Translate this question." in pia.page.text
    pia.press("Save the translation", question_2="Nani?")
    assert "Translated by Pia" in pia.page.text
    assert "Tunapanga." in pia.open(round_.get_absolute_url()).text
    assert "We plan one shared help page." in reader_as(world, "visitor").open(round_.get_absolute_url()).text
    assert "Asked in your languages" in pia.open("/feedback/").text
    assert reader_as(world, "asker").open(f"/feedback/{round_.pk}/in/sw/").status == 403
    assert Translation.objects.count() == 1


def test_a_source_that_changed_meanwhile_is_shown_anew_and_the_text_stays(world):
    round_ = opened(world)
    pia = reader_as(world, "participant")
    pia.open(f"/feedback/{round_.pk}/in/sw/")
    now_asked = {"title": "Two help pages", "text": round_.text, "questions": round_.questions}
    actions.change_round(round_, **now_asked, by=world.people["coordinator"], now=world.now)
    pia.press("Save the translation", title="Kichwa", text="Maandishi", question_1="Nini?", question_2="Nani?")
    assert "changed its text while you translated" in pia.page.text
    assert "Two help pages" in pia.page.text
    pia.press("Save the translation", title="Kurasa mbili")
    assert "Thank you. It is there at once." in pia.page.text


def test_a_participant_answers_corrects_and_takes_back(world):
    round_ = opened(world)
    pia = reader_as(world, "participant")
    pia.open(round_.get_absolute_url())
    pia.follow("Answer")
    pia.press("Answer", language="Kiswahili", question_1="Picha <i>", text="")
    assert "Thank you." in pia.page.text
    assert "a participant · Kiswahili" in pia.page.text
    assert "Picha &lt;i&gt;" in pia.page.html
    assert "Pia" not in reader_as(world, "visitor").open(round_.get_absolute_url()).text
    pia.follow("Correct my answer")
    pia.press("Save my answer", is_named="on")
    assert "Pia · Kiswahili" in pia.page.text
    pia.open(round_.get_absolute_url())
    pia.press("Take my answer back")
    assert not Answer.objects.exists()
    pia.press_again()
    assert "took it back already" in pia.page.text


def test_a_visitor_who_answers_signs_in_first(world):
    round_ = opened(world)
    visitor = reader_as(world, "visitor")
    visitor.open(round_.get_absolute_url())
    assert "/accounts/sign-in/" in visitor.follow("Answer").address


def test_the_story_of_the_round_that_was_cancelled(world):
    round_ = opened(world)
    actions.give_answer(round_, **answer_with(), by=world.people["participant"], now=world.now)
    bola = reader_as(world, "coordinator")
    bola.open(round_.get_absolute_url())
    bola.follow("Cancel the round")
    bola.press("Cancel the round", reason="The plan has changed.")
    page = reader_as(world, "visitor").open(round_.get_absolute_url())
    assert "The plan has changed." in page.text
    assert "The group cancelled this round" in page.text
    assert "More pictures." in page.text


def test_reading_in_a_language_that_is_not_there_shows_the_source(world):
    round_ = opened(world)
    for code in ("xx", "%00", "sw", ""):
        assert "We plan one" in reader_as(world, "visitor").open(f"{round_.get_absolute_url()}?in={code}").text


def test_a_round_that_nobody_answers(world):
    """It closes, the group says so, and what is next; or nothing comes, and the page says that for ever."""
    answered_by_nobody, left = opened(world), opened(world, title="Another one")
    for round_ in (answered_by_nobody, left):
        actions.close_round(round_, now=world.now)
    bola = reader_as(world, "coordinator")
    bola.open(answered_by_nobody.get_absolute_url())
    assert "and nobody answered." in bola.page.text
    bola.follow("Write the summary")
    bola.press("Publish the summary", text="Nobody answered; we ask in person next.")
    visitor = reader_as(world, "visitor")
    assert "we ask in person next." in visitor.open(answered_by_nobody.get_absolute_url()).text
    actions.leave_without_summary(left, now=world.now)
    assert "No summary. The group owed one" in visitor.open(left.get_absolute_url()).text
    assert "no summary" in visitor.open("/feedback/").text


def test_who_answered_corrects_the_summary_on_its_page(world):
    round_ = opened(world)
    actions.give_answer(round_, **answer_with(), by=world.people["participant"], now=world.now)
    actions.close_round(round_, now=world.now)
    actions.publish_summary(round_, text="Heard.", language="en", by=world.people["coordinator"], now=world.now)
    pia = reader_as(world, "participant")
    pia.open(round_.get_absolute_url())
    pia.follow("Correct it")
    pia.press("Note the correction", text="Not <quite>.")
    assert "Not &lt;quite&gt;." in pia.page.html
    assert "Correct it" not in reader_as(world, "asker").open(round_.get_absolute_url()).text


def test_a_liaison_carries_a_round_and_reports_without_a_name(world):
    lia = world.people["outsider"]
    until = world.now + timedelta(days=90)
    grant_role(lia, role="liaison", until=until, by=None, now=world.now, regions=["ssa"])
    round_ = opened(world)
    page = reader_as(world, "visitor").open(round_.get_absolute_url())
    assert "1 liaison is asked and has 14 days" in page.text
    assert "Nobody yet carries questions to: Kiswahili, العربية." in page.text
    assert page.link("Ask to become a liaison").startswith("/people/")
    otto = reader_as(world, "outsider")
    otto.open(round_.get_absolute_url())
    assert "You are asked to carry this round." in otto.page.text
    otto.press("Carry it")
    otto.press_again()
    assert "You carry this round already." in otto.page.text
    otto.follow("Write the report")
    otto.press("Report", text="See https://example.org <b>", people="12", language="sw")
    assert "no links and no user names" in otto.page.text
    otto.press("Report", text="More <b>pictures</b>.")
    page = reader_as(world, "visitor").open(round_.get_absolute_url())
    assert "relayed by a liaison, without names" in page.text
    assert "More &lt;b&gt;pictures&lt;/b&gt;." in page.html
    assert "Otto" not in page.text


def test_a_liaison_declines_with_words(world):
    until = world.now + timedelta(days=90)
    grant_role(world.people["outsider"], role="liaison", until=until, by=None, now=world.now, languages=["sw", "en"])
    round_ = opened(world)
    otto = reader_as(world, "outsider")
    otto.open(round_.get_absolute_url())
    otto.follow("Decline")
    otto.press("Decline", note="I travel.")
    page = reader_as(world, "visitor").open(round_.get_absolute_url())
    assert "A liaison declined." in page.text
    assert "I travel." in page.text
    assert "Otto" not in page.text
