"""Staff sign in with OpenID Connect; linked once to a Wikimedia account, both proven in one session."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apps.accounts import actions, staff
from apps.accounts.models import StaffIdentity, User, valid_staff_reviewers
from apps.core.refused import Refused
from apps.record.models import Act
from tests.servers.staff import CONFIGURATION, KEYS, REVIEWERS, TOKEN, USERINFO, Employee
from tests.servers.walk import Visit
from tests.servers.wikimedia import API, Account

pytestmark = pytest.mark.slow

ALICE = Account("1", "Alice", "alice@example.org")
BOB = Account("2", "Bob", "bob@example.org")
EMPLOYEE = Employee("uid-1", "aworker", "alice@example.org")
LINK = "/accounts/staff/link/"


@pytest.fixture(autouse=True)
def fresh(wikimedia, staff_provider):
    cache.clear()
    wikimedia.accounts = {"1": ALICE, "2": BOB}
    staff_provider.employees = {"uid-1": EMPLOYEE, "uid-2": Employee("uid-2", "Other Worker")}


def text(response) -> str:
    return response.content.decode()


def link(visit: Visit) -> None:
    visit.sign_in("1")
    visit.staff_sign_in("uid-1")
    visit.client.post(LINK)


@pytest.fixture
def linked(fresh) -> User:
    link(Visit())
    return User.objects.get(wikimedia_id="1")


# Linking


def test_signed_in_with_wikimedia_a_staff_sign_in_is_linked_with_one_click(visit):
    visit.sign_in("1")
    assert visit.staff_sign_in("uid-1")["Location"] == LINK
    page = text(visit.client.get(LINK))
    assert "<bdi>aworker</bdi>" in page
    assert "<bdi>Alice</bdi>" in page
    assert not StaffIdentity.objects.exists()
    assert visit.client.post(LINK).status_code == 302
    identity = StaffIdentity.objects.get()
    assert (identity.user.username, identity.subject, identity.is_reviewer) == ("Alice", "uid-1", True)


def test_signed_out_an_unknown_staff_sign_in_waits_for_the_wikimedia_account(visit):
    assert visit.staff_sign_in("uid-1", next_url="/review/")["Location"] == LINK
    assert visit.me() is None
    page = text(visit.client.get(LINK))
    assert "One more step" in page
    assert reverse("mediawiki_login") in page
    assert visit.sign_in("1", next_url=LINK)["Location"] == LINK
    assert "Are both of these you?" in text(visit.client.get(LINK))
    assert visit.client.post(LINK)["Location"] == "/review/"
    assert StaffIdentity.objects.get().user == visit.me()


def test_linking_is_in_the_record(linked):
    assert [act.verb for act in Act.objects.filter(by=linked)] == ["accounts.linked_staff"]


def test_nothing_is_linked_before_the_wikimedia_account_is_proven(visit):
    visit.staff_sign_in("uid-1")
    assert "One more step" in text(visit.client.post(LINK))
    assert not StaffIdentity.objects.exists()


def test_an_example_person_cannot_link(visit, settings):
    settings.DEMO = True
    example = User.objects.create(username="Example", is_example=True)
    visit.client.post(reverse("accounts:demo"), {"person": example.pk})
    visit.staff_sign_in("uid-1")
    assert "One more step" in text(visit.client.post(LINK))
    assert not StaffIdentity.objects.exists()


def test_a_staff_sign_in_waits_ten_minutes_only(visit):
    visit.sign_in("1")
    visit.staff_sign_in("uid-1")
    session = visit.client.session
    begun = datetime.fromisoformat(session[staff.WAITING]["at"])
    session[staff.WAITING] = session[staff.WAITING] | {"at": (begun - timedelta(minutes=10, seconds=1)).isoformat()}
    session.save()
    response = visit.client.post(LINK)
    assert response.status_code == 404
    assert "waits for ten minutes only" in text(response)
    assert not StaffIdentity.objects.exists()


def test_a_staff_sign_in_links_once(visit):
    link(visit)
    assert visit.client.post(LINK).status_code == 404


def test_a_staff_sign_in_of_another_account_is_refused(linked, visit):
    visit.sign_in("2")
    response = visit.staff_sign_in("uid-1")
    assert response.status_code == 403
    assert "It is linked to “Alice”" in text(response)
    assert visit.me().username == "Bob"
    assert StaffIdentity.objects.get().user == linked


def test_an_account_takes_no_second_staff_sign_in(linked, visit):
    visit.sign_in("1")
    visit.staff_sign_in("uid-2")
    assert "linked to a staff sign-in already" in text(visit.client.post(LINK, follow=True))
    assert StaffIdentity.objects.get().subject == "uid-1"


def test_the_action_refuses_a_staff_sign_in_that_somebody_else_has_linked_meanwhile(linked):
    now = timezone.now()
    bob = User.objects.create(username="Bob")
    identity = StaffIdentity.objects.get()
    with pytest.raises(Refused, match="“Alice”"):
        actions.link_staff_sign_in(
            bob, issuer=identity.issuer, subject=identity.subject, is_reviewer=True, signed_in_at=now, now=now
        )


# Signing in


def test_a_linked_staff_sign_in_signs_its_person_in(linked, visit):
    assert visit.staff_sign_in("uid-1", next_url="/review/")["Location"] == "/review/"
    assert visit.me() == linked


def test_a_staff_sign_in_asks_whether_the_wikimedia_account_is_blocked(linked, wikimedia):
    wikimedia.accounts["1"] = Account("1", "Alice", blocked="sitewide")
    visit = Visit()
    visit.staff_sign_in("uid-1")
    assert visit.me().is_blocked
    wikimedia.trouble[API] = "dead"
    Visit().staff_sign_in("uid-1")
    assert visit.me().is_blocked
    wikimedia.trouble.clear()
    wikimedia.accounts["1"] = ALICE
    Visit().staff_sign_in("uid-1")
    assert not visit.me().is_blocked


def test_staff_are_matched_on_issuer_and_subject_and_never_on_the_address(visit, staff_provider):
    volunteer = User.objects.create(username="Volunteer", email=EMPLOYEE.email)
    User.objects.create(username="Second with that address", email=EMPLOYEE.email)
    assert visit.staff_sign_in("uid-1")["Location"] == LINK
    assert visit.me() is None
    assert User.objects.count() == 2
    assert not StaffIdentity.objects.filter(user=volunteer).exists()


def test_the_same_subject_of_another_issuer_is_another_person(linked, visit):
    StaffIdentity.objects.update(issuer="https://elsewhere.example")
    assert visit.staff_sign_in("uid-1")["Location"] == LINK
    assert visit.me() is None


def test_an_employee_without_an_address_works(linked, visit, staff_provider):
    staff_provider.employees["uid-1"] = Employee("uid-1", "aworker")
    visit.staff_sign_in("uid-1")
    assert visit.me() == linked


def test_who_is_removed_from_the_group_is_no_reviewer_from_the_next_sign_in_on(linked, visit, staff_provider):
    assert StaffIdentity.objects.filter(valid_staff_reviewers(timezone.now())).exists()
    staff_provider.employees["uid-1"] = Employee("uid-1", "aworker", groups=["cn=nda,ou=groups,dc=wikimedia,dc=org"])
    visit.staff_sign_in("uid-1")
    assert visit.me() == linked
    assert not StaffIdentity.objects.filter(valid_staff_reviewers(timezone.now())).exists()


def test_thirty_days_after_the_last_staff_sign_in_nobody_reviews(linked):
    last = StaffIdentity.objects.get().last_signed_in_at
    just_before = last + timedelta(days=30) - timedelta(seconds=1)
    assert StaffIdentity.objects.filter(valid_staff_reviewers(just_before)).exists()
    assert not StaffIdentity.objects.filter(valid_staff_reviewers(last + timedelta(days=30))).exists()


def test_a_staff_sign_in_begins_the_thirty_days_anew(linked, visit):
    StaffIdentity.objects.update(last_signed_in_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert not StaffIdentity.objects.filter(valid_staff_reviewers(timezone.now())).exists()
    visit.staff_sign_in("uid-1")
    assert StaffIdentity.objects.filter(valid_staff_reviewers(timezone.now())).exists()


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([REVIEWERS], True),
        (REVIEWERS, True),
        (["CN=wmf, OU=groups, DC=wikimedia, DC=org"], True),
        (["cn=nda,ou=groups,dc=wikimedia,dc=org", "cn=second,ou=groups,dc=wikimedia,dc=org"], True),
        (["cn=wmf"], False),
        (["cn=wmf,ou=groups,dc=wikimedia,dc=org,dc=evil"], False),
        ([], False),
        (None, False),
        ({"cn": "wmf"}, False),
        ([7], False),
    ],
)
def test_the_directory_group_makes_the_reviewer(settings, groups, expected):
    settings.OIDC_REVIEWER_GROUPS = [REVIEWERS, "cn=second,ou=groups,dc=wikimedia,dc=org"]
    assert staff.read_claims({"sub": "x", "groups": groups}).is_reviewer is expected


def test_groups_of_the_id_token_count_where_the_user_information_has_none(visit, staff_provider):
    staff_provider.employees["uid-1"] = Employee("uid-1", "aworker", groups=None)
    staff_provider.wrong = {"groups": [REVIEWERS]}
    link(visit)
    assert StaffIdentity.objects.get().is_reviewer


def test_without_set_groups_nobody_becomes_a_reviewer(visit, settings):
    settings.OIDC_REVIEWER_GROUPS = []
    link(visit)
    assert not StaffIdentity.objects.get().is_reviewer


def test_signing_out_works_for_staff(linked, visit):
    visit.staff_sign_in("uid-1")
    visit.client.post(reverse("accounts:sign_out"))
    assert visit.me() is None


def test_a_signed_in_staff_member_costs_the_provider_nothing(linked, visit, staff_provider):
    visit.staff_sign_in("uid-1")
    cache.clear()
    before = len(staff_provider.asked)
    assert visit.client.get(reverse("accounts:settings")).status_code == 200
    assert len(staff_provider.asked) == before


# The checks of the protocol


def is_refused(visit: Visit, response) -> None:
    assert response.status_code == 403
    assert "could not be trusted" in text(response)
    assert visit.me() is None
    assert visit.client.get(LINK).status_code == 404


WRONG_CLAIMS = {
    "audience": {"aud": "another-client"},
    "no audience": {"aud": None},
    "several audiences, another party": {"aud": ["staff-client", "another"], "azp": "another"},
    "issuer": {"iss": "https://idp.evil.example"},
    "no issuer": {"iss": None},
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 3600},
    "never expires": {"exp": None},
    "from the future": {"iat": int(time.time()) + 3600},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
def test_an_id_token_with_a_wrong_claim_signs_nobody_in(linked, visit, staff_provider, wrong):
    staff_provider.wrong = wrong
    is_refused(visit, visit.staff_sign_in("uid-1"))


@pytest.mark.parametrize("signed_with", ["another key", "HS256", "none"])
def test_an_id_token_with_a_wrong_signature_signs_nobody_in(linked, visit, staff_provider, signed_with):
    staff_provider.signed_with = signed_with
    is_refused(visit, visit.staff_sign_in("uid-1"))


def test_an_id_token_signed_with_a_key_that_is_not_published_signs_nobody_in(linked, visit, staff_provider):
    staff_provider.key_id = "key-2"
    is_refused(visit, visit.staff_sign_in("uid-1"))


def test_a_provider_with_one_key_need_not_name_it(linked, visit, staff_provider):
    staff_provider.key_id = None
    visit.staff_sign_in("uid-1")
    assert visit.me() == linked


def test_user_information_about_somebody_else_signs_nobody_in(linked, visit, staff_provider):
    staff_provider.wrong_userinfo = {"sub": "uid-2"}
    is_refused(visit, visit.staff_sign_in("uid-1"))


@pytest.mark.parametrize("subject", ["", "x" * 256, "a\0b"])
def test_a_subject_that_cannot_be_kept_signs_nobody_in(visit, staff_provider, subject):
    staff_provider.wrong = staff_provider.wrong_userinfo = {"sub": subject}
    is_refused(visit, visit.staff_sign_in("uid-1"))


def test_the_request_has_state_nonce_and_pkce(visit):
    asked = parse_qs(urlsplit(visit.leave_for_staff()).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid profile groups"]
    assert asked["nonce"]
    assert asked["state"]


def test_a_staff_code_works_once(linked, visit):
    back = visit.decide(visit.leave_for_staff(), "uid-1")
    visit.come_back(back)
    assert visit.come_back(back).status_code == 400


def test_a_staff_callback_in_another_browser_signs_nobody_in(linked, visit):
    back = visit.decide(visit.leave_for_staff(), "uid-1")
    stranger = Visit()
    response = stranger.come_back(back)
    assert response.status_code == 400
    assert "Begin again here" in text(response)
    assert stranger.me() is None


@pytest.mark.parametrize(
    "query", ["", "?state=wrong&code=x", "?code=x", "?error=access_denied", "?error=access_denied&state=x"]
)
def test_a_staff_callback_with_a_wrong_state_says_what_to_do(visit, query):
    visit.leave_for_staff()
    response = visit.client.get(reverse("accounts:staff_callback") + query)
    assert response.status_code == 400
    assert reverse("accounts:staff") in text(response)


def test_stopping_at_the_staff_sign_in_says_so_and_keeps_the_volunteer_signed_in(visit):
    visit.sign_in("1")
    response = visit.come_back(visit.decide(visit.leave_for_staff(), "uid-1", decision="deny"))
    assert response.status_code == 200
    assert "You stopped at the staff sign-in" in text(response)
    assert visit.me().username == "Alice"


# A provider in trouble


@pytest.mark.parametrize("where", [TOKEN, KEYS, USERINFO])
@pytest.mark.parametrize("trouble", ["dead", "slow", "drip", "html", "forbidden", "list", "broken"])
def test_a_staff_provider_in_trouble_ends_on_a_page_that_says_what_to_do(
    linked, visit, staff_provider, settings, where, trouble
):
    settings.REMOTE_TIMEOUT_SECONDS = 0.3
    staff_provider.trouble[where] = trouble
    response = visit.staff_sign_in("uid-1")
    assert response.status_code == 424
    assert "did not answer as expected" in text(response)
    assert reverse("accounts:staff") in text(response)
    assert visit.me() is None


@pytest.mark.parametrize("trouble", ["dead", "slow", "html", "forbidden", "list", "broken"])
def test_a_staff_provider_that_cannot_be_found_out_about_ends_on_a_page(visit, staff_provider, settings, trouble):
    settings.REMOTE_TIMEOUT_SECONDS = 0.3
    staff_provider.trouble[CONFIGURATION] = trouble
    assert visit.client.post(reverse("accounts:staff")).status_code == 424


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": ""},
        {"jwks_uri": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "https://login.other.example/authorize"},
    ],
)
def test_a_configuration_that_does_not_fit_is_not_used(visit, staff_provider, wrong):
    staff_provider.wrong_configuration = wrong
    assert visit.client.post(reverse("accounts:staff")).status_code == 424


def test_the_configuration_is_asked_for_once(linked, visit, staff_provider):
    before = len(staff_provider.asked_at(CONFIGURATION))
    visit.staff_sign_in("uid-1")
    Visit().staff_sign_in("uid-1")
    assert before == len(staff_provider.asked_at(CONFIGURATION)) == 1


def test_four_set_endpoints_need_no_configuration(linked, visit, staff_provider, settings):
    cache.clear()
    found = staff.endpoints()
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT, settings.OIDC_OP_TOKEN_ENDPOINT = found.authorization, found.token
    settings.OIDC_OP_USER_ENDPOINT, settings.OIDC_OP_JWKS_ENDPOINT = found.userinfo, found.jwks
    staff_provider.trouble[CONFIGURATION] = "dead"
    cache.clear()
    visit.staff_sign_in("uid-1")
    assert visit.me() == linked


# Our pages


def test_a_get_explains_and_does_not_begin(visit):
    response = visit.client.get(reverse("accounts:staff"))
    assert response.status_code == 200
    assert "What linking does" in text(response)
    assert "oidc_states" not in visit.client.session


def test_the_settings_page_says_what_is_linked(linked, visit):
    visit.sign_in("1")
    assert "You may review for 30 days" in text(visit.client.get(reverse("accounts:settings")))


@pytest.mark.parametrize("name", ["accounts:staff", "accounts:staff_callback", "accounts:staff_link"])
def test_where_staff_sign_in_is_not_set_up_the_pages_say_so(client, settings, name):
    settings.STAFF_SIGN_IN = False
    response = client.get(reverse(name))
    assert response.status_code == 404
    assert "There is no staff sign-in here" in text(response)
    assert reverse("accounts:staff") not in text(client.get(reverse("accounts:sign_in")))
