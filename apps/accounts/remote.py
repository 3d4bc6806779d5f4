"""Connections to the sign-in providers: they say who asks, and are bounded in time and in size."""

import time
from typing import Any

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError

# A profile is about 2 kB, a set of keys about 10 kB.
LARGEST_ANSWER = 256 * 1024
PIECE = 16 * 1024


class Session(requests.Session):
    """A session that names this site, follows no redirect, and gives up on slow and on endless answers.

    The time-out of `requests` is for each piece of the answer, so a body that trickles would hold a worker for
    ever; here it is for the headers and the body together, but looked at only once the headers are there.
    """

    def __init__(self) -> None:
        super().__init__()
        # Wikimedia refuses requests without a User-Agent that names the site and a contact.
        # Compressed answers are not asked for, so that the limit on size is one on what is kept in memory.
        self.headers.update(
            {"User-Agent": settings.USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}
        )

    def request(self, method: str | bytes, url: str | bytes, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        until = time.monotonic() + settings.REMOTE_TIMEOUT_SECONDS
        kwargs |= {"timeout": settings.REMOTE_TIMEOUT_SECONDS, "stream": True, "allow_redirects": False}
        response = super().request(method, url, **kwargs)
        response._content = _read(response, until)
        return response


def _read(response: requests.Response, until: float) -> bytes:
    body = bytearray()
    try:
        while piece := response.raw.read1(PIECE, decode_content=False):
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise requests.RequestException(f"{response.url} answered with more than {LARGEST_ANSWER} bytes.")
            if time.monotonic() > until:
                raise requests.Timeout(f"{response.url} took too long to answer.")
    except (HTTPError, OSError) as error:
        if isinstance(error, requests.RequestException):
            raise
        raise requests.ConnectionError(error) from error
    finally:
        response.close()
    return bytes(body)


def get_json(url: str, **kwargs: Any) -> dict[str, Any]:
    """The JSON object at an address; anything else than a 200 with one is a `requests.RequestException`."""
    with Session() as session:
        return json_object(session.get(url, **kwargs))


def json_object(response: requests.Response) -> dict[str, Any]:
    if response.status_code != requests.codes.ok:
        raise requests.HTTPError(f"{response.url} answered {response.status_code}.", response=response)
    answer = response.json()
    if not isinstance(answer, dict):
        raise requests.JSONDecodeError("Not a JSON object", response.text[:50], 0)
    return answer
