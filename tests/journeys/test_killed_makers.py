"""A worker dies by SIGKILL while the machine that it asks hangs, having made what it was asked for.

Real `celery worker` processes on PostgreSQL and Redis ask a BigBlueButton over HTTP. Whatever is killed when, in the
end there is one room for each group that has one, and no other.
"""

import json
import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.groups.actions import form_group
from apps.resources import actions, queries
from apps.resources.models import Job, Resource, ResourceRequest
from apps.resources.providers.naming import named
from msplatform.celery import app
from tests.journeys.at_once import assert_promises_hold
from tests.journeys.test_killed_workers import is_quiet
from tests.servers.bigbluebutton import BigBlueButton, Meeting

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]


class Hanging(BigBlueButton):
    """Makes the room that is told by its number, then says nothing until it is let go."""

    def __init__(self):
        super().__init__()
        self.hangs_at, self.hangs, self.go_on = 0, threading.Event(), threading.Event()

    def answer(self, asked):
        answer = super().answer(asked)
        if asked.path.endswith("/create") and self.created == self.hangs_at:
            self.hangs_at = 0
            self.hangs.set()
            self.go_on.wait(60)
        return answer

    def hang_at(self, number):
        self.hangs_at = number
        self.hangs.clear()


@pytest.fixture
def machine(settings):
    with Hanging() as machine:
        settings.RESOURCE_SERVERS = settings.RESOURCE_SERVERS | {"bigbluebutton": machine.server()}
        yield machine
        machine.go_on.set()


@pytest.fixture
def start_worker(celery, machine):
    about = {"kind": machine.kind, "url": machine.url + machine.path, "secret": machine.secret, "internal": True}
    started = []

    def start():
        servers = json.dumps({"bigbluebutton": about})
        started.append(celery.start_worker(queues="machines", wait=False, RESOURCE_SERVERS=servers))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture
def uses(catalogue, person):
    """Six pads, made on BigBlueButton as soon as they are given."""
    Resource.objects.filter(slug="notes-pad").update(provider="bigbluebutton", server="bigbluebutton")
    pad, coordinator, now = Resource.objects.get(slug="notes-pad"), person("Bola"), timezone.now()
    group = form_group(name="First Steps", by=coordinator, now=now)
    return [actions.request_resource(pad, group=group, purpose=f"Notes {n}", by=coordinator, now=now) for n in range(6)]


def provision_once():
    app.send_task("apps.resources.tasks.provision")


def let_claims_run_out():
    """What five minutes do."""
    ago = timezone.now() - queries.CLAIM_LASTS - timedelta(seconds=1)
    Job.objects.filter(claimed_at__isnull=False).update(claimed_at=ago, wake_at=timezone.now())
    queries.open_jobs().filter(act="end").update(wake_at=timezone.now())


def done(act="make"):
    return Job.objects.filter(act=act, state="done").count()


def test_workers_killed_while_a_machine_hangs_leave_one_room_for_each_group_and_no_other(
    machine, uses, start_worker, run_until
):
    # The third room is made, and the worker dies before it hears of it.
    machine.hang_at(3)
    first = start_worker()
    provision_once()
    assert machine.hangs.wait(40)
    first.kill()
    run_until(is_quiet)
    assert (machine.created, done()) == (3, 2)
    [claimed] = Job.objects.filter(claimed_at__isnull=False)
    # Its group has changed its mind meanwhile: nobody knows of the room but its machine.
    actions.give_back(claimed.request, by=claimed.request.asked_by, now=timezone.now())
    assert_promises_hold()

    # The next worker goes on with the others, and dies at the fifth in the same way.
    machine.hang_at(5)
    second = start_worker()
    provision_once()
    assert machine.hangs.wait(40)
    second.kill()
    run_until(is_quiet)
    assert (machine.created, done()) == (5, 3)
    assert_promises_hold()

    start_worker()
    provision_once()
    run_until(lambda: done() == 4, 40)
    let_claims_run_out()
    provision_once()
    run_until(lambda: (done(), done("end")) == (5, 1), 40)
    assert machine.created == 6, "each once: the repeat has found the room of the dead"
    held = ResourceRequest.objects.filter(state="in_use")
    assert held.count() == 5
    assert set(machine.meetings) == {named(use.key) for use in held}
    assert all(use.is_made for use in held)
    assert_promises_hold()

    # A machine that was slower than the claim: the room comes after its end. The daily comparison finds it.
    late = named(claimed.key)
    machine.meetings[late] = Meeting({"meetingID": late, "name": "Notes"})
    assert actions.reconcile(now=timezone.now(), clock=timezone.now) == 1
    provision_once()
    run_until(lambda: done("end") == 2, 40)
    assert late not in machine.meetings
    assert actions.reconcile(now=timezone.now(), clock=timezone.now) == 0
    assert_promises_hold()
