"""From the front page into a room, in a real browser: how many clicks it takes, and who comes in as what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from apps.accounts.models import User
from apps.groups.actions import form_group
from apps.groups.models import Group
from apps.resources.actions import provision
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import add_member
from tests.journeys.test_main_job_browser import PHONE, WIDE, no_overflow, sign_in
from tests.servers.bigbluebutton import BigBlueButton

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MOST_CLICKS = 8


@pytest.fixture(autouse=True)
def demo(settings: Any) -> None:
    settings.DEMO = True


@pytest.fixture
def group(catalogue: None) -> Group:
    """Ada coordinates it, Sven is a member."""
    ada, sven = (
        User.objects.create(username=f"Example {name}", email=f"{name}@example.org", is_example=True)
        for name in ("Ada", "Sven")
    )
    group = form_group(name="First Steps", by=ada, now=timezone.now())
    add_member(group, sven)
    return group


@pytest.fixture
def room(catalogue: None, bigbluebutton: BigBlueButton) -> Resource:
    """Made by a machine in the network, which has to be asked first."""
    Resource.objects.filter(slug="video-meeting-room").update(provider="bigbluebutton", server="bigbluebutton")
    return Resource.objects.get(slug="video-meeting-room")


class Mouse:
    """Counts what a person clicks; typing into a field is none."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1
        self.page.wait_for_load_state()


def let_in(page: Page, machine: BigBlueButton) -> None:
    """The one other host that belongs to the story."""
    page.context.route(f"{machine.url}/**", lambda route: route.continue_())


def the_machine_makes_it() -> None:
    now = timezone.now()
    assert provision(now=now, clock=lambda: now) == 1


@pytest.mark.parametrize(("viewport", "scripts"), [(WIDE, True), (PHONE, False)], ids=["1280", "360 without scripts"])
def test_from_the_front_page_to_a_working_room_in_eight_clicks(
    open_browser: Callable[..., Page],
    group: Group,
    room: Resource,
    bigbluebutton: BigBlueButton,
    viewport: dict[str, int],
    scripts: bool,
) -> None:
    page = open_browser(viewport=viewport, java_script_enabled=scripts)
    let_in(page, bigbluebutton)
    page.goto("/")
    ada = Mouse(page)
    ada.click(page.locator('main a[href="/resources/"]'))
    ada.click(page.locator('main a.cdx-button[href="/resources/video-meeting-room/"]'))
    ada.click(page.get_by_role("link", name="Sign in to ask"))
    ada.click(page.locator('main a[href^="/accounts/demo/"]'))
    ada.click(page.locator(f'button[name="person"][value="{User.objects.get(username="Example Ada").pk}"]'))
    no_overflow(page)
    page.locator("#id_starts_at").fill(f"{timezone.now() + timedelta(minutes=10):%Y-%m-%dT%H:%M}")
    ada.click(page.get_by_role("button", name="Book this room"))
    expect(page.get_by_role("heading", name="It is being made")).to_be_visible()
    the_machine_makes_it()
    if not scripts:
        ada.click(page.get_by_role("link", name="Look again"))
    way_in = page.get_by_role("link", name="Open the room")
    expect(way_in).to_be_visible()  # An open page asks every few seconds.
    no_overflow(page)
    here = page.url
    ada.click(way_in)
    expect(page.get_by_role("heading")).to_have_text("In the room")
    assert ada.clicks <= MOST_CLICKS, f"It took {ada.clicks} clicks."

    sven = open_browser(viewport=viewport, java_script_enabled=scripts)
    let_in(sven, bigbluebutton)
    sign_in(sven, User.objects.get(username="Example Sven"), urlsplit(here).path)
    Mouse(sven).click(sven.get_by_role("link", name="Open the room"))
    expect(sven.get_by_role("heading")).to_have_text("In the room")
    [meeting] = bigbluebutton.meetings.values()
    assert meeting.people == [("Example Ada", "MODERATOR"), ("Example Sven", "VIEWER")]
    assert meeting.parameters["record"] == "false"
    assert ResourceRequest.objects.get().is_made


def test_what_was_chosen_stays_when_another_slot_is_clicked_and_the_focus_stays_where_one_types(
    open_browser: Callable[..., Page], group: Group
) -> None:
    page = open_browser(viewport=WIDE)
    sign_in(page, User.objects.get(username="Example Ada"), "/resources/video-meeting-room/")
    page.locator("#id_hours").select_option("2.0")
    page.locator("details:has(#id_until) summary").click()
    page.locator('label[for="id_repeat_1"]').click()
    until = timezone.now() + timedelta(days=30)
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.locator("#id_until").fill(f"{until:%Y-%m-%d}")
    expect(page.locator("#chosen input[name=take]")).not_to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "id_until"
    page.locator('table.week a[href*="start="]').last.click()
    page.wait_for_url("**start=**")
    expect(page.locator("#id_hours")).to_have_value("2.0")
    expect(page.locator("#id_repeat_1")).to_be_checked()
    expect(page.locator("#id_until")).to_be_visible()  # Its fold is open.
    expect(page.locator("#chosen input[name=take]")).not_to_have_count(0)  # Looked at anew.
