"""A worker dies by SIGKILL in the middle of its work; another one comes, and nothing is lost or done twice.

Real `celery worker` processes work on PostgreSQL and Redis; a slow trigger or a slow mail server sees to it that
the kill falls into the middle.

How often can a letter leave twice? The window is between the mail server's 250 and the arrival of one UPDATE at
PostgreSQL: well under a millisecond on one machine (`make bench` prints it). An UPDATE that has arrived commits
even when the worker that sent it is dead. So at most one letter for each kill, the one in flight; it has the same
Message-ID, by which mail programs show it once.
"""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.deadlines.models import Deadline
from apps.groups.actions import form_group
from apps.groups.models import Membership
from apps.groups.words import INVITATION
from apps.notifications.actions import write_letters
from apps.notifications.delivery import BATCH
from apps.notifications.models import Letter
from apps.record.models import Act
from msplatform.celery import app
from tests.journeys.at_once import ask_to_join_all, assert_promises_hold, people, someone_sleeps, trigger

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def start_worker(celery):
    """Nobody waits for a worker to be ready, since its tasks wait in the broker; nor for a warm shutdown at the end."""
    started = []

    def start():
        started.append(celery.start_worker(wait=False))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


def sweep_once():
    app.send_task("apps.deadlines.tasks.sweep")


def deliver_once():
    """Personal letters and mailings; one worker serves every queue here."""
    app.send_task("apps.notifications.tasks.deliver")
    app.send_task("apps.notifications.tasks.deliver_mailings")


def is_quiet():
    """No other connection is inside a transaction or a statement: what the dead left open is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return cursor.fetchone()[0] == 0


# --- In the middle of a sweep ----------------------------------------------------------------


@pytest.fixture
def waiting_group(person):
    """A group whose coordinator answers nobody."""
    now = timezone.now()
    return form_group(name="First Steps", by=person("Bola"), now=now - timedelta(days=40))


def lapsed():
    return Deadline.objects.filter(state=Deadline.State.LAPSED).count()


def test_a_worker_killed_while_it_acts_on_silence_loses_nothing_and_repeats_nothing(
    start_worker, waiting_group, run_until
):
    count, now = 200, timezone.now()
    ask_to_join_all(waiting_group, people(count), at=now - timedelta(days=15), rung=1)
    first = start_worker()
    with trigger("record_act", "PERFORM pg_sleep(0.03);"):
        sweep_once()
        run_until(lambda: lapsed() > 20 and someone_sleeps(), 30)
        first.kill()
        run_until(is_quiet)
        done_by_the_first = lapsed()
        assert 20 < done_by_the_first < count - 20, "It died in the middle."
    # What was done is whole, and what was not done is untouched.
    assert Membership.objects.filter(state="asked").count() == count - done_by_the_first
    assert Act.objects.filter(verb="groups.joined_by_silence").count() == done_by_the_first
    assert Letter.objects.filter(notice__kind="groups.admitted").count() == done_by_the_first
    assert_promises_hold()

    start_worker()
    sweep_once()
    run_until(lambda: lapsed() == count, 60)
    assert Act.objects.filter(verb="groups.joined_by_silence").count() == count
    told = Letter.objects.filter(notice__kind="groups.admitted").values_list("recipient", flat=True)
    assert len(told) == len(set(told)) == count
    assert not Deadline.objects.exclude(last_error="").exists()
    assert_promises_hold()


def test_a_worker_killed_while_it_writes_reminders_has_written_none_and_another_writes_each_once(
    start_worker, waiting_group, run_until
):
    """Reminders go in one batch, so all of them stand or none."""
    count, now = 150, timezone.now()
    ask_to_join_all(waiting_group, people(count), at=now - timedelta(days=8))
    first = start_worker()
    with trigger("notifications_letter", "PERFORM pg_sleep(0.01);"):
        sweep_once()
        run_until(someone_sleeps, 30)
        first.kill()
        run_until(is_quiet)
    assert not Letter.objects.exists()
    assert set(Deadline.objects.values_list("state", "rung")) == {("open", 0)}

    start_worker()
    sweep_once()
    run_until(lambda: Deadline.objects.filter(rung=1).count() == count, 60)
    assert Letter.objects.filter(notice__kind="deadlines.reminder").count() == count
    assert_promises_hold()


def test_the_same_task_delivered_again_after_the_kill_does_nothing_twice(start_worker, waiting_group, run_until):
    """The broker gives a dead worker's task back; until then others have done its work. Here: all of them at once."""
    count, now = 60, timezone.now()
    ask_to_join_all(waiting_group, people(count), at=now - timedelta(days=15))
    start_worker()
    start_worker()
    for _ in range(6):
        sweep_once()
    run_until(lambda: lapsed() == count, 60)
    assert Act.objects.filter(verb="groups.joined_by_silence").count() == count
    kinds = Counter(Letter.objects.values_list("notice__kind", flat=True))
    assert kinds == {"deadlines.reminder": count, "groups.admitted": count}
    assert_promises_hold()


# --- In the middle of a mailing --------------------------------------------------------------


def write_to(recipients):
    now = timezone.now()
    words = {"person": "Bola", "group": "First Steps", "due_at": now + timedelta(days=14)}
    write_letters(INVITATION, to=recipients, key="1", link="/", now=now - timedelta(minutes=1), **words)
    Letter.objects.update(wake_at=now)  # It is morning everywhere.


def takes_slowly(sink, seconds):
    async def answer(server, envelope):
        await asyncio.sleep(seconds)
        return sink._take(server, envelope)

    sink._answer = answer


def let_claims_run_out():
    """What ten minutes do."""
    Letter.objects.filter(mail=Letter.Mail.QUEUED).update(wake_at=timezone.now())


def sent():
    return Letter.objects.filter(mail=Letter.Mail.SENT).count()


def test_a_worker_killed_in_the_middle_of_a_mailing_loses_no_letter(smtp_sink, start_worker, run_until):
    everybody = people(BATCH + 70)
    write_to(everybody)
    takes_slowly(smtp_sink, 0.03)
    first = start_worker()
    deliver_once()
    run_until(lambda: len(smtp_sink.messages) > 20, 30)
    first.kill()
    run_until(is_quiet)
    assert 20 <= sent() < BATCH, "It died in the middle."
    in_flight = len(smtp_sink.messages) - sent()
    assert in_flight <= 1

    smtp_sink.accept()
    start_worker()
    deliver_once()
    # The letters that the dead worker had claimed wait for the end of its claim; the others go at once.
    run_until(lambda: sent() >= len(everybody) - BATCH, 30)
    let_claims_run_out()
    deliver_once()
    run_until(lambda: sent() == len(everybody), 30)
    arrived = Counter(mail["To"] for mail in smtp_sink.messages)
    assert set(arrived) == {person.email for person in everybody}
    assert sum(arrived.values()) - len(everybody) == in_flight <= 1
    assert len({mail["Message-ID"] for mail in smtp_sink.messages}) == len(everybody)


@pytest.mark.parametrize("update_arrived", [True, False], ids=["after the UPDATE", "before the UPDATE"])
def test_a_worker_killed_in_the_instant_after_the_250_repeats_that_letter_alone(
    smtp_sink, start_worker, run_until, update_arrived
):
    """The kill hits the window itself; PostgreSQL has the UPDATE already, or never gets it."""
    everybody = people(10)
    write_to(everybody)
    fifth = Letter.objects.order_by("pk")[4]
    first = start_worker()
    linger = (
        f"IF NEW.id = {fifth.pk} AND NEW.mail = 'sent' THEN PERFORM pg_sleep({1 if update_arrived else 60}); END IF;"
    )
    with trigger("notifications_letter", linger, when="BEFORE UPDATE"):
        deliver_once()
        run_until(someone_sleeps, 30)
        first.kill()
        if not update_arrived:
            forget_statements_of_the_dead()
        run_until(is_quiet)
    assert len(smtp_sink.messages) == 5
    assert sent() == (5 if update_arrived else 4)

    start_worker()
    let_claims_run_out()
    deliver_once()
    run_until(lambda: sent() == 10, 30)
    repeated = [who for who, times in Counter(mail["To"] for mail in smtp_sink.messages).items() if times > 1]
    assert repeated == ([] if update_arrived else [fifth.recipient.email])
    assert len(smtp_sink.messages) == 10 + len(repeated)
    assert len({mail["Message-ID"] for mail in smtp_sink.messages}) == 10


def forget_statements_of_the_dead():
    """As if they had never arrived: end every other connection inside a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
