"""A long mailing over a slow mail server delays no reminder.

Real workers, real beat, a real broker and a mail server that takes its time: the mailing would last minutes, and a
reminder that becomes due meanwhile arrives within seconds, since mailings have a queue and a worker of their own.
"""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.deadlines.models import Deadline
from apps.groups.actions import form_group
from apps.groups.words import INVITATION
from apps.notifications.actions import write_letters
from apps.notifications.models import Letter
from tests.journeys.at_once import ask_to_join_all, people

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MANY = 2_000
SECONDS_A_LETTER = 0.2


@pytest.fixture(params=["Redis", "files"])
def processes(request, celery, tmp_path):
    """As in earnest: clock and personal letters, mailings, and beat; over either broker.

    With files as the broker the cache has no table here, so that no report can be written: that harms nothing.
    """
    own = {"REDIS_URL": "", "DATA_DIR": str(tmp_path / "var")} if request.param == "files" else {}
    started = [
        celery.start_worker(queues="clock,letters", wait=False, **own),
        celery.start_worker(queues="mailings", wait=False, **own),
        celery.start_beat(wait=False, **own),
    ]
    yield started
    for process in started:
        process.kill()


def somewhere_it_is_morning(now):
    """A time zone in which letters leave at once: one of those that are up to twelve hours from UTC."""
    offset = 8 - now.hour if now.hour <= 20 else 32 - now.hour
    return f"Etc/GMT{-offset:+d}" if offset else "UTC"


def takes_slowly(sink):
    async def answer(server, envelope):
        await asyncio.sleep(SECONDS_A_LETTER)
        return sink._take(server, envelope)

    sink._answer = answer


def start_a_mailing(now):
    words = {"person": "Bola", "group": "First Steps", "due_at": now + timedelta(days=14)}
    write_letters(INVITATION, to=people(MANY, "Reader"), key="mailing", link="/", now=now, **words)
    Letter.objects.update(wake_at=now)
    assert Letter.objects.filter(is_bulk=True, mail="queued").count() == MANY


def test_a_long_mailing_delays_no_reminder(smtp_sink, person, processes, run_until):
    now = timezone.now()
    coordinator = person("Bola", time_zone=somewhere_it_is_morning(now))
    group = form_group(name="First Steps", by=coordinator, now=now - timedelta(days=40))
    takes_slowly(smtp_sink)
    start_a_mailing(now)
    run_until(lambda: len(smtp_sink.messages) > 5, 60, what="The mailing")

    ask_to_join_all(group, people(1, "Asker"), at=timezone.now() - timedelta(days=8))
    assert Deadline.objects.filter(rung=0, wake_at__lte=timezone.now()).exists(), "A reminder is due."
    arrived = run_until(
        lambda: [mail for mail in smtp_sink.messages if mail["To"] == coordinator.email], 10, what="The reminder"
    )
    assert "First Steps" in arrived[0]["Subject"]
    assert Letter.objects.filter(is_bulk=True, mail="queued").count() > MANY / 2, "The mailing goes on."
    assert all(process.is_alive() for process in processes)
