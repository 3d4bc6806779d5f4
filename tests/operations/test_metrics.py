"""/metrics, read with the parser of Prometheus's own client; it answers whatever is dead."""

import math
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.core import heartbeats
from apps.deadlines.models import Deadline
from apps.groups.actions import form_group, invite
from apps.notifications.models import Letter
from apps.operations import queries
from apps.resources.actions import provision, request_resource
from apps.resources.models import Job, Resource
from msplatform import health, metrics

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def read(client):
    """Every sample by its name and label, such as ("strategy_up", "beat")."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in response["Cache-Control"]
    families = list(text_string_to_metric_families(response.content.decode()))
    assert all(family.documentation and family.type == "gauge" for family in families)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


@pytest.fixture
def failed(coordinator, person, catalogue):
    """Six letters: one due, one put off, one given up; and of a mailing two that are due and one that is sent."""
    now = timezone.now()
    group = form_group(name="First Steps", by=coordinator, now=now)
    invite(group, people=[person(f"Person{n}") for n in range(6)], by=coordinator, now=now - timedelta(seconds=100))
    ids = list(Letter.objects.order_by("pk").values_list("pk", flat=True))
    later = now + timedelta(hours=1)
    Letter.objects.update(wake_at=now - timedelta(seconds=100))
    Letter.objects.filter(pk=ids[1]).update(attempts=1, last_error="451", wake_at=later)
    Letter.objects.filter(pk=ids[2]).update(mail="failed", attempts=14, wake_at=None)
    Letter.objects.filter(pk__in=ids[3:]).update(is_bulk=True)
    Letter.objects.filter(pk=ids[5]).update(mail="sent", wake_at=None, sent_at=now)
    deadline = Deadline.objects.order_by("pk").first()
    Deadline.objects.filter(pk=deadline.pk).update(attempts=1, last_error="broken", wake_at=later)
    pad = Resource.objects.get(slug="notes-pad")
    Resource.objects.filter(pk=pad.pk).update(provider="discourse", server="nowhere")
    for purpose in ("One", "Two", "Three"):
        resource = Resource.objects.get(pk=pad.pk)
        request_resource(resource, group=group, purpose=purpose, by=coordinator, now=now - timedelta(seconds=50))
    provision(now=now, clock=lambda: now)
    Letter.objects.filter(notice__kind__startswith="resources.").delete()
    Job.objects.filter(pk=Job.objects.first().pk).update(state="due", attempts=0, last_error="", wake_at=now)


@pytest.fixture
def running(transactional_db):
    for name in heartbeats.PROCESSES:
        heartbeats.report(name)
    heartbeats.report("sweep", done=7, seconds=0.5)
    yield
    heartbeats.forget((*heartbeats.PROCESSES, *queries.ROUNDS))


def test_it_tells_what_is_alive_what_waits_and_what_failed(client, failed, running):
    found = read(client)
    for part in ("database", "broker", "cache", "worker", "mailings", "machines", "beat"):
        assert found["strategy_up", part] == 1, part
    assert 0 <= found["strategy_heartbeat_age_seconds", "beat"] < 10
    assert 0 <= found["strategy_last_round_age_seconds", "sweep"] < 10
    assert found["strategy_last_round_age_seconds", "deliver"] == math.inf, "an alert on its age fires"
    assert found["strategy_last_round_duration_seconds", "sweep"] == 0.5
    assert found["strategy_last_round_done", "sweep"] == 7
    assert found["strategy_deadlines_open",] == Deadline.objects.filter(state="open").count() > 1
    assert found["strategy_deadlines_due",] == found["strategy_deadlines_oldest_due_seconds",] == 0
    assert found["strategy_deadlines_failing",] == 1
    jobs = ("open", "due", "failing", "stuck")
    assert [found[f"strategy_jobs_{name}",] for name in jobs] == [3, 1, 2, 2]
    assert 0 <= found["strategy_jobs_oldest_due_seconds",] < 10
    assert {name: found[name, "letters"] for name, *label in found if label == ["letters"]} == {
        "strategy_letters_queued": 2,
        "strategy_letters_due": 1,
        "strategy_letters_oldest_due_seconds": pytest.approx(100, abs=10),
        "strategy_letters_failing": 1,
        "strategy_letters_failed": 1,
    }
    assert {name: found[name, "mailings"] for name, *label in found if label == ["mailings"]} == {
        "strategy_up": 1,
        "strategy_heartbeat_age_seconds": pytest.approx(5, abs=5),
        "strategy_letters_queued": 2,
        "strategy_letters_due": 2,
        "strategy_letters_oldest_due_seconds": pytest.approx(100, abs=10),
        "strategy_letters_failing": 0,
        "strategy_letters_failed": 0,
    }


def test_an_empty_site_has_every_gauge(client, running):
    found = read(client)
    assert found["strategy_letters_queued", "mailings"] == found["strategy_deadlines_open",] == 0


@pytest.mark.parametrize("rows", ["none", "some"])
def test_the_backlog_takes_four_queries_whatever_waits(request, rows, django_assert_num_queries):
    if rows == "some":
        request.getfixturevalue("failed")
    with django_assert_num_queries(4):
        queries.backlog(timezone.now())


def test_a_process_that_stopped_is_down(client, running, settings):
    ago = 3 * settings.HEARTBEAT_EVERY_SECONDS + 5
    cache.set(heartbeats.key("mailings"), {"at": time.time() - ago, "facts": {}}, timeout=None)
    found = read(client)
    assert (found["strategy_up", "mailings"], found["strategy_up", "worker"]) == (0, 1)
    assert found["strategy_heartbeat_age_seconds", "mailings"] >= ago


def raising(*args, **kwargs):
    raise ConnectionError("gone")


def test_a_cache_that_is_down_is_told(client, failed, running, monkeypatch):
    monkeypatch.setattr(queries, "read", raising)
    monkeypatch.setattr(health, "read", raising)
    found = read(client)
    assert [found["strategy_up", part] for part in ("cache", "worker", "beat")] == [0, 0, 0]
    assert found["strategy_up", "database"] == 1
    assert found["strategy_letters_queued", "letters"] == 2
    assert not any(name.startswith("strategy_heartbeat") for name, *_label in found)


def test_a_broker_that_is_down_is_told(client, running, monkeypatch):
    monkeypatch.setattr(health, "broker", raising)
    found = read(client)
    assert (found["strategy_up", "broker"], found["strategy_up", "database"]) == (0, 1)


def test_a_database_that_hangs_is_told_in_time(client, running, monkeypatch):
    monkeypatch.setattr(health, "database", lambda: time.sleep(4))
    monkeypatch.setattr(metrics, "waiting", lambda: time.sleep(4))
    begun = time.monotonic()
    found = read(client)
    assert time.monotonic() - begun < 3.5
    assert found["strategy_up", "database"] == 0
    assert not any(name.startswith("strategy_letters") for name, *_label in found)
    assert found["strategy_up", "worker"] == 1


@pytest.mark.services
def test_a_database_that_is_gone_is_told(client, running):
    connection.close()
    host, connection.settings_dict["HOST"] = connection.settings_dict["HOST"], "/nowhere"
    try:
        found = read(client)
    finally:
        connection.settings_dict["HOST"] = host
        connection.close()
    assert (found["strategy_up", "database"], found["strategy_up", "cache"]) == (0, 1)


def test_it_names_nobody(client, failed, running):
    page = client.get("/metrics").content.decode()
    assert "@" not in page
    assert "Person" not in page
