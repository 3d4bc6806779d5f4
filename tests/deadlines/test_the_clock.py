"""What ends by itself: nobody owes a word, so that nobody is silent."""

from datetime import timedelta

import pytest

from apps.deadlines.actions import declare_absence
from apps.deadlines.models import Deadline
from apps.deadlines.queries import waits
from apps.deadlines.sweep import sweep
from apps.groups.actions import ask_to_join
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_ladder_of_the_clock_says_then_with_the_time_and_never_silence(group, coordinator, stranger):
    declare_absence(begins_at=NOW + DAY, ends_at=NOW + 3 * DAY, by=coordinator, now=NOW)
    ask_to_join(group, message="", by=stranger, now=NOW)
    owned_by_clock, owed = Deadline.objects.get(owner="clock:0"), Deadline.objects.get(owner=f"group:{group.pk}")
    [clock], [others] = waits([owned_by_clock]), waits([owed])
    assert clock.ladder(NOW)[-1].words == "Then, at 10:00 UTC: what one person was asked goes to others who can answer"
    assert clock.ladder(NOW)[-1].kind == "silence"
    assert others.ladder(NOW)[-1].words.startswith("Silence: ")
    sweep(now=NOW + DAY)
    [over] = waits([Deadline.objects.get(pk=owned_by_clock.pk)])
    assert over.ladder(NOW + DAY)[-1].words == "Closed: what one person was asked goes to others who can answer"
