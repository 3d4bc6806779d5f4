"""The checklist, the pages of its steps, and the queue of the reviewers."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.dates import day
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.engagement.actions import (
    accept_steps,
    ask_for_more,
    hand_in_again,
    hand_in_early,
    hand_in_measured,
    pass_on,
    save_reply,
    take_back,
    waive_steps,
)
from apps.engagement.actions.replies import MOST_REPLIES
from apps.engagement.models import ChecklistStep, Entry, Submission
from apps.groups.actions import form_group
from apps.initiatives.actions import object_to
from apps.initiatives.models import Initiative, Lead, Objection
from apps.initiatives.queries import running_adoption
from apps.people.actions import grant_role
from tests.conftest import add_member, log, meet_early_steps, step_called
from tests.journeys.reader import Page, Reader
from tests.world import World, lead, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def reader_as(world: World, role: str) -> Reader:
    reader = Reader()
    if role != "visitor":
        reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader


def open_as(world: World, role: str, address: str) -> Page:
    return reader_as(world, role).open(address)


def checklist(world: World) -> str:
    return f"{world.led.get_absolute_url()}checklist/"


# --- Checklist -------------------------------------------------------------------------------


def test_everybody_reads_the_checklist_and_only_members_log(world):
    for role in ("visitor", "reviewer", "steward"):
        page = open_as(world, role, checklist(world))
        assert "4 of 10 steps are met." in page.text
        assert not [text for text, _href in page.links if "Log an entry" in text]
        assert not [form for form in page.forms if form.has("Withdraw")]
    page = open_as(world, "member", checklist(world))
    assert len([text for text, _href in page.links if "Log an entry" in text]) == 10
    assert [form for form in page.forms if form.has("Withdraw")]


def test_what_is_missing_is_said_by_name_and_number(world):
    reader = reader_as(world, "member")
    reader.open(f"{checklist(world)}languages/")
    for language in ("ar", "fr"):
        reader.press(
            "Log this entry", title="Nutshell", url=f"https://meta.wikimedia.org/wiki/Nutshell/{language}",
            happened_on=timezone.localdate().isoformat(), languages=[language],
        )  # fmt: skip
    assert "2 of 5 languages" in reader.page.text


def test_who_led_it_before_stands_in_the_form_and_stays(world):
    before = form_group(name="Old Mentors", by=make_person("Olga"), now=world.now)
    Lead.objects.create(
        adoption=world.adoption, group=before, began_at=world.now, last_act_at=world.now, ended_at=world.now,
        ending="handed_over",
    )  # fmt: skip
    ChecklistStep.objects.filter(step__code="neighbours").update(named=None)
    reader = reader_as(world, "member")
    reader.open(f"{checklist(world)}neighbours/")
    reader.follow("Name whom you tell")
    assert reader.page.form("Save").values["names"] == ["Old Mentors"]
    reader.press("Save", names="Peer Spaces")
    assert "so they are told in any case: Old Mentors" in reader.page.text
    reader.press("Save", names="Old Mentors\nPeer Spaces")
    assert "0 of 2 told" in reader.page.text
    reader.press(
        "Log this entry", title="A letter", url="https://meta.wikimedia.org/wiki/Letter", told="Old Mentors",
        happened_on=timezone.localdate().isoformat(), languages=["en"],
    )  # fmt: skip
    assert "1 of 2 told" in reader.page.text


def test_an_initiative_without_a_lead_has_no_checklist(world):
    assert open_as(world, "visitor", f"{world.free.get_absolute_url()}checklist/").status == 404


def test_an_entry_of_tomorrow_is_refused_and_what_was_typed_stays(world):
    reader = reader_as(world, "member")
    reader.open(f"{checklist(world)}announce/")
    reader.press(
        "Log this entry", title="Village pump", url="https://meta.wikimedia.org/wiki/Pump", languages=["en", "fr"],
        happened_on=(timezone.localdate() + timedelta(days=3)).isoformat(), community="Small wikis", people="12",
    )  # fmt: skip
    assert "This day has not come yet." in reader.page.text
    typed = reader.page.form("Log this entry").values
    assert (typed["title"], typed["community"], typed["people"]) == (["Village pump"], ["Small wikis"], ["12"])
    assert typed["languages"] == ["en", "fr"]


def test_a_withdrawn_entry_counts_no_more(world):
    reader = reader_as(world, "member")
    before = Entry.objects.filter(withdrawn_at=None).count()
    reader.open(f"{checklist(world)}announce/")
    reader.press("Withdraw")
    assert "Withdrawn." in reader.page.text
    assert Entry.objects.filter(withdrawn_at=None).count() == before - 1
    assert "2 of 3" in reader.page.text


def test_a_step_handed_in_early_says_why_to_the_reviewer(world):
    reader = reader_as(world, "member")
    reader.open(f"{checklist(world)}calls/")
    reader.follow("Hand it in early, with a reason")
    reader.press("Hand in with this reason", reason="One call reached everybody.")
    page = open_as(world, "reviewer", "/review/")
    assert "One call reached everybody." in page.text
    assert "2 answers are owed by the reviewers." in page.text


def test_an_objection_is_an_answer_that_reviewers_owe_too(world):
    assert "1 answer is owed by the reviewers. None is late." in open_as(world, "reviewer", "/review/").text
    adoption = running_adoption(world.led)
    object_to(adoption, reason="They never asked.", by=world.people["participant"], now=timezone.now())
    assert "2 answers are owed by the reviewers. None is late." in open_as(world, "reviewer", "/review/").text
    Objection.objects.update(made_at=timezone.now() - timedelta(days=11))
    assert "2 answers are owed by the reviewers. 1 of them is late." in open_as(world, "reviewer", "/review/").text


# --- Queue -----------------------------------------------------------------------------------


def second_line(world: World) -> Submission:
    coordinator = make_person("Cora")
    group = form_group(name="Second Group", by=coordinator, now=world.now)
    adoption = lead(Initiative.objects.get(number=5), group, by=coordinator, now=world.now)
    meet_early_steps(adoption, by=coordinator, group=group, now=world.now)
    return hand_in_measured(adoption, group=group, by=coordinator, now=world.now)


def test_the_oldest_deadline_stands_first(world):
    second = second_line(world)
    page = open_as(world, "reviewer", "/review/")
    assert page.html.index(f'id="line-{world.submission.pk}"') < page.html.index(f'id="line-{second.pk}"')


def test_nobody_sees_the_line_of_their_own_group_but_is_told_that_there_is_one(world):
    second_line(world)
    add_member(world.group, world.people["reviewer"], now=world.now)
    page = open_as(world, "reviewer", "/review/")
    assert f'id="line-{world.submission.pk}"' not in page.html
    assert "Second Group" in page.text
    assert "1 line is not shown, since you belong to First Steps" in page.text


def test_a_member_of_a_group_that_leads_too_neither_sees_nor_answers_the_line(world):
    joint = form_group(name="Joint Lead", by=make_person("Joan"), now=world.now)
    Lead.objects.create(adoption=world.adoption, group=joint, began_at=world.now, last_act_at=world.now)
    rhea = reader_as(world, "reviewer")
    form = rhea.open("/review/").form("Accept")
    add_member(joint, world.people["reviewer"], now=world.now)
    assert rhea.client.post(form.action, form.values | {"decision": "accept"}).status_code == 403
    assert Submission.objects.get().state == "open"
    assert "1 line is not shown, since you belong to Joint Lead" in rhea.open("/review/").text


@pytest.mark.parametrize("decision", ["Ask for more", "Waive"])
def test_a_no_needs_a_note_and_the_line_stays_open(world, decision):
    reader = reader_as(world, "reviewer")
    reader.open("/review/")
    reader.press(decision)
    assert "Say why" in reader.page.text
    assert Submission.objects.get().state == "open"
    reader.press(decision, note="Link the discussion, please.")
    assert "until then you can take it back." in reader.page.text
    assert "Link the discussion, please." in open_as(world, "visitor", checklist(world)).text


def test_single_steps_of_a_bundle_are_answered_and_the_others_stay(world):
    chosen = ChecklistStep.objects.get(submission=world.submission, step__code="announce")
    reader = reader_as(world, "reviewer")
    reader.open("/review/")
    reader.press("Accept", steps=[str(chosen.pk)])
    states = ChecklistStep.objects.filter(submission=world.submission).values_list("state", flat=True)
    assert sorted(states) == ["accepted", "in_review", "in_review", "in_review"]
    assert Submission.objects.get().state == "open"


def test_the_second_reviewer_is_told_who_was_faster_and_keeps_the_note(world):
    other = make_person("Omar")
    grant_role(other, role="reviewer", until=world.now + timedelta(days=90), by=None, now=world.now)
    world.people["other"] = other
    first, second = reader_as(world, "reviewer"), reader_as(world, "other")
    first.open("/review/")
    second.open("/review/")
    first.press("Accept")
    second.press("Ask for more", note="I wanted a second link.")
    assert "Somebody answered this before you" in second.page.text
    assert "I wanted a second link." in second.page.text


def test_who_asked_for_more_leaves_the_next_answer_to_somebody_else(world):
    rhea, omar = reader_as(world, "reviewer"), make_person("Omar")
    grant_role(omar, role="reviewer", until=world.now + timedelta(days=90), by=None, now=world.now)
    line = hand_in_early(
        world.adoption, step=step_called("calls"), reason="Enough.", group=world.group,
        by=world.people["coordinator"], now=world.now,
    )  # fmt: skip
    rhea.open("/review/")
    form = next(form for form in rhea.page.forms if form.action.startswith(f"/review/{line.pk}/"))
    rhea.client.post(form.action, form.values | {"decision": "more", "note": "One more, please."})
    again = hand_in_early(
        world.adoption, step=step_called("calls"), reason="Now two.", group=world.group,
        by=world.people["coordinator"], now=world.now,
    )  # fmt: skip
    page = rhea.open("/review/")
    form = next(form for form in page.forms if form.action.startswith(f"/review/{again.pk}/"))
    response = rhea.client.post(form.action, form.values | {"decision": "accept"})
    assert "another reviewer answers now" in response.content.decode()
    again.refresh_from_db()
    assert again.state == "open"


def test_an_empty_queue_says_so(world):
    Submission.objects.update(state="settled", settled_at=world.now)
    Deadline.objects.filter(rule="engagement.review").update(state="met", closed_at=world.now)
    assert "No group waits for a reviewer." in open_as(world, "reviewer", "/review/").text


def test_everybody_reads_what_more_was_asked_for_and_that_staff_answered(world):
    rhea, now = world.people["reviewer"], timezone.now()
    ask_for_more(world.submission, steps=None, note="Where is it?", by=rhea, now=now)
    again = hand_in_again(world.adoption, step=step_called("nutshell"), answer="There.", group=world.group,
                          by=world.people["coordinator"], now=now)  # fmt: skip
    assert "More was asked on" in open_as(world, "reviewer", "/review/").text
    ChecklistStep.objects.filter(submission=again).update(
        state="accepted", decided_at=now, decided_by=rhea, note="", by_staff_alone=True
    )
    page = open_as(world, "visitor", checklist(world))
    assert "“Where is it?”" in page.text
    assert "Reviewed by staff, since nobody else could." in page.text


# --- The whole flow on the page ---------------------------------------------------------------


def another_reviewer(world: World, name: str = "Omar", **fields: object):
    person = make_person(name, **fields)
    grant_role(person, role="reviewer", until=world.now + timedelta(days=90), by=None, now=world.now)
    world.people[name] = person
    return person


def open_row(page: Page) -> str:
    """The id of the line that is open; there is one."""
    [row] = re.findall(r'<details class="queue__row"[^>]* id="([^"]*)" data-row open>', page.html)
    return row


def test_an_answer_is_taken_back_on_the_page(world):
    rhea = reader_as(world, "reviewer")
    rhea.open("/review/")
    rhea.press("Accept")
    assert "Accepted · First Steps" in rhea.page.text
    rhea.press("Take it back")
    assert "It is in review again with its old date" in rhea.page.text
    assert Submission.objects.get().state == "open"
    assert open_row(rhea.page) == f"line-{world.submission.pk}"
    assert "taken back" in rhea.page.text
    assert not [form for form in rhea.page.forms if form.has("Take it back")]
    rhea.press_again()
    assert "taken this answer back already" in rhea.page.text


def test_nobody_takes_back_what_another_answered(world):
    another_reviewer(world)
    decision = accept_steps(world.submission, by=world.people["Omar"], now=timezone.now())
    rhea = reader_as(world, "reviewer")
    page = rhea.open("/review/")
    assert not [form for form in page.forms if form.has("Take it back")]
    browser = Client()
    browser.force_login(world.people["reviewer"], backend="django.contrib.auth.backends.ModelBackend")
    assert browser.post(f"/review/decisions/{decision.pk}/take-back/").status_code == 403


def test_after_an_answer_the_next_line_is_open(world):
    second = second_line(world)
    third = hand_in_early(
        world.adoption, step=step_called("calls"), reason="Enough.", group=world.group,
        by=world.people["coordinator"], now=timezone.now(),
    )  # fmt: skip
    rhea = reader_as(world, "reviewer")
    rhea.open(second.get_absolute_url())
    assert open_row(rhea.page) == f"line-{second.pk}"
    form = next(form for form in rhea.page.forms if form.action.startswith(f"/review/{second.pk}/"))
    rhea.client.post(form.action, form.values | {"decision": "accept"})
    response = rhea.client.post(form.action, form.values | {"decision": "accept"})
    assert "answered this before you" in response.content.decode()
    [at] = re.findall(r"at=\d+", form.action)
    assert open_row(rhea.open(f"/review/?page=1&{at}")) == f"line-{third.pk}"


def test_a_link_to_a_line_opens_the_page_on_which_it_stands(world, monkeypatch):
    monkeypatch.setattr("apps.engagement.views.review.LINES_A_PAGE", 1)
    second = second_line(world)
    rhea = reader_as(world, "reviewer")
    assert open_row(rhea.open(second.get_absolute_url())) == f"line-{second.pk}"
    assert "The line that you came for" not in rhea.page.text
    assert open_row(rhea.open("/review/?line=99999999")) == f"line-{world.submission.pk}"
    assert "The line that you came for is answered already" in rhea.page.text


def test_a_line_is_passed_to_those_who_read_the_language(world):
    another_reviewer(world, languages=["ar"])
    rhea = reader_as(world, "reviewer")
    rhea.open("/review/")
    rhea.press("Pass it on", language="ar")
    assert "Somebody who reads العربية is asked now; the date stands." in rhea.page.text
    assert "You passed it to those who read العربية" in rhea.page.text
    rhea.press("Pass it on", language="ar", note="Still here.")
    assert "You have passed this on already." in rhea.page.text
    assert "Still here." in rhea.page.text
    rhea.press("Accept")
    assert Submission.objects.get().state == "settled"


def test_passing_says_when_nobody_reads_it_and_asks_for_a_language(world):
    rhea = reader_as(world, "reviewer")
    rhea.open("/review/")
    rhea.press("Pass it on", language="no such language")
    assert "Choose the language that one has to read." in rhea.page.text
    rhea.press("Pass it on", language="sw")
    assert "Nobody else who can answer reads Kiswahili. It stays with all reviewers" in rhea.page.text


def test_the_language_of_the_evidence_that_the_reviewer_does_not_read_is_offered_first(world):
    log(world.adoption, "conversations", by=world.people["coordinator"], group=world.group, now=world.now, n=2,
        languages=["ha", "en"])  # fmt: skip
    page = open_as(world, "reviewer", "/review/")
    assert page.form("Pass it on").values["language"] == ["ha"]


def test_evidence_in_a_language_of_the_reader_stands_first_however_old_it_is(world):
    rhea, coordinator = world.people["reviewer"], world.people["coordinator"]
    rhea.languages = ["ar"]
    rhea.save()
    for n in range(2, 9):
        log(world.adoption, "conversations", by=coordinator, group=world.group, now=world.now, n=n,
            languages=["ha"], title=f"Hausa {n}")  # fmt: skip
    log(world.adoption, "conversations", by=coordinator, group=world.group, now=world.now, n=1,
        languages=["ha", "ar"], title="Arabic", happened_on=world.now.date() - timedelta(days=40))  # fmt: skip
    page = open_as(world, "reviewer", "/review/")
    assert page.html.index("Arabic") < page.html.index("Hausa 8")
    assert "Hausa 2" not in page.html
    assert "In a language that you read:" in page.text
    assert "In other languages:" in page.text
    assert "5 entries are shown" in page.text


def test_what_was_decided_before_on_the_group_stands_beside_its_line(world):
    rhea, coordinator, now = world.people["reviewer"], world.people["coordinator"], timezone.now()
    assert "Nothing was decided on this group before." in open_as(world, "reviewer", "/review/").text
    waive_steps(world.submission, steps=None, note="The community is small.", by=rhea, now=now)
    undone = hand_in_early(world.adoption, step=step_called("calls"), reason="One was enough.", group=world.group,
                           by=coordinator, now=now)  # fmt: skip
    slip = waive_steps(undone, steps=None, note="A slip.", by=rhea, now=now)
    take_back(slip, by=rhea, now=now)
    page = open_as(world, "reviewer", "/review/")
    assert "Decided before on this group: 1 answer" in page.text
    assert "The community is small." in page.text


def test_a_former_member_reads_from_when_they_may_review_again(world):
    rhea = world.people["reviewer"]
    membership = add_member(world.group, rhea, now=world.now)
    membership.state, membership.ended_at = "left", world.now - timedelta(days=300)
    membership.save()
    page = open_as(world, "reviewer", "/review/")
    assert "1 line is not shown, since you belonged to First Steps" in page.text
    assert f"from {day(world.now + timedelta(days=65))} you may review it again" in page.text


def test_members_answer_a_reviewer_in_place_and_the_next_one_reads_it(world):
    another_reviewer(world)
    ask_for_more(world.submission, steps=None, note="Where is it?", by=world.people["reviewer"], now=timezone.now())
    assert not [form for form in open_as(world, "visitor", checklist(world)).forms if form.has("Answer and hand in")]
    mina = reader_as(world, "member")
    mina.open(checklist(world))
    assert "A reviewer waits for your answers on 4 steps." in mina.page.text
    assert not [form for form in mina.page.forms if form.has("Hand in 4 measured steps")]
    mina.press("Answer and hand in again", answer="")
    assert "Say what you added or changed" in mina.page.text
    assert "Where is it?" in mina.page.text
    mina.press("Answer and hand in again", answer="It is on Meta now.")
    assert "Handed in again with your answer." in mina.page.text
    assert "The group answered: “It is on Meta now.”" in mina.page.text
    page = open_as(world, "Omar", "/review/")
    assert "What the group answers It is on Meta now." in page.text
    mina.press_again()
    assert "No reviewer asks for more on this step now: In review." in mina.page.text
    assert "It is on Meta now." in mina.page.text


def test_what_comes_again_can_be_refused_by_another_reviewer(world):
    another_reviewer(world)
    assert not [form for form in open_as(world, "Omar", "/review/").forms if form.has("Refuse")]
    ask_for_more(world.submission, steps=None, note="Where is it?", by=world.people["reviewer"], now=timezone.now())
    again = hand_in_again(world.adoption, step=step_called("nutshell"), answer="There.", group=world.group,
                          by=world.people["coordinator"], now=timezone.now())  # fmt: skip
    omar = reader_as(world, "Omar")
    page = omar.open("/review/")
    assert 'value="refuse" data-key="n" data-needs-note' in page.html
    omar.press("Refuse")
    assert "Say why" in omar.page.text
    omar.press("Refuse", note="It is not public.")
    assert set(again.steps.values_list("state", "note")) == {("refused", "It is not public.")}
    assert "It is not public." in open_as(world, "visitor", checklist(world)).text


# --- Replies ----------------------------------------------------------------------------------


def test_a_reviewer_keeps_changes_and_removes_replies_of_their_own(world):
    another_reviewer(world)
    rhea = reader_as(world, "reviewer")
    assert "You keep no reply yet." in rhea.open("/review/replies/").text
    rhea.press("Keep it", title="Notes", answer="more", text="Show us the notes.")
    assert "You keep 1 reply." in rhea.page.text
    rhea.press_again()
    assert "You have a reply of this title already." in rhea.page.text
    rhea.open("/review/replies/")
    rhea.follow("Notes")
    rhea.press("Save", text="Show us the notes, please.")
    assert "Show us the notes, please." in rhea.page.text
    assert "Show us the notes" not in open_as(world, "Omar", "/review/").html
    rhea.press("Remove")
    assert "You keep no reply yet." in rhea.page.text


def test_a_list_of_replies_stays_one_that_one_can_choose_from(world):
    rhea = world.people["reviewer"]
    for n in range(MOST_REPLIES):
        save_reply(title=f"Reply {n}", answer="more", text="Please.", by=rhea, now=world.now)
    with pytest.raises(Refused, match="30 replies already"):
        save_reply(title="One more", answer="more", text="Please.", by=rhea, now=world.now)


def test_a_note_begins_with_a_reply_and_nothing_typed_is_lost(world):
    rhea = reader_as(world, "reviewer")
    mine = save_reply(
        title="Notes", answer="more", text="Show <us> the notes.", by=world.people["reviewer"], now=world.now
    )
    chosen = str(ChecklistStep.objects.get(submission=world.submission, step__code="announce").pk)
    rhea.open("/review/")
    rhea.press("Put it in the note", note="Thank you.", steps=[chosen], reply=f"own-{mine.pk}")
    form = rhea.page.form("Put it in the note")
    assert form.values["note"] == ["Thank you.\nShow <us> the notes."]
    assert form.values["steps"] == [chosen]
    assert Submission.objects.get().state == "open"
    rhea.press("Put it in the note", reply="small")
    assert rhea.page.form("Accept").values["note"][0].endswith("The measure expects more than there is.")
    rhea.press("Put it in the note", reply="own-999")
    rhea.press("Ask for more")
    assert ChecklistStep.objects.get(pk=chosen).state == "more_asked"
    assert Submission.objects.get().state == "open"


# --- A thousand open steps stay quick ---------------------------------------------------------


def test_the_queue_asks_as_often_with_history_passes_and_replies_however_many_there_are(world):
    rhea, coordinator = world.people["reviewer"], world.people["coordinator"]
    another_reviewer(world, languages=["ar"])
    steps = list(world.submission.steps.values_list("pk", flat=True))

    def one_more(n: int) -> int:
        accept_steps(world.submission, steps=[steps[n]], by=rhea, now=timezone.now())
        save_reply(title=f"Reply {n}", answer="more", text="Please.", by=rhea, now=timezone.now())
        early = hand_in_early(world.adoption, step=step_called(["calls", "reach", "languages"][n]), reason="Enough.",
                              group=world.group, by=coordinator, now=timezone.now())  # fmt: skip
        pass_on(early, language="ar", by=rhea, now=timezone.now())
        reader = reader_as(world, "reviewer")
        reader.open("/review/")
        with CaptureQueriesContext(connection) as asked:
            reader.open("/review/")
        return len(asked)

    assert [one_more(n) for n in range(3)] == [21, 21, 21]
