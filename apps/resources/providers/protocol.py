"""What the site asks of a machine that makes things, and what it answers. No adapter knows the database.

Every order carries the key of its request, made once and never used again: the same key always means the same thing,
so an order can be repeated until it is answered without a second thing being made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol


@dataclass(frozen=True)
class Server:
    """One server that an adapter talks to, as the environment describes it; its secret is never printed."""

    name: str
    kind: str
    url: str
    secret: str = field(default="", repr=False)
    user: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    # Whether its address may lie in a private network: only when whoever runs the site says so.
    is_internal: bool = False


@dataclass(frozen=True)
class Participant:
    name: str
    email: str = ""
    is_host: bool = False


@dataclass(frozen=True)
class Order:
    """What is wanted: for whom, when (UTC), and what it is called."""

    key: str
    title: str
    group: str
    about: str
    language: str = "en"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    participants: tuple[Participant, ...] = ()


@dataclass(frozen=True)
class Place:
    """What was made: an address, and what else its adapter needs to find it again. The caller keeps it encrypted."""

    address: str
    reference: Mapping[str, str] = field(default_factory=dict, repr=False)


class Condition(Enum):
    """RUNNING: somebody is in it, or was, where the machine remembers that."""

    MISSING = "missing"
    READY = "ready"
    RUNNING = "running"


class ProviderError(Exception):
    """The machine did not do it; says why without any secret in it, and whether to try again.

    `retry_in` is the wait that the machine itself named. `is_final`: trying again cannot help, a person has to.
    """

    def __init__(self, reason: str, *, retry_in: timedelta | None = None, is_final: bool = False) -> None:
        super().__init__(reason)
        self.retry_in = retry_in
        self.is_final = is_final


class Provider(Protocol):
    """One machine behind one server. Everything but `address_for` may raise ProviderError, and may be repeated."""

    # False where an address alone makes it: then it is given in the same moment.
    needs_network: bool
    # How long before its start it is made; None: as soon as it is given.
    lead_time: timedelta | None

    def create(self, order: Order) -> Place:
        """Make it, or find what an earlier try has made."""

    def address_for(self, order: Order, place: Place, *, name: str, is_host: bool, now: datetime) -> str:
        """The address for one person, by role; worked out without asking the machine."""

    def check(self, order: Order, place: Place) -> Condition:
        """Whether it is there, and used."""

    def keep_in_step(self, order: Order, place: Place) -> None:
        """Bring who takes part to what the order says."""

    def text_to_keep(self, order: Order, place: Place) -> str:
        """What was written there and stays with the group, mostly nothing. From now on nobody writes there."""

    def end(self, order: Order, place: Place) -> None:
        """End it, also when it is gone already."""

    def made(self) -> Iterator[str]:
        """The keys of everything that this site made there and that still exists."""
