"""`etherpad`: an Etherpad for one test, with an API key; see tests/servers/etherpad.py."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.plugins.machines import known_to_the_site
from tests.servers.etherpad import Etherpad


@pytest.fixture
def etherpad(settings: Any) -> Iterator[Etherpad]:
    yield from known_to_the_site(Etherpad(), settings)
