"""`etherpad`: an Etherpad for one test, with an API key; see tests/servers/etherpad.py."""

from collections.abc import Iterator

import pytest

from tests.servers.etherpad import Etherpad


@pytest.fixture
def etherpad() -> Iterator[Etherpad]:
    with Etherpad() as server:
        yield server
