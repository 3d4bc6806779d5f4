"""Signing in with a Wikimedia account, through the whole protocol, over real connections to the stand-in."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings as site
from django.urls import reverse

from apps.accounts.models import User
from apps.record.models import Act
from tests.servers.walk import Visit
from tests.servers.wikimedia import API, AUTHORIZE, PROFILE, TOKEN, Account

pytestmark = pytest.mark.slow

ALICE = "62345678"


def person(**changes) -> Account:
    return Account(**{"sub": ALICE, "username": "Alice", "email": "alice@example.org"} | changes)


def sign_in(visit, wikimedia, account, **more):
    wikimedia.accounts[account.sub] = account
    return visit.sign_in(account.sub, **more)


def text(response) -> str:
    return response.content.decode()


# Who it is


def test_a_first_sign_in_makes_the_account_and_goes_on_to_the_next_page(visit, wikimedia):
    response = sign_in(visit, wikimedia, person(), next_url="/initiatives/?state=open")
    assert (response.status_code, response["Location"]) == (302, "/initiatives/?state=open")
    user = User.objects.get()
    assert visit.me() == user
    assert (user.wikimedia_id, user.username, user.email, user.blocked_at) == (
        ALICE,
        "Alice",
        "alice@example.org",
        None,
    )
    assert not user.has_usable_password()


def test_signing_in_is_private_and_leaves_no_copy_of_the_profile_or_token(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    assert not Act.objects.filter(by=visit.me()).exists()
    assert not SocialAccount.objects.exists()
    assert not SocialToken.objects.exists()


def test_a_second_sign_in_is_the_same_person(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    sign_in(Visit(), wikimedia, person())
    assert User.objects.count() == 1


def test_the_first_sign_in_keeps_the_language_in_which_it_was_done(visit, wikimedia):
    visit.client.cookies[site.LANGUAGE_COOKIE_NAME] = "ar"
    sign_in(visit, wikimedia, person())
    assert User.objects.get().language == "ar"


@pytest.mark.parametrize(
    "name",
    ["Alice (WMF)", "Åsa Ünïcode", "مستخدمة", "משתמש", "<b>markup</b>", "A & \"B\" 'C'", "alice", "我", "Ł" * 255],
)
def test_the_user_name_is_kept_and_shown_exactly(visit, wikimedia, name):
    sign_in(visit, wikimedia, person(username=name))
    assert User.objects.get().username == name
    shown = text(visit.client.get(reverse("accounts:settings")))
    assert "<b>markup</b>" not in shown
    escaped = (
        name.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#x27;")
    )
    assert f'<bdi class="bar__name-of-me">{escaped}</bdi>' in shown


def test_names_that_differ_in_case_only_are_two_people(visit, wikimedia):
    sign_in(visit, wikimedia, person(username="ALICE"))
    sign_in(Visit(), wikimedia, person(sub="2", username="Alice"))
    assert set(User.objects.values_list("wikimedia_id", "username")) == {(ALICE, "ALICE"), ("2", "Alice")}


def test_a_rename_follows_at_the_next_sign_in_and_the_person_stays_the_same(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    before = User.objects.get()
    sign_in(Visit(), wikimedia, person(username="Alice Renamed"))
    assert [(user.pk, user.username) for user in User.objects.all()] == [(before.pk, "Alice Renamed")]


def test_a_name_that_another_account_still_has_here_is_freed(visit, wikimedia):
    sign_in(visit, wikimedia, person(sub="12", username="Bob"))
    bob = User.objects.get()
    sign_in(Visit(), wikimedia, person(username="Bob"))
    bob.refresh_from_db()
    assert (bob.wikimedia_id, bob.username) == ("12", f"Bob (earlier account {bob.pk})")
    assert User.objects.get(wikimedia_id=ALICE).username == "Bob"


def test_a_freed_name_follows_when_its_person_signs_in_again(visit, wikimedia):
    sign_in(visit, wikimedia, person(sub="12", username="Bob"))
    sign_in(Visit(), wikimedia, person(username="Bob"))
    sign_in(Visit(), wikimedia, person(sub="12", username="Robert"))
    assert User.objects.get(wikimedia_id="12").username == "Robert"


def test_a_freed_name_that_is_taken_too_gets_another_number(visit, wikimedia):
    sign_in(visit, wikimedia, person(sub="12", username="B" * 255))
    earlier = User.objects.get()
    ending = f" (earlier account {earlier.pk})"
    User.objects.create(username="B" * (255 - len(ending)) + ending)
    sign_in(Visit(), wikimedia, person(username="B" * 255))
    earlier.refresh_from_db()
    assert earlier.username.endswith(f"B (earlier account {earlier.pk}, 2)")


@pytest.mark.parametrize("sub", ["0", "", 0])
def test_an_account_without_a_central_id_is_refused_with_a_sentence(visit, wikimedia, sub):
    wikimedia.profile_extra = {"sub": sub}
    response = sign_in(visit, wikimedia, person(), next_url="/waiting/")
    assert response.status_code == 403
    assert "not part of Wikimedia’s unified login" in text(response)
    assert "/accounts/sign-in/?next=%2Fwaiting%2F" in text(response)
    assert not User.objects.exists()
    assert visit.me() is None


def test_a_hidden_account_is_refused_with_a_sentence(visit, wikimedia):
    response = sign_in(visit, wikimedia, person(hidden=True))
    assert response.status_code == 403
    assert "Wikimedia hides this account" in text(response)
    assert not User.objects.exists()


def test_an_account_hidden_after_its_first_sign_in_is_refused_too(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    other = Visit()
    assert sign_in(other, wikimedia, person(hidden=True)).status_code == 403
    assert other.me() is None


# E-mail


def test_two_accounts_with_one_address_stay_two_people(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    other = Visit()
    sign_in(other, wikimedia, person(sub="2", username="Other"))
    assert other.me() != visit.me()
    assert [user.email for user in User.objects.all()] == ["alice@example.org"] * 2


def test_an_account_without_an_address_works(visit, wikimedia):
    assert sign_in(visit, wikimedia, person(email="")).status_code == 302
    assert visit.me().email == ""
    assert "no confirmed e-mail address" in text(visit.client.get(reverse("accounts:settings")))


@pytest.mark.parametrize(
    "profile",
    [
        {"email": "x@example.org", "confirmed_email": False, "email_verified": False},
        {"email": "x@example.org", "confirmed_email": True, "email_verified": False},
        {"email": "x@example.org", "confirmed_email": False},
        {"email": "not an address"},
        {"email": ["x@example.org"]},
        {"email": "x" * 300 + "@example.org"},
    ],
)
def test_an_address_that_was_not_confirmed_is_not_kept(visit, wikimedia, profile):
    wikimedia.profile_extra = profile
    sign_in(visit, wikimedia, person())
    assert visit.me().email == ""


def test_an_address_follows_a_change_at_wikimedia(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    sign_in(Visit(), wikimedia, person(email="new@example.org"))
    assert User.objects.get().email == "new@example.org"
    sign_in(Visit(), wikimedia, person(email="new@example.org", email_confirmed=False))
    assert User.objects.get().email == ""


# The protocol


def test_the_request_has_state_and_pkce_and_asks_for_nothing_that_came_from_elsewhere(visit, wikimedia):
    response = visit.client.post(
        f"{reverse('mediawiki_login')}?scope=editpage&auth_params=a%3Db&process=connect&action=reauthenticate",
        {"process": "connect"},
    )
    address = urlsplit(response["Location"])
    asked = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == wikimedia.url + AUTHORIZE
    assert set(asked) == {
        "client_id",
        "redirect_uri",
        "response_type",
        "state",
        "code_challenge",
        "code_challenge_method",
    }
    assert asked["code_challenge_method"] == ["S256"]


def test_every_request_to_wikimedia_names_the_site_and_a_contact(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    by_us = [asked for asked in wikimedia.asked if asked.path != AUTHORIZE]
    assert [asked.path for asked in by_us] == [TOKEN, PROFILE, API]
    assert {asked.headers["user-agent"] for asked in by_us} == {site.USER_AGENT}
    assert "code_verifier" in by_us[0].form


def test_the_stand_in_refuses_who_names_no_contact(visit, wikimedia, settings):
    settings.USER_AGENT = "python-requests/2.34"
    assert sign_in(visit, wikimedia, person()).status_code == 424
    assert not User.objects.exists()


def test_a_get_does_not_begin_a_sign_in(visit, wikimedia):
    response = visit.client.get(reverse("mediawiki_login"), {"next": "/waiting/"})
    assert response["Location"] == "/accounts/sign-in/?next=%2Fwaiting%2F"


def test_a_code_works_once(visit, wikimedia):
    wikimedia.accounts[ALICE] = person()
    back = visit.decide(visit.leave_for_wikimedia(), ALICE)
    assert visit.come_back(back).status_code == 302
    again = visit.come_back(back)
    assert again.status_code == 400
    assert "no longer valid" in text(again)


def test_a_callback_in_another_browser_signs_nobody_in(visit, wikimedia):
    wikimedia.accounts[ALICE] = person()
    back = visit.decide(visit.leave_for_wikimedia(), ALICE)
    stranger = Visit()
    response = stranger.come_back(back)
    assert response.status_code == 400
    assert "Begin again here" in text(response)
    assert stranger.me() is None
    assert not wikimedia.asked_at(TOKEN)


@pytest.mark.parametrize(
    "query", ["", "?state=wrong&code=x", "?code=x", "?error=access_denied&state=wrong", "?state=%00&code=%00"]
)
def test_a_callback_with_a_wrong_state_says_what_to_do(visit, wikimedia, query):
    response = visit.client.get(reverse("mediawiki_callback") + query)
    assert response.status_code == 400
    assert "no longer valid" in text(response)
    assert reverse("accounts:sign_in") in text(response)


def test_a_code_of_another_sign_in_is_useless_without_its_verifier(visit, wikimedia):
    wikimedia.accounts[ALICE] = person()
    stolen = parse_qs(urlsplit(Visit().decide(Visit().leave_for_wikimedia(), ALICE)).query)["code"][0]
    mine = parse_qs(urlsplit(visit.leave_for_wikimedia()).query)["state"][0]
    response = visit.client.get(reverse("mediawiki_callback"), {"code": stolen, "state": mine})
    assert response.status_code == 424
    assert visit.me() is None


def test_changing_ones_mind_ends_on_a_page_that_says_so(visit, wikimedia):
    wikimedia.accounts[ALICE] = person()
    response = visit.come_back(visit.decide(visit.leave_for_wikimedia(next_url="/waiting/"), ALICE, decision="deny"))
    assert response.status_code == 200
    assert "You did not sign in" in text(response)
    assert "/accounts/sign-in/?next=%2Fwaiting%2F" in text(response)
    assert visit.me() is None


@pytest.mark.parametrize("where", [TOKEN, PROFILE])
@pytest.mark.parametrize("trouble", ["dead", "slow", "drip", "endless", "html", "forbidden", "list", "broken"])
def test_a_provider_in_trouble_ends_on_a_page_that_says_what_to_do(visit, wikimedia, settings, where, trouble):
    settings.REMOTE_TIMEOUT_SECONDS = 0.3
    wikimedia.trouble[where] = trouble
    response = sign_in(visit, wikimedia, person(), next_url="/waiting/")
    assert response.status_code == 424
    assert "Wikimedia did not answer as expected" in text(response)
    assert "/accounts/sign-in/?next=%2Fwaiting%2F" in text(response)
    assert visit.me() is None
    assert not User.objects.exists()


def test_a_provider_that_is_gone_ends_on_a_page_that_says_what_to_do(visit, wikimedia, settings):
    wikimedia.accounts[ALICE] = person()
    back = visit.decide(visit.leave_for_wikimedia(), ALICE)
    settings.WIKIMEDIA_REST_API = "http://127.0.0.1:9"
    assert visit.come_back(back).status_code == 424


@pytest.mark.parametrize(
    "profile",
    [
        {"sub": None},
        {"sub": True},
        {"sub": "9" * 41},
        {"sub": [1]},
        {"username": 5},
        {"username": "a\0b"},
        {"username": "x" * 256},
    ],
)
def test_a_profile_that_makes_no_sense_signs_nobody_in(visit, wikimedia, profile):
    wikimedia.profile_extra = profile
    assert sign_in(visit, wikimedia, person()).status_code == 424
    assert not User.objects.exists()


def test_any_other_error_of_the_provider_is_a_page_too(visit, wikimedia):
    state = parse_qs(urlsplit(visit.leave_for_wikimedia()).query)["state"][0]
    response = visit.client.get(reverse("mediawiki_callback"), {"error": "server_error", "state": state})
    assert response.status_code == 424


# Our pages


def test_the_sign_in_page_says_what_is_read(client, wikimedia):
    page = text(client.get(reverse("accounts:sign_in"), {"next": "/waiting/"}))
    assert "What is read from your account" in page
    assert '<input type="hidden" name="next" value="/waiting/">' in page
    assert f'action="{reverse("mediawiki_login")}"' in page


@pytest.mark.parametrize(
    "next_url", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/" + "x" * 3000]
)
def test_an_address_elsewhere_is_not_kept(visit, wikimedia, next_url):
    assert visit.client.get(reverse("accounts:sign_in"), {"next": next_url}).context["next"] == ""
    response = sign_in(visit, wikimedia, person(), next_url=next_url)
    assert response["Location"] == reverse(site.LOGIN_REDIRECT_URL)


def test_who_is_signed_in_already_goes_on(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    assert visit.client.get(reverse("accounts:sign_in"), {"next": "/waiting/"})["Location"] == "/waiting/"


def test_where_wikimedia_is_not_set_up_the_pages_say_so(client, db, settings):
    settings.WIKIMEDIA_CLIENT_ID = ""
    page = client.get(reverse("accounts:sign_in"))
    assert "not set up on this site yet" in text(page)
    assert reverse("mediawiki_login") not in text(page)
    assert client.post(reverse("mediawiki_login")).status_code == 404
    assert client.get(reverse("mediawiki_callback")).status_code == 404


def test_signing_out_takes_a_post(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    assert visit.client.get(reverse("accounts:sign_out")).status_code == 405
    assert visit.me() is not None
    visit.client.post(reverse("accounts:sign_out"))
    assert visit.me() is None


@pytest.mark.parametrize(
    "path", ["login/", "signup/", "email/", "password/reset/", "3rdparty/", "3rdparty/signup/", "inactive/"]
)
def test_the_rest_of_allauth_does_not_exist(client, db, path):
    assert client.get(f"/accounts/{path}").status_code == 404


def test_signing_in_as_somebody_else_leaves_nothing_of_the_first_session(visit, wikimedia):
    sign_in(visit, wikimedia, person())
    session = visit.client.session
    session["private"] = "Alice"
    session.save()
    sign_in(visit, wikimedia, person(sub="2", username="Bob"))
    assert visit.me().username == "Bob"
    assert "private" not in visit.client.session
