"""`mailman`: a real GNU Mailman for the tests that want one. It starts with the first of them and serves them all."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from apps.resources.providers.protocol import Server
from scripts.mailman import Mailman, mailman
from scripts.services import ServiceMissing


class Lists:
    """The server, and what its operator and its lists' members see and do."""

    def __init__(self, running: Mailman) -> None:
        self.running = running
        self.domain = running.domain

    @property
    def server(self) -> Server:
        """What the site's environment would say about it."""
        running = self.running
        options = {"domain": running.domain}
        return Server("mailman", "mailman", running.url, running.secret, running.user, options, is_internal=True)

    def ask(self, method: str, path: str, **data: Any) -> Any:
        login = (self.running.user, self.running.secret)
        response = requests.request(method, f"{self.running.url}/3.1{path}", auth=login, data=data, timeout=10)
        response.raise_for_status()
        return response.json() if response.content else None

    def lists(self) -> list[str]:
        """The addresses of all lists."""
        return [entry["fqdn_listname"] for entry in self.ask("GET", "/lists").get("entries", [])]

    def make(self, address: str) -> None:
        """A list that somebody else has made."""
        self.ask("POST", "/lists", fqdn_listname=address)

    def roster(self, address: str, role: str = "member") -> list[str]:
        """Who takes part in a list: as member, owner, moderator or nonmember."""
        found = self.ask("GET", f"/lists/{address}/roster/{role}")
        return sorted(entry["email"] for entry in found.get("entries", []))

    def settings(self, address: str) -> dict[str, Any]:
        return dict(self.ask("GET", f"/lists/{address}/config"))

    def change(self, address: str, **settings: Any) -> None:
        """An owner changes settings of their list."""
        self.ask("PATCH", f"/lists/{address}/config", **settings)

    def leave(self, address: str, email: str) -> None:
        """A member leaves by mail, and an owner who wants to be asked agrees."""
        member = self.ask("GET", f"/lists/{address}/member/{email}")
        self.ask("DELETE", f"/members/{member['member_id']}?pre_approved=true")


@pytest.fixture(scope="session")
def running_mailman() -> Iterator[Mailman]:
    try:
        with mailman() as running:
            yield running
    except ServiceMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(name="mailman")
def mailman_of_one_test(running_mailman: Mailman, settings: Any) -> Iterator[Lists]:
    """The site knows it as `mailman`; whatever was made there is gone after the test."""
    lists = Lists(running_mailman)
    settings.RESOURCE_SERVERS = settings.RESOURCE_SERVERS | {"mailman": lists.server}
    yield lists
    for address in lists.lists():
        lists.ask("DELETE", f"/lists/{address}")
