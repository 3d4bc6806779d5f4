"""People who act through the real pages while the clock is moved on by sweeps."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.initiatives.models import Initiative
from tests.conftest import NOW
from tests.journeys.reader import Page, Reader


class Story:
    """The clock, and people with a browser each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def until(self, day: float, *, every: timedelta = timedelta(hours=22)) -> None:
        """Let the clock run to a day of the story, with the sweep at work; whatever waits has its deadline."""
        end = NOW + timedelta(days=day)
        while self.now < end:
            self.now = min(self.now + every, end)
            sweep(now=self.now)
        assert broken_promises() == []

    def on_day(self, day: float) -> datetime:
        return NOW + timedelta(days=day)

    def reader(self, person: User | None) -> Reader:
        reader = Reader()
        if person:
            reader.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return reader

    def opens(self, person: User | None, place: Any, *links: str) -> Reader:
        """Somebody opens a page and follows links by their words."""
        reader = self.reader(person)
        reader.open(place if isinstance(place, str) else place.get_absolute_url())
        for words in links:
            reader.follow(words)
        return reader

    def badge(self, initiative: Initiative) -> str:
        """What a visitor reads on top of the page, up to the title."""
        page: Page = self.opens(None, initiative).page
        return page.text.partition(f"Initiative {initiative.number} ")[0].rstrip().rpartition(" ")[2]
