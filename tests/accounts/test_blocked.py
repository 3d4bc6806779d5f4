"""Blocked means locked globally or blocked sitewide on Meta; blocked people read, and take their data with them."""

import pytest
from django.urls import reverse

from apps.accounts.models import User
from tests.servers.walk import Visit
from tests.servers.wikimedia import API, Account

pytestmark = pytest.mark.slow

SUB = "77"


def sign_in(visit, wikimedia, **account):
    wikimedia.accounts[SUB] = Account(SUB, "Alice (WMF)", **account)
    visit.sign_in(SUB)
    return User.objects.get(wikimedia_id=SUB)


def change_settings(visit):
    form = {"language": "ar", "time_zone": "UTC", "theme": ""}
    return visit.client.post(reverse("accounts:settings"), form)


@pytest.mark.parametrize(
    "account",
    [
        {"blocked": "sitewide"},
        {"blocked": "sitewide and another"},
        {"locked": True},
        {"blocked": "partial", "locked": True},
    ],
)
def test_who_is_blocked_sitewide_or_locked_is_read_only_and_told_why(visit, wikimedia, account):
    user = sign_in(visit, wikimedia, **account)
    assert user.is_blocked
    assert visit.client.get(reverse("accounts:settings")).status_code == 200
    response = change_settings(visit)
    page = response.content.decode()
    assert response.status_code == 403
    assert "Wikimedia has blocked your account" in page
    assert f"{user.blocked_at:%Y}" in page
    assert "title=Special%3ALog&amp;type=block&amp;page=User%3AAlice+%28WMF%29" in page
    user.refresh_from_db()
    assert user.language == "en"


@pytest.mark.parametrize("account", [{}, {"blocked": "partial"}, {"blocked": "two partial"}, {"blocked": "address"}])
def test_partial_blocks_and_blocks_of_an_address_do_not_count(visit, wikimedia, account):
    user = sign_in(visit, wikimedia, **account)
    assert not user.is_blocked
    assert change_settings(visit).status_code == 302
    user.refresh_from_db()
    assert user.language == "ar"


def test_what_a_blocked_person_typed_is_shown_and_not_lost(visit, wikimedia):
    sign_in(visit, wikimedia, blocked="sitewide")
    response = visit.client.post(
        reverse("accounts:settings"), {"plan": "Long <b>words</b>\nof mine", "csrfmiddlewaretoken": "secret"}
    )
    page = response.content.decode()
    assert "Long &lt;b&gt;words&lt;/b&gt;<br>of mine" in page
    assert "secret" not in page


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
def test_no_other_method_gets_through(visit, wikimedia, method):
    sign_in(visit, wikimedia, blocked="sitewide")
    assert getattr(visit.client, method)(reverse("accounts:settings")).status_code == 403


def test_a_blocked_person_may_change_the_language_take_their_data_and_sign_out(visit, wikimedia):
    sign_in(visit, wikimedia, blocked="sitewide")
    assert visit.client.post(reverse("set_language"), {"language": "ar"}).status_code == 302
    assert visit.client.post(reverse("accounts:export")).json()["account"]["username"] == "Alice (WMF)"
    assert visit.client.post(reverse("accounts:sign_out")).status_code == 302
    assert visit.me() is None


def test_a_lifted_block_is_over_at_the_next_sign_in(visit, wikimedia):
    sign_in(visit, wikimedia, blocked="sitewide")
    visit.client.post(reverse("accounts:sign_out"))
    assert not sign_in(visit, wikimedia).is_blocked
    assert change_settings(visit).status_code == 302


def test_a_block_is_known_since_the_first_sign_in_that_saw_it(visit, wikimedia):
    first = sign_in(visit, wikimedia, locked=True).blocked_at
    assert sign_in(Visit(), wikimedia, locked=True).blocked_at == first


@pytest.mark.parametrize("trouble", ["dead", "html", "forbidden", "list", "broken"])
@pytest.mark.parametrize("was_blocked", [True, False])
def test_a_dead_api_changes_nothing_for_who_is_known(visit, wikimedia, trouble, was_blocked):
    sign_in(visit, wikimedia, blocked="sitewide" if was_blocked else "")
    wikimedia.trouble[API] = trouble
    visit = Visit()
    assert sign_in(visit, wikimedia, blocked="" if was_blocked else "partial").is_blocked is was_blocked
    assert visit.me() is not None


@pytest.mark.parametrize(("blocked", "expected"), [("", False), ("partial", True), ("sitewide", True)])
def test_while_the_api_is_dead_somebody_new_is_taken_at_the_profiles_word(visit, wikimedia, blocked, expected):
    wikimedia.trouble[API] = "dead"
    assert sign_in(visit, wikimedia, blocked=blocked).is_blocked is expected


def test_the_next_sign_in_asks_again(visit, wikimedia):
    wikimedia.trouble[API] = "dead"
    assert sign_in(visit, wikimedia, blocked="partial").is_blocked
    wikimedia.trouble.clear()
    assert not sign_in(Visit(), wikimedia, blocked="partial").is_blocked


def test_visitors_are_not_asked_about_blocks(client, db):
    assert client.post(reverse("set_language"), {"language": "ar"}).status_code == 302
