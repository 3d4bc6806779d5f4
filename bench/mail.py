"""Letters a second through `deliver`, beside Django's ordinary send loop to the same mail server.

The server is a process of its own. The ordinary loop sends the same letters over one connection: words that are
there already, no template, no row to claim or to mark.

Also how long the window is in which a kill would send a letter twice: from the server's 250 to the commit of the
row that says so. PostgreSQL does not wait for the disk here; where it does, add one flush of that disk.
"""

import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import django

django.setup()

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection
from django.utils import timezone

from apps.notifications.delivery import deliver, message
from apps.notifications.models import Letter
from bench import world
from bench.figures import in_turn, show, show_rates
from scripts import processes

ROOT = Path(__file__).resolve().parent.parent
LETTERS = 1_000
ROUNDS = 5
PARAGRAPHS = [
    "Open since 15 November 2026: 2 measured steps of Working group 7 for strategy.",
    "It is due on 27 November 2026.",
    "If nothing comes by 11 December 2026: the steps are confirmed by silence, and labelled so.",
    "You get this because you can answer it.",
]


def main() -> None:
    world.timed("letters", prepare)
    notes = Path(settings.DATA_DIR) / "taken"
    windows: list[float] = []
    with sink(notes):
        ready = [message(letter) for letter in queued()]
        parts = [(mail.subject, mail.body, mail.to, mail.alternatives[0][0]) for mail in ready]
        found = in_turn(
            ROUNDS,
            ours=lambda: rate(lambda: windows.extend(deliver_and_note(notes))),
            floor=lambda: rate(lambda: ordinary_loop(parts)),
        )
    show_rates("mail", found, f"{LETTERS:,} letters, one process")
    note = f"{len(windows):,} letters; from the 250 of the mail server to the commit"
    show("mail-window-median", f"{1000 * median(windows):.2f}ms", note=note)
    show("mail-window-max", f"{1000 * max(windows):.2f}ms", note=note)


def prepare() -> None:
    world.prepare()
    now = timezone.now()
    people = [person for person in world.make_people(now) if person.gets_mail][:LETTERS]
    Letter.objects.bulk_create(
        Letter(
            recipient=person,
            kind="deadlines.reminder",
            key=f"bench:{person.pk}",
            language="en",
            subject="By 27 November 2026: 2 measured steps of Working group 7 for strategy",
            body="\n\n".join(PARAGRAPHS),
            link="/review/",
            link_words="Answer it",
            written_at=now,
            mail=Letter.Mail.QUEUED,
            wake_at=now,
        )
        for person in people
    )
    world.vacuum()


def queued() -> list[Letter]:
    """Every letter, waiting to be sent."""
    Letter.objects.update(mail=Letter.Mail.QUEUED, wake_at=timezone.now(), sent_at=None)
    return list(Letter.objects.select_related("recipient").order_by("pk"))


def rate(send: Callable[[], object]) -> float:
    queued()
    began = time.perf_counter()
    send()
    return LETTERS / (time.perf_counter() - began)


def ordinary_loop(parts: list[tuple[Any, ...]]) -> None:
    with get_connection() as mail_server:
        for subject, text, to, html in parts:
            mail = EmailMultiAlternatives(subject, text, None, to, connection=mail_server)
            mail.attach_alternative(html, "text/html")
            mail.send()


def deliver_and_note(notes: Path) -> list[float]:
    """Deliver, and for each letter the seconds in which a kill would have sent it again."""
    notes.write_text("")
    committed: dict[int, int] = {}

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and params and Letter.Mail.SENT in params:
            # Outside of a transaction the statement has committed when it returns.
            assert connection.get_autocommit()
            committed[params[-1]] = time.monotonic_ns()
        return answer

    with connection.execute_wrapper(watch):
        # It stops after a minute, so on a busy machine once is not enough.
        while deliver(now=timezone.now(), clock=timezone.now):
            pass
    if len(committed) != LETTERS:
        raise RuntimeError(f"{len(committed)} of {LETTERS} letters were sent.")
    taken = dict(taken_at(notes))
    return [(committed[pk] - taken[pk]) / 1e9 for pk in taken]


def taken_at(notes: Path) -> Iterator[tuple[int, int]]:
    """When the mail server took which letter."""
    for line in notes.read_text().splitlines():
        message_id, moment = line.split()
        if found := re.match(r"<letter-(\d+)", message_id):
            yield int(found[1]), int(moment)


@contextmanager
def sink(notes: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.sink", str(settings.EMAIL_PORT), str(notes)]
    process = processes.start(command, cwd=ROOT)
    try:
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", settings.EMAIL_PORT), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield
    finally:
        processes.stop([process])


if __name__ == "__main__":
    main()
