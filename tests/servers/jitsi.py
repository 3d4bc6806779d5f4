"""A stand-in of Jitsi Meet whose token authentication follows what is published (lib-jitsi-meet, doc/tokens.md).

In a real one the page opens for everybody and the server behind it then lets people in or not; here the page itself
says which. What it refuses are the mistakes that the plugins of Prosody refuse.
"""

import time
from typing import Any

import jwt

from tests.servers.machine import Machine
from tests.servers.web import Answer, Asked


class Jitsi(Machine):
    """`people` who are in: their room, name, and whether they moderate. Tokens are held against the clock `now`."""

    kind = "jitsi"
    secret = "the secret of the application, long enough for its algorithm"
    user = "movement-strategy"
    domain = "127.0.0.1"
    wants_tokens = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.people: list[tuple[str, str, bool]] = []
        self.now = time.time

    def respond_to(self, asked: Asked) -> Answer:
        room = asked.path.strip("/").lower()
        if not self.wants_tokens:
            self.people.append((room, "", True))
            return Answer.html("<h1>In the room</h1>")
        try:
            person = self._vouched_for(asked.query.get("jwt", ""), room)
        except (jwt.InvalidTokenError, KeyError, ValueError) as why:
            return Answer.html(f"<h1>Not allowed</h1><p>{type(why).__name__}: {why}</p>", 403)
        moderates = person.get("moderator") == "true"
        self.people.append((room, person["name"], moderates))
        return Answer.html(f"<h1>In the room</h1><p>{'Moderator' if moderates else 'Guest'}</p>")

    def _vouched_for(self, token: str, room: str) -> dict[str, str]:
        claims: dict[str, Any] = jwt.decode(
            token,
            self.secret,
            algorithms=["HS256"],
            audience="jitsi",
            issuer=self.user,
            options={"require": ["exp", "aud", "iss", "sub"], "verify_exp": False, "verify_nbf": False},
        )
        if not claims.get("nbf", 0) <= self.now() < claims["exp"]:
            raise ValueError("The token is too old or too young.")
        if claims["room"].lower() not in {room, "*"}:
            raise ValueError("The token is for another room.")
        if claims["sub"] not in {self.domain, "*"}:
            raise ValueError("The token is for another domain.")
        person = claims["context"]["user"]
        if not all(isinstance(value, str) for value in person.values()):
            raise ValueError("Everything about a person has to be text.")
        return person
