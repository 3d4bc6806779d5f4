"""Meetings: planned, changed, cancelled, held, and their notes within 7 days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.groups import actions, queries
from apps.groups.forms import MeetingForm
from apps.groups.models import Group, Meeting, Notes
from apps.initiatives.actions import step_down
from apps.initiatives.models import Adoption, Initiative, Lead
from apps.notifications.models import Letter
from apps.record.models import Act
from apps.record.queries import acts_about
from tests.conftest import add_member, adopt
from tests.journeys.reader import Reader

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NOTES = {"text": "We agreed on five wikis.", "link": "", "attendance": 7, "languages": ["en"]}


def plan(group: Group, *, by, now: datetime, starts_at: datetime | None = None, **what) -> Meeting:
    meeting = {
        "title": "Open call",
        "agenda": "Which wikis first?",
        "minutes": 60,
        "languages": ["en", "yo"],
        "place": "https://meet.example.org/first-steps",
        "is_open": True,
        "initiative_number": None,
    }
    return actions.plan_meeting(group, starts_at=starts_at or now + 3 * DAY, by=by, now=now, **(meeting | what))


def changed(meeting: Meeting, **what) -> dict:
    names = ("title", "agenda", "starts_at", "minutes", "languages", "place", "is_open", "initiative_number")
    return {name: getattr(meeting, name) for name in names} | what


@pytest.fixture
def meeting(group, coordinator, now) -> Meeting:
    return plan(group, by=coordinator, now=now)


@pytest.fixture
def held(meeting) -> Meeting:
    sweep(now=meeting.ends_at)
    meeting.refresh_from_db()
    return meeting


# --- Planning --------------------------------------------------------------------------------


def test_a_planned_meeting_waits_for_its_end_and_then_owes_notes_for_seven_days(meeting, group):
    assert broken_promises() == []
    sweep(now=meeting.ends_at - timedelta(seconds=1))
    meeting.refresh_from_db()
    assert meeting.state == "planned"
    sweep(now=meeting.ends_at)
    meeting.refresh_from_db()
    assert meeting.state == "held"
    deadline = Deadline.objects.get(rule="groups.publish_notes", subject_id=meeting.pk)
    assert (deadline.owner, deadline.due_at) == (f"group:{group.pk}", meeting.ends_at + 7 * DAY)
    assert broken_promises() == []


def test_the_other_members_are_told_of_a_meeting_once_and_its_planner_is_not(
    group, coordinator, volunteer, stranger, now
):
    add_member(group, volunteer)
    meeting = plan(group, by=coordinator, now=now)
    [letter] = Letter.objects.filter(notice__kind="groups.meeting_planned")
    assert (letter.recipient, letter.notice.link) == (volunteer, meeting.get_absolute_url())
    assert letter.notice.times == {"starts_at": meeting.starts_at.isoformat()}, "Each reads it in their own zone."
    actions.change_meeting(meeting, **changed(meeting, starts_at=meeting.starts_at + DAY), by=coordinator, now=now)
    assert Letter.objects.filter(notice__kind="groups.meeting_planned").count() == 1


def test_a_second_click_plans_no_second_meeting(meeting, group, coordinator, now):
    with pytest.raises(Refused, match="planned for that time already"):
        plan(group, by=coordinator, now=now)
    assert Meeting.objects.count() == 1


def test_the_past_is_refused(group, coordinator, now):
    with pytest.raises(Refused, match="has passed") as refused:
        plan(group, by=coordinator, now=now, starts_at=now)
    assert refused.value.field == "starts_at"


def test_a_meeting_is_about_what_the_group_leads(adoption, group, coordinator, now):
    assert plan(group, by=coordinator, now=now, initiative_number=13).initiative_number == 13
    with pytest.raises(Refused, match="does not lead"):
        plan(group, by=coordinator, now=now, initiative_number=14)


@pytest.mark.parametrize(
    ("zone", "typed", "in_utc"),
    [
        # Clocks in Berlin go back on 25 October 2026, in New York on 1 November.
        ("Europe/Berlin", "2026-10-24T18:00", datetime(2026, 10, 24, 16, tzinfo=UTC)),
        ("Europe/Berlin", "2026-10-26T18:00", datetime(2026, 10, 26, 17, tzinfo=UTC)),
        ("America/New_York", "2026-10-26T13:00", datetime(2026, 10, 26, 17, tzinfo=UTC)),
        ("Asia/Kolkata", "2026-10-26T22:30", datetime(2026, 10, 26, 17, tzinfo=UTC)),
    ],
)
def test_the_time_is_that_of_the_planners_zone_on_that_day(group, zone, typed, in_utc):
    data = {"title": "Call", "agenda": "All", "starts_at": typed, "minutes": "60", "place": "Room", "is_open": "yes",
            "languages": ["en"]}  # fmt: skip
    with timezone.override(ZoneInfo(zone)):
        form = MeetingForm(data, led=[])
        assert form.is_valid(), form.errors
        assert zone in str(form.fields["starts_at"].help_text)
    assert form.cleaned_data["starts_at"] == in_utc


def test_a_meeting_says_its_languages(group):
    form = MeetingForm({"title": "Call"}, led=[])
    assert "Say in which language it is held." in form.errors["languages"]


# --- Changing and cancelling -----------------------------------------------------------------


def test_who_wants_to_come_is_told_of_a_new_time_and_nobody_else(meeting, coordinator, volunteer, stranger, now):
    actions.want_to_come(meeting, by=volunteer, now=now)
    actions.want_to_come(meeting, by=volunteer, now=now)
    later = meeting.starts_at + DAY
    actions.change_meeting(meeting, **changed(meeting, starts_at=later), by=coordinator, now=now)
    [letter] = Letter.objects.filter(notice__kind="groups.meeting_moved")
    assert letter.recipient == volunteer
    assert "11 September 2026, 10:00 UTC" in letter.body
    sweep(now=meeting.ends_at)
    meeting.refresh_from_db()
    assert meeting.state == "planned", "It ends a day later now."
    sweep(now=later + timedelta(hours=1))
    meeting.refresh_from_db()
    assert meeting.state == "held"


def test_other_words_disturb_nobody_and_no_change_leaves_no_trace(meeting, coordinator, volunteer, now):
    actions.want_to_come(meeting, by=volunteer, now=now)
    acts = Act.objects.count()
    actions.change_meeting(meeting, **changed(meeting), by=coordinator, now=now)
    assert Act.objects.count() == acts
    actions.change_meeting(meeting, **changed(meeting, agenda="All of it"), by=coordinator, now=now)
    assert Act.objects.count() == acts + 1
    assert not Letter.objects.filter(notice__kind="groups.meeting_moved").exists()


def test_what_has_begun_is_neither_changed_nor_cancelled_nor_come_to(meeting, coordinator, volunteer):
    begun = meeting.starts_at
    for act in (
        lambda: actions.change_meeting(meeting, **changed(meeting, title="x"), by=coordinator, now=begun),
        lambda: actions.cancel_meeting(meeting, reason="Ill", by=coordinator, now=begun),
        lambda: actions.want_to_come(meeting, by=volunteer, now=begun),
    ):
        with pytest.raises(Refused, match="has begun already"):
            act()


def test_a_cancelled_meeting_owes_nothing_and_says_why(meeting, coordinator, volunteer, now):
    actions.want_to_come(meeting, by=volunteer, now=now)
    actions.cancel_meeting(meeting, reason="The room burned down.", by=coordinator, now=now)
    assert Letter.objects.get(notice__kind="groups.meeting_cancelled").recipient == volunteer
    with pytest.raises(Refused, match="was cancelled"):
        actions.cancel_meeting(meeting, reason="Again", by=coordinator, now=now)
    sweep(now=meeting.ends_at + 8 * DAY)
    meeting.refresh_from_db()
    assert meeting.state == "cancelled"
    assert broken_promises() == []


def test_only_members_come_to_a_meeting_of_members(group, coordinator, volunteer, now):
    meeting = plan(group, by=coordinator, now=now, is_open=False)
    with pytest.raises(Refused, match="for members"):
        actions.want_to_come(meeting, by=volunteer, now=now)
    add_member(group, volunteer)
    actions.want_to_come(meeting, by=volunteer, now=now)
    assert meeting.coming.count() == 1


def test_a_meeting_that_closes_its_doors_forgets_who_may_not_come(meeting, group, coordinator, volunteer, now):
    actions.want_to_come(meeting, by=volunteer, now=now)
    actions.want_to_come(meeting, by=coordinator, now=now)
    actions.change_meeting(meeting, **changed(meeting, is_open=False), by=coordinator, now=now)
    assert [coming.person for coming in meeting.coming.all()] == [coordinator]


def test_the_last_member_cancels_what_is_planned_before_leaving(meeting, group, coordinator, now):
    with pytest.raises(Refused, match="a meeting of your group is planned"):
        actions.leave_group(group, by=coordinator, now=now)
    actions.cancel_meeting(meeting, reason="I leave.", by=coordinator, now=now)
    actions.leave_group(group, by=coordinator, now=now)


# --- Notes -----------------------------------------------------------------------------------


def test_notes_are_published_once_and_are_an_act_of_the_lead(adoption, held, coordinator, volunteer):
    later = held.ends_at + 2 * DAY
    actions.publish_notes(held, **NOTES, by=coordinator, now=later)
    adoption.refresh_from_db()
    assert (adoption.last_act_at, adoption.last_act) == (later, "groups.notes_published")
    assert Lead.objects.get().last_act_at == later
    assert acts_about(adoption.initiative)[0].verb == "groups.notes_published"
    with pytest.raises(Refused, match="published already"):
        actions.publish_notes(held, **NOTES, by=coordinator, now=later)
    assert Notes.objects.count() == 1
    assert broken_promises() == []


def test_notes_count_for_the_initiative_that_the_meeting_was_about(adoption, group, coordinator, now):
    Adoption.objects.update(musts_met=3)
    other = adopt(Initiative.objects.get(number=14), group=group, by=coordinator)
    meeting = plan(group, by=coordinator, now=now, initiative_number=14)
    actions.publish_notes(meeting, **NOTES, by=coordinator, now=meeting.ends_at)
    adoption.refresh_from_db()
    other.refresh_from_db()
    assert (adoption.last_act_at, other.last_act_at) == (now, meeting.ends_at)


def test_notes_of_a_group_that_leads_no_more_count_for_nothing(adoption, held, coordinator):
    step_down(Lead.objects.get(), notes="", by=coordinator, now=held.ends_at)
    actions.publish_notes(held, **NOTES, by=coordinator, now=held.ends_at + DAY)
    adoption.refresh_from_db()
    assert adoption.last_act == "initiatives.adopted"


def test_features_above_are_told_of_notes_but_not_of_corrections(held, coordinator, monkeypatch):
    told = []
    monkeypatch.setattr(
        "apps.groups.actions.meetings.WHEN_NOTES_ARE_PUBLISHED", [lambda meeting, **what: told.append((meeting, what))]
    )
    notes = actions.publish_notes(held, **NOTES, by=coordinator, now=held.ends_at)
    actions.correct_notes(held, **NOTES | {"attendance": 8}, by=coordinator, now=held.ends_at)
    [(meeting, what)] = told
    assert (meeting, what["notes"], what["by"], what["now"]) == (held, notes, coordinator, held.ends_at)
    assert what["record"].verb == "groups.notes_published"


def test_notes_do_not_wait_for_the_clock_but_for_the_end(meeting, coordinator):
    with pytest.raises(Refused, match="not over yet"):
        actions.publish_notes(meeting, **NOTES, by=coordinator, now=meeting.ends_at - timedelta(minutes=1))
    actions.publish_notes(meeting, **NOTES, by=coordinator, now=meeting.ends_at)
    assert broken_promises() == []


def test_silence_for_seven_days_reads_no_notes_for_ever(adoption, held, coordinator):
    sweep(now=held.ends_at + 7 * DAY - timedelta(seconds=1))
    held.refresh_from_db()
    assert held.state == "held"
    sweep(now=held.ends_at + 7 * DAY)
    held.refresh_from_db()
    assert held.state == "no_notes"
    with pytest.raises(Refused, match="The 7 days are over"):
        actions.publish_notes(held, **NOTES, by=coordinator, now=held.ends_at + 8 * DAY)
    adoption.refresh_from_db()
    assert adoption.last_act == "initiatives.adopted"
    assert broken_promises() == []


def test_a_coordinator_is_reminded_of_the_notes(held, coordinator):
    sweep(now=held.ends_at + DAY)
    assert Letter.objects.filter(recipient=coordinator, notice__deadline_id__isnull=False).exists()


def test_who_wanted_to_come_gets_the_notes(meeting, coordinator, volunteer, now):
    actions.want_to_come(meeting, by=volunteer, now=now)
    actions.publish_notes(meeting, **NOTES, by=coordinator, now=meeting.ends_at)
    assert Letter.objects.get(notice__kind="groups.notes_published").recipient == volunteer


def test_a_correction_keeps_what_stood_there(adoption, held, coordinator):
    actions.publish_notes(held, **NOTES, by=coordinator, now=held.ends_at)
    with pytest.raises(Refused, match="stand there already"):
        actions.correct_notes(held, **NOTES, by=coordinator, now=held.ends_at + DAY)
    actions.correct_notes(held, **NOTES | {"attendance": 9}, by=coordinator, now=held.ends_at + DAY)
    assert queries.newest_notes(held).attendance == 9
    assert [notes.attendance for notes in held.notes.all()] == [9, 7]
    adoption.refresh_from_db()
    assert adoption.last_act_at == held.ends_at, "A correction is no act of leadership."


def test_nothing_is_corrected_that_was_not_published(held, coordinator):
    with pytest.raises(Refused, match="no notes to correct"):
        actions.correct_notes(held, **NOTES, by=coordinator, now=held.ends_at)


@pytest.mark.parametrize(
    "wrong",
    [{"ends_at": datetime(2026, 9, 1, tzinfo=UTC)}, {"state": "cancelled"}, {"reason": "Why not"}],
)
def test_the_database_keeps_what_a_meeting_promises(meeting, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(**wrong)


@pytest.mark.parametrize("wrong", [{"text": "", "link": ""}, {"attendance": 0}])
def test_the_database_keeps_what_notes_promise(held, coordinator, now, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Notes.objects.create(meeting=held, **NOTES | wrong, published_at=now, published_by=coordinator)


# --- Pages -----------------------------------------------------------------------------------


def reader(person=None) -> Reader:
    reader = Reader()
    if person:
        reader.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return reader


@pytest.fixture
def soon(group, coordinator) -> Meeting:
    now = timezone.now()
    return plan(group, by=coordinator, now=now, starts_at=now + timedelta(days=3, hours=1), is_open=False)


def test_a_coordinator_plans_a_meeting_from_the_page_of_the_group(adoption, group, coordinator):
    bola = reader(coordinator)
    bola.open(group.get_absolute_url())
    bola.follow("Plan a meeting")
    starts_at = (timezone.now() + 3 * DAY).strftime("%Y-%m-%dT%H:%M")
    bola.press("Plan the meeting", title="Open <b>call</b>", agenda="All", starts_at=starts_at, languages=["en"],
               place="The big room", initiative_number="13")  # fmt: skip
    assert "It begins in 2 days, on" in bola.page.text
    assert "Open <b>call</b>" in bola.page.text
    assert "Initiative 13" in bola.page.text
    assert "Open <b>call</b>" in bola.open(group.get_absolute_url()).text
    assert "One meeting so far." in bola.open(f"{group.get_absolute_url()}meetings/").text


def test_the_time_stands_there_in_the_readers_zone_and_in_utc(soon, person):
    tokyo = reader(person("Aiko", time_zone="Asia/Tokyo")).open(soon.get_absolute_url()).text
    assert f"{soon.starts_at:%H:%M} UTC" in tokyo
    assert f"{soon.starts_at.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M} JST" in tokyo


def test_only_members_see_where_members_meet(soon, coordinator, stranger):
    assert "meet.example.org" in reader(coordinator).open(soon.get_absolute_url()).html
    for page in (reader(stranger).open(soon.get_absolute_url()), reader().open(soon.get_absolute_url())):
        assert "meet.example.org" not in page.html
        assert "Only members see where it is." in page.text


def test_a_member_changes_and_cancels_on_the_page(soon, group, volunteer):
    add_member(group, volunteer)
    ada = reader(volunteer)
    ada.open(soon.get_absolute_url())
    ada.press("I want to come")
    assert "I cannot come after all" in ada.page.html
    ada.follow("Change the meeting")
    assert ada.page.form("Save").values["starts_at"] == [f"{soon.starts_at:%Y-%m-%dT%H:%M}"]
    ada.press("Save", title="Another title")
    assert "Another title" in ada.page.text
    ada.follow("Cancel the meeting")
    ada.press("Cancel the meeting", reason="The room is closed.")
    assert "The room is closed." in ada.page.text
    assert "with a reason" in ada.page.text


def test_notes_are_published_and_corrected_on_the_page(soon, coordinator):
    Meeting.objects.update(starts_at=timezone.now() - DAY, ends_at=timezone.now() - timedelta(hours=20))
    bola = reader(coordinator)
    assert "It is over" in bola.open(soon.get_absolute_url()).text
    bola.follow("Publish the notes")
    bola.press("Publish the notes", attendance="3", text="")
    assert "Write the notes, or give the link to them." in bola.page.text
    bola.press("Publish the notes", text="We <i>met</i>.", attendance="3")
    assert "3 people came; the notes are here." in bola.page.text
    assert "We <i>met</i>." in bola.page.text
    bola.follow("Correct them")
    bola.press("Save the correction", attendance="4")
    assert "4 people came; the notes are here." in bola.page.text
    assert "As it stood on" in bola.page.text


def test_a_meeting_without_notes_says_so(held):
    sweep(now=held.ends_at + 7 * DAY)
    page = reader().open(held.get_absolute_url())
    assert "No notes." in page.text
    assert "stands here for ever" in page.text


def test_the_calendar_file_holds_the_place_only_for_who_may_come(soon, coordinator, stranger):
    address = f"/feeds/meetings/{soon.pk}.ics"
    mine = reader(coordinator).client.get(address).content.decode()
    assert "meet.example.org" in mine
    assert f"DTSTART:{soon.starts_at:%Y%m%dT%H%M%S}Z" in mine
    assert "meet.example.org" not in reader(stranger).client.get(address).content.decode()
    actions.cancel_meeting(soon, reason="No", by=coordinator, now=timezone.now())
    assert "STATUS:CANCELLED" in reader(stranger).client.get(address).content.decode()


def test_how_far_away_is_said_in_both_directions():
    from apps.core.templatetags.ui import away

    now = datetime(2026, 9, 7, 10, tzinfo=UTC)
    with translation.override("en"):
        assert away(now + timedelta(minutes=5), now) == "in 5 minutes"
        assert away(now + timedelta(hours=5), now) == "in 5 hours"
        assert away(now + 5 * DAY, now) == "in 5 days"
        assert away(now - 5 * DAY, now) == "5 days ago"
