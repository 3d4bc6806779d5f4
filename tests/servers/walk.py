"""Walking through a sign-in: Django's test client on our site, real connections to the stand-ins."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from django.contrib.auth import get_user
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"}


@dataclass
class Visit:
    """One browser. Its cookies on our site live in `client`."""

    client: Client = field(default_factory=Client)

    def sign_in(self, sub: str, *, next_url: str = "") -> HttpResponse:
        """With a Wikimedia account, from our button back to our answer to the callback."""
        return self.come_back(self.decide(self.leave_for_wikimedia(next_url=next_url), sub))

    def staff_sign_in(self, sub: str, *, next_url: str = "") -> HttpResponse:
        return self.come_back(self.decide(self.leave_for_staff(next_url=next_url), sub))

    def leave_for_wikimedia(self, *, next_url: str = "") -> str:
        """Where our button sends the browser."""
        return self._address(self.client.post(reverse("mediawiki_login"), {"next": next_url} if next_url else {}))

    def leave_for_staff(self, *, next_url: str = "") -> str:
        return self._address(
            self.client.post(reverse("accounts:staff"), query_params={"next": next_url} if next_url else {})
        )

    def decide(self, address: str, sub: str, *, decision: str = "approve") -> str:
        """Fill in the provider's form; the address it sends the browser back to."""
        shown = requests.get(address, headers=BROWSER, timeout=10, allow_redirects=False)
        assert shown.status_code == 200, shown.text
        parts = urlsplit(address)
        answered = requests.post(
            f"{parts.scheme}://{parts.netloc}{parts.path}",
            data=dict(parse_qsl(parts.query)) | {"account": sub, "decision": decision},
            headers=BROWSER,
            timeout=10,
            allow_redirects=False,
        )
        assert answered.status_code == 302, answered.text
        return answered.headers["Location"]

    def come_back(self, address: str, **extra: Any) -> HttpResponse:
        return self.client.get(address, **extra)

    def me(self) -> User | None:
        """The person that our site takes this browser for."""
        found = get_user(self.client)
        return found if isinstance(found, User) else None

    @staticmethod
    def _address(response: HttpResponse) -> str:
        assert response.status_code == 302, response.content.decode()
        return str(response["Location"])
