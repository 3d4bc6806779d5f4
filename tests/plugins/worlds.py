"""The world of tests/world.py, made once for all tests in it that follow each other: making it takes a while.

It stands in a transaction around them, which pytest-django allows. The first test that does not ask for it takes it
away, so that no test finds rows that it has not asked for.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.world import World, make_world


class Worlds:
    """`kept` while the transaction around the tests is open."""

    def __init__(self, load_catalogue: Callable[[], None], blocker: Any) -> None:
        self.kept: World | None = None
        self.failed: Exception | None = None
        self._load_catalogue, self._blocker, self._open = load_catalogue, blocker, ExitStack()

    def make(self) -> None:
        """What fails here fails in the test that asks for it, and not in what pytest does before."""
        try:
            self.failed = None
            self.kept = self.kept or self._made()
        except Exception as error:
            self.failed = error

    def _made(self) -> World:
        with ExitStack() as opened:
            opened.enter_context(self._blocker.unblock())
            opened.enter_context(transaction.atomic())
            opened.callback(transaction.set_rollback, True)
            self._load_catalogue()
            world = make_world(timezone.now())
            self._open = opened.pop_all()
        return world

    def take_away(self) -> None:
        self.kept = None
        self._open.close()


# Of this process, once a test has asked for the database.
OPENED: list[Worlds] = []


@pytest.fixture(scope="session")
def worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[Worlds]:
    from tests.conftest import load_catalogue

    worlds = Worlds(load_catalogue, django_db_blocker)
    OPENED.append(worlds)
    yield worlds
    worlds.take_away()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who needs the whole world opens pages in it, which takes longer than to try a rule."""
    for item in items:
        if "shared_world" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: Any, request: pytest.FixtureRequest) -> None:
    """Before a test opens its own transaction, the world is there, or it is not; a file may have one of its own."""
    if fixturedef.scope == "module":
        for worlds in OPENED:
            worlds.take_away()
    if fixturedef.argname == "_django_db_helper":
        worlds = request.getfixturevalue("worlds")
        worlds.make() if "shared_world" in request.fixturenames else worlds.take_away()


@pytest.fixture
def shared_world(worlds: Worlds, db: None) -> World:
    """The rows undo what a test does to them; what stands in memory is the test's own."""
    if worlds.failed:
        raise worlds.failed
    assert worlds.kept, "pytest-django opens its transaction in another way now."
    return copy.deepcopy(worlds.kept)
