"""A stand-in for Etherpad, whose package does not start here.

It follows the published HTTP API (etherpad.org/doc, "HTTP API"): functions by GET and POST, the key as a field, answers
of code, message and data, with the statuses that versions from 1.8 on send along; and what Etherpad lets a visitor
without its cookie see. What it knows is from those texts and from Etherpad's source, not from a running server.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.servers.machine import Machine
from tests.servers.web import Answer, Asked

STATUS_OF_CODE = {0: 200, 1: 200, 2: 500, 3: 404, 4: 401}
LONGEST_NEW_TEXT = 100_000


@dataclass
class Pad:
    text: str
    is_public: bool = False
    users: int = 0


class ApiError(Exception):
    """A refusal of Etherpad's, with code 1."""


class Etherpad(Machine):
    """`pads` by their numbers, `groups` by what they were asked for, `calls` in their order."""

    kind = "etherpad"
    secret = "the-key-of-etherpad"

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.pads: dict[str, Pad] = {}
        self.groups: dict[str, str] = {}
        self.failures_of: dict[str, list[str | Answer]] = {}

    @property
    def calls(self) -> list[str]:
        """The functions of the API that were called."""
        return [_function(asked) for asked in self.asked if asked.path.startswith("/api/")]

    def fail_next(self, how: str | Answer, times: int = 1, *, function: str = "") -> None:
        """As with every machine, or only the next calls of one function; `coded` makes Etherpad's own refusals."""
        if function:
            self.failures_of.setdefault(function, []).extend([how] * times)
        else:
            super().fail_next(how, times)

    def trouble_with(self, asked: Asked) -> str:
        mine = self.failures_of.get(_function(asked))
        return str(mine.pop(0)) if mine and isinstance(mine[0], str) else super().trouble_with(asked)

    def visit(self, address: str) -> str | None:
        """The text that somebody without a cookie sees at an address; None when Etherpad lets nobody in."""
        number = unquote(urlsplit(address).path.removeprefix("/p/"))
        if "$" not in number:
            return self.pads.setdefault(number, Pad("Welcome to Etherpad!\n", is_public=True)).text
        pad = self.pads.get(number)
        return pad.text if pad and pad.is_public else None

    def write(self, address: str, text: str) -> None:
        """Somebody writes into the pad at an address."""
        assert self.visit(address) is not None, f"{address} is closed."
        pad = self.pads[unquote(urlsplit(address).path.removeprefix("/p/"))]
        pad.text += f"{text}\n"

    # Over HTTP

    def respond_to(self, asked: Asked) -> Answer:
        function = _function(asked)
        mine = self.failures_of.get(function)
        if mine and isinstance(mine[0], Answer):
            return mine.pop(0)  # type: ignore[return-value]
        if not re.fullmatch(r"/api/(1|1\.[12](\.\d+)?|1\.3\.[01])/\w+", asked.path):
            return self._page(asked)
        act = getattr(self, f"do_{function}", None)
        if act is None:
            return coded(3, "no such function")
        if asked.given("apikey") != self.secret:
            return coded(4, "no or wrong API Key")
        try:
            return coded(0, "ok", act(asked.given))
        except ApiError as error:
            return coded(1, str(error))

    def _page(self, asked: Asked) -> Answer:
        """Our own shortcut: Etherpad sends an empty page, and the text through a socket."""
        text = self.visit(asked.path) if asked.path.startswith("/p/") else None
        return Answer(404 if text is None else 200, text or "", {"Content-Type": "text/plain; charset=utf-8"})

    # The functions of the API

    def do_createGroupIfNotExistsFor(self, given: Any) -> dict[str, Any]:
        number = self.groups.setdefault(given("groupMapper"), f"g.{secrets.token_hex(8)}")
        return {"groupID": number}

    def do_createGroupPad(self, given: Any) -> dict[str, Any]:
        group, text = self._existing_group(given), given("text")
        name = re.sub(r"[\s:]+", "_", given("padName"))
        number = f"{group}${name}"
        if number in self.pads:
            raise ApiError("padName does already exist")
        if not re.fullmatch(r"(g.[a-zA-Z0-9]{16}\$)?[^$]{1,50}", number):
            raise ApiError(f"{number} is not a valid padId")
        if len(text) > LONGEST_NEW_TEXT:
            raise ApiError("text must be less than 100k chars")
        self.pads[number] = Pad(text if text.endswith("\n") else f"{text}\n")
        return {"padID": number}

    def do_setPublicStatus(self, given: Any) -> None:
        self._existing_pad(given, in_a_group=True).is_public = given("publicStatus").lower() == "true"

    def do_getPublicStatus(self, given: Any) -> dict[str, Any]:
        return {"publicStatus": self._existing_pad(given, in_a_group=True).is_public}

    def do_padUsersCount(self, given: Any) -> dict[str, Any]:
        pad = self.pads.get(given("padID"))
        return {"padUsersCount": pad.users if pad else 0}

    def do_getText(self, given: Any) -> dict[str, Any]:
        return {"text": self._existing_pad(given).text}

    def do_deletePad(self, given: Any) -> None:
        self._existing_pad(given)
        del self.pads[given("padID")]

    def do_listPads(self, given: Any) -> dict[str, Any]:
        group = self._existing_group(given)
        return {"padIDs": [number for number in self.pads if number.startswith(f"{group}$")]}

    def do_listAllPads(self, given: Any) -> dict[str, Any]:
        return {"padIDs": sorted(self.pads)}

    def do_listAllGroups(self, given: Any) -> dict[str, Any]:
        return {"groupIDs": list(self.groups.values())}

    def do_checkToken(self, given: Any) -> None:
        """The key was right."""

    def _existing_group(self, given: Any) -> str:
        if given("groupID") not in self.groups.values():
            raise ApiError("groupID does not exist")
        return str(given("groupID"))

    def _existing_pad(self, given: Any, *, in_a_group: bool = False) -> Pad:
        number = given("padID")
        if in_a_group and "$" not in number:
            raise ApiError("You can only get/set the publicStatus of pads that belong to a group")
        if number not in self.pads:
            raise ApiError("padID does not exist")
        return self.pads[number]


def coded(code: int, message: str, data: Any = None) -> Answer:
    return Answer.json({"code": code, "message": message, "data": data}, STATUS_OF_CODE.get(code, 200))


def _function(asked: Asked) -> str:
    return asked.path.rpartition("/")[2]
