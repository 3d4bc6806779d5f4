"""What the stand-ins of machines that make resources have in common."""

import threading
from collections.abc import Mapping
from typing import ClassVar

from apps.resources.providers.protocol import Server
from tests.servers.web import Answer, Asked, StandIn


class Machine(StandIn):
    """Fails when told to: `fail_next("late", 2)` lets the next two requests fail, whatever they ask for.

    The kinds of trouble are those of StandIn, or an Answer that is given instead.
    """

    kind: ClassVar[str]
    secret = "a secret that nobody may read"
    user = ""
    path = ""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.failures: list[str | Answer] = []
        self.lock = threading.Lock()

    def fail_next(self, how: str | Answer, times: int = 1) -> None:
        self.failures += [how] * times

    def server(self, *, name: str = "", secret: str = "", **options: str) -> Server:
        """This machine as the settings of a site would describe it."""
        return Server(
            name=name or self.kind,
            kind=self.kind,
            url=self.url + self.path,
            secret=secret or self.secret,
            user=self.user,
            options=self.options() | options,
            is_internal=True,
        )

    def options(self) -> dict[str, str]:
        return {}

    def trouble_with(self, asked: Asked) -> str:
        if self.failures and isinstance(self.failures[0], str):
            return str(self.failures.pop(0))
        return super().trouble_with(asked)

    def answer(self, asked: Asked) -> Answer:
        if self.failures and isinstance(self.failures[0], Answer):
            return self.failures.pop(0)  # type: ignore[return-value]
        with self.lock:  # as a database behind it would: of two that ask at once, one is first
            return self.respond_to(asked)

    def respond_to(self, asked: Asked) -> Answer:
        raise NotImplementedError


def xml(fields: Mapping[str, str]) -> Answer:
    """A flat answer, with what people wrote as CDATA, where a browser would take it for its own."""
    inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return Answer(200, f"<response>{inside}</response>", {"Content-Type": "text/xml;charset=utf-8"})
