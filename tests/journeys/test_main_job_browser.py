"""The main job in a real browser: with scripts and without, wide and on a telephone, in Arabic, and by keyboard.

The example sign-in stands in for the provider here: a page of another host would end the test. The whole protocol is
walked in test_main_job_http.py.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from apps.accounts.models import User
from apps.engagement.actions import hand_in_early
from apps.engagement.models import ChecklistStep, Submission
from apps.groups.actions import form_group
from apps.initiatives.models import Adoption, Initiative
from apps.people.actions import grant_role
from apps.resources.models import ResourceRequest
from tests.conftest import step_called
from tests.world import World, make_world, publish_news

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NUMBER = 13
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture(autouse=True)
def demo(settings: Any) -> None:
    settings.DEMO = True


@pytest.fixture
def people(catalogue: None) -> dict[str, User]:
    found = {
        name: User.objects.create(username=f"Example {name}", email=f"{name}@example.org", is_example=True)
        for name in ("Ada", "Rhea", "Sven")
    }
    until = timezone.now() + timedelta(days=300)
    grant_role(found["Rhea"], role="reviewer", until=until, by=None, now=timezone.now())
    return found


def sign_in(page: Page, person: User, next_address: str = "/") -> None:
    page.goto(f"/accounts/demo/?next={next_address}")
    page.locator(f'button[name="person"][value="{person.pk}"]').click()


def no_overflow(page: Page) -> None:
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} pixels too wide: {page.evaluate(WIDEST)}"


WIDEST = """
() => [...document.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect();
  return (box.right > document.documentElement.clientWidth + 1 || box.left < -1) && !element.closest(".scroll");
}).slice(0, 5).map((element) => element.outerHTML.slice(0, 160))
"""


class Walk:
    """The story by addresses of forms, not by words, so that it is the same in every language."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.initiative = Initiative.objects.get(number=NUMBER)
        self.here = self.initiative.get_absolute_url()

    def goto(self, address: str) -> None:
        self.page.goto(address)
        no_overflow(self.page)

    def click_link(self, ending: str) -> None:
        self.page.locator(f'main a[href$="{ending}"]:visible').first.click()
        self.page.wait_for_load_state()
        no_overflow(self.page)

    def tick(self, selector: str) -> None:
        """By its words, as people do: Codex draws a box of its own over the real one."""
        box = self.page.locator(selector)
        self.page.locator(f'label[for="{box.get_attribute("id")}"]').click()
        expect(box).to_be_checked()

    def submit(self) -> None:
        self.page.locator("main form.form button[type=submit]:visible").last.click()
        self.page.wait_for_load_state()
        no_overflow(self.page)

    def adopt(self) -> None:
        self.goto("/")
        self.page.locator('main a[href="/initiatives/?state=open"].cdx-button--weight-primary').first.click()
        self.page.wait_for_load_state()
        no_overflow(self.page)
        self.page.locator(f'main table a[href="{self.here}"]').click()
        self.click_link("/adopt/")
        self.submit()  # Empty: sentences.
        assert self.page.locator("[data-error-summary]").count() == 1
        self.tick("#id_accept")
        self.page.locator("#id_new_group").fill("First Steps")
        self.page.locator("#id_plan").fill("Newcomers on five wikis find one shared help page.")
        for number, step in enumerate(("List what exists", "Ask", "Write"), start=1):
            self.page.locator(f"#id_step_{number}").fill(step)
        self.submit()
        assert Adoption.objects.get().initiative == self.initiative
        assert self.page.url.endswith(self.here)

    def log(self, code: str, times: int) -> None:
        for number in range(times):
            self.goto(f"{self.here}checklist/")
            self.click_link(f"/checklist/{code}/")
            self.page.locator("#id_title").fill(f"{code} {number}")
            self.page.locator("#id_url").fill(f"https://meta.wikimedia.org/wiki/{code}/{number}")
            self.page.locator("#id_happened_on").fill(timezone.localdate().isoformat())
            self.tick('input[name="languages"][value="en"]')
            self.submit()

    def log_four_steps(self) -> None:
        self.log("conversations", 1)
        self.log("nutshell", 1)
        self.goto(f"{self.here}checklist/neighbours/")
        self.click_link("/neighbours/neighbours/")
        self.submit()
        self.log("announce", 3)
        assert ChecklistStep.objects.filter(is_met=True).count() == 4

    def hand_in(self) -> None:
        self.goto(f"{self.here}checklist/")
        self.page.locator('form[action$="/hand-in/"] button').click()
        self.page.wait_for_load_state()
        assert Submission.objects.get().step_count == 4

    def book_room(self) -> str:
        self.goto("/resources/")
        self.click_link("/resources/video-meeting-room/")
        starts = timezone.now() + timedelta(days=4)
        self.page.locator('table.week a[href*="start="]').last.click()
        self.page.wait_for_load_state()
        no_overflow(self.page)
        assert self.page.locator("#id_starts_at").input_value()
        self.page.locator("#id_starts_at").fill(starts.strftime("%Y-%m-%dT12:00"))
        self.page.locator("#id_purpose").fill("First meeting")
        self.submit()
        room = ResourceRequest.objects.get()
        assert self.page.locator(f'main a[href="{room.get_absolute_url()}enter/"]').count() >= 1
        return room.get_absolute_url()


def walk_the_main_job(open_browser: Callable[..., Page], people: dict[str, User], options: dict[str, Any]) -> Walk:
    ada = Walk(open_browser(**options))
    ada.goto("/")
    sign_in(ada.page, people["Ada"])
    ada.adopt()
    ada.log_four_steps()
    ada.hand_in()
    room = ada.book_room()

    sven = open_browser(**options)
    sign_in(sven, people["Sven"], room)
    assert ResourceRequest.objects.get().address not in sven.content()

    rhea = Walk(open_browser(**options))
    sign_in(rhea.page, people["Rhea"], "/review/")
    no_overflow(rhea.page)
    rhea.page.locator('button[name="decision"][value="accept"]:visible').click()
    rhea.page.wait_for_load_state()
    no_overflow(rhea.page)
    assert set(ChecklistStep.objects.filter(submission=Submission.objects.get()).values_list("state", flat=True)) == {
        "accepted"
    }
    ada.goto(ada.here)
    return ada


@pytest.mark.parametrize(
    ("viewport", "scripts"), [(WIDE, True), (PHONE, False)], ids=["1280 with scripts", "360 without scripts"]
)
@pytest.mark.timeout(300)
def test_the_main_job_from_the_front_page_to_the_reviewers_answer(open_browser, people, viewport, scripts):
    ada = walk_the_main_job(open_browser, people, {"viewport": viewport, "java_script_enabled": scripts})
    expect(ada.page.get_by_text("Accepted").first).to_be_visible()


@pytest.mark.timeout(300)
def test_the_main_job_in_arabic_on_a_telephone(open_browser, people):
    User.objects.update(language="ar")
    ada = walk_the_main_job(open_browser, people, {"viewport": PHONE, "locale": "ar"})
    assert ada.page.locator("html").get_attribute("dir") == "rtl"
    assert ada.page.locator("html").get_attribute("lang") == "ar"


# --- Keys ------------------------------------------------------------------------------------


def focused(page: Page) -> dict[str, str]:
    return page.evaluate(
        """() => { const at = document.activeElement;
        return {tag: at.tagName, name: at.getAttribute("name") || "", href: at.getAttribute("href") || "",
                text: at.textContent.trim().slice(0, 60)} }"""
    )


# A box of Codex shows it on the icon beside the real one.
SHOWS_FOCUS = """() => [document.activeElement, document.activeElement.nextElementSibling].some((element) => {
  const style = element && getComputedStyle(element);
  return style && (style.outlineStyle !== "none" || style.boxShadow !== "none");
})"""


def tab_to(page: Page, wanted: Callable[[dict[str, str]], bool], most: int = 250) -> None:
    for _press in range(most):
        page.keyboard.press("Tab")
        if wanted(focused(page)):
            assert page.evaluate(SHOWS_FOCUS), f"Nobody can see that the focus is on {focused(page)}"
            return
    raise AssertionError(f"Tab does not come there; last: {focused(page)}")


@pytest.mark.timeout(300)
def test_an_initiative_is_adopted_by_keyboard_alone(open_browser, people):
    page = open_browser(viewport=WIDE)
    sign_in(page, people["Ada"])
    here = Initiative.objects.get(number=NUMBER).get_absolute_url()
    page.goto("/")
    page.keyboard.press("Tab")
    assert focused(page)["href"] == "#main"  # The first stop skips what stands before the content.
    page.keyboard.press("Enter")
    tab_to(page, lambda at: at["href"] == "/initiatives/?state=open" and "Adopt" in at["text"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/initiatives/?state=open")
    tab_to(page, lambda at: at["href"] == here)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{here}")
    tab_to(page, lambda at: at["href"].endswith("/adopt/"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/adopt/")
    tab_to(page, lambda at: at["name"] == "accept")
    page.keyboard.press("Space")
    for name, text in (
        ("new_group", "First Steps"),
        ("plan", "One shared help page."),
        ("step_1", "One"),
        ("step_2", "Two"),
        ("step_3", "Three"),
    ):
        tab_to(page, lambda at, name=name: at["name"] == name)
        page.keyboard.type(text)
    tab_to(page, lambda at: at["tag"] == "BUTTON" and "Adopt and lead" in at["text"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{here}")
    assert Adoption.objects.count() == 1


def test_a_refused_form_puts_the_focus_on_its_sentences(open_browser, people):
    page = open_browser(viewport=WIDE)
    sign_in(page, people["Ada"], "/groups/new/")
    page.locator("main form.form button[type=submit]").click()
    page.wait_for_selector("[data-error-summary]")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.locator("[data-error-summary] a").first.click()
    assert focused(page)["name"] == "name"


@pytest.fixture
def two_lines(catalogue: None) -> World:
    """A queue of two lines: a bundle, and one step that comes early."""
    world = make_world(timezone.now())
    hand_in_early(
        world.adoption, step=step_called("calls"), reason="One call was enough.", group=world.group,
        by=world.people["coordinator"], now=timezone.now(),
    )  # fmt: skip
    world.people["reviewer"].is_example = True
    world.people["reviewer"].save()
    return world


OPEN_ROW = "document.activeElement.closest('[data-row]')?.id ?? ''"


def open_row(page: Page) -> str:
    return str(page.evaluate(OPEN_ROW))


def focus_is_on(page: Page, row: str | None) -> None:
    """Once the script has begun, which sets it. The page evaluates no strings, so it cannot be told to wait for one."""
    for _moment in range(100):
        if open_row(page) == row:
            return
        page.wait_for_timeout(50)
    assert open_row(page) == row


def test_reviewers_move_and_answer_with_keys(open_browser, two_lines):
    page = open_browser(viewport=WIDE)
    sign_in(page, two_lines.people["reviewer"], "/review/")
    first, second = (row.get_attribute("id") for row in page.locator("[data-row]").all())
    focus_is_on(page, first)
    page.keyboard.press("j")
    assert open_row(page) == second
    page.keyboard.press("k")
    assert open_row(page) == first
    page.keyboard.press("j")
    for key in ("m", "w"):  # Both need a note, and ask for it before anything is sent.
        page.locator(f"#{second} summary").first.focus()
        page.keyboard.press(key)
        assert focused(page)["name"] == "note"
        page.keyboard.type("a")  # Typed, and no answer.
        page.keyboard.press("Backspace")
    assert Submission.objects.filter(state="open").count() == 2
    page.keyboard.type("One call is not enough.")
    page.locator(f"#{second} summary").first.focus()
    page.keyboard.press("w")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert ChecklistStep.objects.get(step__code="calls").state == "waived"
    focus_is_on(page, first)  # after an answer, on what comes next
    page.keyboard.press("a")
    expect(page.locator("[data-row]")).to_have_count(0)
    assert not Submission.objects.filter(state="open").exists()


def test_review_keys_can_be_turned_off(open_browser, two_lines):
    page = open_browser(viewport=WIDE)
    sign_in(page, two_lines.people["reviewer"], "/review/")
    page.locator("[data-keys-toggle]").click()
    page.locator("[data-row] summary").first.focus()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert Submission.objects.filter(state="open").count() == 2
    page.reload()
    expect(page.locator("[data-keys-toggle]")).to_have_text("Turn keys on")


# --- Nothing typed is lost -------------------------------------------------------------------


def test_what_was_typed_stays_in_the_tab_until_it_was_taken(open_browser, people):
    page = open_browser(viewport=WIDE)
    sign_in(page, people["Ada"], "/groups/new/")
    page.locator("#id_purpose").fill("Help newcomers")
    page.goto("/initiatives/")
    page.goto("/groups/new/")
    expect(page.locator("#id_purpose")).to_have_value("Help newcomers")
    page.locator("#id_name").fill("First Steps")
    page.locator("main form.form button[type=submit]").click()
    page.wait_for_url("**/groups/first-steps/")
    page.goto("/groups/new/")
    expect(page.locator("#id_purpose")).to_have_value("")


def test_a_field_that_the_page_filled_keeps_what_was_changed_in_it(open_browser, people):
    group = form_group(name="First Steps", purpose="Help newcomers", by=people["Ada"], now=timezone.now())
    page = open_browser(viewport=WIDE)
    sign_in(page, people["Ada"], f"{group.get_absolute_url()}change/")
    page.locator("#id_purpose").fill("Help newcomers to stay")
    page.goto("/initiatives/")
    page.goto(f"{group.get_absolute_url()}change/")
    expect(page.locator("#id_purpose")).to_have_value("Help newcomers to stay")
    page.locator("#id_purpose").fill("x" * 301)
    page.locator("main form.form button[type=submit]").click()
    page.wait_for_selector("[data-error-summary]")
    page.locator("#id_purpose").fill("")
    page.locator("main form.form button[type=submit]").click()
    page.wait_for_url(f"**{group.get_absolute_url()}")
    page.goto(f"{group.get_absolute_url()}change/")
    expect(page.locator("#id_purpose")).to_have_value("")


def test_what_was_typed_before_the_script_had_come_is_kept(open_browser, people):
    page = open_browser(viewport=WIDE)
    sign_in(page, people["Ada"])
    page.wait_for_url("**/")
    held: list[Route] = []
    page.route("**/site*.js", lambda route: held.append(route))
    page.goto("/groups/new/", wait_until="commit")
    page.locator("#id_purpose").fill("Help newcomers")
    held[0].continue_()
    page.unroute_all()
    page.wait_for_load_state()
    expect(page.locator("#id_purpose")).to_have_value("Help newcomers")
    page.goto("/initiatives/")
    page.goto("/groups/new/")
    expect(page.locator("#id_purpose")).to_have_value("Help newcomers")


def test_a_time_that_was_picked_in_the_calendar_is_not_replaced_by_an_older_one(open_browser, people):
    form_group(name="First Steps", by=people["Ada"], now=timezone.now())
    page = open_browser(viewport=WIDE)
    sign_in(page, people["Ada"], "/resources/video-meeting-room/")
    page.locator("#id_purpose").fill("First meeting")
    page.locator("#id_starts_at").fill((timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT11:11"))
    page.locator('table.week a[href*="start="]').last.click()
    page.wait_for_url("**start=**")
    expect(page.locator("#id_purpose")).to_have_value("First meeting")
    expect(page.locator("#id_starts_at")).not_to_have_value(re.compile("11:11"))


def test_signing_out_leaves_nothing_typed_to_the_next_one_in_this_tab(open_browser, people):
    page = open_browser(viewport=WIDE)
    sign_in(page, people["Ada"], "/groups/new/")
    page.locator("#id_purpose").fill("Something private")
    page.locator("details.menu--wide:has(form[data-forget-drafts]) summary").click()
    page.locator("details.menu--wide form[data-forget-drafts] button").click()
    page.wait_for_load_state()
    assert "private" not in page.evaluate("JSON.stringify(sessionStorage)")
    sign_in(page, people["Sven"], "/groups/new/")
    expect(page.locator("#id_purpose")).to_have_value("")


# --- The list, with htmx ---------------------------------------------------------------------


def test_the_list_filters_while_one_types_and_the_address_follows(open_browser, catalogue):
    page = open_browser(viewport=WIDE)
    page.goto("/initiatives/")
    page.locator("#id_q").press_sequentially("newcomers")
    page.wait_for_url(re.compile("q=newcomers"))
    expect(page.locator("#initiatives tbody tr")).to_have_count(
        sum("newcomers" in f"{row.title} {row.summary}".casefold() for row in Initiative.objects.all())
    )
    assert focused(page)["name"] == "q"
    page.reload()
    expect(page.locator("#id_q")).to_have_value("newcomers")


def test_back_to_a_filtered_list_is_a_whole_page(open_browser, catalogue):
    page = open_browser(viewport=WIDE)
    page.goto("/initiatives/")
    page.locator("#id_state").select_option("open")
    page.wait_for_url(re.compile("state=open"))
    page.locator("#initiatives tbody a").first.click()
    page.wait_for_load_state()
    page.go_back()
    expect(page.locator("header.bar")).to_be_visible()
    expect(page.locator("#initiatives tbody tr").first).to_be_visible()


# --- Accessible ------------------------------------------------------------------------------

SERIOUS = {"serious", "critical"}


def main_pages(world: World) -> Iterator[tuple[str, str]]:
    free = f"/initiatives/{world.free.number}-{world.free.words}/"
    led = f"/initiatives/{world.led.number}-{world.led.words}/"
    yield from (
        ("visitor", "/"),
        ("visitor", led),
        ("participant", "/"),
        ("participant", "/initiatives/"),
        ("participant", free),
        ("coordinator", led),
        ("participant", led),
        ("participant", f"{free}adopt/"),
        ("coordinator", f"{led}checklist/"),
        ("coordinator", f"{led}checklist/announce/"),
        ("reviewer", "/review/"),
        ("coordinator", "/resources/"),
        ("coordinator", "/resources/video-meeting-room/"),
        ("coordinator", world.room.get_absolute_url()),
        ("steward", world.wish.get_absolute_url()),
        ("coordinator", world.group.get_absolute_url()),
        ("coordinator", "/me/"),
        ("participant", "/accounts/settings/"),
        ("participant", "/waiting/"),
        ("participant", "/record/"),
        ("participant", "/groups/"),
        ("participant", "/news/"),
        ("participant", "/news/submit/"),
        ("administrator", "/people/"),
        ("participant", "/guidelines/1.0/"),
        ("reviewer", "/notices/"),
    )


@pytest.fixture
def world(catalogue: None) -> World:
    world = make_world(timezone.now())
    publish_news(world, now=world.now)
    User.objects.update(is_example=True)
    return world


@pytest.mark.parametrize(
    ("viewport", "language", "scheme"),
    [(WIDE, "en", "dark"), (PHONE, "ar", "light")],
)
@pytest.mark.timeout(400)
def test_no_main_page_keeps_anybody_out_or_is_wider_than_the_screen(open_browser, world, viewport, language, scheme):
    User.objects.update(language=language)
    axe, wrong = Axe(), []
    pages: dict[str, Page] = {}
    for role, address in main_pages(world):
        if role not in pages:
            pages[role] = open_browser(viewport=viewport, color_scheme=scheme, locale=language, bypass_csp=True)
            if role != "visitor":
                sign_in(pages[role], world.people[role])
        page = pages[role]
        page.goto(address)
        no_overflow(page)
        if address.endswith("/adopt/"):
            page.locator("main form.form button[type=submit]").click()
            page.wait_for_selector("[data-error-summary]")
            no_overflow(page)
        for violation in axe.run(page).response["violations"]:
            if violation["impact"] in SERIOUS:
                where = [node["html"][:120] for node in violation["nodes"][:3]]
                wrong.append(f"{address} ({role}): {violation['id']}: {where}")
    assert not wrong, "\n".join(wrong)
