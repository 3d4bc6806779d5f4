"""What stories about letters share: a clock that a test moves on, writing, sending, and reading what arrived."""

import re
from datetime import timedelta
from html import unescape

from apps.groups.words import INVITATION
from apps.notifications.actions import write_letters
from apps.notifications.delivery import deliver, deliver_digests
from apps.notifications.models import Letter
from tests.conftest import NOW


class Clock:
    """A clock that a test moves on."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def pass_by(self, **time):
        self.now += timedelta(**time)


def post(clock, *, bulk=False):
    return deliver(now=clock.now, clock=clock, bulk=bulk)


def post_digests(clock):
    return deliver_digests(now=clock.now, clock=clock)


def write_to(*recipients, kind=INVITATION, key="1", link="/me/", now=NOW, by=None, deadline=None, **words):
    words = {"person": "Bola", "group": "First Steps", "due_at": NOW + timedelta(days=14)} | words
    write_letters(kind, to=recipients, key=key, link=link, now=now, by=by, deadline=deadline, **words)
    return list(Letter.objects.filter(notice__key=f"{kind.name}:{key}").order_by("pk"))


def parts_of(mail):
    return {part.get_content_type(): part.get_content() for part in mail.iter_parts()}


def unsubscribe_link(mail):
    return mail["List-Unsubscribe"].strip(" <>")


def words_of(text):
    return re.sub(r"\s+", " ", unescape(text)).strip()


def arrived(sink):
    return [mail["To"] for mail in sink.messages]
