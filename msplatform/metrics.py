"""/metrics, as Prometheus reads it: what is alive, when the clock came round, what waits and what failed.

Only counts and ages, so that anybody may read it. It answers whatever is dead: a part that does not answer is
`strategy_up 0`, and what only that part could tell is left out.
"""

import math
from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from apps.core.heartbeats import PROCESSES
from apps.operations.queries import ROUNDS, Backlog, News, backlog, news
from msplatform.health import Part, alive, ask, questions

Labelled = Iterable[tuple[str, float]]


class Answers(Collector):
    """Gauges from what was found out a moment ago."""

    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self.families = list(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self.families


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry()
    registry.register(Answers(gauges(ask(questions() | {"backlog": waiting, "news": told}))))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=content_type)


def waiting() -> Part:
    return {"found": backlog(timezone.now())}


def told() -> Part:
    found = news(timezone.now())
    return {"found": found} if found is not None else {"ok": False}


def gauges(answers: dict[str, Part]) -> Iterator[GaugeMetricFamily]:
    parts = alive(answers) | {"cache": answers["news"]}
    yield gauge("up", "Whether this part is alive.", "part", [(name, part["ok"]) for name, part in parts.items()])
    if found := answers["news"].get("found"):
        yield from of_news(found)
    if found := answers["backlog"].get("found"):
        yield from of_backlog(found)


def of_news(found: dict[str, News]) -> Iterator[GaugeMetricFamily]:
    """What never reported is infinitely old, so that an alert on its age fires."""
    ages = {name: math.inf if part.age is None else part.age for name, part in found.items()}
    reports = [(name, found[name].facts) for name in ROUNDS if found[name].facts]
    yield gauge("heartbeat_age_seconds", "Since a process last reported.", "part", [(n, ages[n]) for n in PROCESSES])
    yield gauge("last_round_age_seconds", "Since a round was finished.", "round", [(n, ages[n]) for n in ROUNDS])
    yield gauge(
        "last_round_duration_seconds", "How long it took.", "round", [(name, told["seconds"]) for name, told in reports]
    )
    yield gauge(
        "last_round_done", "How many acts or letters it did.", "round", [(name, told["done"]) for name, told in reports]
    )


def of_backlog(found: Backlog) -> Iterator[GaugeMetricFamily]:
    deadlines, queues = found.deadlines, found.letters.items()

    def age(oldest_at: object) -> float:
        return (found.now - oldest_at).total_seconds() if oldest_at else 0.0  # type: ignore[operator]

    yield single("deadlines_open", "Deadlines that are open.", deadlines.open)
    yield single("deadlines_due", "Deadlines whose next rung should have been done.", deadlines.due)
    yield single("deadlines_oldest_due_seconds", "How long the oldest of those waits.", age(deadlines.oldest_due_at))
    yield single("deadlines_failing", "Deadlines whose rung failed and is tried again.", deadlines.put_off)
    yield gauge("letters_queued", "Letters to send by mail.", "queue", [(name, row.queued) for name, row in queues])
    yield gauge("letters_due", "Letters to send by now.", "queue", [(name, row.due) for name, row in queues])
    yield gauge(
        "letters_oldest_due_seconds", "How long the oldest of those waits.", "queue",
        [(name, age(row.oldest_due_at)) for name, row in queues],
    )  # fmt: skip
    yield gauge(
        "letters_failing", "Letters that failed and are tried again.", "queue",
        [(name, row.put_off) for name, row in queues],
    )  # fmt: skip
    yield gauge("letters_failed", "Letters given up.", "queue", [(name, row.given_up) for name, row in queues])

    yield from of_jobs(found, age(found.jobs.oldest_due_at))


def of_jobs(found: Backlog, oldest_due: float) -> Iterator[GaugeMetricFamily]:
    jobs = found.jobs
    yield single("jobs_open", "What machines of others have to do.", jobs.open)
    yield single("jobs_due", "What they should have been asked for by now.", jobs.due)
    yield single("jobs_oldest_due_seconds", "How long the oldest of those waits.", oldest_due)
    yield single("jobs_failing", "What they did not do and are asked again for.", jobs.put_off)
    yield single("jobs_stuck", "What stewards were asked to do in their stead.", jobs.stuck)


def single(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"strategy_{name}", meaning, value=value)


def gauge(name: str, meaning: str, label: str, values: Labelled) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"strategy_{name}", meaning, labels=[label])
    for labelled, value in values:
        family.add_metric([labelled], value)
    return family
