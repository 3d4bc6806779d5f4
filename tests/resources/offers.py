"""Offers with believable defaults."""

from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.groups.models import Group
from apps.resources import actions, queries
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW

LINKS = ["https://meet.example.org/one", "https://meet.example.org/two"]


def terms(**said: Any) -> actions.Terms:
    usual = {"name": "Our room", "line": "For thirty", "policy": "stewards_decide", "description": "A quiet room."}
    return actions.Terms(**(usual | said))


def offer(by: User, *, kind: str = "survey", now: datetime = NOW, **said: Any) -> Resource:
    """An offer; what is no term of it goes to the action."""
    beside = {name: said.pop(name) for name in ("provider", "links", "wish", "reads_on_site") if name in said}
    return actions.offer_resource(terms(**said), kind=kind, by=by, now=now, **beside)


def pool(by: User, *, links: list[str] = LINKS, **said: Any) -> Resource:
    """Ready links that are given at once, for ten days."""
    usual = {"policy": "self_service", "lasts_days": 10, "provider": "pool", "links": links}
    return offer(by, **(usual | said))


def ask(resource: Resource, group: Group, *, by: User, now: datetime = NOW, **wish: Any) -> ResourceRequest:
    usual = {"purpose": "Our survey"}
    return actions.request_resource(resource, group=group, by=by, now=now, **(usual | wish))


def seats_taken(resource: Resource, starts_at: datetime, ends_at: datetime) -> int:
    """The most seats taken at one moment between two times."""
    return queries.seats_between(resource, starts_at, ends_at).most(starts_at, ends_at)
