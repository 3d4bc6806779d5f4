"""From whom an address, a ready link and the words of a machine are kept."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from apps.accounts.queries import data_about
from apps.groups.actions import leave_group, plan_meeting
from apps.resources import actions, policy, queries
from apps.resources.models import Resource
from apps.resources.providers.http import quoted
from apps.resources.providers.protocol import Server
from msplatform.logs import hide_secrets
from tests.conftest import NOW, add_member
from tests.resources.offers import LINKS, ask, offer, pool

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANYBODY = AnonymousUser()


@pytest.fixture
def rooms(catalogue, volunteer):
    return pool(volunteer, kind="room", max_hours=3, lasts_days=None, for_groups_older_than_days=None)


def plan(group, by, *, starts_at, is_open=True, now=NOW):
    return plan_meeting(
        group, title="Open call", agenda="All", starts_at=starts_at, minutes=60, languages=["en"], place="",
        is_open=is_open, initiative_number=None, by=by, now=now,
    )  # fmt: skip


def room_of(meeting, room, by, *, now=NOW):
    times = {"starts_at": meeting.starts_at - 10 * MINUTE, "ends_at": meeting.ends_at}
    return ask(room, meeting.group, by=by, now=now, meeting=meeting, **times)


def test_a_ready_link_is_told_from_the_start_to_the_end_of_a_time_alone(rooms, group, coordinator, stranger, blocked):
    use = room_of(plan(group, coordinator, starts_at=NOW + DAY), rooms, coordinator)
    add_member(group, blocked)
    for person in (coordinator, stranger, ANYBODY):
        told = [queries.address_for(use, person, at) for at in (NOW, use.starts_at - MINUTE, use.ends_at)]
        assert told == ["", "", ""]
        assert queries.address_for(use, person, use.starts_at) in LINKS
    assert queries.address_for(use, blocked, use.starts_at) == ""
    assert queries.place_shown(use, coordinator, NOW).opens_later
    assert not queries.place_shown(use, blocked, NOW).opens_later


def test_guests_are_let_in_from_15_minutes_before_an_open_meeting_to_its_end(catalogue, group, coordinator, stranger):
    jitsi = Resource.objects.get(slug="video-meeting-room")
    use = room_of(plan(group, coordinator, starts_at=NOW + DAY), jitsi, coordinator)
    times = {use.starts_at - 16 * MINUTE: False, use.starts_at - 15 * MINUTE: True, use.ends_at: False}
    for at, may in times.items():
        assert [policy.may_enter(person, use, at) for person in (ANYBODY, stranger)] == [may, may]
        assert policy.may_enter(coordinator, use, at)
    assert policy.may_enter_later(ANYBODY, use, NOW)
    type(use.meeting).objects.update(is_open=False)
    use.meeting.refresh_from_db()
    assert not policy.may_enter(ANYBODY, use, use.starts_at)
    assert not policy.may_enter_later(ANYBODY, use, NOW)


def test_pages_and_calendars_of_an_open_meeting_lead_to_its_link_and_do_not_hold_it(
    client, rooms, group, coordinator, sign_in
):
    now = timezone.now()
    meeting = plan(group, coordinator, starts_at=now + DAY, now=now)
    use = room_of(meeting, rooms, coordinator, now=now)
    way, page = queries.enter_address(use), meeting.get_absolute_url()
    for browser in (client, sign_in(coordinator)):
        for address in (page, f"/feeds/meetings/{meeting.pk}.ics", use.get_absolute_url()):
            text = browser.get(address).content.decode().replace("\r\n ", "")
            assert not any(link in text for link in LINKS)
            assert way in text or (browser is client and address == use.get_absolute_url()), address
    assert Client().get(way).url == use.get_absolute_url()
    type(use).objects.update(starts_at=now - HOUR)
    assert Client().get(way).url in LINKS


def test_what_a_steward_said_is_led_to_by_an_open_meeting_and_not_published(
    client, catalogue, volunteer, group, coordinator
):
    now = timezone.now()
    by_hand = offer(volunteer, kind="room", max_hours=3, now=now)
    use = room_of(plan(group, coordinator, starts_at=now + HOUR, now=now), by_hand, coordinator, now=now)
    actions.give_resource(use, address="Ring 1234, code 5678", answer="", by=volunteer, now=now)
    use.refresh_from_db()
    assert "5678" not in client.get(use.meeting.get_absolute_url()).content.decode()
    assert "5678" not in client.get(use.get_absolute_url()).content.decode()
    type(use).objects.update(starts_at=now)
    assert "5678" in client.get(use.get_absolute_url()).content.decode()


def test_the_download_holds_no_address_whoever_asked_or_answered(catalogue, volunteer, group, coordinator, stranger):
    add_member(group, stranger, coordinates=True)
    use = ask(offer(volunteer), group, by=coordinator)
    leave_group(group, by=coordinator, now=NOW)
    actions.give_resource(use, address="https://a.org/7f3a", answer="The code is 5678", by=volunteer, now=NOW)
    meeting = plan(group, stranger, starts_at=NOW + DAY, is_open=False)
    type(meeting).objects.update(place="https://a.org/9c1d", planned_by=coordinator)
    assert not [word for word in ("7f3a", "5678", "9c1d") if word in str(data_about(coordinator))]
    told = str(data_about(volunteer))
    assert ("7f3a" in told, "5678" in told) == (False, True)


def test_a_blocked_member_reads_neither_a_steward_nor_where_members_meet(
    catalogue, volunteer, group, coordinator, blocked
):
    now = timezone.now()
    add_member(group, blocked)
    use = ask(offer(volunteer), group, by=coordinator)
    actions.give_resource(use, address="https://a.org/7f3a", answer="Code 7f3a", by=volunteer, now=NOW)
    meeting = plan(group, coordinator, starts_at=now + DAY, is_open=False, now=now)
    type(meeting).objects.update(place="https://a.org/7f3a")
    page, browser = meeting.get_absolute_url(), Client()
    for person, sees in ((coordinator, True), (blocked, False)):
        browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for address in (use.get_absolute_url(), page, f"{page}change/", f"/feeds/meetings/{meeting.pk}.ics"):
            assert ("7f3a" in browser.get(address).content.decode()) == sees, (person, address)


def test_pages_with_an_address_are_kept_by_no_browser(client, catalogue, volunteer, group, coordinator):
    now = timezone.now()
    use = ask(offer(volunteer), group, by=coordinator)
    meeting = plan(group, coordinator, starts_at=now + DAY, now=now)
    for address in (use.get_absolute_url(), meeting.get_absolute_url()):
        assert {"no-store", "private"} <= set(client.get(address).headers["Cache-Control"].split(", ")), address


def test_neither_what_a_machine_echoes_nor_a_log_names_the_address_of_anybody():
    said = "Invalid: ^ada.l@example.org$ is no pattern, <bola@example.org> no member"
    assert quoted(Server("lists", "mailman", "https://a.org"), said) == "Invalid: … is no pattern, <…> no member"
    line = "error='no: bola@example.org\\nDETAIL:  Failing row contains (7, https://a.org/x).\\nmore' level='error'"
    assert hide_secrets(None, "", line) == "error='no: …\\nDETAIL:  Failing row contains …\\nmore' level='error'"
