import json

import pytest
from django.conf import settings as site
from django.urls import reverse
from django.utils import timezone

from apps.accounts import queries
from apps.accounts.models import User
from apps.record.models import Act

FILLED = {
    "language": "ar",
    "languages": ["ar", "fr"],
    "region": "mena",
    "time_zone": "Africa/Cairo",
    "theme": "theme-dark",
}


@pytest.fixture
def alice(db) -> User:
    return User.objects.create(username="Alice", wikimedia_id="1", email="alice@example.org")


def test_settings_are_saved_and_leave_no_record(client, alice):
    client.force_login(alice)
    assert client.post(reverse("accounts:settings"), FILLED).status_code == 302
    alice.refresh_from_db()
    saved = (alice.language, alice.languages, alice.region, alice.time_zone, alice.theme)
    assert saved == ("ar", ["ar", "fr"], "mena", "Africa/Cairo", "theme-dark")
    assert not Act.objects.filter(by=alice).exists()


def test_the_page_shows_what_is_set_and_where_letters_go(client, alice):
    User.objects.update(time_zone="Africa/Cairo", languages=["fr"])
    client.force_login(alice)
    page = client.get(reverse("accounts:settings")).content.decode()
    assert '<option value="Africa/Cairo" selected>Cairo</option>' in page
    assert "alice@example.org" in page
    assert "Special%3AChangeEmail" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "xx"},
        {"languages": ["nope"]},
        {"region": "Atlantis"},
        {"time_zone": "../../etc/passwd"},
        {"fallbacks": "Klingonish"},
        {"theme": "x\0"},
    ],
)
def test_a_wrong_choice_is_said_and_changes_nothing(client, alice, wrong):
    client.force_login(alice)
    response = client.post(reverse("accounts:settings"), FILLED | wrong)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == list(wrong)
    alice.refresh_from_db()
    assert alice.time_zone == "UTC"


def test_a_visitor_is_asked_to_sign_in_first(client, db):
    response = client.post(reverse("accounts:settings"), FILLED)
    assert response["Location"] == "/accounts/sign-in/?next=%2Faccounts%2Fsettings%2F"


# Language and time zone of the reader


def language_of(response) -> str:
    return response["Content-Language"]


def test_who_is_signed_in_reads_in_their_language(client, alice):
    User.objects.update(language="ar")
    client.force_login(alice)
    response = client.get(reverse("accounts:settings"), headers={"Accept-Language": "en"})
    assert language_of(response) == "ar"
    assert '<html lang="ar" dir="rtl"' in response.content.decode()


def test_the_language_menu_wins_over_the_setting(client, alice):
    client.force_login(alice)
    client.post(reverse("set_language"), {"language": "ar"})
    assert language_of(client.get(reverse("accounts:settings"))) == "ar"


def test_saving_settings_wins_over_the_language_menu(client, alice):
    client.force_login(alice)
    client.post(reverse("set_language"), {"language": "ar"})
    client.post(reverse("accounts:settings"), FILLED | {"language": "en"})
    assert language_of(client.get(reverse("accounts:settings"))) == "en"


def test_the_address_wins_over_cookie_and_setting(client, alice):
    client.force_login(alice)
    client.cookies[site.LANGUAGE_COOKIE_NAME] = "en"
    assert language_of(client.get(reverse("accounts:settings"), {"language": "ar"})) == "ar"
    assert language_of(client.get(reverse("accounts:settings"))) == "en"


def test_any_offered_language_can_be_chosen_with_an_own_order_of_others(client, alice):
    client.force_login(alice)
    chosen = FILLED | {"language": "fr", "fallbacks": "Kiswahili, العربية", "languages": ["en"]}
    assert client.post(reverse("accounts:settings"), chosen).status_code == 302
    alice.refresh_from_db()
    assert (alice.language, alice.fallbacks) == ("fr", ["sw", "ar"])
    page = client.get(reverse("accounts:settings"))
    assert language_of(page) == "ar"
    assert 'value="Kiswahili, العربية"' in page.content.decode()


@pytest.mark.parametrize("code", ["xx", "x" * 600, "", "ar\0", "../ar"])
def test_an_unknown_language_is_ignored(client, alice, code):
    client.force_login(alice)
    client.cookies[site.LANGUAGE_COOKIE_NAME] = "xx"
    assert language_of(client.get(reverse("accounts:settings"), {"language": code})) == "en"


def test_a_visitor_reads_in_the_language_of_the_browser(client, db):
    assert language_of(client.get(reverse("accounts:sign_in"), headers={"Accept-Language": "ar"})) == "ar"
    assert language_of(client.get(reverse("accounts:sign_in"))) == "en"


@pytest.mark.parametrize(("zone", "expected"), [("Asia/Tokyo", "Asia/Tokyo"), ("Atlantis/Capital", "UTC"), ("", "UTC")])
def test_times_are_in_the_time_zone_of_the_person(client, alice, rf, zone, expected):
    from apps.accounts.middleware import ReaderMiddleware

    seen = []
    alice.time_zone = zone
    request = rf.get("/")
    request.user = alice
    ReaderMiddleware(lambda request: seen.append(timezone.get_current_timezone_name()))(request)
    assert seen == [expected]
    assert timezone.get_current_timezone_name() == "UTC"


# Data


def test_the_download_holds_what_the_account_holds(client, alice):
    client.force_login(alice)
    response = client.get(reverse("accounts:export"))
    data = json.loads(response.content)["account"]
    assert response["Content-Disposition"].startswith("attachment;")
    assert (data["username"], data["email"], data["wikimedia_id"], data["staff_sign_in"]) == (
        "Alice",
        "alice@example.org",
        "1",
        None,
    )


def test_every_field_of_a_person_is_in_the_download(alice):
    exported = {
        "mail": "letters",
        "language": "interface_language",
        "last_login": "last_signed_in_at",
        "calendar_key": "calendar_feed",
    }
    fields = {field.name for field in User._meta.concrete_fields} - {"password"}
    assert {exported.get(name, name) for name in fields} <= set(queries.data_about(alice)["account"])


def test_other_apps_add_to_the_download(alice, monkeypatch):
    monkeypatch.setattr(queries, "PERSONAL_DATA", dict(queries.PERSONAL_DATA))
    queries.personal_data("things")(lambda user: [user.username])
    assert queries.data_about(alice)["things"] == ["Alice"]
    with pytest.raises(ValueError, match="twice"):
        queries.personal_data("things")(lambda user: [])


def test_a_visitor_has_no_data_to_download(client, db):
    assert client.get(reverse("accounts:export")).status_code == 302
