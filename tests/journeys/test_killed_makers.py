"""Many groups ask for the last seat while workers die by SIGKILL, and a machine makes rooms without saying so.

Real `celery worker` processes on PostgreSQL and Redis ask a BigBlueButton over HTTP. Whatever is killed when, in the
end there is one room for each group that has one, and no other.
"""

import json
import threading
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from apps.groups.actions import form_group
from apps.resources import actions, queries
from apps.resources.models import Job, Resource, ResourceRequest
from apps.resources.providers.naming import named
from msplatform.celery import app
from tests.journeys.at_once import assert_promises_hold, at_once, people
from tests.journeys.test_killed_workers import is_quiet
from tests.servers.bigbluebutton import BigBlueButton, Meeting

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]

ASKERS = 40


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
def pad(catalogue):
    """Six pads, made on BigBlueButton as soon as they are given."""
    about = {"provider": "bigbluebutton", "server": "bigbluebutton", "capacity": 6}
    Resource.objects.filter(slug="notes-pad").update(**about)
    return Resource.objects.get(slug="notes-pad")


def ask(pad, group, by, purpose):
    return actions.request_resource(pad, group=group, purpose=purpose, by=by, now=timezone.now())


@pytest.fixture
def uses(pad, person):
    """Five of them are in use, so that one is left."""
    coordinator = person("Bola")
    group = form_group(name="First Steps", by=coordinator, now=timezone.now())
    return [ask(pad, group, coordinator, f"Notes {n}") for n in range(5)]


@pytest.fixture
def askers():
    """Groups with a coordinator each."""
    return [(form_group(name=f"Group of {one}", by=one, now=timezone.now()), one) for one in people(ASKERS)]


def provision_once():
    app.send_task("apps.resources.tasks.provision")


def let_claims_run_out():
    """What five minutes do."""
    ago = timezone.now() - queries.CLAIM_LASTS - timedelta(seconds=1)
    Job.objects.filter(claimed_at__isnull=False).update(claimed_at=ago, wake_at=timezone.now())
    queries.open_jobs().filter(act="end").update(wake_at=timezone.now())


def done(act="make"):
    return Job.objects.filter(act=act, state="done").count()


def states():
    return Counter(ResourceRequest.objects.values_list("state", flat=True))


def test_the_last_seat_goes_to_one_of_many_and_no_room_is_left_behind_by_the_dead(
    machine, pad, uses, askers, start_worker, run_until
):
    # The third room is made, and the worker dies before it hears of it. Meanwhile everybody wants the last seat.
    machine.hang_at(3)
    first = start_worker()
    provision_once()
    assert machine.hangs.wait(40)
    wishes = at_once(*(partial(ask, pad, group, one, "The last one") for group, one in askers))
    first.kill()
    run_until(is_quiet)
    assert Counter(wish.state for wish in wishes) == {"in_use": 1, "waiting": ASKERS - 1}
    assert (machine.created, done()) == (3, 2)
    [claimed] = Job.objects.filter(claimed_at__isnull=False)
    # Its group has changed its mind meanwhile: nobody knows of the room but its machine. The next one has the seat.
    actions.give_back(claimed.request, by=claimed.request.asked_by, now=timezone.now())
    assert states() == {"in_use": 6, "waiting": ASKERS - 2, "returned": 1}
    assert_promises_hold()

    # The fourth room is made and the connection breaks off; at the fifth the next worker dies.
    machine.fail_next("late")
    machine.hang_at(5)
    second = start_worker()
    provision_once()
    run_until(lambda: queries.put_off_jobs().exists(), 40)
    provision_once()
    assert machine.hangs.wait(40)
    second.kill()
    run_until(is_quiet)
    assert (machine.created, done()) == (5, 2)
    assert_promises_hold()

    start_worker()
    let_claims_run_out()
    actions.retry_jobs(now=timezone.now())
    provision_once()
    run_until(lambda: (done(), done("end")) == (6, 1), 40)
    assert machine.created == 7, "each once: the repeats have found the rooms of the dead"
    held = ResourceRequest.objects.filter(state="in_use")
    assert states() == {"in_use": 6, "waiting": ASKERS - 2, "returned": 1}
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
