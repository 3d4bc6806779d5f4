"""The download holds everything that the site holds about a person: every link to them, and every text beside it."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.queries import data_about
from apps.resources.models import Resource
from tests.world import do_the_rest, links_to_people, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TEXTS = (models.CharField, models.TextField, models.JSONField, models.DateField, models.PositiveIntegerField)
# What is no word of a person's: computed by the site, or kept for its own workings.
WORKINGS = {
    "deadlines.Deadline": {"owner", "region", "ends_at", "closed_at", "wake_at", "last_error"},
    "engagement.ChecklistStep": {"named", "measured"},
    "engagement.Entry": {"corrected"},
    "engagement.Submission": {"settled_at"},
    "groups.Group": {"slug", "name", "purpose", "region", "formed_at"},
    # Where it is: told on its page, to those who may come to it now.
    "groups.Meeting": {"place"},
    "initiatives.Adoption": {
        "notice_ends_at",
        "term_began_at",
        "last_act",
        "last_act_at",
        "early_steps_met_at",
        "taken_over_at",
        "hold_review_at",
        "on_hold_for",
        "forgotten_at",
        "handing_over_at",
        "shared_at",
        "leaves_at",
        "concludes_at",
    },
    "initiatives.Hold": {"review_at", "ended_at"},
    "initiatives.Obstacle": {"role"},
    "notifications.Letter": {"language", "wake_at", "last_error"},
    "resources.Job": {"key", "server", "place", "last_error"},
    # A link is told to nobody but the group that has it, not even to whoever wrote it.
    "resources.PoolLink": {"sealed", "digest"},
    # Where it is, and what was written there: the group's, told on its page while one is of it.
    "resources.ResourceRequest": {"key", "server", "zone", "silent", "address", "reference", "kept_text"},
    "translations.Translation": {"digest"},
}
# Who wrote to many: what they did is in the record, and those whom it reached have the words.
NOT_TOLD = {"notifications.Notice.by"}


@pytest.fixture
def everything(catalogue: None) -> dict[int, str]:
    do_the_rest(make_world(timezone.now()))
    return {person.pk: in_json(data_about(person)) for person in User.objects.all()}


def in_json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def linked() -> Iterator[tuple[models.Model, list[models.ForeignKey]]]:
    """Every row that points at somebody, with the links of its that do."""
    links: dict[type[models.Model], list[models.ForeignKey]] = {}
    for link in links_to_people():
        if str(link) not in NOT_TOLD:
            links.setdefault(link.model, []).append(link)
    for model, found in links.items():
        for row in model._default_manager.all():
            yield row, [link for link in found if getattr(row, link.attname)]


def time_beside(link: models.ForeignKey) -> str:
    """asked_at for asked_by; else the first time of the row, or ""."""
    times = [field.name for field in link.model._meta.concrete_fields if isinstance(field, models.DateTimeField)]
    return next(chain((t for t in times if t == link.name.replace("_by", "_at")), times), "")


def test_every_link_to_a_person_is_told_with_its_time(everything):
    for row, links in linked():
        for link in links:
            if when := time_beside(link):
                assert in_json(getattr(row, when)) in everything[getattr(row, link.attname)], f"{link} of {row!r}"


def test_every_text_is_told_to_somebody_whom_it_is_about(everything):
    for row, links in linked():
        people = [getattr(row, link.attname) for link in links]
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            told = isinstance(field, TEXTS) and field.name not in WORKINGS.get(row._meta.label, ())
            if told and people and value not in (None, "", [], {}):
                assert any(in_json(value) in everything[pk] for pk in people), f"{row._meta.label}.{field.name}"


def test_a_steward_reads_what_they_are_steward_of(everything):
    resource = Resource.objects.get(slug="mailing-list")
    assert resource.slug in data_about(resource.stewards.get())["resources"]["steward_of"]
