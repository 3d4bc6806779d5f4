"""`manage.py retry`, and what may be brought forward: what failed, and nothing that is in work or was never tried."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.core import heartbeats
from apps.deadlines.models import Deadline
from apps.groups.actions import ask_to_join, form_group, invite
from apps.notifications import delivery
from apps.notifications.models import Letter
from apps.operations.actions import Retried
from apps.operations.actions import retry as bring_forward
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(coordinator, stranger, volunteer):
    """A deadline and two letters that failed and are put off; the second one is given up."""
    group = form_group(name="First Steps", by=coordinator, now=NOW, seeks_members=True)
    ask_to_join(group, message="", by=stranger, now=NOW)
    Letter.objects.update(mail=Letter.Mail.NONE, wake_at=None)
    invite(group, people=[volunteer], by=coordinator, now=NOW)
    invite(form_group(name="Second", by=coordinator, now=NOW), people=[volunteer], by=coordinator, now=NOW)
    deadline = Deadline.objects.get(rule="groups.answer_join")
    later = timezone.now() + timedelta(hours=1)
    Deadline.objects.filter(pk=deadline.pk).update(attempts=2, last_error="broken", wake_at=later)
    first, second = Letter.objects.filter(recipient=volunteer).order_by("pk")
    Letter.objects.filter(pk=first.pk).update(attempts=2, last_error="451", wake_at=later)
    Letter.objects.filter(pk=second.pk).update(mail="failed", attempts=14, last_error="550", wake_at=None)
    return deadline, first, second


@pytest.fixture
def running():
    for name in heartbeats.PROCESSES:
        heartbeats.report(name)
    yield
    heartbeats.forget(heartbeats.PROCESSES)


def said(capsys, *arguments, **options):
    call_command("retry", *arguments, **options)
    return capsys.readouterr().out.splitlines()


def test_everything_that_failed_is_brought_forward(failed, running, capsys):
    assert said(capsys) == [
        "1 deadline is brought forward to now. 2 letters are brought forward to now.",
        "The next round tries them, within seconds.",
    ]
    assert said(capsys) == ["Nothing of this is put off: it is done, or being tried right now."]


def test_one_sort_or_one_row_is_brought_forward(failed, running, capsys):
    _deadline, _first, second = failed
    assert said(capsys, "letters", "--id", str(second.pk))[0] == "1 letter is brought forward to now."
    assert said(capsys, "deadlines")[0] == "1 deadline is brought forward to now."
    assert said(capsys, "letters")[0] == "1 letter is brought forward to now."


def test_it_says_when_nobody_will_try(failed, capsys):
    heartbeats.forget(heartbeats.PROCESSES)
    assert said(capsys)[-1] == "But the processes that try them do not run. Start them first."


def test_numbers_without_their_sort_are_refused():
    with pytest.raises(CommandError, match="Say which"):
        call_command("retry", "--id", "12")


def test_what_was_never_tried_sleeps_on(failed):
    waiting = Deadline.objects.filter(attempts=0)
    before = dict(waiting.values_list("pk", "wake_at"))
    assert before
    bring_forward(ids=None, by=None, now=timezone.now())
    assert dict(waiting.values_list("pk", "wake_at")) == before


def test_a_letter_in_the_hands_of_a_worker_is_left_there(failed):
    """Else another worker would send it a second time."""
    _deadline, first, _second = failed
    Letter.objects.filter(pk=first.pk).update(wake_at=NOW)
    now = timezone.now()
    assert first.pk in {letter.pk for letter in delivery.claim_letters(now=now, bulk=False)}
    assert bring_forward(["letters"], ids=[first.pk], by=None, now=now) == Retried()
    first.refresh_from_db()
    assert first.wake_at == now + delivery.CLAIM_LASTS


def test_a_letter_whose_failure_has_no_words_can_be_brought_forward_too(failed):
    _deadline, first, _second = failed
    delivery.put_off(delivery.Parcel([first]), error=TimeoutError(), now=timezone.now())
    first.refresh_from_db()
    assert first.last_error == "TimeoutError"
    assert bring_forward(["letters"], ids=[first.pk], by=None, now=timezone.now()) == Retried(letters=1)
