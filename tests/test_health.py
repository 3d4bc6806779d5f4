"""/healthz says what is alive, with real processes; and never answers with an error of its own."""

import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from redis.exceptions import ConnectionError as NoRedis

from apps.core import heartbeats
from msplatform import health

AnyFixture = Any
pytestmark = pytest.mark.slow
PARTS = ("database", "broker", "worker", "mailings", "machines", "beat")


def ask(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/healthz")
    assert "no-store" in response["Cache-Control"]
    return response.status_code, response.json()


@pytest.fixture
def beating(transactional_db: None) -> None:
    """Every process has just reported."""
    for name in heartbeats.PROCESSES:
        heartbeats.report(name)


def reported_before(name: str, seconds: float) -> None:
    cache.set(heartbeats.key(name), {"at": time.time() - seconds, "facts": {}}, timeout=None)


def test_all_alive(client: Client, beating: None) -> None:
    status, answer = ask(client)
    assert (status, answer["status"]) == (200, "ok")
    assert {name: part["ok"] for name, part in answer.items() if name != "status"} == {
        "database": True,
        "broker": True,
        "worker": True,
        "mailings": True,
        "machines": True,
        "beat": True,
    }
    assert all(0 <= answer[name]["age"] < 5 for name in PARTS)


@pytest.mark.parametrize("name", heartbeats.PROCESSES)
def test_a_missed_heartbeat_is_tolerated_and_three_are_not(
    client: Client, beating: None, settings: AnyFixture, name: str
) -> None:
    reported_before(name, 2 * settings.HEARTBEAT_EVERY_SECONDS)
    assert ask(client)[0] == 200
    reported_before(name, 3 * settings.HEARTBEAT_EVERY_SECONDS + 1)
    status, answer = ask(client)
    assert (status, answer["status"]) == (503, "dead")
    assert [part for part in PARTS if not answer[part]["ok"]] == [name]


def test_a_process_that_never_reported_is_dead(client: Client, beating: None) -> None:
    cache.delete("heartbeat:beat")
    status, answer = ask(client)
    assert status == 503
    assert answer["beat"] == {"ok": False, "age": None, "why": "has never reported"}


def test_a_broker_that_refuses_is_dead(client: Client, beating: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "broker", raising(ConnectionRefusedError("secret-host:6379 refused")))
    status, answer = ask(client)
    assert status == 503
    assert answer["broker"]["why"] == "ConnectionRefusedError", "the name of the error, and no address"
    assert answer["worker"]["ok"], "the heartbeats could still be read"


def test_a_service_that_hangs_does_not_hang_the_answer(
    client: Client, beating: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "broker", lambda: time.sleep(4))
    begun = time.monotonic()
    status, answer = ask(client)
    assert time.monotonic() - begun < 3.5
    assert status == 503
    assert answer["broker"]["why"] == "no answer within 2 seconds"


@pytest.mark.parametrize("error", [NoRedis("gone"), OSError("disk full")])
def test_a_heartbeat_that_cannot_be_written_harms_nobody(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(heartbeats.cache, "set", raising(error))
    monkeypatch.setattr(health.connections, "close_all", lambda: None)
    health.Heartbeat("worker").beat()
    assert heartbeats.reported("sweep", lambda: 3) == 3, "nor does a round that cannot report"


@pytest.mark.parametrize(
    ("queues", "names"),
    [
        (["clock", "letters"], ["worker"]),
        (["mailings"], ["mailings"]),
        (["machines"], ["machines"]),
        (["clock", "letters", "mailings", "machines"], ["worker", "mailings", "machines"]),
    ],
)
def test_a_worker_reports_under_what_it_serves(queues: list[str], names: list[str]) -> None:
    assert health.names_of(queues) == names


def test_a_round_that_fails_reports_nothing(transactional_db: None) -> None:
    cache.delete(heartbeats.key("sweep"))
    with pytest.raises(OSError, match="disk full"):
        heartbeats.reported("sweep", raising(OSError("disk full")))
    assert heartbeats.read(["sweep"]) == {}


def raising(error: Exception) -> Callable[..., Any]:
    def raise_error(*arguments: Any, **options: Any) -> None:
        raise error

    return raise_error


# With real processes on PostgreSQL and Redis. Their pulse is one second, so three are enough for death.


@pytest.mark.services
@pytest.mark.slow
def test_each_killed_process_is_named_and_no_other(
    client: Client, all_processes: AnyFixture, settings: AnyFixture, run_until: AnyFixture
) -> None:
    settings.HEARTBEAT_EVERY_SECONDS = 1
    run_until(lambda: ask(client)[0] == 200)
    dead: list[str] = []
    for process in all_processes:
        process.kill()
        dead.append(process.name)
        answer = run_until(lambda name=process.name: not (found := ask(client)[1])[name]["ok"] and found, 10)
        assert sorted(name for name in PARTS if not answer[name]["ok"]) == sorted(dead)
        assert answer[process.name]["why"] == "has stopped reporting"
    assert sorted(dead) == sorted(heartbeats.PROCESSES)


@pytest.mark.services
@pytest.mark.slow
def test_workers_and_beat_stop_in_order_when_asked(all_processes: AnyFixture, run_until: AnyFixture) -> None:
    for process in all_processes:
        process.process.send_signal(signal.SIGTERM)
    run_until(lambda: not any(process.is_alive() for process in all_processes), 10)
    assert [process.process.returncode for process in all_processes] == [0] * len(all_processes)


@pytest.mark.services
@pytest.mark.parametrize("cookies", [{}, {"sessionid": "a-session-that-cannot-be-read"}])
def test_a_database_that_is_gone_is_told_and_is_no_error(
    client: Client, beating: None, database_gone: None, cookies: dict[str, str]
) -> None:
    client.cookies.load(cookies)
    status, answer = ask(client)
    assert status == 503
    assert answer["database"] == {"ok": False, "age": None, "why": "OperationalError"}
    assert answer["broker"]["ok"]
    assert answer["worker"]["ok"]


@pytest.fixture
def database_gone(beating: None) -> Iterator[None]:
    """From here on no connection can be made, in this thread or another."""
    connection.close()
    host = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere"
    yield
    connection.settings_dict["HOST"] = host
    connection.close()
