import pytest
from django.urls import reverse

from apps.accounts import queries
from apps.accounts.models import User
from apps.core.languages import regions

DEMO = "/accounts/demo/"


@pytest.fixture(autouse=True)
def demo(settings, db):
    settings.DEMO = True


@pytest.fixture
def example() -> User:
    return User.objects.create(username="Example Volunteer", is_example=True, languages=["ar"], region="mena")


@pytest.fixture
def real() -> User:
    return User.objects.create(username="Somebody Real", wikimedia_id="1")


def signed_in_as(client) -> str | None:
    return client.session.get("_auth_user_id")


def test_example_people_are_listed_with_what_they_are_and_real_people_are_not(client, example, real, monkeypatch):
    monkeypatch.setattr(queries, "ROLE_WORDS", [lambda people: {person.pk: ["Reviewer"] for person in people}])
    page = client.get(DEMO).content.decode()
    assert "Example Volunteer" in page
    assert "Reviewer" in page
    assert "العربية" in page
    assert regions()["mena"].name in page
    assert "Somebody Real" not in page


def test_one_click_signs_in_as_an_example_person(client, example):
    assert client.post(DEMO, {"person": example.pk, "next": "/waiting/"})["Location"] == "/waiting/"
    assert signed_in_as(client) == str(example.pk)


def test_nobody_can_sign_in_as_somebody_real(client, real):
    assert client.post(DEMO, {"person": real.pk}).status_code == 404
    assert signed_in_as(client) is None


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30, "٣", "1\0"])
def test_a_number_that_is_nobodys_is_not_found(client, number):
    assert client.post(DEMO, {"person": number}).status_code == 404


def test_another_site_is_not_gone_on_to(client, example):
    assert "evil" not in client.post(DEMO, {"person": example.pk, "next": "https://evil.example/"})["Location"]


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_list_takes_the_same_number_of_queries(client, django_assert_num_queries, how_many):
    for number in range(how_many):
        User.objects.create(username=f"Example {number}", is_example=True)
    with django_assert_num_queries(4):
        client.get(DEMO)


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_demo_there_is_no_such_page(client, settings, example, method):
    settings.DEMO = False
    assert getattr(client, method)(DEMO, {"person": example.pk}).status_code == 404
    assert signed_in_as(client) is None
    assert DEMO not in client.get(reverse("accounts:sign_in")).content.decode()


def test_the_sign_in_page_offers_example_people(client):
    assert DEMO in client.get(reverse("accounts:sign_in")).content.decode()


def test_without_example_people_the_page_says_so(client):
    assert "There are no example people" in client.get(DEMO).content.decode()
