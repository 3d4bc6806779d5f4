"""Drafting in public: a copy, a comparison, a notice of 14 days, publication, and coming into force."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core.paragraphs import marked
from apps.core.refused import Refused
from apps.deadlines.queries import broken_promises, deadlines_owed_by
from apps.deadlines.sweep import sweep
from apps.guidelines import actions, queries
from apps.guidelines.models import Draft, Version
from apps.guidelines.policy import may_draft
from apps.guidelines.queries import current_version
from apps.notifications.models import Letter
from apps.record.models import Act
from tests.conftest import NOW as EARLIER
from tests.conftest import add_member, adopt
from tests.world import draft_form_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
TALK = "https://meta.wikimedia.org/wiki/Talk:Guidelines"
DAY = timedelta(days=1)
# A Monday after 1.0 was published.
NOW = EARLIER + 70 * DAY


@pytest.fixture
def draft(reviewer):
    return actions.start_draft(by=reviewer, now=NOW)


def save(draft, *, by, seen=None, **changed):
    text = {"number": draft.number, "title": draft.title, "body": draft.body, "steps": draft.steps}
    seen = draft.revision if seen is None else seen
    return actions.save_draft(draft, seen=seen, by=by, now=NOW, **(text | changed))


def more_languages(draft):
    """At least six languages instead of five."""
    return [
        row | {"needs": row["needs"] | {"languages": 6}} if row["code"] == "languages" else row for row in draft.steps
    ]


@pytest.fixture
def announced(draft, reviewer, administrator):
    save(draft, by=reviewer, steps=more_languages(draft), body=draft.body + "\n\nBe kind.")
    return actions.announce_draft(draft, comments_url=TALK, by=reviewer, now=NOW)


def test_who_leads_under_the_guidelines_hears_of_the_next_ones(
    draft, reviewer, administrator, coordinator, volunteer, initiative, sign_in
):
    adoption = adopt(initiative, group=None, by=coordinator, new_group_name="First Steps")
    add_member(adoption.leads.get().group, volunteer)
    save(draft, by=reviewer, body=draft.body + "\n\nBe kind.")
    page = sign_in(reviewer).get("/guidelines/draft/announce/").content.decode()
    assert "2 people get a letter about it." in page
    actions.announce_draft(draft, comments_url=TALK, by=reviewer, now=NOW)
    told = {letter.recipient: letter for letter in Letter.objects.filter(notice__kind__startswith="guidelines.")}
    assert set(told) == {administrator, coordinator}
    assert told[coordinator].subject == "New guidelines 1.1: comment until 30 November 2026"


@pytest.fixture
def published(announced, reviewer):
    return actions.publish_draft(announced, by=reviewer, now=NOW + 14 * DAY)


def test_reviewers_and_administrators_draft_and_nobody_else(reviewer, administrator, volunteer):
    assert [may_draft(person, NOW) for person in (reviewer, administrator, volunteer)] == [True, True, False]


def test_a_draft_begins_as_a_copy_and_changes_nothing(draft):
    assert draft.number == "1.1"
    assert draft.body == current_version().bodies["en"]
    assert len(draft.steps) == 10
    assert queries.comparison_of(draft).is_empty


def test_there_is_one_draft_at_a_time(draft, administrator):
    with pytest.raises(Refused, match="There is a draft already"):
        actions.start_draft(by=administrator, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.create(base=draft.base, number="9", title="", body="", steps=[], started_at=NOW,
                             started_by=administrator)  # fmt: skip


def test_of_two_who_write_at_the_same_time_the_second_is_told(draft, reviewer, administrator):
    save(draft, by=reviewer, title="Mine")
    with pytest.raises(Refused, match="Somebody else saved this draft"):
        save(draft, by=administrator, seen=0, title="Yours")
    draft.refresh_from_db()
    assert (draft.title, draft.revision) == ("Mine", 1)


@pytest.mark.parametrize("number", ["1.0", "draft", "1.", "<b>"])
def test_a_number_is_free_and_a_number(draft, reviewer, number):
    with pytest.raises(Refused) as refused:
        save(draft, by=reviewer, number=number)
    assert refused.value.field == "number"


def test_the_comparison_marks_words_numbers_and_steps_and_escapes_them(draft, reviewer):
    steps = [row for row in more_languages(draft) if row["code"] != "reach"]
    steps.append(steps[0] | {"code": "thank", "title": "Say <b>thanks</b>"})
    body = draft.body.replace("You need nobody's permission.", "You need nobody's <script>.")
    draft = save(draft, by=reviewer, steps=steps, body=body)
    comparison = queries.comparison_of(draft)
    [passage] = [passage for passage in comparison.passages if passage.kind != "same"]
    assert "<del>permission." in passage.html
    assert "<ins>&lt;script&gt;." in passage.html
    changes = {step.code: step for step in comparison.changed_steps}
    assert {code: step.kind for code, step in changes.items()} == {
        "languages": "changed", "thank": "added", "reach": "dropped",
    }  # fmt: skip
    assert "at least \u20665 → 6\u2069" in changes["languages"].lines[0]
    assert changes["thank"].title == "<ins>Say &lt;b&gt;thanks&lt;/b&gt;</ins>"


def test_what_changes_nothing_is_not_announced(draft, reviewer):
    with pytest.raises(Refused, match="changes nothing"):
        actions.announce_draft(draft, comments_url=TALK, by=reviewer, now=NOW)


def test_an_announced_draft_stands_still_and_all_who_draft_are_told_and_owe(announced, reviewer, administrator):
    with pytest.raises(Refused):
        save(announced, by=reviewer, body="Other")
    told = Letter.objects.filter(notice__kind="guidelines.draft_announced")
    assert [letter.recipient for letter in told] == [administrator]
    for person in (reviewer, administrator):
        assert deadlines_owed_by(person, NOW).filter(rule="guidelines.publish").exists()
    assert broken_promises() == []


def test_the_second_click_announces_nothing_twice(announced, reviewer):
    with pytest.raises(Refused):
        actions.announce_draft(announced, comments_url=TALK, by=reviewer, now=NOW)
    assert Act.objects.filter(verb="guidelines.announced").count() == 1


def test_changed_words_that_stand_together_are_marked_together():
    assert marked("one two three four", "one 2 3 four") == "one <del>two three</del><ins>2 3</ins> four"
    assert marked("a\nb", "a\nc") == "a<br><del>b</del><ins>c</ins>"


def test_it_is_published_on_day_14_and_not_before(announced, administrator):
    with pytest.raises(Refused, match="from 30 November 2026"):
        actions.publish_draft(announced, by=administrator, now=NOW + 14 * DAY - timedelta(seconds=1))
    version = actions.publish_draft(announced, by=administrator, now=NOW + 14 * DAY)
    assert (version.number, version.in_force_at) == ("1.1", None)
    assert version.steps.get(code="languages").needs == {"languages": 6, "not_latin": 1}
    assert version.steps.count() == 10
    with pytest.raises(Refused):
        actions.publish_draft(announced, by=administrator, now=NOW + 15 * DAY)
    assert broken_promises() == []


def test_a_draft_that_is_taken_back_gets_a_notice_of_its_own(announced, reviewer):
    actions.take_draft_back(announced, by=reviewer, now=NOW + 13 * DAY)
    save(announced, by=reviewer, seen=1, title="Better")
    actions.announce_draft(announced, comments_url=TALK, by=reviewer, now=NOW + 14 * DAY)
    with pytest.raises(Refused, match="The notice lasts 14 days"):
        actions.publish_draft(announced, by=reviewer, now=NOW + 20 * DAY)


def test_silence_for_28_days_makes_it_a_draft_again(announced, reviewer, administrator):
    sweep(now=NOW + 28 * DAY - timedelta(minutes=1))
    announced.refresh_from_db()
    assert announced.state == "announced"
    sweep(now=NOW + 28 * DAY)
    announced.refresh_from_db()
    assert announced.state == "drafted"
    assert current_version().number == "1.0"
    told = Letter.objects.filter(notice__kind="guidelines.notice_lapsed")
    assert {letter.recipient for letter in told} == {reviewer, administrator}
    assert broken_promises() == []


def test_a_dropped_draft_makes_room_for_another(announced, reviewer):
    actions.drop_draft(announced, by=reviewer, now=NOW)
    with pytest.raises(Refused):
        actions.drop_draft(announced, by=reviewer, now=NOW)
    assert actions.start_draft(by=reviewer, now=NOW).pk != announced.pk
    assert broken_promises() == []


def test_a_published_version_is_in_force_after_30_days_and_adoptions_accept_it_then(published, initiative, volunteer):
    at = NOW + 14 * DAY
    sweep(now=at + 30 * DAY - timedelta(minutes=1))
    assert current_version().number == "1.0"
    assert adopt(initiative, group=None, by=volunteer, new_group_name="First", now=at).guidelines.number == "1.0"
    sweep(now=at + 30 * DAY)
    assert current_version() == published
    assert Act.objects.filter(verb="guidelines.in_force").count() == 1
    assert broken_promises() == []


def test_who_read_the_older_version_while_adopting_is_told(published, initiative, volunteer):
    old = current_version()
    sweep(now=NOW + 44 * DAY)
    with pytest.raises(Refused, match="The guidelines have a new version"):
        adopt(initiative, group=None, new_group_name="G", guidelines=old, by=volunteer, now=NOW + 45 * DAY)


def test_the_next_draft_begins_as_the_newest_version_in_force_or_not(published, reviewer):
    again = actions.start_draft(by=reviewer, now=NOW + 15 * DAY)
    assert (again.base, again.number) == (published, "1.2")


def test_a_database_with_the_older_one_in_force_last_still_has_the_newest(published):
    Version.objects.filter(pk=published.pk).update(in_force_at=NOW)
    Version.objects.filter(number="1.0").update(in_force_at=NOW + DAY)
    assert current_version() == published


# --- Pages ----------------------------------------------------------------------------------------


def test_a_reviewer_drafts_announces_and_publishes_on_the_site(reviewer, sign_in, client):
    sign_in(reviewer)
    assert "Draft the next version" in client.get("/guidelines/draft/").content.decode()
    client.post("/guidelines/draft/start/")
    draft = Draft.objects.get()
    page = client.get("/guidelines/draft/edit/").content.decode()
    assert "What people" not in page
    assert 'name="first_4"' in page
    changed = draft_form_data(draft, first_4=6, drop_7="on", title_10="Thank people", measure_10="links", first_10=1,
                     expectation_10="Say thanks.")  # fmt: skip
    saved = client.post("/guidelines/draft/edit/", changed, follow=True).content.decode()
    assert "at least \u20665 → 6\u2069" in saved
    assert "<ins>Thank people</ins>" in saved
    draft.refresh_from_db()
    assert [row["code"] for row in draft.steps][-2:] == ["changes", "thank-people"]
    assert len(draft.steps) == 10
    announced = client.post("/guidelines/draft/announce/", {"comments_url": TALK}, follow=True).content.decode()
    assert "can be published from" in announced
    assert "Publish it" not in announced
    Draft.objects.update(announced_at=draft.started_at - 15 * DAY)
    assert "Publish it" in client.get("/guidelines/draft/").content.decode()
    page = client.post("/guidelines/draft/publish/", follow=True).content.decode()
    assert "Not in force yet" in page
    assert client.get("/guidelines/1.1/changes/").content.decode().count("<ins>") >= 2


def test_a_draft_is_for_those_who_draft_until_it_is_announced(draft, client, sign_in, volunteer, reviewer):
    save(draft, by=reviewer, title="Secret")
    assert "Secret" not in client.get("/guidelines/draft/").content.decode()
    sign_in(volunteer)
    assert client.get("/guidelines/draft/edit/").status_code == 403
    draft.refresh_from_db()
    actions.announce_draft(draft, comments_url=TALK, by=reviewer, now=NOW)
    page = client.get("/guidelines/draft/").content.decode()
    assert "<ins>Secret</ins>" in page
    assert TALK in page
    assert "Drop this draft" not in page
    assert "Announced: guidelines 1.1" in client.get("/guidelines/1.0/").content.decode()


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(draft, reviewer, sign_in, client):
    sign_in(reviewer)
    wrong = draft_form_data(draft, second_4="", title_0="", body="Only <this>")
    page = client.post("/guidelines/draft/edit/", wrong).content.decode()
    assert "This measure needs a number" in page
    assert "A step has a title" in page
    assert "Only &lt;this&gt;" in page
    draft.refresh_from_db()
    assert draft.revision == 0


def test_who_saves_after_somebody_else_keeps_the_text_and_may_save_again(draft, reviewer, sign_in, client):
    save(draft, by=reviewer, title="Theirs")
    sign_in(reviewer)
    page = client.post("/guidelines/draft/edit/", draft_form_data(draft, seen=0, title="Mine")).content.decode()
    assert "Somebody else saved this draft" in page
    assert 'value="Mine"' in page
    assert '<input type="hidden" name="seen" value="1"' in page


def test_a_version_says_since_when_it_is_in_force_or_when_at_the_latest(published, client):
    assert "In force since 1 November 2026" in client.get("/guidelines/1.0/").content.decode()
    page = client.get("/guidelines/1.1/").content.decode()
    assert "on 30 December 2026 at the latest" in page
    assert client.get("/guidelines/").headers["Location"] == "/guidelines/1.0/"
