"""Etherpad, as its HTTP API defines it (etherpad.org/doc, "HTTP API"; every version from 1.8 on).

The server's `secret` is the API key. Without one nothing is asked of it: a pad exists as soon as somebody opens its
address, and the key in that cannot be guessed; but nobody can close it, or keep its text.

With an API key it is a pad of our site's own group. Etherpad shows such a pad only to those who bring a cookie that
it made for them, which no other site can set in a browser. So each pad is made public, for whoever knows its address:
that holds the secret number of the group and the request's key. Unlike any other pad it is gone once it is deleted;
an old address does not bring it back, empty.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from apps.resources.providers import http
from apps.resources.providers.naming import prefix
from apps.resources.providers.protocol import Condition, Order, Place, ProviderError, Server

# All that is asked for has been there since the first version of the API, and every server still answers to it.
VERSION = "1"
# Etherpad says what is wrong in its own code, with these statuses of HTTP in newer versions and with 200 in older ones.
STATUSES = {400, 401, 403, 404, 500}
INTERNAL_ERROR, NO_SUCH_FUNCTION, WRONG_KEY = 2, 3, 4
LONGEST_TEXT = 100_000


class Etherpad:
    lead_time: timedelta | None = None

    def __init__(self, server: Server) -> None:
        self.server = server
        self.needs_network = bool(server.secret)

    def create(self, order: Order) -> Place:
        """Make the pad with a heading and open it to all who get its address; or find what an earlier try has made."""
        if not self.needs_network:
            return Place(self.address(order.key))
        group = self._group()
        wishes = {"groupID": group, "padName": order.key, "text": _heading(order)}
        self._ask("createGroupPad", unless="already exist", **wishes)
        pad = f"{group}${order.key}"
        self._ask("setPublicStatus", padID=pad, publicStatus="true")
        return Place(f"{self.server.url}/p/{pad}", {"pad": pad})

    def address_for(self, order: Order, place: Place, *, name: str, is_host: bool, now: datetime) -> str:
        return place.address

    def check(self, order: Order, place: Place) -> Condition:
        """Missing when it is gone or closed; in use while somebody has it open. Always ready where we cannot ask."""
        if not self.needs_network:
            return Condition.READY
        pad = self._pad(order, place)
        found = self._ask("getPublicStatus", padID=pad, unless="does not exist")
        if not found or found.get("publicStatus") is not True:
            return Condition.MISSING
        users = self._ask("padUsersCount", padID=pad) or {}
        return Condition.RUNNING if users.get("padUsersCount") else Condition.READY

    def keep_in_step(self, order: Order, place: Place) -> None:
        """Nothing to do: whoever has the address takes part."""

    def text_to_keep(self, order: Order, place: Place) -> str:
        """Close the pad and return what stands in it; a text that is only our own heading is none."""
        if not self.needs_network:
            return ""
        pad = self._pad(order, place)
        # Closed first, so that nobody writes what nobody will have read.
        if self._ask("setPublicStatus", padID=pad, publicStatus="false", unless="does not exist") is None:
            return ""
        found = self._ask("getText", padID=pad, unless="does not exist") or {}
        text = _storable(found.get("text"))
        return "" if text.split() == _heading(order).split() else text

    def end(self, order: Order, place: Place) -> None:
        if self.needs_network:
            self._ask("deletePad", padID=self._pad(order, place), unless="does not exist")

    def made(self) -> Iterator[str]:
        if self.needs_network:
            found = self._ask("listPads", groupID=self._group()) or {}
            pads = found.get("padIDs")
            if not isinstance(pads, list):
                raise http.not_understood(self.server)
            for pad in pads:
                yield str(pad).partition("$")[2]

    def address(self, key: str) -> str:
        """The pad that comes to life when somebody opens it."""
        return f"{self.server.url}/p/movement-strategy-{key}"

    def _pad(self, order: Order, place: Place) -> str:
        return place.reference.get("pad") or f"{self._group()}${order.key}"

    def _group(self) -> str:
        """The number of our site's group, which is part of addresses."""
        found = self._ask("createGroupIfNotExistsFor", groupMapper=prefix().rstrip("-")) or {}
        group = str(found.get("groupID"))
        if not re.fullmatch(r"g\.[A-Za-z0-9]{16}", group):
            raise http.not_understood(self.server)
        return group

    def _ask(self, function: str, *, unless: str = "", **fields: str) -> dict[str, Any] | None:
        """Call a function and return what it gives; None when it refuses with the words in `unless`.

        The fields go in the body, so that the API key stands in nobody's log of addresses.
        """
        path = f"/api/{VERSION}/{function}"
        answer = http.ask(self.server, "POST", path, form={"apikey": self.server.secret, **fields}, accept=STATUSES)
        code, message, data = self._read(answer)
        if code == 0:
            return data if isinstance(data, dict) else {}
        if unless and code == 1 and unless in message:
            return None
        raise self._error(code, http.quoted(self.server, message))

    def _read(self, answer: http.Answer) -> tuple[int, str, Any]:
        """Etherpad's own code, message and data. What stands before it may answer in its place."""
        try:
            said = answer.json_object()
            code, message = said["code"], said["message"]
        except (ProviderError, KeyError):
            code, message, said = None, "", {}
        if isinstance(code, int) and isinstance(message, str):
            return code, message, said.get("data")
        raise http.failure(answer) if answer.status >= 400 else http.not_understood(self.server)

    def _error(self, code: int, says: str) -> ProviderError:
        name = self.server.name
        if code == WRONG_KEY:
            return ProviderError(f"{name} does not accept our API key.", is_final=True)
        if code == NO_SUCH_FUNCTION:
            return ProviderError(f"{name} does not know what we ask for. It says: {says}", is_final=True)
        return ProviderError(f"{name} did not do it. It says: {says}", is_final=code != INTERNAL_ERROR)


def _heading(order: Order) -> str:
    title, group, about = (" ".join(words.split())[:500] for words in (order.title, order.group, order.about))
    return "\n".join(filter(None, [title, group, about])) + "\n\n"


def _storable(text: Any) -> str:
    """Text that a database takes and that is not longer than we keep: without NUL, and without half a character."""
    if not isinstance(text, str):
        return ""
    return text[:LONGEST_TEXT].replace("\x00", "").encode(errors="replace").decode().strip()
