"""Roles with a term: granted and ended in public, by administrators, and over when their time is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.refused import Refused
from apps.notifications.models import Letter
from apps.people.actions import end_role, grant_role
from apps.people.forms import GrantForm
from apps.people.models import RoleTerm
from apps.people.policy import may_grant_roles, may_review
from apps.record.models import Act
from tests.conftest import NOW
from tests.journeys.reader import Reader
from tests.world import World

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def reader_as(world: World, role: str) -> Reader:
    reader = Reader()
    reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader


def test_a_role_begins_at_once_and_ends_by_itself(stranger, administrator):
    grant_role(stranger, role="reviewer", until=NOW + YEAR, by=administrator, now=NOW)
    assert not may_review(stranger, NOW - timedelta(seconds=1))
    assert may_review(stranger, NOW)
    assert may_review(stranger, NOW + YEAR - timedelta(seconds=1))
    assert not may_review(stranger, NOW + YEAR)
    assert not may_grant_roles(stranger, NOW)


def test_granting_is_in_the_record_and_the_person_is_told_once(stranger, administrator):
    before = Act.objects.count()
    grant_role(stranger, role="reviewer", until=NOW + YEAR, by=administrator, now=NOW)
    assert Act.objects.count() == before + 1
    assert Act.objects.latest("pk").by == administrator
    assert Letter.objects.filter(recipient=stranger).count() == 1


@pytest.mark.parametrize(
    ("who", "until", "sentence"),
    [
        ("stranger", -timedelta(days=1), "A term ends in the future."),
        ("stranger", timedelta(0), "A term ends in the future."),
        ("blocked", YEAR, "This account is blocked and cannot hold a role."),
        ("reviewer", YEAR, "This person holds the role already."),
    ],
)
def test_what_cannot_be_granted_is_refused_and_leaves_no_trace(request, administrator, who, until, sentence):
    person = request.getfixturevalue(who)
    before = RoleTerm.objects.count(), Act.objects.count(), Letter.objects.count()
    with pytest.raises(Refused) as refused:
        grant_role(person, role="reviewer", until=NOW + until, by=administrator, now=NOW)
    assert refused.value.sentence == sentence
    assert (RoleTerm.objects.count(), Act.objects.count(), Letter.objects.count()) == before


def test_a_term_is_ended_once(stranger, administrator):
    term = grant_role(stranger, role="reviewer", until=NOW + YEAR, by=administrator, now=NOW)
    end_role(term, reason="Moved on", by=administrator, now=NOW + timedelta(days=1))
    assert not may_review(stranger, NOW + timedelta(days=1))
    with pytest.raises(Refused):
        end_role(term, reason="Moved on", by=administrator, now=NOW + timedelta(days=2))
    grant_role(stranger, role="reviewer", until=NOW + YEAR, by=administrator, now=NOW + timedelta(days=3))
    assert may_review(stranger, NOW + timedelta(days=3))


def test_a_blocked_reviewer_reviews_no_more(reviewer):
    assert may_review(reviewer, NOW)
    reviewer.blocked_at = NOW
    reviewer.save()
    assert not may_review(reviewer, NOW)


def test_administrators_are_made_by_command_alone(stranger, administrator):
    with pytest.raises(Refused, match="with a command"):
        grant_role(stranger, role="administrator", until=NOW + YEAR, by=administrator, now=NOW)
    assert "administrator" not in dict(GrantForm().fields["role"].choices)
    grant_role(stranger, role="administrator", until=NOW + YEAR, by=None, now=NOW)
    assert may_grant_roles(stranger, NOW)


def test_an_administrator_grants_and_ends_a_role_on_the_page(world):
    amal = reader_as(world, "administrator")
    amal.open("/people/grant/")
    until = (timezone.localdate() + timedelta(days=200)).isoformat()
    amal.press("Grant it", username="Otto", role="reviewer", until=until)
    assert "3 roles are held now." in amal.page.text
    amal.follow("Otto")
    amal.press("End the role", reason="Otto has moved on.")
    assert "It ended on" in amal.page.text
    assert "Otto has moved on." in amal.page.text
    assert "2 roles are held now." in amal.open("/people/grant/").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"username": "Nobody"}, "Nobody with this name has signed in here yet."),
        ({"username": "otto"}, "Nobody with this name has signed in here yet."),
        ({"until": "2020-01-01"}, "is too far away"),
        ({"until": "9999-12-31"}, "is too far away"),
        ({"role": "emperor"}, "Select a valid choice."),
    ],
)
def test_a_role_that_cannot_be_granted_is_explained_and_the_form_stays(world, typed, sentence):
    amal = reader_as(world, "administrator")
    amal.open("/people/grant/")
    until = (timezone.localdate() + timedelta(days=200)).isoformat()
    amal.press("Grant it", **({"username": "Otto", "role": "reviewer", "until": until} | typed))
    assert sentence in amal.page.text
    assert amal.page.form("Grant it").values["username"] == [typed.get("username", "Otto")]
    assert RoleTerm.objects.count() == 2


def test_others_read_the_roles_and_have_no_form(world):
    page = reader_as(world, "reviewer").open("/people/")
    assert "Rhea" in page.text
    assert not any(form.has("Grant it") or form.has("End it now") for form in page.forms)
    assert "@example.org" not in page.html


def test_an_administrator_whose_session_ended_finds_the_form_as_it_was(world):
    reader = Reader()
    reader.open("/people/grant/")
    reader.client.handler.enforce_csrf_checks = False
    response = reader.client.post("/people/grant/", {"username": "Otto", "role": "reviewer", "until": "2027-01-01"})
    assert response["Location"].startswith("/accounts/sign-in/")
    reader.client.force_login(world.people["administrator"], backend="django.contrib.auth.backends.ModelBackend")
    assert reader.open("/people/grant/").form("Grant it").values["username"] == ["Otto"]
