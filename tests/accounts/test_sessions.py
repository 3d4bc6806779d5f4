"""Sessions hold drafts of visitors, so those that have run out are forgotten every day."""

from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps.accounts.tasks import forget_old_sessions


def test_sessions_that_have_run_out_are_forgotten_and_others_kept(db):
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(session_key=key, session_data="x", expire_date=timezone.now() + timedelta(days=days))
    forget_old_sessions()
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_beat_asks_for_it_every_day():
    entry = settings.CELERY_BEAT_SCHEDULE["forget_old_sessions"]
    assert entry["schedule"] == 24 * 60 * 60
    assert entry["task"] == forget_old_sessions.name
    assert entry["task"] in current_app.tasks
