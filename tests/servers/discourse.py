"""A stand-in of Discourse that follows the published API (docs.discourse.org): what is asked of topics.

It wants a key and the account that belongs to it, keeps the key of another system (`external_id`) unique, refuses
titles that are too short or taken, answers 429 with the wait, and can hold back posts until a moderator approves.
"""

import re
from dataclasses import dataclass

from tests.servers.machine import Machine
from tests.servers.web import Answer, Asked

EXTERNAL_ID = re.compile(r"[\w-]{1,50}")
PAGE = 10


@dataclass
class Topic:
    id: int
    title: str
    raw: str
    external_id: str
    category: int
    closed: bool = False
    posts_count: int = 1
    is_deleted: bool = False

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-") or "topic"


class Discourse(Machine):
    """`topics` in the order of their making. `limit_next(12)` is a 429 that names twelve seconds."""

    kind = "discourse"
    user = "movement-strategy"
    categories = frozenset({5})

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.topics: list[Topic] = []
        self.wants_approval = False
        self.waiting_for_approval = 0

    def options(self) -> dict[str, str]:
        return {"category": "5"}

    def limit_next(self, seconds: int, times: int = 1) -> None:
        about = {
            "errors": ["You’ve performed this action too many times, please try again later."],
            "error_type": "rate_limit",
            "extras": {"wait_seconds": seconds, "time_left": f"{seconds} seconds"},
        }
        self.fail_next(Answer.json(about, 429), times)

    def topic_of(self, external_id: str) -> Topic | None:
        return next((one for one in self.topics if one.external_id == external_id and not one.is_deleted), None)

    def respond_to(self, asked: Asked) -> Answer:
        if (asked.headers.get("api-key"), asked.headers.get("api-username")) != (self.secret, self.user):
            return refused(403, "invalid_access", "You are not permitted to view the requested resource.")
        if asked.path == "/posts.json" and asked.method == "POST":
            return self._post(asked.data or asked.form)
        if asked.path == "/user_actions.json":
            return self._actions(asked)
        if found := re.fullmatch(r"/t/external_id/([^/]+)\.json", asked.path):
            topic = self.topic_of(found[1])
            return Answer(301, "", {"Location": f"{self.url}/t/{topic.slug}/{topic.id}.json"}) if topic else gone()
        if found := re.fullmatch(r"/t/(\d+)(/status)?\.json", asked.path):
            return self._topic(int(found[1]), asked)
        return gone()

    def _topic(self, number: int, asked: Asked) -> Answer:
        topic = next((one for one in self.topics if one.id == number and not one.is_deleted), None)
        if topic is None:
            return gone()
        if asked.path.endswith("/status.json"):
            wishes = asked.data or asked.form
            if asked.method != "PUT" or wishes.get("status") != "closed":
                return refused(400, "invalid_parameters", "status is invalid")
            topic.closed = wishes["enabled"] == "true"
            return Answer.json({"success": "OK", "topic_status_update": None})
        return Answer.json({"id": topic.id, "title": topic.title, "closed": topic.closed, "archived": False}
                           | {"posts_count": topic.posts_count})  # fmt: skip

    def _post(self, wishes: dict[str, str]) -> Answer:
        title, external_id = wishes.get("title", ""), wishes.get("external_id", "")
        problems = []
        if len(title) < 15:
            problems.append("Title is too short (minimum is 15 characters)")
        if any(one.title.lower() == title.lower() for one in self.topics):
            problems.append("Title has already been used")
        if len(wishes.get("raw", "")) < 20:
            problems.append("Body is too short (minimum is 20 characters)")
        if not EXTERNAL_ID.fullmatch(external_id) or self.topic_of(external_id):
            problems.append("External has already been taken or is invalid")
        if int(wishes.get("category") or 0) not in self.categories:
            problems.append("Category can't be blank")
        if problems:
            return Answer.json({"action": "create_post", "errors": problems}, 422)
        if self.wants_approval:
            self.waiting_for_approval += 1
            return Answer.json({"success": True, "action": "enqueued", "pending_count": self.waiting_for_approval})
        topic = Topic(len(self.topics) + 101, title, wishes["raw"], external_id, int(wishes["category"]))
        self.topics.append(topic)
        return Answer.json({"id": topic.id + 1000, "topic_id": topic.id, "topic_slug": topic.slug, "post_number": 1})

    def _actions(self, asked: Asked) -> Answer:
        if asked.query.get("username") != self.user or asked.query.get("filter") != "4":
            return gone()
        offset = int(asked.query.get("offset", "0"))
        newest = self.topics[::-1][offset : offset + PAGE]
        return Answer.json({"user_actions": [
            {"action_type": 4, "topic_id": one.id, "title": one.title, "excerpt": one.raw[:300],
             "closed": one.closed, "archived": False, "deleted": one.is_deleted}
            for one in newest
        ]})  # fmt: skip


def refused(status: int, kind: str, *sentences: str) -> Answer:
    return Answer.json({"errors": list(sentences), "error_type": kind}, status)


def gone() -> Answer:
    return refused(404, "not_found", "The requested URL or resource could not be found.")
