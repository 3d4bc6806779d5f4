"""A stand-in of BigBlueButton that follows the published API (docs.bigbluebutton.org/development/api, 2.4 to 3.0).

It checks checksums over the query as it was sent, keeps meetings in memory, takes a repeated `create` with the same
passwords for the same meeting and with others for a mistake, refuses what the API refuses, and lets people join. It
ends by itself what lasts longer than its `duration`, what nobody enters, and what everybody has left.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.servers.machine import Machine, xml
from tests.servers.web import Answer, Asked

# What a server does with a meeting where nobody says otherwise, in minutes.
USUAL_MINUTES = {
    "duration": 0,
    "meetingExpireIfNoUserJoinedInMinutes": 5,
    "meetingExpireWhenLastUserLeftInMinutes": 1,
}
LENGTHS = {40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}


@dataclass
class Meeting:
    parameters: dict[str, str]
    # Name and role of everybody who is in it.
    people: list[tuple[str, str]] = field(default_factory=list)
    created_at: float = field(default_factory=time.time)
    has_user_joined: bool = False
    last_left_at: float | None = None

    def is_over(self, now: float) -> bool:
        longest, unjoined, left = (int(self.parameters.get(name, usual)) * 60 for name, usual in USUAL_MINUTES.items())
        if longest and now - self.created_at > longest:
            return True
        if not self.has_user_joined:
            return now - self.created_at > unjoined
        return self.last_left_at is not None and now - self.last_left_at > left

    def fields(self) -> dict[str, str]:
        return {
            "meetingName": self.parameters["name"],
            "meetingID": self.parameters["meetingID"],
            "attendeePW": self.parameters.get("attendeePW", "random"),
            "moderatorPW": self.parameters.get("moderatorPW", "random"),
            "running": "true" if self.people else "false",
            "hasUserJoined": "true" if self.has_user_joined else "false",
            "recording": self.parameters.get("record", "false"),
            "hasBeenForciblyEnded": "false",
            "participantCount": str(len(self.people)),
        }


class BigBlueButton(Machine):
    """`meetings` by meetingID; `created` counts how many were really made; `forget` is what a restart does.

    `now` is its clock, in seconds since 1970.
    """

    kind = "bigbluebutton"
    path = "/bigbluebutton/api"
    algorithms = frozenset(LENGTHS.values())

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.meetings: dict[str, Meeting] = {}
        self.created = 0
        self.now: Callable[[], float] = time.time

    def forget(self) -> None:
        self.meetings.clear()

    def all_leave(self) -> None:
        for meeting in self.meetings.values():
            meeting.people.clear()
            meeting.last_left_at = self.now()

    def respond_to(self, asked: Asked) -> Answer:
        call = asked.path.removeprefix(f"{self.path}/")
        if asked.path == "/html5client/join":
            return Answer.html(f"<h1>In the room</h1><p>{asked.query['role']}</p>")
        if call not in {"create", "join", "end", "getMeetingInfo", "getMeetings", "isMeetingRunning"}:
            return Answer.html("No such page", 404)
        if not self._is_signed(call, asked):
            return failed("checksumError", "Checksums do not match")
        self.meetings = {name: one for name, one in self.meetings.items() if not one.is_over(self.now())}
        return getattr(self, f"_{call}")(asked.query)

    def _is_signed(self, call: str, asked: Asked) -> bool:
        checksum = asked.query.get("checksum", "")
        algorithm = LENGTHS.get(len(checksum), "")
        if algorithm not in self.algorithms:
            return False
        query = asked.raw_query.replace(f"&checksum={checksum}", "").replace(f"checksum={checksum}", "")
        return hashlib.new(algorithm, f"{call}{query}{self.secret}".encode()).hexdigest() == checksum

    def _create(self, wishes: dict[str, str]) -> Answer:
        meeting_id = wishes.get("meetingID", "")
        if not 2 <= len(meeting_id) <= 256 or "," in meeting_id:
            return failed("validationError", "Meeting ID must be between 2 and 256 characters and without commas")
        for name in ("name", "attendeePW", "moderatorPW"):
            if not 2 <= len(wishes.get(name, "long enough")) <= 64 or "name" not in wishes:
                return failed("validationError", f"{name} must be between 2 and 64 characters")
        if known := self.meetings.get(meeting_id):
            passwords = [
                [one.get(name) for name in ("attendeePW", "moderatorPW")] for one in (known.parameters, wishes)
            ]
            if passwords[0] != passwords[1]:
                return failed("idNotUnique", "A meeting already exists with that meeting ID.")
            return xml({"returncode": "SUCCESS", **known.fields(), "messageKey": "duplicateWarning"})
        self.meetings[meeting_id] = Meeting(wishes, created_at=self.now())
        self.created += 1
        return xml({"returncode": "SUCCESS", **self.meetings[meeting_id].fields()})

    def _join(self, wishes: dict[str, str]) -> Answer:
        meeting = self.meetings.get(wishes.get("meetingID", ""))
        if meeting is None:
            return not_found()
        role = wishes.get("role", "").upper()
        if role not in {"MODERATOR", "VIEWER"} or not wishes.get("fullName"):
            return failed("validationError", "You must specify role and fullName")
        meeting.people.append((wishes["fullName"], role))
        meeting.has_user_joined, meeting.last_left_at = True, None
        return Answer.to(f"{self.url}/html5client/join", role=role, sessionToken=quote(wishes["fullName"]))

    def _end(self, wishes: dict[str, str]) -> Answer:
        if self.meetings.pop(wishes.get("meetingID", ""), None) is None:
            return not_found()
        return xml({"returncode": "SUCCESS", "messageKey": "sentEndMeetingRequest", "message": "A request was sent."})

    def _getMeetingInfo(self, wishes: dict[str, str]) -> Answer:
        meeting = self.meetings.get(wishes.get("meetingID", ""))
        return xml({"returncode": "SUCCESS", **meeting.fields()}) if meeting else not_found()

    def _isMeetingRunning(self, wishes: dict[str, str]) -> Answer:
        meeting = self.meetings.get(wishes.get("meetingID", ""))
        return xml({"returncode": "SUCCESS", "running": "true" if meeting and meeting.people else "false"})

    def _getMeetings(self, _wishes: dict[str, str]) -> Answer:
        inside = "".join(
            xml(meeting.fields()).body.replace("response>", "meeting>") for meeting in self.meetings.values()
        )
        empty = "" if inside else "<messageKey>noMeetings</messageKey>"
        body = f"<response><returncode>SUCCESS</returncode><meetings>{inside}</meetings>{empty}</response>"
        return Answer(200, body, {"Content-Type": "text/xml;charset=utf-8"})


def failed(key: str, message: str) -> Answer:
    return xml({"returncode": "FAILED", "messageKey": key, "message": message})


def not_found() -> Answer:
    return failed("notFound", "A meeting with that ID does not exist")
