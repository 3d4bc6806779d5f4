"""Letters a second through `deliver`, beside Django's ordinary send loop and beside prepared bytes, to the same
mail server: a process of its own that keeps none. One notice goes to a thousand people.

The ordinary loop sends the same letters over one connection: words that are there already, no template, no row to
claim or to mark. Prepared bytes are all that smtplib can do: nothing is made, one connection.

Then the same with reminders, which share nothing: of each it is asked whether it is still to be answered, and it gets
its words as it leaves, since the sweep wrote none.

Also how long the window is in which a kill would send a letter twice: from the server's 250 to the commit of the
row that says so. PostgreSQL does not wait for the disk here; where it does, add one flush of that disk.

And how much memory the process needs more while a hundred thousand letters leave.
"""

import re
import resource
import smtplib
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import django

django.setup()

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.deadlines.rules import RULES
from apps.deadlines.words import REMINDER
from apps.groups.models import Group, Membership
from apps.notifications.actions import Asking, write_about_deadlines
from apps.notifications.delivery import deliver
from apps.notifications.mail import Press, envelope_address
from apps.notifications.models import Letter, Notice
from bench import world
from bench.figures import in_turn, show, show_rates
from scripts import processes

ROOT = Path(__file__).resolve().parent.parent
LETTERS = 1_000
MANY_LETTERS = 100_000
ROUNDS = 5
SUBJECT = "By %(due_at)s: 2 measured steps of Working group 7 for strategy"
PARAGRAPHS = [
    "Open since %(opened_at)s: 2 measured steps of Working group 7 for strategy.",
    "It is due on %(due_at)s.",
    "If nothing comes by %(silence_at)s: the steps are confirmed by silence, and labelled so.",
    "You get this because you can answer it.",
]


def main() -> None:
    world.timed("letters", prepare)
    notes = Path(settings.DATA_DIR) / "taken"
    windows: list[float] = []
    with sink(notes):
        ready = [Press().mail([letter]) for letter in queued()]
        parts = [(mail.subject, mail.text, mail.to, mail.html) for mail in ready]
        prepared = [(envelope_address(mail.to), mail.as_bytes()) for mail in ready]
        found = in_turn(
            ROUNDS,
            ours=lambda: rate(lambda: windows.extend(deliver_and_note(notes))),
            floor=lambda: rate(lambda: ordinary_loop(parts)),
            prepared=lambda: rate(lambda: prepared_loop(prepared)),
        )
        own_notices()
        own = in_turn(ROUNDS, ours=lambda: rate(deliver_all), floor=lambda: rate(lambda: ordinary_loop(parts)))
        grown = growth_while_many_leave()
    show_rates("mail", found, f"{LETTERS:,} letters, one process, beside Django's ordinary loop")
    show_rates("mail-reminders", own, "the same, each a reminder that is checked and put into words as it leaves")
    show_rates("mail-prepared", found, "the same, beside prepared bytes", floor="prepared")
    show("mail-memory", f"{grown:.1f}MB", note=f"more memory at the most, while {MANY_LETTERS:,} letters left")
    note = f"{len(windows):,} letters; from the 250 of the mail server to the commit"
    show("mail-window-median", f"{1000 * median(windows):.2f}ms", note=note)
    show("mail-window-max", f"{1000 * max(windows):.2f}ms", note=note)


def prepare() -> None:
    world.prepare()
    now = timezone.now()
    people = [person for person in world.make_people(now) if person.mail == User.Mail.AT_ONCE][:LETTERS]
    mailing = notice("bench:mailing", now)
    mailing.save()
    Letter.objects.bulk_create(letter(mailing, person, now) for person in people)
    world.vacuum()


def notice(key: str, now: datetime) -> Notice:
    """A reminder, with times that are put into words for its reader."""
    times = {"opened_at": now, "due_at": now + timedelta(days=5), "silence_at": now + timedelta(days=15)}
    return Notice(
        kind="deadlines.reminder",
        key=key,
        words={"en": [SUBJECT, "\n\n".join(PARAGRAPHS), "Answer it"]},
        times={name: at.isoformat() for name, at in times.items()},
        link="/review/",
        written_at=now,
        leaves_at=now,
    )


def letter(one: Notice, person: User, now: datetime) -> Letter:
    return Letter(notice=one, recipient=person, language="en", written_at=now, mail=Letter.Mail.QUEUED, wake_at=now)


def own_notices() -> None:
    """What is told to one person only shares nothing with other letters: reminders, as the sweep leaves them."""
    now, people = timezone.now(), User.objects.filter(letters__isnull=False)
    group = Group.objects.create(slug="bench", name="Working group 7 for strategy", purpose="-", formed_at=now)
    invited = Membership.objects.bulk_create(
        Membership(group=group, user=person, state=Membership.State.INVITED, began_at=now) for person in people
    )
    rule = RULES["groups.answer_invitation"]
    rows = Deadline.objects.bulk_create(world.open_row(rule, membership, now) for membership in invited)
    Letter.objects.all().delete()
    askings = [Asking(row.pk, str(row.pk), row.due_at, [one.user]) for row, one in zip(rows, invited, strict=True)]
    write_about_deadlines(REMINDER, askings, now=now)


def queued() -> list[Letter]:
    """Every letter, waiting to be sent; reminders without words again."""
    Notice.objects.exclude(deadline_id=None).update(words={}, times={}, link="")
    Letter.objects.update(mail=Letter.Mail.QUEUED, wake_at=timezone.now(), sent_at=None)
    world.vacuum(Letter)
    return list(Letter.objects.select_related("recipient", "notice").order_by("pk"))


def rate(send: Callable[[], object]) -> float:
    queued()
    began = time.perf_counter()
    send()
    return LETTERS / (time.perf_counter() - began)


def ordinary_loop(parts: list[tuple[Any, ...]]) -> None:
    with get_connection() as mail_server:
        for subject, text, to, html in parts:
            mail = EmailMultiAlternatives(subject, text, None, [to], connection=mail_server)
            mail.attach_alternative(html, "text/html")
            mail.send()


def prepared_loop(prepared: list[tuple[str, bytes]]) -> None:
    sender = envelope_address(settings.DEFAULT_FROM_EMAIL)
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as mail_server:
        for recipient, content in prepared:
            mail_server.sendmail(sender, [recipient], content)


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
        deliver_all()
    if len(committed) != LETTERS:
        raise RuntimeError(f"{len(committed)} of {LETTERS} letters were sent.")
    taken = dict(taken_at(notes))
    return [(committed[pk] - taken[pk]) / 1e9 for pk in taken]


def growth_while_many_leave() -> float:
    """Megabytes by which this process grows at the most, after a first thousand of the letters has left."""
    many_letters()
    sizes: list[float] = []

    def clock() -> datetime:
        """It is asked before each letter."""
        sizes.append(resident())
        return timezone.now()

    while deliver(now=timezone.now(), clock=clock):
        pass
    sent = Letter.objects.filter(mail=Letter.Mail.SENT).count()
    if sent != MANY_LETTERS:
        raise RuntimeError(f"{sent} of {MANY_LETTERS} letters were sent.")
    return max(sizes) - sizes[LETTERS]


def many_letters() -> None:
    """Ten notices to everybody who gets mail; copied inside the database, so that this process does not grow by it."""
    Letter.objects.all().delete()
    now, people = timezone.now(), User.objects.filter(mail=User.Mail.AT_ONCE).order_by("pk")
    rounds = MANY_LETTERS // people.count()
    notices = Notice.objects.bulk_create(notice(f"bench:many:{n}", now) for n in range(rounds))
    first = people[0]
    Letter.objects.bulk_create(letter(one, first, now) for one in notices)
    others = f"CROSS JOIN accounts_user AS u WHERE u.mail = 'at_once' AND u.id <> {first.pk}"
    world.copy_rows(Letter, others, recipient_id="u.id")
    world.vacuum(Letter)


def resident() -> float:
    """The memory that this process holds, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def deliver_all() -> None:
    while deliver(now=timezone.now(), clock=timezone.now):
        pass


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
