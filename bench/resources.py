"""Booking with 200 resources and 50,000 requests: pages beside the floor, and claims of seats beside plain SQL.

The busy resource has 10 seats and 5,000 uses in the month that is shown. Pages are measured as in `bench.pages`.

Claims: 50 requesters at once, each with a connection of its own, ask for a seat of one resource, where each time
has as many seats as ten of them need. The floor does the same in plain SQL over the same connections: hold the
resource's row, count the uses that overlap, insert a row that is given or waits, commit. It has no limits, no
deadline, no record, no letter and no address, which is what the difference pays for.
"""

import itertools
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import django

django.setup()

from django.db import connection, connections, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.groups.models import Group, Membership
from apps.resources.actions import request_resource
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries import Seats
from apps.resources.queries.seats import times_taken
from bench import world
from bench.figures import in_turn, show_rates
from bench.load import serving
from bench.pages import Page, measure

RESOURCES = 200
REQUESTS = 50_000
BUSY = 5_000
GROUPS = 300
REQUESTERS = 50
CLAIMS = 4
ROUNDS = 5
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
State = ResourceRequest.State


def main() -> None:
    world.timed("an empty site", world.prepare)
    now = timezone.now()
    people, groups = make_groups(now)
    rooms = world.timed(f"{RESOURCES} resources, {REQUESTS:,} requests", lambda: make_requests(people, groups, now))
    busy, claimed = rooms[0], rooms[1]
    month = next_month(now)
    cookie = world.session_of(people[0])
    with serving("msplatform.wsgi") as site, serving("bench.floor:application") as floor:
        for name, path in {
            "month-busy": f"{busy.get_absolute_url()}?month={month:%Y-%m}",
            "week-busy": f"{busy.get_absolute_url()}?week={month:%Y-%m-%d}",
            "catalogue": "/resources/",
        }.items():
            measure(Page(name, path), site, floor)
            measure(Page(f"{name}-in", path, cookie), site, floor)
    measure_claims(claimed, people, groups, now)


def next_month(now: datetime) -> datetime:
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + 31 * DAY).replace(day=1)


def make_groups(now: datetime) -> tuple[list[User], list[Group]]:
    people = User.objects.bulk_create(
        User(password="!", wikimedia_id=f"bench-{n}", username=f"Volunteer {n}", email=f"v{n}@example.org")
        for n in range(GROUPS)
    )
    groups = Group.objects.bulk_create(
        Group(slug=f"group-{n}", name=f"Working group {n}", purpose="We meet.", formed_at=now) for n in range(GROUPS)
    )
    active = {"state": Membership.State.ACTIVE, "began_at": now, "joined_at": now, "is_coordinator": True}
    Membership.objects.bulk_create(
        Membership(group=group, user=person, **active) for group, person in zip(groups, people, strict=True)
    )
    return people, groups


def make_requests(people: list[User], groups: list[Group], now: datetime) -> list[Resource]:
    """Half of the requests are over. Of the others the busy resource has 5,000 in one month."""
    model = Resource.objects.filter(kind=Resource.Kind.ROOM)[0]
    for n in range(RESOURCES - Resource.objects.count()):
        model.pk, model.slug, model.position = None, f"room-{n}", 100 + n
        model.capacity, model.max_per_month = 10, None
        model.save(force_insert=True)
    rooms = list(Resource.objects.filter(slug__startswith="room-"))
    month = next_month(now)

    def use(n: int) -> ResourceRequest:
        is_over = n % 2 == 0
        if n < 2 * BUSY and not is_over:
            room, starts_at = rooms[0], month + (n % (2 * BUSY)) * (28 * DAY / (2 * BUSY))
        else:
            room, starts_at = rooms[2 + n % (len(rooms) - 2)], now + (n % 180 + 1) * DAY * (-1 if is_over else 1)
        ends_at = starts_at + HOUR
        return ResourceRequest(
            resource=room,
            group=groups[n % GROUPS],
            key=f"bench-{n}",
            purpose="The weekly call",
            state=State.RETURNED if is_over else State.IN_USE,
            starts_at=starts_at,
            ends_at=ends_at,
            closed_at=ends_at if is_over else None,
            asked_at=now - 200 * DAY,
            asked_by=people[n % GROUPS],
        )

    ResourceRequest.objects.bulk_create((use(n) for n in range(REQUESTS)), batch_size=5_000)
    world.vacuum(Resource, ResourceRequest)
    return rooms


# --- Claims ----------------------------------------------------------------------------------


def measure_claims(room: Resource, people: list[User], groups: list[Group], now: datetime) -> None:
    claimed = [itertools.count() for _requester in range(REQUESTERS)]

    def next_time(number: int) -> datetime:
        """The same for the fifty requesters, of whom ten find a seat."""
        return now.replace(minute=0, second=0, microsecond=0) + DAY + next(claimed[number]) * HOUR

    def ours(number: int) -> None:
        starts_at = next_time(number)
        request_resource(
            room,
            group=groups[number],
            purpose="A call",
            starts_at=starts_at,
            ends_at=starts_at + HOUR,
            by=people[number],
            now=now,
        )

    def floor(number: int) -> None:
        claim_in_sql(room, groups[number], people[number], next_time(number), now)

    with Requesters() as requesters:
        found = in_turn(ROUNDS, ours=lambda: requesters.rate(ours), floor=lambda: requesters.rate(floor))
    show_rates("claims-50-at-once", found, f"{REQUESTERS} requesters, {CLAIMS} claims each, 10 seats")
    worst = most_at_once(room)
    if worst > (room.capacity or 0):
        raise RuntimeError(f"{worst} groups in {room.capacity} seats.")


class Requesters:
    """Fifty threads with a connection each, let go at the same moment."""

    def __enter__(self) -> "Requesters":
        self.pool = ThreadPoolExecutor(REQUESTERS, initializer=connection.ensure_connection)
        return self

    def __exit__(self, *_error: object) -> None:
        barrier = threading.Barrier(REQUESTERS)

        def close() -> None:
            barrier.wait(30)
            connections.close_all()

        for closed in [self.pool.submit(close) for _ in range(REQUESTERS)]:
            closed.result()
        self.pool.shutdown()

    def rate(self, claim: Callable[[int], None]) -> float:
        barrier = threading.Barrier(REQUESTERS + 1)

        def work(number: int) -> None:
            barrier.wait(60)
            for _ in range(CLAIMS):
                claim(number)

        working = [self.pool.submit(work, number) for number in range(REQUESTERS)]
        barrier.wait(60)
        began = time.monotonic()
        for work_ in working:
            work_.result()
        return REQUESTERS * CLAIMS / (time.monotonic() - began)


def claim_in_sql(room: Resource, group: Group, person: User, starts_at: datetime, now: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT capacity FROM resources_resource WHERE id = %s FOR NO KEY UPDATE", [room.pk])
        [capacity] = cursor.fetchone()
        cursor.execute(
            "SELECT coalesce(sum(quantity), 0) FROM resources_resourcerequest "
            "WHERE resource_id = %s AND state = 'in_use' AND starts_at < %s AND ends_at > %s",
            [room.pk, starts_at + HOUR, starts_at],
        )
        [taken] = cursor.fetchone()
        cursor.execute(
            "INSERT INTO resources_resourcerequest (resource_id, group_id, asked_by_id, key, series, purpose, details, "
            "starts_at, ends_at, state, address, reference, kept_text, server, zone, whose_word, asked_at, answer, "
            "silent, quantity) "
            "VALUES (%s, %s, %s, %s, '', 'A call', '', %s, %s, %s, '', '', '', '', 'UTC', '', %s, '', '[]', 1)",
            [
                *(room.pk, group.pk, person.pk, secrets.token_hex(12), starts_at, starts_at + HOUR),
                *("in_use" if taken < capacity else "waiting", now),
            ],
        )


def most_at_once(room: Resource) -> int:
    return max(Seats(times_taken(room.requests.filter(state=State.IN_USE))).taken, default=0)


if __name__ == "__main__":
    main()
