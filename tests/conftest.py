"""A few named people, a clock that stands still, and the real catalogue."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import translation

from apps.accounts.models import User
from apps.engagement.actions import log_entry, name_neighbours
from apps.groups.actions import form_group
from apps.groups.models import Group, Membership
from apps.guidelines.models import Step
from apps.guidelines.queries import current_version
from apps.home.queries import Header
from apps.initiatives.actions import Proposal, accept_lead, adopt_initiative, offer_lead
from apps.initiatives.models import Adoption, Initiative
from apps.people.actions import grant_role

pytest_plugins = [
    "tests.plugins.services",
    "tests.plugins.browser",
    "tests.plugins.properties",
    "tests.plugins.worlds",
    "tests.plugins.machines",
    "tests.plugins.etherpad",
    "tests.plugins.mailman",
]

# A Monday, far from weekends, the winter break and any change of clocks.
NOW = datetime(2026, 9, 7, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        call_command("createcachetable")
        call_command("catalogue", verbosity=0)
        if connection.vendor == "postgresql":
            keep_rows()


def keep_rows() -> None:
    """Copies of all rows, beside their tables: to copy them back takes hundredths of a second."""
    tables = [model._meta.db_table for model in apps.get_models() if model.__module__.startswith("apps.")]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA kept")
        for table in tables:
            cursor.execute(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"')


def load_catalogue() -> None:
    """The catalogue again, after a test with real transactions has emptied the database."""
    if Initiative.objects.exists():
        return
    if connection.vendor != "postgresql":
        call_command("catalogue", verbosity=0)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'kept'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'INSERT INTO public."{table}" TABLE kept."{table}"')


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request leaves its language active; the next test begins in English again."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def same_beginning(request: pytest.FixtureRequest) -> None:
    """The catalogue is there, whatever emptied the database before; nothing that another test found out is cached."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("db")
        cache.clear()
        load_catalogue()


@pytest.fixture
def plain_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that open hundreds of pages: counting what a person owes is half of the time of a page."""
    monkeypatch.setattr("apps.home.context_processors.header_of", lambda person, now: Header(0, 0, False, False))


def no_page_is_written() -> Any:
    """For tests that ask for thousands of answers and read none: writing the pages takes most of the time."""
    return patch("django.template.backends.django.Template.render", lambda self, context=None, request=None: "unread")


@pytest.fixture
def unread() -> Iterator[None]:
    with no_page_is_written():
        yield


@pytest.fixture
def catalogue(db: None) -> None:
    """For tests to say that they read it; it is there in any case."""


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    def make(name: str, **fields: Any) -> User:
        fields.setdefault("email", f"{name.split()[0].lower()}@example.org")
        return User.objects.create(username=name, wikimedia_id=f"id-{name}", **fields)

    return make


@pytest.fixture
def volunteer(person: Callable[..., User]) -> User:
    return person("Ada", languages=["en", "ar"], region="mena")


@pytest.fixture
def coordinator(person: Callable[..., User]) -> User:
    return person("Bola", languages=["en", "yo"], region="ssa")


@pytest.fixture
def stranger(person: Callable[..., User]) -> User:
    return person("Sven")


@pytest.fixture
def steward(person: Callable[..., User]) -> User:
    return person("Tala")


@pytest.fixture
def reviewer(person: Callable[..., User]) -> User:
    return granted(person("Rhea"), "reviewer")


@pytest.fixture
def other_reviewer(person: Callable[..., User]) -> User:
    return granted(person("Omar", languages=["ar"]), "reviewer")


@pytest.fixture
def administrator(person: Callable[..., User]) -> User:
    return granted(person("Amal"), "administrator")


@pytest.fixture
def blocked(person: Callable[..., User]) -> User:
    return person("Blok", blocked_at=NOW)


def granted(person: User, role: str, **covers: list[str]) -> User:
    grant_role(person, role=role, until=NOW + timedelta(days=900), by=None, now=NOW - timedelta(days=400), **covers)
    return person


@pytest.fixture
def initiative(catalogue: None) -> Initiative:
    return Initiative.objects.get(number=13)


@pytest.fixture
def group(coordinator: User) -> Group:
    return form_group(name="First Steps", by=coordinator, now=NOW)


@pytest.fixture
def adoption(initiative: Initiative, group: Group, coordinator: User) -> Adoption:
    return adopt(initiative, group=group, by=coordinator)


def adopt(initiative: Initiative, *, group: Group | None, by: User, now: datetime = NOW, **more: Any) -> Adoption:
    return adopt_initiative(initiative, proposal(group, **more), by=by, now=now)


def proposal(group: Group | None, **more: Any) -> Proposal:
    """What whoever would lead writes, with believable defaults."""
    written = {
        "guidelines": current_version(),
        "plan": "Newcomers on five wikis find one shared help page.",
        "first_steps": ["List what exists", "Ask the neighbours", "Write the first page"],
        "group": group,
    }
    return Proposal(**(written | more))


def hand_over(adoption: Adoption, *, to: Group, now: datetime = NOW) -> None:
    """Whoever leads offers it to another group, which accepts; the checklist goes on."""
    lead = adoption.leads.get(ended_at=None)
    by, heir = (group.memberships.get(is_coordinator=True).user for group in (lead.group, to))
    offer = offer_lead(lead, group=to, by=by, now=now)
    accept_lead(offer, plan="We go on from there.", first_steps=["Read it all"], by=heir, now=now)


def add_member(group: Group, person: User, *, coordinates: bool = False, now: datetime = NOW) -> Membership:
    return Membership.objects.create(
        group=group, user=person, state="active", is_coordinator=coordinates, began_at=now, joined_at=now
    )


def step_called(code: str) -> Step:
    return Step.objects.get(version=current_version(), code=code)


def log(adoption: Adoption, code: str, *, by: User, group: Group, now: datetime = NOW, **what: Any) -> Any:
    """Log an entry with believable defaults."""
    entry = {
        "title": f"An entry for {code}",
        "url": f"https://meta.wikimedia.org/wiki/{code}/{what.pop('n', 1)}",
        "happened_on": now.date(),
        "languages": ["en"],
        "regions": [],
    }
    return log_entry(adoption, step=step_called(code), group=group, by=by, now=now, **(entry | what))


def meet_early_steps(adoption: Adoption, *, by: User, group: Group, now: datetime = NOW) -> None:
    """Meet the first four must-steps: conversations, nutshell, neighbours (none), announcements."""
    log(adoption, "conversations", by=by, group=group, now=now)
    log(adoption, "nutshell", by=by, group=group, now=now)
    name_neighbours(adoption, step=step_called("neighbours"), names=[], group=group, by=by, now=now)
    for n in range(3):
        log(adoption, "announce", by=by, group=group, now=now, n=n)


@pytest.fixture
def sign_in(client: Client) -> Callable[[User], Client]:
    """The test client, signed in as a person."""

    def as_person(person: User) -> Client:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_person
