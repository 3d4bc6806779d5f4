"""A machine that does as it is told, for tests in which the adapter is not the point."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from apps.resources.providers.protocol import Condition, Order, Place, ProviderError, Server

DOWN = ProviderError("scripted did not answer within 10 seconds.")
FOR_PEOPLE = ProviderError("scripted does not accept our credentials, or they lack a right (401).", is_final=True)


class Scripted:
    """Stands for every server. Fails with what stands in `errors`, one for each order, or with `is_down` always."""

    needs_network = True
    lead_time: timedelta | None = None

    def __init__(self) -> None:
        self.rooms: dict[str, Order] = {}
        self.created = 0
        self.asked: list[tuple[str, str]] = []
        self.errors: list[ProviderError] = []
        self.is_down: ProviderError | None = None
        self.condition = Condition.READY
        self.text = ""
        self.told: list[tuple[str, ...]] = []
        # What happens while it works: after a room was made or ended, before it answers.
        self.meanwhile: Callable[[str], None] = lambda act: None

    def __call__(self, server: Server) -> "Scripted":
        return self

    def _note(self, act: str, order: Order) -> None:
        self.asked.append((act, order.key))
        if self.is_down:
            raise self.is_down
        if self.errors:
            raise self.errors.pop(0)

    def create(self, order: Order) -> Place:
        self._note("create", order)
        if order.key not in self.rooms:
            self.created += 1
        self.rooms[order.key] = order
        self.meanwhile("create")
        return Place(f"https://scripted.example.org/{order.key}", {"room": order.key})

    def address_for(self, order: Order, place: Place, *, name: str, is_host: bool, now: datetime) -> str:
        return f"{place.address}?{'host' if is_host else 'guest'}={name}"

    def check(self, order: Order, place: Place) -> Condition:
        self._note("check", order)
        return self.condition if order.key in self.rooms else Condition.MISSING

    def keep_in_step(self, order: Order, place: Place) -> None:
        self._note("keep_in_step", order)
        self.told.append(tuple(one.email for one in order.participants))
        self.meanwhile("keep_in_step")

    def text_to_keep(self, order: Order, place: Place) -> str:
        return self.text if order.key in self.rooms else ""

    def end(self, order: Order, place: Place) -> None:
        self._note("end", order)
        self.rooms.pop(order.key, None)
        self.meanwhile("end")

    def made(self) -> Iterator[str]:
        if self.is_down:
            raise self.is_down
        yield from list(self.rooms)
