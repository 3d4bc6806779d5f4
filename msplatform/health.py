"""Is the site alive? /healthz asks the database, the broker, the worker and beat, and answers 503 when one is dead.

Worker and beat write a heartbeat to the cache every HEARTBEAT_EVERY_SECONDS; one older than three of those is a dead
process. Nothing here may harm what it watches: a heartbeat that cannot be written is logged and forgotten.
"""

import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from celery import bootsteps, current_app
from celery.beat import PersistentScheduler
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

log = logging.getLogger(__name__)

MISSED_HEARTBEATS = 3
ANSWER_SECONDS = 2.0

Part = dict[str, Any]


# The page


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """`age` is how old the news is, in seconds: of the last heartbeat, or how long a service took to answer."""
    parts = ask({"database": database, "broker": broker, "heartbeats": heartbeats})
    beats = parts.pop("heartbeats")
    for name in ("worker", "beat"):
        parts[name] = beats.get(name) or _dead(beats["why"])
    alive = all(part["ok"] for part in parts.values())
    return JsonResponse({"status": "ok" if alive else "dead", **parts}, status=200 if alive else 503)


def answer_first(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware that answers /healthz before the others ask who is there, which a dead database cannot say."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return healthz(request) if request.path == "/healthz" else get_response(request)

    return middleware


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
    now = time.time()
    seen = cache.get_many([_key("worker"), _key("beat")])
    return {name: _judge(seen.get(_key(name)), now) for name in ("worker", "beat")}


def _judge(written: float | None, now: float) -> Part:
    if written is None:
        return _dead("has never reported")
    age = round(now - written, 1)
    if age > MISSED_HEARTBEATS * settings.HEARTBEAT_EVERY_SECONDS:
        return _dead("has stopped reporting", age)
    return {"ok": True, "age": age}


# The heartbeats


def _key(name: str) -> str:
    return f"heartbeat:{name}"


def report(name: str) -> None:
    """Write a heartbeat. The connection is closed again, since worker processes forked later would inherit it."""
    try:
        cache.set(_key(name), time.time(), timeout=None)
    except Exception:
        log.warning("The heartbeat of %s could not be written.", name, exc_info=True)
    finally:
        connections.close_all()


class Heartbeat:
    """Reports when it is time to, however often it is asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reported_at = float("-inf")

    def beat(self) -> None:
        if time.monotonic() - self.reported_at >= settings.HEARTBEAT_EVERY_SECONDS:
            self.reported_at = time.monotonic()
            report(self.name)


class WorkerHeartbeat(bootsteps.StartStopStep):
    """Reports from the worker's own timer, which asks every second: it sleeps from one entry to the next when no
    event loop wakes it (the filesystem broker has none), and a worker that is told to stop waits for it.
    """

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def __init__(self, worker: Any, **options: Any) -> None:
        self.entry: Any = None

    def start(self, worker: Any) -> None:
        heartbeat = Heartbeat("worker")
        heartbeat.beat()
        self.entry = worker.timer.call_repeatedly(1, heartbeat.beat)

    def stop(self, worker: Any) -> None:
        if self.entry:
            self.entry.cancel()


class BeatingScheduler(PersistentScheduler):
    """Beat's ordinary scheduler, which reports from each round it makes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.heartbeat = Heartbeat("beat")
        super().__init__(*arguments, **options)

    def tick(self, *arguments: Any, **options: Any) -> Any:
        self.heartbeat.beat()
        return super().tick(*arguments, **options)
