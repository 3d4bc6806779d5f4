"""The page for operators: what runs, what waits, what failed, and how to try it now."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from django.utils.html import escape

from apps.core import heartbeats
from apps.deadlines.models import Deadline
from apps.groups.actions import ask_to_join, form_group, invite
from apps.notifications.models import Letter
from apps.operations import queries
from apps.resources.actions import request_resource
from apps.resources.models import Job, Resource
from tests.conftest import granted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOTHING_TO_DO = "Nothing of this is put off: it is done, or being tried right now."


@pytest.fixture
def now():
    """Pages ask the clock themselves."""
    return timezone.now()


@pytest.fixture
def administrator(person):
    administrator = granted(person("Amal"), "administrator")
    Letter.objects.all().delete()  # The one that says so, months ago.
    return administrator


@pytest.fixture
def running():
    """All parts live, and nothing is left of what other tests reported."""
    heartbeats.forget(["strays"])
    for name in (*heartbeats.PROCESSES, *queries.ROUNDS):
        heartbeats.report(name, **({"done": 4, "seconds": 0.25} if name in queries.ROUNDS else {}))
    yield
    heartbeats.forget((*heartbeats.PROCESSES, *queries.ROUNDS, "strays"))


@pytest.fixture
def shown(sign_in, administrator, running):
    """The page as text, read by an administrator."""
    browser = sign_in(administrator)

    def read(**query):
        response = browser.get("/operations/", query)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return read


@pytest.fixture
def deadline(coordinator, stranger, now):
    """A request to join, whose answer is owed; nothing of it is due yet."""
    group = form_group(name="First Steps", by=coordinator, now=now, seeks_members=True)
    ask_to_join(group, message="", by=stranger, now=now)
    Letter.objects.update(mail=Letter.Mail.NONE, wake_at=None)
    return Deadline.objects.get(rule="groups.answer_join")


@pytest.fixture
def letter(coordinator, volunteer, now):
    group = form_group(name="Second Steps", by=coordinator, now=now)
    invite(group, people=[volunteer], by=coordinator, now=now)
    return Letter.objects.get(recipient=volunteer)


@pytest.fixture
def job(coordinator, now, catalogue):
    Resource.objects.filter(slug="notes-pad").update(provider="discourse", server="nowhere")
    group = form_group(name="Second Steps", by=coordinator, now=now)
    resource = Resource.objects.get(slug="notes-pad")
    request_resource(resource, group=group, purpose="Notes", by=coordinator, now=now)
    return Job.objects.get()


def raising(*args, **kwargs):
    raise ConnectionError("gone")


def put_off(row, now, error="the disk is full", **more):
    fields = {"attempts": 3, "last_error": error, "wake_at": now + timedelta(minutes=8)} | more
    type(row).objects.filter(pk=row.pk).update(**fields)


def give_up(letter, error="no such person"):
    Letter.objects.filter(pk=letter.pk).update(mail=Letter.Mail.FAILED, attempts=14, wake_at=None, last_error=error)


# --- What it says ----------------------------------------------------------------------------


def test_all_is_well(shown, deadline):
    text = shown()
    assert "<h1>Everything runs; nothing is late.</h1>" in text
    assert "0 seconds ago" in text
    assert "Nothing. Every rung was climbed" in text
    assert "Try all now" not in text


def test_what_failed_is_told_with_its_reason_and_its_next_try(shown, deadline, letter, now):
    put_off(deadline, now)
    put_off(letter, now, error="Connection refused", wake_at=now + timedelta(minutes=2))
    text = shown()
    assert "<h1>1 deadline could not be acted on. 1 letter could not be sent. The next try is at " in text
    assert f"groups.answer_join, {deadline.subject_id}" in text
    assert "the disk is full" in text
    assert "Connection refused" in text
    assert text.index("Connection refused") < text.index("the disk is full"), "the next try first"


def test_a_letter_that_is_given_up_is_told_last(shown, deadline, letter, now):
    put_off(deadline, now)
    give_up(letter)
    text = shown()
    assert "1 letter is given up." in text
    assert text.index("the disk is full") < text.index("no such person")


def test_reasons_are_escaped_and_hold_no_address_of_anybody(shown, letter, now):
    put_off(letter, now, error=f"<b>{{'{letter.recipient.email}': (550, b'No <{letter.recipient.email}>')}}")
    text = shown()
    assert letter.recipient.email not in text
    assert str(letter.recipient) not in text
    assert escape("<b>{'…': (550, b'No <…>')}") in text


@pytest.mark.parametrize("name", heartbeats.PROCESSES)
def test_a_process_that_stopped_is_counted_and_marked(shown, name, now):
    assert "due--late" not in shown()
    cache.set(heartbeats.key(name), {"at": now.timestamp() - 600, "facts": {}}, timeout=None)
    text = shown()
    assert "<h1>1 process does not run.</h1>" in text
    assert text.count("due--late") == 1
    assert "10 minutes ago" in text


def test_a_cache_that_is_down_leaves_the_rest_of_the_page(shown, deadline, now, monkeypatch):
    put_off(deadline, now)

    monkeypatch.setattr(queries, "read", raising)
    text = shown()
    assert "<h1>The cache does not answer, so nobody knows what runs. 1 deadline could not be acted on." in text
    assert "the disk is full" in text


@pytest.mark.parametrize(
    ("bulk", "minutes", "late"), [(False, 0, False), (False, 2, True), (True, 2, False), (True, 400, True)]
)
def test_a_letter_is_late_after_a_minute_and_a_mailing_after_hours(letter, running, now, bulk, minutes, late):
    Letter.objects.filter(pk=letter.pk).update(is_bulk=bulk, wake_at=now - timedelta(minutes=minutes))
    found = queries.operations(now)
    assert found.headline == ("Letters are late." if late else "Everything runs; nothing is late.")
    row = queries.waiting_rows(found.backlog)[2 if bulk else 1]
    assert (row.due, row.oldest.pk) == (1, letter.pk)


def test_a_deadline_that_nobody_acts_on_is_late(deadline, running, now):
    Deadline.objects.update(wake_at=now - timedelta(minutes=2))
    found = queries.operations(now)
    assert found.headline == "The clock is late."
    assert queries.waiting_rows(found.backlog)[0].oldest.kind == "groups.answer_join"


def test_what_a_machine_did_not_do_is_told_and_tried_again(shown, job, sign_in, administrator, now):
    put_off(job, now, error="one did not answer within 10 seconds.")
    text = shown()
    assert "<h1>1 thing could not be done by its machine. The next try is at " in text
    assert f"Job {job.pk} <span" in text
    assert f"make, {job.request_id}" in text
    text = sign_in(administrator).post(f"/operations/retry/jobs/{job.pk}/", follow=True).content.decode()
    assert "1 thing that a machine has to do is brought forward to now." in text
    job.refresh_from_db()
    assert job.wake_at <= timezone.now()


@pytest.mark.parametrize(("minutes", "late"), [(5, False), (11, True)])
def test_machines_that_nobody_asks_are_late(job, running, now, minutes, late):
    type(job).objects.update(wake_at=now - timedelta(minutes=minutes))
    found = queries.operations(now)
    assert found.headline == ("What machines have to do is late." if late else "Everything runs; nothing is late.")
    assert queries.waiting_rows(found.backlog)[-1].oldest.kind == "resources.make"


def test_what_the_daily_comparison_did_not_know_is_told(shown):
    assert "What nobody here knows" not in shown()
    heartbeats.report("strays", servers={"bbb": {"count": 2, "keys": ["abc", "<b>"]}})
    text = shown()
    assert "What nobody here knows" in text
    assert "&lt;b&gt;" in text


def test_many_failures_have_pages(shown, letter, now, person, coordinator):
    group = form_group(name="Third Steps", by=coordinator, now=now)
    for some in range(3):
        everybody = [person(f"Person{some * 20 + n}") for n in range(20)]
        invite(group, people=everybody, by=coordinator, now=now)
    Letter.objects.update(attempts=1, last_error="refused", wake_at=now + timedelta(hours=1))
    assert shown().count("refused</bdi>") == 50
    assert shown(page=2).count("refused</bdi>") == 11


def test_only_administrators_are_shown_the_way(sign_in, administrator, stranger):
    assert 'href="/operations/"' in sign_in(administrator).get("/me/").content.decode()
    assert 'href="/operations/"' not in sign_in(stranger).get("/me/").content.decode()
    response = sign_in(stranger).get("/operations/")
    assert response.status_code == 403
    assert "Administrators see how the site works." in response.content.decode()


# --- Try now ---------------------------------------------------------------------------------


def test_one_is_brought_forward_and_a_second_click_finds_nothing(sign_in, administrator, deadline, letter, now):
    put_off(deadline, now)
    put_off(letter, now)
    browser, address = sign_in(administrator), f"/operations/retry/deadlines/{deadline.pk}/"
    text = browser.post(address, follow=True).content.decode()
    assert "1 deadline is brought forward to now." in text
    deadline.refresh_from_db()
    letter.refresh_from_db()
    assert now <= deadline.wake_at <= timezone.now()
    assert letter.wake_at > timezone.now()
    assert NOTHING_TO_DO in browser.post(address, follow=True).content.decode()


def test_all_are_brought_forward(sign_in, administrator, deadline, letter, now):
    put_off(deadline, now)
    give_up(letter)
    text = sign_in(administrator).post("/operations/retry/", follow=True).content.decode()
    assert "1 deadline is brought forward to now. 1 letter is brought forward to now." in text
    deadline.refresh_from_db()
    letter.refresh_from_db()
    assert deadline.wake_at <= timezone.now()
    assert (letter.mail, letter.attempts, letter.last_error) == ("queued", 0, "")


def test_others_bring_nothing_forward(sign_in, stranger, deadline, now):
    put_off(deadline, now)
    for address in ("/operations/retry/", f"/operations/retry/deadlines/{deadline.pk}/"):
        assert sign_in(stranger).post(address).status_code == 403
    deadline.refresh_from_db()
    assert deadline.wake_at > timezone.now()


@pytest.mark.parametrize("address", ["people/1", "letters/x", "letters/99999999999999999999999999"])
def test_what_does_not_exist_cannot_be_tried(sign_in, administrator, address):
    response = sign_in(administrator).post(f"/operations/retry/{address}/", follow=True)
    assert response.status_code == 404 or NOTHING_TO_DO in response.content.decode()
