from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.feedback.actions import draft_round, open_round
from apps.feedback.models import Round
from apps.groups.models import Group
from apps.initiatives.models import Initiative
from tests.conftest import NOW

DAY = timedelta(days=1)


def end_of_day(days: int, now: datetime = NOW) -> datetime:
    return datetime.combine((now + days * DAY).date(), time(23, 59, 59), UTC)


def draft(group: Group, initiative: Initiative, *, by: User, now: datetime = NOW, **asked: Any) -> Round:
    believable = {
        "title": "One help page for newcomers",
        "text": "We plan one shared help page.",
        "questions": ["What is missing?", "Who should write it?"],
        "language": "en",
        "languages": ["sw", "ar"],
        "regions": ["ssa"],
        "closes_at": end_of_day(30, now),
    }
    return draft_round(group=group, initiative=initiative, by=by, now=now, **(believable | asked))


@pytest.fixture
def round_(group: Group, initiative: Initiative, coordinator: User) -> Round:
    return open_round(draft(group, initiative, by=coordinator), by=coordinator, now=NOW)


def answer_with(text: str = "More pictures.", **said: Any) -> dict[str, Any]:
    usual = {"language": "sw", "replies": ["", ""], "text": text, "is_named": False, "wants_news": True}
    return usual | said


def refused(act: Callable[..., object], *args: Any, **kwargs: Any) -> str:
    """The sentence with which an act is refused."""
    from apps.core.refused import Refused

    with pytest.raises(Refused) as refusal:
        act(*args, **kwargs)
    return refusal.value.sentence
