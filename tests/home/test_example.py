"""The example is taken away without a trace, whatever its people have done meanwhile."""

import pytest
from django.apps import apps
from django.utils import timezone

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.groups.models import Group
from apps.home.example import load_example, remove_example
from apps.home.management.commands.catalogue import read
from tests.world import do_the_rest, links_to_people, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def rows() -> dict[str, int]:
    ours = [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("apps.")]
    return {model._meta.label: model._default_manager.count() for model in ours}


def test_an_example_whose_people_did_everything_is_removed_without_a_trace(catalogue):
    before = rows()
    do_the_rest(make_world(timezone.now()))
    for link in links_to_people():
        assert link.model._default_manager.exclude(**{link.name: None}).exists(), f"Nobody has done {link}"
    User.objects.update(is_example=True)
    Group.objects.update(is_example=True)
    assert remove_example() > 5
    assert rows() == before


def test_what_real_people_do_elsewhere_stays(catalogue):
    do_the_rest(make_world(timezone.now()))
    before = rows()
    load_example(read("home", "example.json"), now=timezone.now())
    remove_example()
    told = {"notifications.Notice", "notifications.Letter"}  # A real steward was asked by an example group.
    after = rows()
    assert {name: after[name] for name in after if name not in told} == {
        name: before[name] for name in before if name not in told
    }
    assert all(after[name] >= before[name] for name in told)


def test_the_example_as_loaded_is_removed_without_a_trace(catalogue):
    before = rows()
    load_example(read("home", "example.json"), now=timezone.now())
    assert Deadline.objects.exists()
    remove_example()
    assert rows() == before
