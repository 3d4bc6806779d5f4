"""Once a day: what stands at the machines, compared with what groups have, in both directions."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

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
T = TypeVar("T")
# Without a limit of its own, a round that died is taken for one that is under way for so long.
LONGEST_ALONE = timedelta(hours=1)
# Told to the operators: so many keys that nobody here knows, of each server.
MOST_STRAYS = 20


def reconcile(*, now: datetime, clock: Clock, lasts: timedelta | None = None) -> int:
    """Compare every server in use with the database; returns for how many things a job was opened.

    What is there and should not be is ended, what should be there and is missing is made again, and mailing lists are
    brought in step. Keys that were never ours are told to the operators and left alone: another site may share the
    server. No machine is asked inside a transaction; a server that does not answer is compared tomorrow.

    `lasts`: stop after this time. What was compared longest ago comes first, so that the next round goes on with the
    rest. Does nothing while another round is under way.
    """
    round_ = Round(now + lasts if lasts else None, clock)
    with heartbeats.alone("reconcile", seconds=(lasts or LONGEST_ALONE).total_seconds()) as is_alone:
        if is_alone:
            _compare_all(round_)
    return round_.opened


@dataclass
class Round:
    """One comparison: until when it goes on, and for how many things it opened a job."""

    until: datetime | None
    clock: Clock
    opened: int = 0

    def in_time(self, things: Iterable[T]) -> Iterator[T]:
        """These things, as long as there is time."""
        self._stop_in_time()
        for thing in things:
            yield thing
            self._stop_in_time()

    def _stop_in_time(self) -> None:
        if self.until and self.clock() >= self.until:
            raise _OutOfTime


class _OutOfTime(Exception):
    """This round is over."""


def _compare_all(round_: Round) -> None:
    names, compared_at = queries.names_of_servers_in_use(), heartbeats.last_facts("compared").get("servers", {})
    before = heartbeats.last_facts("strays").get("servers", {})
    strays = {name: before[name] for name in names if name in before}
    for name in sorted(names, key=lambda name: compared_at.get(name, 0)):
        # It had its turn, also when it is not through: no server keeps the others from theirs.
        compared_at[name] = round_.clock().timestamp()
        try:
            unknown = _compare(name, round_)
        except ProviderError as error:
            log.warning("reconcile.no_answer", server=name, error=str(error))
            continue
        except _OutOfTime:
            log.warning("reconcile.out_of_time", server=name)
            break
        strays.pop(name, None)
        strays |= {name: unknown} if unknown else {}
    heartbeats.report("compared", servers=compared_at)
    heartbeats.report("strays", servers=strays)


def _compare(name: str, round_: Round) -> dict[str, Any] | None:
    """Compare one server; returns what is there that was never ours."""
    machine = provider_for(server_named(name))
    found = set(round_.in_time(machine.made()))
    _end_what_nobody_has(found, name, round_)
    _make_what_is_missing(machine, name, found, round_)
    unknown = sorted(found - set(queries.known_by_key(found)))
    return {"count": len(unknown), "keys": unknown[:MOST_STRAYS]} if unknown else None


def _end_what_nobody_has(found: set[str], server: str, round_: Round) -> None:
    """What was made before this moment and is nobody's: the use is over, or its wish went on with another key."""
    known, now = queries.known_by_key(found), round_.clock()
    for key in sorted(known):
        round_.opened += _end_if_left(known[key], key, server, now=now)


@transaction.atomic
def _end_if_left(request: ResourceRequest, key: str, server: str, *, now: datetime) -> int:
    request = _held(request)
    is_here = queries.server_of(request) == server
    if request.is_held and request.key == key and is_here and not _is_made_by_hand(request):
        return 0
    resource = queries.resource_that_made(key, server) or (request.resource if is_here else None)
    if resource is None:
        return 0
    return int(making.end_what_is_left(request, resource=resource, key=key, server=server, now=now))


def _is_made_by_hand(request: ResourceRequest) -> bool:
    return bool(request.address and not request.server)


def _make_what_is_missing(machine: Provider, server: str, found: set[str], round_: Round) -> None:
    for request in round_.in_time(queries.requests_made_at(server)):
        if request.resource.provider == Resource.Provider.MAILMAN:
            round_.opened += _bring_in_step(request, now=round_.clock())
        if request.key in found:
            continue
        # Asked one by one: it may have been made after the machine said what there is.
        if machine.check(queries.order_for(request), queries.place_of(request)) == Condition.MISSING:
            round_.opened += _make_again(request, now=round_.clock())


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
