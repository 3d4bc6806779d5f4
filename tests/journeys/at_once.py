"""Doing many things at the same moment, with real threads, and the promises that hold afterwards."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from django.db import connection, connections
from django.test import Client

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.groups.deadlines import ANSWER_JOIN
from apps.groups.models import Group, Membership

PATIENCE_SECONDS = 60


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do every act in a thread of its own, all let go at the same moment; what each answered, in order.

    A refusal counts as an answer. Anything else that is raised is raised here, too: in earnest it would be a 500.
    """
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(PATIENCE_SECONDS)
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [answer.result(PATIENCE_SECONDS) for answer in [threads.submit(run, act) for act in acts]]


def browser_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


# People and waits by the hundred


def people(count: int, name: str = "Person") -> list[User]:
    return User.objects.bulk_create(
        User(username=f"{name} {n}", wikimedia_id=f"{name}-{n}", email=f"{name.lower()}{n}@example.org")
        for n in range(count)
    )


def ask_to_join_all(group: Group, askers: Iterable[User], *, at: datetime, rung: int = 0) -> list[Membership]:
    """What `ask_to_join` leaves behind, for hundreds of people, with their deadlines at a rung of the ladder."""
    asked = Membership.objects.bulk_create(
        Membership(group=group, user=person, state=Membership.State.ASKED, began_at=at) for person in askers
    )
    times = {number: time for number, _rung, time in ANSWER_JOIN.rung_times(at, None)}
    Deadline.objects.bulk_create(
        Deadline(
            rule=ANSWER_JOIN.name,
            subject_id=membership.pk,
            owner=ANSWER_JOIN.owed_by(membership),
            opened_at=at,
            due_at=ANSWER_JOIN.due_at(at, None),
            rung=rung,
            wake_at=times[rung],
        )
        for membership in asked
    )
    return asked


# What must hold after every story


def assert_promises_hold() -> None:
    """Whatever waits has its open deadlines, of the rules of its state; no other deadline is open."""
    assert broken_promises() == []


# Triggers that make PostgreSQL slow, or tell what was tried


@contextmanager
def trigger(table: str, body: str, *, when: str = "BEFORE INSERT", at_the_commit: bool = False) -> Iterator[None]:
    """A trigger in PL/pgSQL for the length of a block; `body` stands before `RETURN NEW`."""
    kind, moment = ("CONSTRAINT TRIGGER", "DEFERRABLE INITIALLY DEFERRED") if at_the_commit else ("TRIGGER", "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION of_this_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$"
        )
        cursor.execute(
            f"CREATE {kind} of_this_test {when} ON {table} {moment} FOR EACH ROW EXECUTE FUNCTION of_this_test()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION of_this_test() CASCADE")


def someone_sleeps() -> int:
    """How many connections are inside a `pg_sleep` of such a trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


# Forms


def typed_in(html: str) -> dict[str, str]:
    """What a reader finds typed and ticked in the forms of a page, by the names of the fields."""
    reader = _FormReader()
    reader.feed(html)
    return reader.values


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "textarea":
            self._textarea, self.values[name] = name, ""
        elif tag == "input" and name and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            self.values[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # HTML drops one newline directly after <textarea>.
            self.values[self._textarea] = self.values[self._textarea].replace("\r\n", "\n").removeprefix("\n")
            self._textarea = ""
