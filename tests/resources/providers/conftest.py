from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.resources.providers.protocol import Order

NOW = datetime(2026, 9, 7, 10, 0, tzinfo=UTC)


@pytest.fixture
def order() -> Callable[..., Order]:
    """An order with believable words: a call of an hour and a half that begins in ten minutes."""

    def make(key: str = "0123456789abcdef01234567", **about: Any) -> Order:
        wanted = {
            "title": "Open call",
            "group": "First Steps",
            "about": "Newcomers on five wikis find one shared help page.",
            "starts_at": NOW + timedelta(minutes=10),
            "ends_at": NOW + timedelta(minutes=100),
        }
        return Order(key=key, **(wanted | about))

    return make
