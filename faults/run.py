"""The run itself, in the environment that `python -m faults` has prepared."""

import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import django

django.setup()

from django.conf import settings
from django.utils import timezone

from faults import ground
from faults.crew import WORKERS, Crew
from faults.options import options_in
from faults.storm import Event, schedule

# The share of the storm in which everything falls due; the rest of it is for the letters.
DUE_WITHIN = 0.6


class TooLate(Exception):
    """The time that the run may take is over."""


class Run:
    def __init__(self, crew: Crew, *, began: float, most_seconds: float) -> None:
        self.crew = crew
        self.began = began
        self.ends_at = self.began + most_seconds

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def play(self, events: list[Event]) -> None:
        began = time.monotonic()
        for event in events:
            self.sleep(began + event.at - time.monotonic())
            self.tell(f"{event.what} {event.whom}")
            if event.what == "mood":
                self.crew.the_mail_server(event.whom)
            elif event.what == "kill":
                self.crew.kill(event.whom)
            else:
                self.crew.start(event.whom)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            if dead := self.crew.dead():
                self.tell(f"{', '.join(dead)} died by itself")
                return
            self.sleep(0.5)

    def sleep(self, seconds: float) -> None:
        if time.monotonic() + seconds > self.ends_at:
            raise TooLate
        time.sleep(max(0.0, seconds))

    def tell(self, what: str) -> None:
        print(f"  {self.seconds:6.1f} s  {what}", flush=True)


def main(arguments: list[str]) -> int:
    began, options = time.monotonic(), options_in(arguments)
    # As an exception, so that everybody who was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ground.prepare()
    ground.fill(options.deadlines, now=timezone.now(), within=timedelta(seconds=DUE_WITHIN * options.storm_seconds))
    ports = {"redis_port": urlsplit(settings.REDIS_URL).port or 6379, "mail_port": settings.EMAIL_PORT}
    with Crew(Path(settings.DATA_DIR), **ports) as crew:
        run = Run(crew, began=began, most_seconds=options.most_seconds)
        crew.the_mail_server("accept")
        for name in ("redis", "mail", "beat", *WORKERS):
            crew.start(name)
        try:
            run.wait_until(ground.has_begun)
            run.play(schedule(options.storm_seconds, kills=options.kills, seed=options.seed))
            run.tell("calm")
            run.wait_until(ground.is_done)
        except TooLate:
            run.tell("too late")
        found = ground.outcome(options.deadlines, crew.notes)
        if not found.is_kept:
            crew.show_logs()
    show(found, crew, run)
    return 0 if found.is_kept else 1


def show(found: ground.Outcome, crew: Crew, run: Run) -> None:
    killed = {name: sum(victim.startswith(name) for victim in crew.kills) for name in ("worker", "beat", "redis")}
    lines = {
        "deadlines-done": f"{found.done:,} of {found.deadlines:,}",
        "consequences-twice": f"{found.twice:,}",
        "letters-written": f"{found.written:,} of {found.letters_due:,}",
        "letters-sent": f"{found.sent:,}",
        "letters-repeated": f"{found.repeated:,}; the mail server took {found.taken_without_a_word:,} without a word",
        "letters-overtaken": f"{found.overtaken:,}; reminders of what had lapsed before they could leave",
        "letters-lost": f"{found.lost:,}",
        "promises-broken": f"{len(found.broken):,}",
        "kills": ", ".join(f"{count} {name}" for name, count in killed.items()),
        "seconds": f"{run.seconds:.0f}",
    }
    for name, words in lines.items():
        print(f"faults {name:<20} {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
