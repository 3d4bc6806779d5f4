"""An act that writes to more than twenty people shows the number first and can be recalled for ten minutes."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from apps.core.refused import Refused
from apps.initiatives.actions import step_down
from apps.initiatives.models import Adoption, Interest, Lead
from apps.initiatives.queries import told_of_an_end
from apps.initiatives.words import ADOPTED_LETTER
from apps.notifications.actions import recall_letters, write_letters
from apps.notifications.models import Letter, Notice
from apps.notifications.queries import letters_to, notices_sent_by, people_told_by
from tests.conftest import NOW, add_member, adopt
from tests.journeys.at_once import people
from tests.notifications.post import arrived, post, post_digests

MANY = 21
LEAVES_AT = NOW + timedelta(minutes=10)

pytestmark = pytest.mark.slow


def tell(recipients, *, by, now=NOW, key="1"):
    words = {"group": "First Steps", "initiative": "Newcomers", "how_to_join": ""}
    write_letters(ADOPTED_LETTER, to=recipients, key=key, link="/", now=now, by=by, **words)
    return Notice.objects.get(key=f"initiatives.adopted:{key}")


@pytest.fixture
def told(coordinator):
    return tell(people(MANY), by=coordinator)


def want_news(initiative, everybody):
    Interest.objects.bulk_create(
        Interest(initiative=initiative, user=someone, would_join=True, wants_news=True, said_at=NOW)
        for someone in everybody
    )
    return everybody


# --- Ten minutes -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_letters_to_many_leave_after_ten_minutes_and_are_not_read_before(smtp_sink, clock, told):
    reader = told.letters.first().recipient
    clock.now = LEAVES_AT - timedelta(seconds=1)
    assert post(clock, bulk=True) == 0
    assert not letters_to(reader, clock.now).exists()
    clock.now = LEAVES_AT
    assert post(clock, bulk=True) == MANY
    assert letters_to(reader, clock.now).count() == 1


@pytest.mark.django_db
def test_twenty_are_not_many(smtp_sink, clock, coordinator):
    tell(people(20), by=coordinator)
    assert post(clock) == 20
    assert not notices_sent_by(coordinator).exists()


@pytest.mark.django_db
def test_what_is_recalled_reaches_nobody_on_the_site_or_by_mail(smtp_sink, clock, told, coordinator):
    reader = told.letters.first().recipient
    recall_letters(told, by=coordinator, now=LEAVES_AT - timedelta(seconds=1))
    clock.pass_by(days=3)
    assert post(clock, bulk=True) == post_digests(clock) == 0
    assert not letters_to(reader, clock.now).exists()
    told.refresh_from_db()
    assert told.recalled_at


@pytest.mark.django_db
def test_it_is_recalled_once_in_time_and_by_whoever_did_it(told, coordinator, stranger):
    with pytest.raises(Refused):
        recall_letters(told, by=stranger, now=NOW)
    with pytest.raises(Refused):
        recall_letters(told, by=coordinator, now=LEAVES_AT)
    assert told.letters.count() == MANY
    recall_letters(told, by=coordinator, now=NOW)
    with pytest.raises(Refused):
        recall_letters(told, by=coordinator, now=NOW)


@pytest.mark.django_db
def test_a_click_that_arrives_late_is_too_late(smtp_sink, clock, told, coordinator):
    """Its `now` was taken before the letters left, but it waited for something."""
    clock.now = LEAVES_AT
    post(clock, bulk=True)
    with pytest.raises(Refused):
        recall_letters(told, by=coordinator, now=LEAVES_AT - timedelta(seconds=1))
    assert told.letters.count() == MANY


@pytest.mark.django_db
def test_the_same_act_told_again_after_a_recall_stays_recalled(told, coordinator, stranger):
    recall_letters(told, by=coordinator, now=NOW)
    tell([stranger], by=coordinator)
    assert not Letter.objects.exists()


@pytest.mark.django_db
def test_the_database_refuses_a_notice_that_has_left_and_was_recalled(told):
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=told.pk).update(recalled_at=NOW, left_at=NOW)


@pytest.mark.django_db
def test_what_an_act_tells_to_few_and_to_few_more_is_told_to_many(smtp_sink, clock, initiative, coordinator):
    """15 members and 15 who are interested are 30 people: all of it waits, and all of it is recalled with one click."""
    lead, everybody = adopt(initiative, group=None, by=coordinator, new_group_name="Steps").leads.get(), people(29)
    for someone in everybody[:14]:
        add_member(lead.group, someone)
    want_news(initiative, everybody[14:])
    assert told_of_an_end(lead) == 30
    clock.pass_by(minutes=1)
    step_down(lead, notes="", by=coordinator, now=clock.now)

    assert post(clock) == post(clock, bulk=True) == 0
    assert not letters_to(coordinator, clock.now).exists()
    assert [notice.people for notice in notices_sent_by(coordinator)] == [15, 15]
    assert people_told_by(coordinator, clock.now) == (30, clock.now + timedelta(minutes=10))
    recall_letters(notices_sent_by(coordinator)[0], by=coordinator, now=clock.now)
    clock.pass_by(days=3)
    assert post(clock) == post(clock, bulk=True) == 0
    assert not Letter.objects.exists()


@pytest.mark.django_db
def test_of_two_letters_to_the_same_people_nobody_counts_twice(smtp_sink, clock, coordinator):
    everybody = people(20)
    for key in "12":
        tell(everybody, by=coordinator, key=key)
    assert post(clock) == 40
    assert not notices_sent_by(coordinator).exists()


@pytest.mark.django_db
def test_once_one_letter_of_an_act_has_left_none_of_it_is_recalled(smtp_sink, clock, coordinator, person):
    told = tell(people(MANY), by=coordinator)
    late = tell([person("Late", mail="daily")], by=coordinator, key="2")
    clock.now = LEAVES_AT
    assert post(clock, bulk=True) == MANY
    for notice in (told, late):
        with pytest.raises(Refused):
            recall_letters(notice, by=coordinator, now=LEAVES_AT - timedelta(seconds=1))
    assert Letter.objects.count() == MANY + 1
    assert not Notice.objects.exclude(recalled_at=None).exists()


# --- In the same moment ----------------------------------------------------------------------


def at_once(*acts):
    """Run each in a thread of its own, begun together; returns what each gave back, or its refusal."""
    barrier, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            barrier.wait()
            outcomes[number] = act()
        except Refused as refusal:
            outcomes[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(12))
def test_delivering_and_recalling_in_the_same_moment_do_one_of_the_two(smtp_sink, clock, person, turn):
    by = person("Bola")
    notice = tell(people(MANY * 2), by=by)
    clock.now = LEAVES_AT

    def deliver_now():
        return post(clock, bulk=True)

    def recall_now():
        return recall_letters(notice, by=by, now=LEAVES_AT - timedelta(milliseconds=1))

    sent, again, recalled = at_once(deliver_now, deliver_now, recall_now)
    left = len(arrived(smtp_sink))
    if isinstance(recalled, Refused):
        post(clock, bulk=True)
        assert len(arrived(smtp_sink)) == MANY * 2
        assert len(set(arrived(smtp_sink))) == MANY * 2
    else:
        assert (sent, again, left) == (0, 0, 0)
        assert not Letter.objects.exists()


# --- Pages -----------------------------------------------------------------------------------


@pytest.fixture
def interested(initiative):
    return want_news(initiative, people(MANY))


@pytest.mark.django_db
def test_the_number_stands_in_the_form_and_the_way_to_recall_on_the_next_page(
    sign_in, initiative, interested, coordinator
):
    browser = sign_in(coordinator)
    address = reverse("initiatives:adopt", args=[initiative.number, initiative.words])
    assert "21 people get a letter about it. You can recall the letters" in browser.get(address).content.decode()
    typed = {"accept": "on", "version": "1.0", "group": "new", "new_group": "Fresh Steps", "plan": "One page."}
    steps = {"step_1": "One", "step_2": "Two", "step_3": "Three"}
    page = browser.post(address, typed | steps, follow=True).content.decode()
    assert "21 people will be told on" in page
    assert 'href="/notices/sent/"' in page
    sent = browser.get("/notices/sent/").content.decode()
    notice = notices_sent_by(coordinator).get()
    assert notice.subject in sent
    assert f'action="/notices/sent/{notice.pk}/recall/"' in sent
    after = browser.post(f"/notices/sent/{notice.pk}/recall/", follow=True).content.decode()
    assert "nobody was told" in after
    assert "recall/" not in after
    assert not Letter.objects.filter(notice__kind="initiatives.adopted").exists()


@pytest.mark.django_db
def test_stepping_down_says_how_many_are_told(sign_in, initiative, interested, coordinator):
    adopt(initiative, group=None, by=coordinator, new_group_name="First Steps", now=timezone.now())
    lead = Lead.objects.get()
    address = reverse("initiatives:step_down", args=[initiative.number, initiative.words])
    assert "22 people get a letter about it." in sign_in(coordinator).get(address).content.decode()
    step_down(lead, notes="", by=coordinator, now=timezone.now())
    assert notices_sent_by(coordinator).filter(kind="initiatives.free_again").get().people == MANY


@pytest.mark.django_db
def test_every_way_to_pause_conclude_and_hand_over_says_how_many_are_told(
    sign_in, initiative, interested, coordinator, volunteer
):
    adopt(initiative, group=None, by=coordinator, new_group_name="First Steps", now=timezone.now() - timedelta(days=20))
    Adoption.objects.update(musts_settled=True)
    browser, next_look = sign_in(coordinator), timezone.now() + timedelta(days=30)
    number_before, number_after = "21 people get a letter about it. You can recall", "21 people will be told on"

    def page_of(name):
        return browser.get(reverse(f"initiatives:{name}", args=[initiative.number, initiative.words])).content.decode()

    def page_after(name, **typed):
        address = reverse(f"initiatives:{name}", args=[initiative.number, initiative.words])
        return browser.post(address, typed, follow=True).content.decode()

    assert number_before in page_of("conclude")
    assert number_after in page_after("conclude", summary="All of it is done.")
    page_after("go_on")
    assert number_before in page_of("hold")
    why = {"reason": "The board decides.", "waits_for": "The decision", "review_on": f"{next_look:%Y-%m-%d}"}
    assert number_after in page_after("hold", **why)
    page_after("resume", text="It was decided.")
    assert number_before in page_of("options")
    assert number_after in page_after("seek", seek="yes")
    browser = sign_in(volunteer)
    assert "22 people get a letter about it. You can recall" in page_of("adopt")
    typed = {"accept": "on", "version": "1.0", "way": "take_over", "group": "new", "new_group": "Heirs"}
    steps = {"plan": "One page.", "step_1": "One", "step_2": "Two", "step_3": "Three"}
    assert "22 people will be told on" in page_after("adopt", **typed, **steps)


@pytest.mark.django_db
def test_nobody_else_sees_or_recalls_what_one_has_sent(sign_in, told, stranger):
    browser = sign_in(stranger)
    assert "First Steps" not in browser.get("/notices/sent/").content.decode()
    assert browser.post(f"/notices/sent/{told.pk}/recall/").status_code == 404
