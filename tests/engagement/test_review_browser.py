"""The aim of the review: forty steps in twenty minutes. So the keys that it takes are counted, in a real browser."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.deadlines.actions import open_deadline
from apps.engagement.actions import hand_in_again
from apps.engagement.deadlines import REVIEW
from apps.engagement.models import ChecklistStep, Decision, Submission
from apps.groups.actions import form_group
from apps.guidelines.queries import current_version
from apps.initiatives.models import Initiative
from apps.people.actions import grant_role
from tests.world import lead, make_person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BUNDLES, A_BUNDLE = 10, 4


@pytest.fixture
def forty_steps(catalogue: None, settings: Any) -> None:
    """Ten bundles of four measured steps, as they are handed in."""
    settings.DEMO = True
    now = timezone.now()
    rhea = make_person("Rhea", is_example=True)
    grant_role(rhea, role="reviewer", until=now + timedelta(days=90), by=None, now=now)
    steps = list(current_version().steps.order_by("position")[:A_BUNDLE])
    for number, initiative in enumerate(Initiative.objects.order_by("number")[:BUNDLES]):
        person = make_person(f"Lead{number}")
        group = form_group(name=f"Group {number}", by=person, now=now)
        adoption = lead(initiative, group, by=person, now=now)
        submission = Submission.objects.create(
            adoption=adoption, group=group, kind="bundle", step_count=A_BUNDLE, handed_in_at=now, handed_in_by=person
        )
        for step in steps:
            ChecklistStep.objects.create(
                adoption=adoption, step=step, is_met=True, state="in_review", submission=submission
            )
        open_deadline(REVIEW, submission, now=now)


class Keyboard:
    """Counts what is pressed; what a note says is typed beside."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def send(self, key: str) -> None:
        """Press a key that sends, and wait for the page that comes."""
        with self.page.expect_navigation():
            self.press(key)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('name') ?? document.activeElement.tagName"))


@pytest.mark.timeout(120)
def test_forty_steps_in_ten_bundles_take_ten_keys(open_browser, forty_steps):
    page = open_browser(viewport={"width": 1280, "height": 800})
    page.goto("/accounts/demo/?next=/review/")
    page.get_by_role("button", name=re.compile("Rhea")).click()
    expect(page.locator("[data-row] summary:focus")).to_have_count(1)
    search = page.locator(".bar__search input").first.bounding_box()
    assert search
    assert search["width"] > 100, "Beside a reviewer's links one still sees what one searches for."
    keys = Keyboard(page)
    for _bundle in range(BUNDLES):
        keys.send("a")
    assert keys.pressed == 10
    assert ChecklistStep.objects.filter(state="accepted").count() == 40
    expect(page.locator("[data-row]")).to_have_count(0)

    keys.send("u")  # the last one again
    assert Submission.objects.filter(state="open").count() == 1
    assert page.locator("[data-row][open]").count() == 1

    keys.press("?")
    expect(page.get_by_text("send from the note")).to_be_visible()

    first, second = page.locator('[data-row] input[name="steps"]').all()[:2]
    keys.press("x", "Space", "x", "Space")  # two of the four steps
    expect(first).to_be_checked()
    expect(second).to_be_checked()
    keys.press("r")
    assert focused(page) == "reply"
    keys.press("Enter")
    assert focused(page) == "note"
    expect(page.locator("[data-row] textarea")).to_have_value(re.compile("Please add a link"))
    keys.send("Control+Enter")
    assert [row.answer for row in Decision.objects.order_by("-pk")[:1]] == ["more_asked"]
    assert ChecklistStep.objects.filter(state="in_review").count() == 2

    keys.press("p")
    assert focused(page) == "language"
    keys.press("Escape")
    assert focused(page) == "SUMMARY"
    keys.press("w")
    assert focused(page) == "note"
    page.keyboard.type("Done before.")
    keys.send("Control+Enter")
    assert not Submission.objects.filter(state="open").exists()
    assert keys.pressed == 10 + 1 + 1 + 4 + 3 + 2 + 2

    # One of the two comes again; nobody else reviews, so Rhea answers once more.
    line = ChecklistStep.objects.filter(state="more_asked").first()
    lead = line.adoption.leads.get().group
    hand_in_again(line.adoption, step=line.step, answer="There.", group=lead, by=lead.memberships.get().user,
                  now=timezone.now())  # fmt: skip
    page.reload()
    keys.press("n")
    assert focused(page) == "note"
    page.keyboard.type("It is not public.")
    keys.send("Control+Enter")
    line.refresh_from_db()
    assert (line.state, line.note) == ("refused", "It is not public.")
