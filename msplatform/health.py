"""Is the site alive? /healthz asks the database, the broker, the workers and beat, and answers 503 when one is dead.

Workers and beat write a heartbeat to the cache every HEARTBEAT_EVERY_SECONDS; one older than three of those is a dead
process. Nothing here may harm what it watches: a heartbeat that cannot be written is logged and forgotten.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Any

from celery import bootsteps, current_app
from celery.beat import PersistentScheduler
from django.conf import settings
from django.db import connection, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from apps.core.heartbeats import PROCESSES, Report, read, report

log = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0

Part = dict[str, Any]


# The page


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """`age` is how old the news is, in seconds: of the last heartbeat, or how long a service took to answer."""
    parts = alive(ask(questions()))
    all_alive = all(part["ok"] for part in parts.values())
    return JsonResponse({"status": "ok" if all_alive else "dead", **parts}, status=200 if all_alive else 503)


def questions() -> dict[str, Callable[[], Part]]:
    return {"database": database, "broker": broker, "heartbeats": heartbeats}


def alive(answers: dict[str, Part]) -> dict[str, Part]:
    """Each part of the site: the services, and the processes as far as the heartbeats could be read."""
    beats = answers["heartbeats"]
    processes = {name: beats.get(name) or _dead(beats["why"]) for name in PROCESSES}
    return {"database": answers["database"], "broker": answers["broker"]} | processes


# Asking without waiting: each question has a thread of its own, and all of them together two seconds

# A service that hangs must not collect threads with every question; twenty are more than healthy probes ever need.
_threads = threading.BoundedSemaphore(20)


def ask(questions: dict[str, Callable[[], Part]]) -> dict[str, Part]:
    deadline = time.monotonic() + ANSWER_SECONDS
    answers = {name: _begin(name, question) for name, question in questions.items()}
    return {name: _wait(answer, deadline) for name, answer in answers.items()}


def _begin(name: str, question: Callable[[], Part]) -> SimpleQueue[Part]:
    answer: SimpleQueue[Part] = SimpleQueue()
    if _threads.acquire(blocking=False):
        threading.Thread(target=_answer, args=(question, answer), name=f"healthz-{name}", daemon=True).start()
    else:
        answer.put(_dead("too many earlier questions are unanswered"))
    return answer


def _answer(question: Callable[[], Part], answer: SimpleQueue[Part]) -> None:
    begun = time.monotonic()
    try:
        found = question()
        answer.put({"ok": True, "age": round(time.monotonic() - begun, 3)} | found)
    except Exception as error:  # Whatever goes wrong is the answer; its details are for the log, not for the public.
        log.warning("healthz: %s", error)
        answer.put(_dead(type(error).__name__))
    finally:
        connections.close_all()
        _threads.release()


def _wait(answer: SimpleQueue[Part], deadline: float) -> Part:
    try:
        return answer.get(timeout=max(0.01, deadline - time.monotonic()))
    except Empty:
        return _dead(f"no answer within {ANSWER_SECONDS:.0f} seconds")


def _dead(why: str, age: float | None = None) -> Part:
    return {"ok": False, "age": age, "why": why}


def database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {}


def broker() -> Part:
    with current_app.connection_for_write(connect_timeout=ANSWER_SECONDS) as broker_connection:
        broker_connection.ensure_connection(max_retries=1, timeout=ANSWER_SECONDS)
    return {}


def heartbeats() -> Part:
    now, seen = time.time(), read(PROCESSES)
    return {name: _judge(seen.get(name), now) for name in PROCESSES}


def _judge(found: Report | None, now: float) -> Part:
    if found is None:
        return _dead("has never reported")
    if not found.is_alive(now):
        return _dead("has stopped reporting", found.age(now))
    return {"ok": True, "age": found.age(now)}


# The heartbeats


class Heartbeat:
    """Reports when it is time to, however often it is asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reported_at = float("-inf")

    def beat(self) -> None:
        if time.monotonic() - self.reported_at >= settings.HEARTBEAT_EVERY_SECONDS:
            self.reported_at = time.monotonic()
            report(self.name)
            # Worker processes that are forked later would inherit it.
            connections.close_all()


class WorkerHeartbeat(bootsteps.StartStopStep):
    """Reports from the worker's own timer, which asks every second: it sleeps from one entry to the next when no
    event loop wakes it (the filesystem broker has none), and a worker that is told to stop waits for it.
    """

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def __init__(self, worker: Any, **options: Any) -> None:
        self.entries: list[Any] = []

    def start(self, worker: Any) -> None:
        heartbeats = [Heartbeat(name) for name in names_of(worker.app.amqp.queues.consume_from)]
        for heartbeat in heartbeats:
            heartbeat.beat()
        self.entries = [worker.timer.call_repeatedly(1, heartbeat.beat) for heartbeat in heartbeats]

    def stop(self, worker: Any) -> None:
        for entry in self.entries:
            entry.cancel()


def names_of(queues: Iterable[str]) -> list[str]:
    """Under which names a worker reports: by what it serves, so that nobody has to tell it."""
    served = {queue if queue in {"mailings", "machines"} else "worker" for queue in queues}
    return [name for name in PROCESSES if name in served]


class BeatingScheduler(PersistentScheduler):
    """Beat's ordinary scheduler, which reports from each round it makes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.heartbeat = Heartbeat("beat")
        super().__init__(*arguments, **options)

    def tick(self, *arguments: Any, **options: Any) -> Any:
        self.heartbeat.beat()
        return super().tick(*arguments, **options)
