"""Jitsi Meet: a room exists as soon as somebody opens its address, and the key in it cannot be guessed.

A server that asks for tokens gets one for each person, as its token authentication defines them (lib-jitsi-meet,
doc/tokens.md). The server's `user` is the application id, its `secret` the application's secret. Options: `audience`
("jitsi"), `domain` (the XMPP domain if it is another than the host, or "*") and `algorithm` ("HS256").
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

import jwt

from apps.resources.providers.protocol import Condition, Order, Place, Server

# Taken by the page of Jitsi from the part of the address that no server sees. Whoever wants to can change it there:
# what binds hosts is the token, and the server's own settings.
NO_RECORDING = {
    "config.recordingService.enabled": False,
    "config.localRecording.disable": True,
    "config.liveStreaming.enabled": False,
}
# Every value is text: Jitsi takes numbers and truth values in a token for errors.
FEATURES = {"recording": "false", "livestreaming": "false", "transcription": "false", "screen-sharing": "true"}
CLOCKS_MAY_DIFFER = timedelta(minutes=2)
SHORTEST = timedelta(hours=1)
LONGEST = timedelta(hours=4)


class Jitsi:
    needs_network = False
    lead_time: timedelta | None = None

    def __init__(self, server: Server) -> None:
        self.server = server

    def create(self, order: Order) -> Place:
        """Nothing has to be made; the address is for whoever needs no token."""
        return Place(self._address(order.key))

    def address_for(self, order: Order, place: Place, *, name: str, is_host: bool, now: datetime) -> str:
        """The room with a token for this person, who moderates as a host; without tokens the same room for all."""
        if not self.server.secret:
            return self._address(order.key, name=name)
        return self._address(order.key, token=self._token(order, name=name, is_host=is_host, now=now))

    def check(self, order: Order, place: Place) -> Condition:
        """Always ready: nobody can ask a Jitsi server who is in a room."""
        return Condition.READY

    def keep_in_step(self, order: Order, place: Place) -> None:
        """Nothing to do: whoever has the address, or a token, takes part."""

    def text_to_keep(self, order: Order, place: Place) -> str:
        return ""

    def end(self, order: Order, place: Place) -> None:
        """A room is gone when its last person leaves; tokens run out by themselves."""

    def made(self) -> Iterator[str]:
        return iter(())

    def address(self, key: str) -> str:
        return f"{self.server.url}/{self._room(key)}"

    def _room(self, key: str) -> str:
        return f"MovementStrategy-{key}"

    def _address(self, key: str, *, token: str = "", name: str = "") -> str:
        settings = NO_RECORDING | ({"userInfo.displayName": name} if name else {})
        query = f"?{urlencode({'jwt': token})}" if token else ""
        return f"{self.address(key)}{query}#{_fragment(settings)}"

    def _token(self, order: Order, *, name: str, is_host: bool, now: datetime) -> str:
        """For this room alone, until the booking ends, but for four hours at most; the page makes a new one."""
        ends_at = order.ends_at or now
        options = self.server.options
        claims = {
            "aud": options.get("audience", "jitsi"),
            "iss": self.server.user,
            "sub": options.get("domain") or urlsplit(self.server.url).hostname,
            "room": self._room(order.key).lower(),  # Jitsi knows rooms in small letters
            "nbf": now - CLOCKS_MAY_DIFFER,
            "exp": min(max(ends_at, now + SHORTEST), now + LONGEST),
            "context": {
                "user": {
                    "name": name,
                    # Modules of Jitsi that tell hosts apart read the one or the other.
                    "moderator": "true" if is_host else "false",
                    "affiliation": "owner" if is_host else "member",
                },
                "features": FEATURES,
            },
        }
        return jwt.encode(claims, self.server.secret, algorithm=options.get("algorithm", "HS256"))


def _fragment(settings: Mapping[str, bool | str]) -> str:
    return "&".join(f"{name}={quote(json.dumps(value), safe='')}" for name, value in settings.items())
