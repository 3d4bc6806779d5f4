"""Discourse: a topic for the group, in a category that the forum has set aside (docs.discourse.org).

A topic and not a category, for two reasons. A topic can carry our key as its `external_id`, which is unique in the
forum's database: repeated or asked twice at once, one topic is made. And a key that may open and close topics is all
it takes; whoever can make categories can do everything.

The server's `secret` is the API key, its `user` the account that the key is for. Option: `category`, its number.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from apps.resources.providers import http
from apps.resources.providers.naming import key_in, named, prefix
from apps.resources.providers.protocol import Condition, Order, Place, ProviderError, Server

# The forum's own limits where its administrators have not changed them.
LONGEST_TITLE = 200
MOST_PAGES = 200


class Discourse:
    needs_network = True
    lead_time: timedelta | None = None

    def __init__(self, server: Server) -> None:
        self.server = server

    def create(self, order: Order) -> Place:
        """Open the topic, or find the one that an earlier try has opened."""
        number = self._number(order.key)
        if number is None:
            number = self._open(order)
        elif self._is_closed(self._topic(number)):
            reason = f"The topic on {self.server.name} was closed there; a moderator of the forum can open it again."
            raise ProviderError(reason, is_final=True)
        return Place(f"{self.server.url}/t/{number}", {"topic": str(number)})

    def address_for(self, order: Order, place: Place, *, name: str, is_host: bool, now: datetime) -> str:
        return place.address

    def check(self, order: Order, place: Place) -> Condition:
        """Missing when it is deleted or closed, also by the forum's moderators; in use once somebody has answered."""
        number = self._number(order.key)
        topic = self._topic(number) if number else None
        if topic is None or self._is_closed(topic):
            return Condition.MISSING
        posts = topic.get("posts_count")
        return Condition.RUNNING if isinstance(posts, int) and posts > 1 else Condition.READY

    def keep_in_step(self, order: Order, place: Place) -> None:
        """Nothing to do: the forum decides who writes in its category."""

    def text_to_keep(self, order: Order, place: Place) -> str:
        """What people wrote stays readable where they wrote it, so no text is taken along."""
        return ""

    def end(self, order: Order, place: Place) -> None:
        """Close it."""
        if number := self._number(order.key):
            self._ask("PUT", f"/t/{number}/status.json", {"status": "closed", "enabled": "true"}, accept={404, 410})

    def made(self) -> Iterator[str]:
        """From the first lines of the topics that our account has opened: lists of topics leave the key out."""
        seen: set[Any] = set()
        for _page in range(MOST_PAGES):
            query = {"username": self.server.user, "filter": "4", "offset": str(len(seen))}
            actions = self._ask("GET", "/user_actions.json", query=query).json_object().get("user_actions")
            new = [one for one in _dicts(actions) if one.get("topic_id") not in seen]
            if not new:
                return
            seen |= {one.get("topic_id") for one in new}
            yield from (key for one in new if (key := _open_key(one)))

    def _number(self, key: str) -> int | None:
        """The number of our topic. It is answered with a redirect to the topic, whose address ends with the number."""
        answer = self._ask("GET", f"/t/external_id/{quote(named(key))}.json", accept={301, 302, 404})
        if answer.status == 404:
            return None
        where = urlsplit(answer.headers.get("location", "")).path
        found = re.fullmatch(r".*/t/(?:[^/]+/)?(\d{1,12})(?:\.json)?", where)
        if not found:
            raise http.not_understood(self.server)
        return int(found[1])

    def _topic(self, number: int) -> dict[str, Any] | None:
        answer = self._ask("GET", f"/t/{number}.json", accept={404, 410})
        return answer.json_object() if answer.status == 200 else None

    def _is_closed(self, topic: Mapping[str, Any] | None) -> bool:
        return topic is None or bool(topic.get("closed") or topic.get("archived"))

    def _open(self, order: Order) -> int:
        title, raw = _words(order)
        wishes = {"raw": raw, "category": self.server.options.get("category", ""), "external_id": named(order.key)}
        answer = self._ask("POST", "/posts.json", wishes | {"title": title}, accept={422})
        if answer.status == 422:
            # Another try was faster, or the forum takes no title twice.
            if number := self._number(order.key):
                return number
            answer = self._ask("POST", "/posts.json", wishes | {"title": f"{title} ({order.key[:8]})"})
        made = answer.json_object()
        if made.get("action") == "enqueued":
            reason = f"{self.server.name} wants to look at it first: a moderator of the forum has to approve it there."
            raise ProviderError(reason, is_final=True)
        if not isinstance(made.get("topic_id"), int):
            raise http.not_understood(self.server)
        return made["topic_id"]

    def _ask(
        self,
        method: str,
        path: str,
        data: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> http.Answer:
        headers = {"Api-Key": self.server.secret, "Api-Username": self.server.user}
        known = {*accept, *range(400, 500)}
        answer = http.ask(self.server, method, path, query=query or "", data=data, headers=headers, accept=known)
        if answer.status < 400 or answer.status in accept:
            return answer
        raise http.failure(answer, says=_reason(answer), retry_in=_named_wait(answer))


def _words(order: Order) -> tuple[str, str]:
    """Title and first post, in the group's language. The key stands in the first line, which lists of posts show."""
    group = order.group[:100]
    with translation.override(order.language):
        first = gettext("A place for %(group)s, opened from %(site)s (%(key)s).")
    first = first % {"group": group, "site": settings.SITE_URL, "key": named(order.key)}
    raw = f"{' '.join(first.split())}\n\n{order.about}".strip()
    # Our account may call everybody; a group must not by its name. A word joiner keeps "@" from calling anybody.
    return " ".join(f"{group}: {order.title}".split())[:LONGEST_TITLE], raw.replace("@", "@\u2060")


def _open_key(action: Mapping[str, Any]) -> str:
    """The key of a topic of ours that is still open."""
    if any(action.get(name) for name in ("closed", "archived", "deleted")):
        return ""
    found = re.search(re.escape(prefix()) + r"[\w-]+", str(action.get("excerpt")))
    return key_in(found[0]) if found else ""


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _reason(answer: http.Answer) -> str:
    """The first of the forum's own reasons, which are sentences for people."""
    try:
        errors = answer.json_object().get("errors")
    except ProviderError:
        return ""
    return http.quoted(answer.server, errors[0]) if isinstance(errors, list) and errors else ""


def _named_wait(answer: http.Answer) -> timedelta | None:
    """Discourse names the wait in its answer, and not in every version in a header."""
    try:
        extras = answer.json_object().get("extras")
    except ProviderError:
        return None
    return http.bounded_wait(extras.get("wait_seconds")) if isinstance(extras, dict) else None
