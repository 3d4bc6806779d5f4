"""A room that is booked for two hours is booked for two hours, also in the night in which clocks change."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.resources.forms import RequestForm
from apps.resources.models import Resource
from tests.conftest import NOW
from tests.zones import PECULIAR, clock_changes


def changes_to_come(name):
    now = timezone.now()
    return [change for change in clock_changes(name) if now < change < now + timedelta(days=400)]


@pytest.mark.parametrize("hours", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("name", [*PECULIAR, "Europe/Berlin", "America/New_York"])
def test_a_booking_lasts_as_long_as_was_chosen(catalogue, group, coordinator, name, hours):
    room = Resource.objects.get(slug="video-meeting-room")
    with timezone.override(name):
        for change in changes_to_come(name):
            for before in range(-1, 5):
                starts_at = change - timedelta(minutes=30 * before)
                typed = {
                    "starts_at": f"{timezone.localtime(starts_at):%Y-%m-%dT%H:%M}",
                    "hours": str(hours),
                    "group": str(group.pk),
                    "purpose": "A call",
                }
                form = RequestForm(typed, resource=room, person=coordinator, now=NOW)
                if form.is_valid():
                    assert form.wish["starts_at"] == starts_at
                    assert form.wish["ends_at"] - starts_at == timedelta(hours=hours)
                else:
                    assert set(form.errors) == {"starts_at"}, "An hour that comes twice, or never."
