"""GNU Mailman 3, as the REST API of its core defines it (docs.mailman3.org, "REST API", version 3.1).

The server's `url` is the address of that API, without the version; `user` and `secret` are its `admin_user` and
`admin_pass`. Option: `domain`, the mail domain that lists are made in (the host of `url` if not said). Mailman must
know it already.

A list's name holds the request's key: it is all that is said when a list is made, so no list is ever without it, and
nobody can change it. Who takes part is decided on our site and carried over. Nothing is archived, there or here: what
was written has reached the members, and is not ours to keep.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.text import slugify

from apps.resources.providers import http
from apps.resources.providers.naming import site_mark
from apps.resources.providers.protocol import Condition, Order, Participant, Place, ProviderError, Server

# The longest that mail knows before the @.
LONGEST_NAME = 64
LONGEST_SLUG = 20
PAGE = 100
MOST_PAGES = 500
# Members write as they like, everybody else waits for an owner; who wants to join by mail needs one, too. Others than
# the owners see neither the list nor its members. Our site says welcome and goodbye.
SETTINGS = {
    "advertised": "false",
    "archive_policy": "never",
    "default_member_action": "defer",
    "default_nonmember_action": "hold",
    "subscription_policy": "confirm_then_moderate",
    "dmarc_mitigate_action": "munge_from",
    "send_welcome_message": "false",
    "send_goodbye_message": "false",
}
# Nobody is asked again what they have agreed to on our site.
AGREED = {"pre_verified": "true", "pre_confirmed": "true", "pre_approved": "true"}


class Mailman:
    needs_network = True
    lead_time: timedelta | None = None

    def __init__(self, server: Server) -> None:
        self.server = server
        self.domain = server.options.get("domain") or urlsplit(server.url).hostname or ""

    def create(self, order: Order) -> Place:
        """Make the list, or find the one that an earlier try has made; then its settings, owners and members."""
        name = _name(order)
        place = Place(f"{name}@{self.domain}", {"list": f"{name}.{self.domain}"})
        answer = self._ask("POST", "/lists", form={"fqdn_listname": place.address}, accept={400})
        if answer.status == 400 and self.check(order, place) is Condition.MISSING:
            raise self._refusal(answer)
        self._set_up(order, place.reference["list"])
        self.keep_in_step(order, place)
        return place

    def address_for(self, order: Order, place: Place, *, name: str, is_host: bool, now: datetime) -> str:
        return place.address

    def check(self, order: Order, place: Place) -> Condition:
        """Missing or ready: how much is written in a list is nobody's business."""
        number = self._list(order, place)
        if number is None or self._ask("GET", _path(number), accept={404}).status == 404:
            return Condition.MISSING
        return Condition.READY

    def keep_in_step(self, order: Order, place: Place) -> None:
        """Owners are the hosts with an address, members all who have one, but for those who have left by themselves.

        One person whom Mailman does not take (a banned address, one that is none) keeps nobody else out.
        """
        number = self._list(order, place)
        if number is None:
            raise ProviderError(f"{self.server.name} has no such list.", is_final=True)
        members = {person.email.lower(): person for person in order.participants if person.email}
        self._keep_owners(number, {email: person for email, person in members.items() if person.is_host})
        self._keep_members(number, members)

    def text_to_keep(self, order: Order, place: Place) -> str:
        """There is no text: a list keeps none."""
        return ""

    def end(self, order: Order, place: Place) -> None:
        """Remove the list."""
        if number := self._list(order, place):
            self._ask("DELETE", _path(number), accept={404})

    def made(self) -> Iterator[str]:
        for entry in self._entries(f"/domains/{quote(self.domain)}/lists"):
            if key := _key_in(entry):
                yield key

    def _list(self, order: Order, place: Place) -> str | None:
        """The number of the list; where its place was never written down it is looked for by its key."""
        if number := place.reference.get("list"):
            return number
        entries = self._entries(f"/domains/{quote(self.domain)}/lists")
        return next((str(entry.get("list_id")) for entry in entries if _key_in(entry) == order.key), None)

    def _set_up(self, order: Order, number: str) -> None:
        group = _one_line(order.group)
        words = {
            "display_name": group,
            "description": _one_line(f"{group}: {order.about}"),
            "subject_prefix": f"[{group[:40]}] ",
        }
        self._ask("PATCH", _path(number, "config"), form=SETTINGS | words)
        # Mailman knows fewer languages than we do; then it keeps its own.
        self._ask("PATCH", _path(number, "config"), form={"preferred_language": order.language}, accept={400})

    # Who takes part

    def _keep_owners(self, number: str, wanted: Mapping[str, Participant]) -> None:
        there = self._roster(number, "owner")
        for email in sorted(wanted.keys() - there.keys()):
            self._add(number, wanted[email], {"role": "owner"})
        for email in there.keys() - wanted.keys():
            self._remove(there[email])

    def _keep_members(self, number: str, wanted: Mapping[str, Participant]) -> None:
        """Whom we have added once and who is not there any more has left, and stays away until they agree anew."""
        there = self._roster(number, "member")
        added, others = self._added(number)
        joined = set(there)
        for email in sorted(wanted.keys() - there.keys() - added):
            if self._add(number, wanted[email], {"role": "member", **AGREED}):
                joined.add(email)
        for email in there.keys() - wanted.keys():
            self._remove(there[email])
        if added != (now_added := (added | joined) & wanted.keys()):
            accepted = [*others, *map(_pattern, sorted(now_added))]
            self._ask("PATCH", _path(number, "config"), form={"accept_these_nonmembers": accepted or ""})

    def _added(self, number: str) -> tuple[set[str], list[str]]:
        """Whom we have added, and what else stands where that is kept.

        Mailman remembers nobody who has left, so we keep it in the list's own settings, among those who may write
        without being members: true of who is one of the group, and taken back with everything else.
        """
        answer = self._ask("GET", _path(number, "config", "accept_these_nonmembers"))
        kept = answer.json_object().get("accept_these_nonmembers")
        if not isinstance(kept, list) or not all(isinstance(entry, str) for entry in kept):
            raise http.not_understood(self.server)
        emails = {entry: re.sub(r"\\(.)", r"\1", entry[1:-1]) for entry in kept}
        ours = {entry for entry, email in emails.items() if entry == _pattern(email)}
        return {emails[entry] for entry in ours}, [entry for entry in kept if entry not in ours]

    def _roster(self, number: str, role: str) -> dict[str, str]:
        """Addresses, in small letters, with the number of each membership."""
        entries = self._entries(_path(number, "roster", role))
        return {str(entry.get("email")).lower(): str(entry.get("member_id")) for entry in entries}

    def _add(self, number: str, person: Participant, how: Mapping[str, str]) -> bool:
        who = {"list_id": number, "subscriber": person.email, "display_name": _one_line(person.name)}
        return self._ask("POST", "/members", form={**who, **how}, accept={400, 409}).status < 300

    def _remove(self, membership: str) -> None:
        """At once, also from lists whose owners want to be asked."""
        path = f"/members/{quote(membership, safe='')}"
        self._ask("DELETE", path, query={"pre_confirmed": "true", "pre_approved": "true"}, accept={404})

    # The API

    def _entries(self, path: str) -> Iterator[dict[str, Any]]:
        """Everything in a collection, page by page."""
        for page in range(1, MOST_PAGES + 1):
            found = self._ask("GET", path, query={"count": PAGE, "page": page}).json_object().get("entries", [])
            if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
                raise http.not_understood(self.server)
            yield from found
            if len(found) < PAGE:
                return
        raise http.not_understood(self.server)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        accept: Collection[int] = (),
    ) -> http.Answer:
        login = (self.server.user, self.server.secret)
        answer = http.ask(
            self.server, method, f"/3.1{path}", form=form, query=query or "", login=login, accept={400, *accept}
        )
        if answer.status == 400 and 400 not in accept:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer: http.Answer) -> ProviderError:
        """What Mailman gives as its reason, such as a domain that it does not know."""
        try:
            says = answer.json_object().get("description")
        except ProviderError:
            says = ""
        return http.failure(answer, says=http.quoted(self.server, says))


def _name(order: Order) -> str:
    """The group, so that people recognise the address, our site and the key."""
    mark = f"{site_mark()}-{order.key}"
    slug = slugify(order.group)[: min(LONGEST_SLUG, LONGEST_NAME - len(mark) - 1)].strip("-_")
    return f"{slug}-{mark}" if slug else mark


def _key_in(entry: Mapping[str, Any]) -> str:
    """The key in the name of a list of ours, else ""."""
    found = re.fullmatch(rf"(?:.+-)?{site_mark()}-([a-z0-9]+)", str(entry.get("list_name")))
    return found[1] if found else ""


def _path(number: str, *parts: str) -> str:
    return "/".join(["/lists", quote(number, safe=""), *parts])


def _pattern(email: str) -> str:
    """An address as Mailman writes a pattern, which tells ours from those that owners have written."""
    return f"^{re.escape(email)}$"


def _one_line(words: str) -> str:
    return " ".join(words.split())[:200]
