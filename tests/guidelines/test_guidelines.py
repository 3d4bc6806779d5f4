"""Guidelines: a published version never changes, and what it expects is data."""

from datetime import date

import pytest
from django.core.management import call_command

from apps.guidelines.models import Step, Version
from apps.guidelines.queries import current_version
from tests.conftest import NOW
from tests.journeys.reader import Reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
MUSTS = ["conversations", "nutshell", "neighbours", "announce", "languages", "feedback", "summary", "changes"]


def test_version_one_expects_what_the_product_says():
    steps = Step.objects.filter(version=current_version()).order_by("position")
    assert [step.code for step in steps if step.level == "must"] == MUSTS
    assert [step.code for step in steps if step.level == "should"] == ["calls", "reach"]
    assert [step.code for step in steps if step.if_any] == ["neighbours"]


def test_loading_the_same_version_again_changes_nothing():
    before = list(Version.objects.values()), list(Step.objects.values())
    call_command("catalogue", verbosity=0)
    assert (list(Version.objects.values()), list(Step.objects.values())) == before


def test_the_address_of_the_guidelines_leads_to_the_current_version():
    reader = Reader()
    page = reader.open("/guidelines/")
    assert page.address == "/guidelines/1.0/"
    assert "The checklist" in page.text
    for step in Step.objects.filter(version=current_version()):
        assert step.title in page.text


def test_an_older_version_stays_where_it_was_when_a_newer_one_is_published():
    Version.objects.create(
        number="2.0", titles={"en": "Newer"}, bodies={"en": "New."}, published_on=date(2027, 1, 1), in_force_at=NOW
    )
    assert current_version().number == "2.0"
    assert "10 steps, counted by the site" in Reader().open("/guidelines/1.0/").text
    assert Reader().open("/guidelines/").address == "/guidelines/2.0/"


def test_a_version_that_was_never_published_is_not_found():
    assert Reader().open("/guidelines/9.9/").status == 404


def test_they_are_short_enough_to_be_read_and_hold_no_markup():
    body = current_version().body
    assert 200 < len(body.split()) < 1500
    assert "<" not in body
