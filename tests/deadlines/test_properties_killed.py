"""Sweepers at once, killed by SIGKILL at any moment: each rung and each consequence happens once.

The sweepers are forked, so that hundreds of deaths fit into a test; `tests/journeys/test_killed_workers.py` and
`make faults` kill real Celery workers.
"""

import multiprocessing
import os
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, connections
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.groups.models import Membership
from apps.notifications.models import Letter, Notice
from apps.record.models import Act
from tests.conftest import NOW
from tests.journeys.at_once import ask_to_join_all, assert_promises_hold, people, trigger

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DAY = timedelta(days=1)
EARLY, LATE = 20, 40
# Milliseconds from the start of a sweeper to its death; a sweep of all takes about a second here.
LIVES = st.lists(st.integers(0, 900), min_size=2, max_size=6)

fork = multiprocessing.get_context("fork")


@pytest.fixture
def group(person):
    return form_group(name="First Steps", by=person("Bola"), now=NOW - 40 * DAY)


def sweep_and_end():
    """What a forked sweeper does; it leaves without cleaning up after the test that it was forked from."""
    # Where a browser runs in the parent, Playwright's event loop there makes Django keep two sets of connections, of
    # which the parent has closed the one that it sees; a fork sees no event loop, and would share the other.
    for inherited in connections.all(initialized_only=True):
        inherited.connection = None
    try:
        sweep(now=NOW)
    finally:
        os._exit(0)


def run_and_kill(lives):
    """Start that many sweepers at once, and kill each after its time."""
    connections.close_all()  # A forked connection would be shared.
    began = time.monotonic()
    sweepers = [fork.Process(target=sweep_and_end) for _ in lives]
    for sweeper in sweepers:
        sweeper.start()
    for life, sweeper in sorted(zip(lives, sweepers, strict=True), key=lambda pair: pair[0]):
        time.sleep(max(0.0, life / 1000 - (time.monotonic() - began)))
        sweeper.kill()
    for sweeper in sweepers:
        sweeper.join(30)


def connected():
    """Who is connected to this database beside us: another test may have left a server there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in cursor.fetchall()}


def forget_everything_but(group):
    Deadline.objects.all().delete()
    Notice.objects.all().delete()
    Membership.objects.filter(group=group, is_coordinator=False).delete()


@pytest.mark.timeout(300)
@settings(max_examples=max(3, settings().max_examples // 10))
@given(rounds=st.lists(LIVES, min_size=1, max_size=2))
def test_whenever_sweepers_die_the_next_ones_do_the_rest_and_nothing_twice(group, run_until, rounds):
    forget_everything_but(group)
    acts_before = Act.objects.filter(verb="groups.joined_by_silence").count()
    name = f"{time.monotonic_ns()}"
    early = ask_to_join_all(group, people(EARLY, f"Early{name}"), at=NOW - 8 * DAY)
    late = ask_to_join_all(group, people(LATE, f"Late{name}"), at=NOW - 15 * DAY)
    with trigger("record_act", "PERFORM pg_sleep(0.01);"):  # so that deaths fall into the middle
        for lives in rounds:
            others = connected()
            run_and_kill(lives)
            # PostgreSQL notices that a client is dead when it has finished the statement.
            run_until(lambda others=others: connected() <= others, 30)
            assert_promises_hold()  # after every death, not at the end alone
    sweep(now=NOW)
    sweep(now=NOW + timedelta(minutes=5))  # what one sweeper put off for the sake of another

    assert {row.state for row in Membership.objects.filter(pk__in=[row.pk for row in late])} == {"active"}
    assert Act.objects.filter(verb="groups.joined_by_silence").count() - acts_before == LATE
    reminded = {(row.subject_id, row.state, row.rung) for row in Deadline.objects.filter(state="open")}
    assert reminded == {(row.pk, "open", 1) for row in early}
    kinds = Counter(Letter.objects.values_list("notice__kind", flat=True))
    assert kinds == {"deadlines.reminder": EARLY + LATE, "groups.admitted": LATE}
    assert_promises_hold()
