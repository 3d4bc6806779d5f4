"""Once a day: what stands at the machines, compared with what groups have, in both directions."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import transaction

from apps.core import heartbeats
from apps.resources import queries
from apps.resources.actions import making
from apps.resources.models import Resource, ResourceRequest
from apps.resources.providers import provider_for, server_named
from apps.resources.providers.protocol import Condition, Provider, ProviderError

log = structlog.get_logger("apps.resources")

Clock = Callable[[], datetime]
# Told to the operators: so many keys that nobody here knows, of each server.
MOST_STRAYS = 20


def reconcile(*, now: datetime, clock: Clock) -> int:
    """Compare every server in use with the database; returns for how many things a job was opened.

    What is there and should not be is ended, what should be there and is missing is made again, and mailing lists are
    brought in step. Keys that were never ours are told to the operators and left alone: another site may share the
    server. No machine is asked inside a transaction; a server that does not answer is compared tomorrow.
    """
    opened, strays = 0, {}
    for name in queries.names_of_servers_in_use():
        try:
            machine = provider_for(server_named(name))
            found = set(machine.made())
            opened += _end_what_nobody_has(found, name, now=clock())
            opened += _make_what_is_missing(machine, name, found, clock=clock)
        except ProviderError as error:
            log.warning("reconcile.no_answer", server=name, error=str(error))
            continue
        if unknown := sorted(found - set(queries.known_by_key(found))):
            strays[name] = {"count": len(unknown), "keys": unknown[:MOST_STRAYS]}
    heartbeats.report("strays", servers=strays)
    return opened


def _end_what_nobody_has(found: set[str], server: str, *, now: datetime) -> int:
    """What was made before this moment and is nobody's: the use is over, or its wish went on with another key."""
    known = queries.known_by_key(found)
    return sum(_end_if_left(known[key], key, server, now=now) for key in sorted(known))


@transaction.atomic
def _end_if_left(request: ResourceRequest, key: str, server: str, *, now: datetime) -> int:
    request = _held(request)
    has_it = request.is_held and request.key == key and request.resource.server == server
    if has_it and not _is_made_by_hand(request):
        return 0
    resource = queries.resource_that_made(key, server) or request.resource
    if resource.server != server:
        return 0
    return int(making.end_what_is_left(request, resource=resource, key=key, now=now))


def _is_made_by_hand(request: ResourceRequest) -> bool:
    return bool(request.address and not request.reference)


def _make_what_is_missing(machine: Provider, server: str, found: set[str], *, clock: Clock) -> int:
    opened = 0
    for request in queries.requests_made_at(server):
        if request.resource.provider == Resource.Provider.MAILMAN:
            opened += _bring_in_step(request, now=clock())
        if request.key in found:
            continue
        # Asked one by one: it may have been made after the machine said what there is.
        if machine.check(queries.order_for(request), queries.place_of(request)) == Condition.MISSING:
            opened += _make_again(request, now=clock())
    return opened


@transaction.atomic
def _bring_in_step(request: ResourceRequest, *, now: datetime) -> int:
    request = _held(request)
    return int(request.is_held and making.keep_in_step(request, now=now))


@transaction.atomic
def _make_again(request: ResourceRequest, *, now: datetime) -> int:
    """Only what the group still has: a use that ended meanwhile is missing because it ended."""
    request = _held(request)
    return int(request.is_held and bool(request.reference) and making.make_again(request, now=now))


def _held(request: ResourceRequest) -> ResourceRequest:
    """The resource, then the request, held in this order everywhere."""
    Resource.objects.select_for_update(no_key=True).get(pk=request.resource_id)
    held = ResourceRequest.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("resource", "group", "asked_by").get(pk=request.pk)
