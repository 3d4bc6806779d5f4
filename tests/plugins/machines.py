"""Machines that make resources, as stand-ins on this machine: each fixture starts one and tells the site of it.

A test gets the stand-in itself, with what was made on it and with ways to let it fail; `server_named("bigbluebutton")`
is the same one as the site sees it.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

import pytest

from tests.servers.bigbluebutton import BigBlueButton
from tests.servers.discourse import Discourse
from tests.servers.jitsi import Jitsi
from tests.servers.machine import Machine

M = TypeVar("M", bound=Machine)


def known_to_the_site(machine: M, settings: Any) -> Iterator[M]:
    with machine:
        settings.RESOURCE_SERVERS = settings.RESOURCE_SERVERS | {machine.kind: machine.server()}
        yield machine


@pytest.fixture
def bigbluebutton(settings: Any) -> Iterator[BigBlueButton]:
    yield from known_to_the_site(BigBlueButton(), settings)


@pytest.fixture
def discourse(settings: Any) -> Iterator[Discourse]:
    yield from known_to_the_site(Discourse(), settings)


@pytest.fixture
def jitsi(settings: Any) -> Iterator[Jitsi]:
    yield from known_to_the_site(Jitsi(), settings)


@pytest.fixture
def impatient(settings: Any) -> None:
    """A machine has a quarter of a second to answer."""
    settings.PROVIDER_SECONDS = settings.PROVIDER_CONNECT_SECONDS = 0.25
