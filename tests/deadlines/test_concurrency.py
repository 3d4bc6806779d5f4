"""Many sweepers at once, a sweeper and a person at once, and rows that fail: each rung happens once.

The tests with locks are marked `services`: only PostgreSQL lets two sweepers work at the same time. SQLite
lets one of them wait for the other, which `tests/journeys/` shows.
"""

import threading
import time
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.groups.actions import answer_join
from apps.groups.models import Membership
from apps.notifications.models import Letter
from apps.record.models import Act, Mention
from tests.conftest import NOW, add_member
from tests.journeys.at_once import ask_to_join_all, assert_promises_hold, at_once, people, someone_sleeps, trigger

pytestmark = pytest.mark.django_db(transaction=True)
DUE = 300
DAY = timedelta(days=1)


@pytest.fixture
def noted_letters():
    """A note of every letter that was tried to write: ON CONFLICT DO NOTHING would hide a second one."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE noted_letters (recipient bigint, notice bigint)")
    with trigger("notifications_letter", "INSERT INTO noted_letters VALUES (NEW.recipient_id, NEW.notice_id);"):
        yield noted
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE noted_letters")


def noted():
    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient, notice FROM noted_letters")
        return Counter(cursor.fetchall())


def admissions():
    """How often each membership was admitted by silence, as the record has it."""
    joined = Act.objects.filter(verb="groups.joined_by_silence")
    assert Mention.objects.filter(act__in=joined, name="group").count() == joined.count()
    return joined.count()


@pytest.mark.services
@pytest.mark.parametrize("sweepers", [2, 4])
def test_sweepers_at_once_do_each_of_300_due_rungs_once(group, coordinator, volunteer, noted_letters, sweepers):
    add_member(group, volunteer, coordinates=True)
    reminded = ask_to_join_all(group, people(100, "Early"), at=NOW - 8 * DAY)
    silent = ask_to_join_all(group, people(150, "Late"), at=NOW - 15 * DAY, rung=1)
    both = ask_to_join_all(group, people(50, "Forgotten"), at=NOW - 15 * DAY)
    sleeping = ask_to_join_all(group, people(20, "Fresh"), at=NOW - DAY)
    done = at_once(*[partial(sweep, now=NOW)] * sweepers)
    done.append(sweep(now=NOW + timedelta(minutes=5)))  # those that gave way to another sweeper

    assert set(noted_letters().values()) == {1}, "No letter was tried twice."
    admitted = Membership.objects.filter(pk__in=[row.pk for row in [*silent, *both]])
    assert set(admitted.values_list("state", flat=True)) == {"active"}
    assert admissions() == 200
    assert Letter.objects.filter(notice__kind="deadlines.reminder").count() == 2 * (100 + 50)
    assert Letter.objects.filter(notice__kind="groups.admitted").count() == 200
    rungs = Deadline.objects.values_list("subject_id", "state", "rung")
    expected = {(row.pk, "open", 1) for row in reminded} | {(row.pk, "open", 0) for row in sleeping}
    assert {rung for rung in rungs if rung[1] == "open"} == expected
    assert sum(done) >= DUE + 50
    assert_promises_hold()


@pytest.mark.services
def test_a_rehearsal_leaves_out_what_the_site_holds_rather_than_wait_for_it(group, capsys):
    [asked] = ask_to_join_all(group, people(1), at=NOW - 15 * DAY, rung=1)
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Membership.objects.select_for_update().get(pk=asked.pk)
            held.set()
            done.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        call_command("sweep", now=NOW.isoformat())
    finally:
        done.set()
        thread.join()
    assert "0 acts by" in capsys.readouterr().out
    call_command("sweep", now=NOW.isoformat())
    assert "1 acts by" in capsys.readouterr().out


def let_go():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM held")


@pytest.mark.services
def test_several_sweepers_share_the_work(group, run_until):
    """While one is inside a slow consequence, another one does the rest instead of waiting for it."""
    first, *others = ask_to_join_all(group, people(40), at=NOW - 15 * DAY, rung=1)
    slow = f"WHILE NEW.id = {first.pk} AND EXISTS (SELECT FROM held) LOOP PERFORM pg_sleep(0.2); END LOOP;"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE held AS SELECT 1 AS one")
    try:
        with trigger("groups_membership", slow, when="BEFORE UPDATE"):
            slow_sweeper = threading.Thread(target=closing(partial(sweep, now=NOW)))
            slow_sweeper.start()
            run_until(someone_sleeps)
            assert sweep(now=NOW) == len(others)
            assert not Membership.objects.filter(pk=first.pk, state="active").exists()
            let_go()
            slow_sweeper.join(30)
    finally:
        let_go()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE held")
    assert admissions() == 40


@pytest.mark.services
def test_the_sweep_gives_way_to_a_person_and_tries_again(group, coordinator, volunteer):
    """The person holds the request and wants the deadline; the sweep the other way round. No deadlock, no waiting."""
    [membership] = ask_to_join_all(group, [volunteer], at=NOW - 15 * DAY, rung=1)
    [other] = ask_to_join_all(group, people(1), at=NOW - 14 * DAY, rung=1)
    with transaction.atomic():
        Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
        began = time.monotonic()
        [done] = at_once(partial(sweep, now=NOW))
        assert time.monotonic() - began < 5
        assert done == 2
        answer_join(membership, admit=False, by=coordinator, now=NOW)
    for row, state in ((membership, "declined"), (other, "active")):
        row.refresh_from_db()
        assert row.state == state
    deadline = Deadline.objects.get(subject_id=membership.pk)
    assert (deadline.state, deadline.outcome) == ("met", "declined")
    assert sweep(now=NOW + DAY) == 0
    assert admissions() == 1
    assert_promises_hold()


@pytest.mark.services
def test_what_the_sweep_gave_way_on_happens_two_minutes_later(group, volunteer):
    [membership] = ask_to_join_all(group, [volunteer], at=NOW - 15 * DAY, rung=1)
    with transaction.atomic():
        Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
        at_once(partial(sweep, now=NOW))
    deadline = Deadline.objects.get()
    assert (deadline.state, deadline.attempts, deadline.wake_at) == ("open", 1, NOW + timedelta(minutes=2))
    assert "lock timeout" in deadline.last_error
    sweep(now=NOW + timedelta(minutes=2))
    membership.refresh_from_db()
    assert membership.state == "active"


@pytest.mark.services
@pytest.mark.parametrize(
    ("when", "at_the_commit"),
    [("BEFORE UPDATE", False), ("AFTER UPDATE", True)],
    ids=["in the middle", "at the commit"],
)
def test_a_consequence_that_the_database_refuses_does_not_block_the_next(group, when, at_the_commit):
    _first, second, *others = ask_to_join_all(group, people(5), at=NOW - 15 * DAY, rung=1)
    refuse = f"IF NEW.id = {second.pk} THEN RAISE EXCEPTION 'this one is broken'; END IF;"
    with trigger("groups_membership", refuse, when=when, at_the_commit=at_the_commit):
        sweep(now=NOW)
    assert Membership.objects.filter(state="active").count() == 1 + len(others) + 1  # with the coordinator
    broken = Deadline.objects.get(state="open")
    assert (broken.subject_id, broken.attempts) == (second.pk, 1)
    assert "this one is broken" in broken.last_error
    assert broken.wake_at == NOW + timedelta(minutes=2)
    sweep(now=NOW + timedelta(minutes=2))
    assert admissions() == 5
    assert_promises_hold()


@pytest.mark.parametrize("rung", [0, 1], ids=["reminder", "silence"])
def test_a_row_that_fails_is_put_off_with_growing_delay_and_blocks_nobody(group, coordinator, rung):
    began = NOW - (8 if rung == 0 else 15) * DAY
    lost, *others = ask_to_join_all(group, people(4), at=began, rung=rung)
    Membership.objects.filter(pk=lost.pk).delete()
    delays, at = [], NOW
    for _ in range(4):
        sweep(now=at)
        deadline = Deadline.objects.get(subject_id=lost.pk)
        delays.append((deadline.wake_at - at) / timedelta(minutes=1))
        at = deadline.wake_at
    assert delays == [2, 4, 8, 16]
    assert deadline.last_error
    if rung == 0:
        assert Letter.objects.filter(notice__kind="deadlines.reminder", recipient=coordinator).count() == len(others)
    else:
        assert admissions() == len(others)


def closing(act):
    """The act, with the connections of its thread closed afterwards."""

    def run():
        try:
            act()
        finally:
            connections.close_all()

    return run
