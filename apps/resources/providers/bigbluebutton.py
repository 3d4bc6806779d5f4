"""BigBlueButton, as its API defines it (docs.bigbluebutton.org/development/api).

The server's `url` is the address of the API, with /bigbluebutton/api at its end, and `secret` the shared secret
(`bbb-conf --secret` shows both). Options: `checksum` (sha1, sha256, sha384 or sha512; sha256 if not said).
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlencode
from xml.etree import ElementTree

from django.conf import settings

from apps.resources.providers import http
from apps.resources.providers.naming import key_in, named
from apps.resources.providers.protocol import Condition, Order, Place, ProviderError, Server

GONE = {"notFound", "invalidMeetingIdentifier", "meetingForciblyEnded"}
# Somebody has to change a setting here or there; any other refusal may pass.
FINAL = {"checksumError", "validationError", "idNotUnique", "sameVoiceBridge"}
# Longer than any call is made longer: what we end in time does not stand there for as long, and nothing does for ever.
STANDS_UNUSED_FOR = timedelta(days=1)


class BigBlueButton:
    """A room lives in the memory of its server, so it is made shortly before it is needed and made again if it is lost.

    Recording is not merely switched off: with `record=false` nothing is captured, since servers keep what was captured
    even when nobody pressed the button.
    """

    needs_network = True
    lead_time: timedelta | None = timedelta(minutes=15)

    def __init__(self, server: Server) -> None:
        self.server = server

    def create(self, order: Order) -> Place:
        """Make the room. Repeated with the same passwords it finds the room, whatever else has changed."""
        made = self._ask("create", self._wishes(order))
        return Place(self.server.url, {"meeting": made.findtext("meetingID") or named(order.key)})

    def address_for(self, order: Order, place: Place, *, name: str, is_host: bool, now: datetime) -> str:
        """A signed address that lets this person in, as moderator or as viewer."""
        role = "MODERATOR" if is_host else "VIEWER"
        who = _one_line(name, 128) or "Guest"
        return self._address("join", {"meetingID": named(order.key), "fullName": who, "role": role})

    def check(self, order: Order, place: Place) -> Condition:
        try:
            found = self._ask("getMeetingInfo", {"meetingID": named(order.key)})
        except _Gone:
            return Condition.MISSING
        if found.findtext("hasBeenForciblyEnded") == "true":
            return Condition.MISSING
        # The second stays true when all have left again, so that a call between two looks is seen.
        was_used = any(found.findtext(name) == "true" for name in ("running", "hasUserJoined"))
        return Condition.RUNNING if was_used else Condition.READY

    def keep_in_step(self, order: Order, place: Place) -> None:
        """Nothing to do: everybody comes with an address of their own."""

    def text_to_keep(self, order: Order, place: Place) -> str:
        """Nothing of a room is kept."""
        return ""

    def end(self, order: Order, place: Place) -> None:
        """Send everybody out and forget the room."""
        password = self._password(order.key, "moderator")  # old servers ask for it as well
        with suppress(_Gone):
            self._ask("end", {"meetingID": named(order.key), "password": password})

    def made(self) -> Iterator[str]:
        for meeting in self._ask("getMeetings", {}).iter("meeting"):
            key = key_in(meeting.findtext("meetingID") or "")
            if key and meeting.findtext("hasBeenForciblyEnded") != "true":
                yield key

    def _wishes(self, order: Order) -> dict[str, str]:
        booked = order.ends_at - order.starts_at if order.starts_at and order.ends_at else timedelta()
        minutes = str(round((booked + STANDS_UNUSED_FOR) / timedelta(minutes=1)))
        return {
            "meetingID": named(order.key),
            "name": _one_line(f"{order.title} ({order.group})", 64),
            "moderatorPW": self._password(order.key, "moderator"),
            "attendeePW": self._password(order.key, "viewer"),
            "record": "false",
            "autoStartRecording": "false",
            "allowStartStopRecording": "false",
            "logoutURL": settings.SITE_URL,
            # Without an end of its own, since a call that runs can be made longer: we end it. Otherwise it is gone five
            # minutes after its making when nobody has come yet, and one minute after the last person left.
            "duration": "0",
            "meetingExpireIfNoUserJoinedInMinutes": minutes,
            "meetingExpireWhenLastUserLeftInMinutes": minutes,
        }

    def _password(self, key: str, role: str) -> str:
        """The same each time: a server takes a repeat with other passwords for another meeting of the same name."""
        return hmac.new(self.server.secret.encode(), f"{role}:{key}".encode(), hashlib.sha256).hexdigest()[:32]

    def _address(self, call: str, parameters: Mapping[str, str]) -> str:
        return f"{self.server.url}/{call}?{signed(self.server, call, urlencode(parameters))}"

    def _ask(self, call: str, parameters: Mapping[str, str]) -> ElementTree.Element:
        answer = http.ask(
            self.server,
            "GET",
            f"/{call}",
            query=signed(self.server, call, urlencode(parameters)),
            headers={"Accept": "text/xml, application/xml"},
        )
        found = _parsed(answer)
        if found.findtext("returncode") == "SUCCESS":
            return found
        # The key is meant for programs; the sentence beside it could hold anything.
        key = re.sub(r"[^A-Za-z]", "", found.findtext("messageKey") or "")[:40]
        if key in GONE:
            raise _Gone(f"{self.server.name} has no such room.")
        raise ProviderError(f"{self.server.name} refuses it ({key or 'no reason given'}).", is_final=key in FINAL)


def signed(server: Server, call: str, query: str) -> str:
    """The query with its checksum, which covers the very text that is sent."""
    algorithm = server.options.get("checksum", "sha256")
    checksum = hashlib.new(algorithm, f"{call}{query}{server.secret}".encode()).hexdigest()
    return f"{query}&checksum={checksum}" if query else f"checksum={checksum}"


class _Gone(ProviderError):
    """The room is not there, or no longer."""


class _WithoutDoctype(ElementTree.TreeBuilder):
    """Entities are declared in a document type, which no answer has. Without one there is nothing that could grow.

    The standard library does for that; it stops at the first sign of one, in every encoding.
    """

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise ElementTree.ParseError


def _parsed(answer: http.Answer) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_WithoutDoctype())
    try:
        parser.feed(answer.body)
        found = parser.close()
    except (ElementTree.ParseError, LookupError, ValueError):
        raise http.not_understood(answer.server) from None
    if not isinstance(found, ElementTree.Element) or found.tag != "response":
        raise http.not_understood(answer.server)
    return found


def _one_line(text: str, longest: int) -> str:
    """Without control characters, which the API refuses."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())[:longest].strip()
