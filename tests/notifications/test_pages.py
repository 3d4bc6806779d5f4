"""Notices on the site: by day, unread or all, page by page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications.models import Letter
from tests.notifications.post import write_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def letters(volunteer):
    """Two of the day before yesterday, the first of them read, and one of today."""
    now = timezone.now()
    before = now - timedelta(days=2)
    first, second, third = (
        write_to(volunteer, key=str(n), now=at, group=f"Group {n}", due_at=now + timedelta(days=9))[0]
        for n, at in [(1, before), (2, before), (3, now)]
    )
    Letter.objects.filter(pk=first.pk).update(read_at=now)
    return [first, second, third]


def test_notices_stand_under_their_days_the_newest_first(sign_in, volunteer, letters):
    page = sign_in(volunteer).get("/notices/").content.decode()
    assert page.count('<h2 class="h-small">') == 2
    assert page.index("Group 3") < page.index("Group 2") < page.index("Group 1")
    assert "2 unread notices" in page


def test_only_unread_ones_can_be_shown(sign_in, volunteer, letters):
    page = sign_in(volunteer).get("/notices/?unread").content.decode()
    assert "Group 2" in page
    assert "Group 1" not in page


def test_reading_one_or_all_takes_them_off(sign_in, volunteer, letters):
    browser = sign_in(volunteer)
    browser.get(letters[1].get_absolute_url())
    assert "1 unread notice" in browser.get("/notices/").content.decode()
    browser.post("/notices/read/")
    assert "You have read everything." in browser.get("/notices/?unread").content.decode()


def test_the_next_page_keeps_the_filter(sign_in, volunteer):
    for n in range(35):
        write_to(volunteer, key=str(n), now=timezone.now())
    page = sign_in(volunteer).get("/notices/?unread=1").content.decode()
    assert "unread=1&amp;page=2" in page


def test_a_letter_of_a_digest_says_when_it_goes_by_mail(sign_in, person):
    reader = person("Dina", mail="daily")
    [letter] = write_to(reader, now=timezone.now(), due_at=timezone.now() + timedelta(days=9))
    assert "it goes to you by mail with others on" in sign_in(reader).get(letter.get_absolute_url()).content.decode()


def test_what_can_still_be_recalled_is_not_marked_as_read(sign_in, volunteer, letters):
    Letter.objects.filter(pk=letters[2].pk).update(written_at=timezone.now() + timedelta(minutes=5))
    sign_in(volunteer).post("/notices/read/")
    assert list(volunteer.letters.filter(read_at=None)) == [letters[2]]
