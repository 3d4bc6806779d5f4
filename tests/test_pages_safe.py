"""Every page: a strict Content-Security-Policy, no other host, every name escaped; production is safe by default."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from apps.core.languages import regions
from apps.engagement.actions import hand_in_early
from apps.groups.actions import ask_to_join, form_group
from apps.initiatives.actions import add_place, post_update, say_interest
from apps.initiatives.models import Initiative
from apps.notifications.tokens import unsubscribe_token
from apps.resources.actions import decline_request
from tests.conftest import add_member, log, step_called
from tests.world import World, ask_for, invite_one, lead, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("plain_header")]
ROOT = Path(__file__).parent.parent


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def browser_of(world: World, role: str, **options) -> Client:
    client = Client(raise_request_exception=False, **options)
    if role != "visitor":
        client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


def pages(world: World) -> list[tuple[str, str]]:
    """Every kind of page, with the role that sees most of it."""
    led, free = [world.led.number, world.led.words], [world.free.number, world.free.words]
    return [
        ("visitor", "/"),
        ("coordinator", "/"),
        ("visitor", reverse("home:recommendation", args=[1])),
        ("visitor", world.led.get_absolute_url()),
        ("coordinator", world.led.get_absolute_url()),
        ("participant", world.free.get_absolute_url()),
        ("coordinator", world.group.get_absolute_url()),
        ("coordinator", "/me/"),
        ("coordinator", "/me/calendar/"),
        ("participant", "/initiatives/"),
        ("participant", reverse("initiatives:adopt", args=free)),
        ("participant", reverse("initiatives:adopt", args=led)),
        ("participant", reverse("initiatives:interest", args=free)),
        ("member", reverse("initiatives:update", args=led)),
        ("visitor", reverse("engagement:checklist", args=led)),
        ("member", reverse("engagement:step", args=[*led, "announce"])),
        ("coordinator", reverse("engagement:move", args=led)),
        ("member", reverse("engagement:paste", args=[*led, "announce"])),
        ("visitor", world.entry.get_absolute_url()),
        ("member", reverse("engagement:correct", args=[world.entry.pk])),
        ("visitor", f"/engagement/?group={world.group.slug}"),
        ("reviewer", "/review/"),
        ("visitor", "/waiting/"),
        ("participant", world.submission_wait.get_absolute_url()),
        ("visitor", "/record/"),
        ("visitor", "/people/"),
        ("administrator", "/people/grant/"),
        ("participant", "/people/ask/facilitator/"),
        ("administrator", world.term.get_absolute_url()),
        ("participant", "/people/affiliates/1/"),
        ("coordinator", f"/groups/{world.group.slug}/facilitators/"),
        ("administrator", "/operations/"),
        ("visitor", "/groups/"),
        ("participant", "/groups/new/"),
        ("visitor", "/resources/"),
        ("coordinator", reverse("resources:resource", args=["video-meeting-room"])),
        ("steward", reverse("resources:resource", args=["mailing-list"])),
        ("participant", "/resources/offer/"),
        ("steward", "/resources/mailing-list/change/"),
        ("steward", "/resources/mailing-list/stewards/"),
        ("steward", "/resources/mailing-list/withdraw/"),
        ("steward", world.wish.get_absolute_url()),
        ("coordinator", world.room.get_absolute_url()),
        ("visitor", "/feedback/"),
        ("coordinator", "/feedback/new/"),
        ("coordinator", world.round.get_absolute_url()),
        ("member", world.round_draft.get_absolute_url()),
        ("participant", reverse("feedback:answer", args=[world.round.pk])),
        ("participant", reverse("feedback:translate", args=[world.round.pk, "sw"])),
        ("reviewer", "/notices/"),
        ("reviewer", "/notices/choices/"),
        ("reviewer", "/notices/sent/"),
        ("reviewer", world.letter.get_absolute_url()),
        ("visitor", "/notices/example/"),
        ("visitor", reverse("notifications:unsubscribe", args=[unsubscribe_token(world.people["member"])])),
        ("visitor", "/guidelines/1.0/"),
        ("visitor", "/guidelines/draft/"),
        ("reviewer", "/guidelines/draft/"),
        ("reviewer", "/guidelines/draft/edit/"),
        ("visitor", "/translations/"),
        ("participant", reverse("translations:unit", args=["initiative", world.free.pk, "ar"])),
        ("visitor", "/accounts/sign-in/"),
        ("visitor", "/accounts/demo/"),
        ("participant", "/accounts/settings/"),
        ("participant", "/review/"),  # 403
        ("participant", "/nothing-here/"),  # 404
        ("visitor", "/accounts/staff/"),  # 404 with words
    ]


class Sources(HTMLParser):
    """What a page makes a browser fetch or run, without anybody clicking."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.inline: list[str] = []
        self.forms: list[str] = []
        self.links: list[str] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"style", "base", "iframe", "object", "embed", "frame", "applet"} or (
            tag == "script" and "src" not in given
        ):
            self.inline.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in given:
            self.inline.append(f"<meta http-equiv={given['http-equiv']}>")
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag in {"script", "img", "audio", "video", "source", "iframe", "input", "track"} and given.get("src"):
            self.fetched.append(given["src"])
        if tag in {"link", "use", "image"}:
            self.fetched.append(given.get("href") or given.get("xlink:href") or "")
        self.fetched += [given[name] for name in ("srcset", "poster", "background") if name in given]
        if tag == "form":
            self.forms.append(given.get("action", ""))
        if tag == "a":
            self.links.append(given.get("href", ""))


def policy_of(response) -> dict[str, list[str]]:
    header = response.headers["Content-Security-Policy"]
    return {part.split()[0]: part.split()[1:] for part in header.split(";") if part.strip()}


def test_every_page_has_a_strict_policy_and_the_headers_that_go_with_it(world, settings):
    settings.DEMO = True
    for role, address in pages(world):
        response = browser_of(world, role).get(address)
        assert response.status_code < 500, address
        policy = policy_of(response)
        assert policy["default-src"] == ["'none'"], address
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"], address
        assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"], address
        header = response.headers["Content-Security-Policy"].replace("https://*.wikimedia.org", "")
        assert not re.search(r"unsafe-|\*|nonce|strict-dynamic|https?:(?!//)", header)
        assert response.headers["X-Content-Type-Options"] == "nosniff", address
        assert response.headers["X-Frame-Options"] == "DENY", address
        assert response.headers["Referrer-Policy"] == "same-origin", address
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin", address


def test_no_page_has_inline_code_or_asks_another_host_for_anything(world, settings):
    settings.DEMO = True
    for role, address in pages(world):
        found = Sources(browser_of(world, role).get(address).content.decode())
        assert found.fetched, address
        assert not found.inline, f"{address}: {found.inline}"
        for source in [*found.fetched, *found.forms]:
            assert not urlsplit(source).netloc, f"{address}: {source}"
            assert urlsplit(source).scheme in {"", "data"}, f"{address}: {source}"
        for link in found.links:
            assert urlsplit(link).scheme in {"", "http", "https", "mailto"}, f"{address}: {link}"


def test_pages_of_one_person_are_kept_by_no_shared_cache(world):
    for role, address in pages(world):
        if role != "visitor":
            assert "Cookie" in browser_of(world, role).get(address).headers["Vary"], address


def test_a_failing_page_keeps_the_policy_and_shows_no_traceback(world, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("apps.record.queries.newest_acts", fail)
    response = browser_of(world, "visitor").get("/record/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "secret of the house" not in response.content.decode()
    assert policy_of(response)["default-src"] == ["'none'"]


# --- Names and texts -------------------------------------------------------------------------

BAD = "<img src=x onerror=alert(1)>\"'&<script>alert(2)</script>"


@pytest.fixture
def bad_world(world) -> World:
    """The same world, in which everything that people can name or write carries markup."""
    at = world.now
    coordinator = make_person(f"Eve {BAD}"[:150], languages=["en"], region=next(iter(regions())))
    other = make_person(f"Bob {BAD}"[:150])
    group = form_group(name=f"G{BAD}"[:80], purpose=BAD, by=coordinator, now=at, seeks_members=True)
    add_member(group, world.people["coordinator"], coordinates=True, now=at)
    initiative = Initiative.objects.get(number=2)
    adoption = lead(initiative, group, by=coordinator, now=at)
    type(adoption).objects.filter(pk=adoption.pk).update(plan=BAD, first_steps=[BAD, BAD, BAD])
    post_update(adoption, group=group, text=BAD, link="https://example.org/?<b>\"'", by=coordinator, now=at)
    for code in ("conversations", "announce"):
        log(adoption, code, by=coordinator, group=group, now=at, title=BAD, community=BAD[:120], n="<b>\"'")
    hand_in_early(adoption, step=step_called("calls"), reason=BAD, group=group, by=coordinator, now=at)
    ask_to_join(group, message=BAD, by=other, now=at)
    invite_one(group, world.people["participant"], by=coordinator, now=at)
    add_place(initiative, url="https://example.org/?<b>\"'", title=BAD[:120], language="en", by=coordinator, now=at)
    say_interest(initiative, ways=["would_join"], languages=["en"], region="", is_named=True, wants_news=False,
                 by=other, now=at)  # fmt: skip
    decline_request(
        ask_for("mailing-list", group, by=coordinator, now=at, purpose=BAD),
        answer=BAD, by=world.people["steward"], now=at,
    )  # fmt: skip
    world.led, world.group, world.adoption = initiative, group, adoption
    world.wish = ask_for("page-translation", group, by=coordinator, now=at, purpose=BAD)
    world.room = ask_for("notes-pad", group, by=coordinator, now=at, purpose=BAD)
    world.people["member"] = coordinator
    return world


def test_names_and_texts_with_markup_are_escaped_on_every_page(bad_world, settings):
    settings.DEMO = True
    shown = 0
    for role, address in pages(bad_world):
        page = browser_of(bad_world, role).get(address).content.decode()
        assert "<img src=x" not in page, address
        assert "<script>alert" not in page, address
        assert not Sources(page).inline, address
        shown += "&lt;img src=x" in page
    assert shown >= 14  # It is on these pages, so it was escaped and not left out.


def test_markup_comes_back_escaped_from_a_search(client, catalogue):
    page = client.get("/initiatives/", {"q": BAD}).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


# --- htmx ------------------------------------------------------------------------------------


def test_the_list_of_initiatives_is_a_page_and_for_htmx_only_its_part(client, catalogue):
    whole = client.get("/initiatives/?state=open")
    part = client.get("/initiatives/?state=open", headers={"HX-Request": "true"})
    assert "HX-Request" in whole.headers["Vary"]
    assert "HX-Request" in part.headers["Vary"]
    assert "<html" in whole.content.decode()
    text = part.content.decode().strip()
    assert text.startswith('<div id="initiatives">')
    assert text.endswith("</div>")
    assert "<html" not in text
    assert "<h1" not in text
    assert text in whole.content.decode()


def test_a_list_that_comes_back_from_the_history_is_a_whole_page(client, catalogue):
    again = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/initiatives/?state=open", headers=again).content.decode()


def test_htmx_is_told_to_go_to_the_sign_in_page_rather_than_to_swap_it_in(client, world):
    response = client.post(reverse("groups:new"), {"name": "x"}, headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert response.headers["HX-Redirect"].startswith("/accounts/sign-in/?next=")


# --- Production ------------------------------------------------------------------------------

ASK_PRODUCTION = """
import json, django
django.setup()
from django.test import Client
from django.conf import settings
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
home = Client(HTTP_HOST="strategy.example.org")
plain = home.get("/initiatives/?q=x")
proxied = home.get("/healthz", headers={"X-Forwarded-Proto": "https"})
elsewhere = Client(HTTP_HOST="evil.example", raise_request_exception=False)
wrong_host = elsewhere.get("/", headers={"X-Forwarded-Proto": "https"})
names = ["DEBUG", "DEMO", "SECURE_SSL_REDIRECT", "LANGUAGE_COOKIE_SECURE"]
names += [f"{cookie}_COOKIE_{name}" for cookie in ("SESSION", "CSRF") for name in ("SECURE", "HTTPONLY", "SAMESITE")]
print(json.dumps({
    "settings": {name: getattr(settings, name) for name in names},
    "plain": [plain.status_code, plain.headers.get("Location", "")],
    "hsts": proxied.headers.get("Strict-Transport-Security", ""),
    "wrong_host": wrong_host.status_code,
}))
"""


def in_production(tmp_path: Path, code: str = ASK_PRODUCTION, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "msplatform.settings",
        "SITE_URL": "https://strategy.example.org",
        "SECRET_KEY": "k" * 20 + "".join(map(chr, range(97, 123))) + "0123456789",
        "EMAIL_URL": "smtp://127.0.0.1:2525",
        "DATA_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment | changes, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def test_production_settings_are_safe_by_default(tmp_path):
    run = in_production(tmp_path)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout.strip().splitlines()[-1])
    assert found["settings"] == {
        "DEBUG": False,
        "DEMO": False,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SAMESITE": "Lax",
        "LANGUAGE_COOKIE_SECURE": True,
    }
    assert found["plain"] == [301, "https://strategy.example.org/initiatives/?q=x"]
    assert found["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert found["wrong_host"] == 400


@pytest.mark.parametrize(
    "changes", [{"DEMO": "1"}, {"SITE_URL": "http://strategy.example.org"}, {"SECRET_KEY": "short"}, {"EMAIL_URL": ""}]
)
def test_production_refuses_what_would_make_it_unsafe(tmp_path, changes):
    run = in_production(tmp_path, "import django; django.setup()", **changes)
    assert run.returncode != 0
    assert "ImproperlyConfigured" in run.stderr
