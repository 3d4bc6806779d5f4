"""The one way to talk to the machines of others. Nothing that comes back is trusted, nothing secret gets out.

It stands on the standard library and not on `requests`, because each promise here is one about the connection itself:
the name is looked up once and that very address is judged and connected to, so that no second look-up can lead
elsewhere; and the connection is cut at one moment, whatever it is doing, while the time-outs of `requests` begin again
with each piece. No redirect is followed, no proxy or password of the environment is used, nothing is unpacked.

Whatever goes wrong is a ProviderError: a sentence for stewards and operators that holds the name of the server and
neither address nor secret. What led to it is left out (`from None`), since it can hold the whole address.
"""

import base64
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from http import client
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from apps.core.text import without_mail_addresses
from apps.resources.providers.protocol import ProviderError, Server

# All meetings of a busy server are about 1 MB.
LARGEST_ANSWER = 4 * 1024 * 1024
# A wait that a machine names is believed up to here.
LONGEST_WAIT = timedelta(days=1)
# What may be different the next time. Every other 4xx stays what it is until somebody looks.
PASSING = {408, 421, 423, 425, 429}
# IPv6 addresses that lead to the IPv4 address in their last 32 bits (RFC 6052), and all that were ever handed out.
NAT64 = IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST = IPv6Network("2000::/3")


@dataclass(frozen=True)
class Answer:
    """What a machine said: its names of headers are in small letters."""

    server: Server
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise not_understood(self.server) from None

    def json_object(self) -> dict[str, Any]:
        found = self.json()
        if not isinstance(found, dict):
            raise not_understood(self.server)
        return found


def ask(
    server: Server,
    method: str,
    path: str,
    *,
    query: str | Mapping[str, Any] = "",
    form: Mapping[str, Any] | None = None,
    data: Any = None,
    headers: Mapping[str, str] | None = None,
    login: tuple[str, str] | None = None,
    accept: Collection[int] = (),
) -> Answer:
    """Ask a server, and return what it answered with a 2xx or with one of the statuses in `accept`.

    `path` begins with a slash and follows the server's address; quote what people wrote in it. `query` is sent as it is
    when it is text. `form` and `data` (JSON) are bodies; lists in `query` and `form` are repeated. `login` is a name
    and a password (Basic). Everything else that can happen is a ProviderError.
    """
    parts = urlsplit(server.url)
    target = parts.path.rstrip("/") + path
    if query:
        target += "?" + (query if isinstance(query, str) else urlencode(query, doseq=True))
    body, kind = _body(form, data)
    sent = {
        "User-Agent": settings.USER_AGENT,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **kind,
        **_basic(login),
        **(headers or {}),
    }
    answer = _exchange(server, method, target, body, sent)
    if 200 <= answer.status < 300 or answer.status in accept:
        return answer
    raise failure(answer)


def failure(answer: Answer, *, says: str = "", retry_in: timedelta | None = None) -> ProviderError:
    """The error that an answer means. `says`: what the machine gave as its reason, see `quoted`."""
    status = answer.status
    name = answer.server.name
    retry_in = retry_in or named_wait(answer)
    if 300 <= status < 400:
        reason = f"{name} sends us somewhere else ({status}), where we do not go."
    elif status in {401, 403}:
        reason = f"{name} does not accept our credentials, or they lack a right ({status})."
    elif status == 429:
        reason = f"{name} asks us to wait, since it is asked too often."
    else:
        reason = f"{name} answered with an error ({status})."
    if says:
        reason += f" It says: {says}"
    return ProviderError(reason, retry_in=retry_in, is_final=400 <= status < 500 and status not in PASSING)


def not_understood(server: Server) -> ProviderError:
    return ProviderError(f"{server.name} answered something that we do not understand.")


def quoted(server: Server, said: Any) -> str:
    """Words of a machine for our sentence: short, on one line, without the secret or mail addresses it may echo."""
    words = without_mail_addresses(" ".join(said.split())) if isinstance(said, str) else ""
    if server.secret:
        words = words.replace(server.secret, "…")
    return words[:200]


def named_wait(answer: Answer) -> timedelta | None:
    """The wait in Retry-After: seconds, or a date, which is compared with the machine's own clock."""
    value = answer.headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,9}", value):
        return bounded_wait(int(value))
    until, now = _day(value), _day(answer.headers.get("date", ""))
    return bounded_wait((until - now).total_seconds()) if until and now else None


def bounded_wait(seconds: Any) -> timedelta | None:
    """A wait that a machine named, within reason; None when it is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        return None
    return timedelta(seconds=min(seconds, LONGEST_WAIT.total_seconds()))


def _day(value: str) -> datetime | None:
    try:
        day = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    return day if day.tzinfo else day.replace(tzinfo=UTC)


def _body(form: Mapping[str, Any] | None, data: Any) -> tuple[bytes | None, dict[str, str]]:
    if form is not None:
        return urlencode(form, doseq=True).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    if data is not None:
        return json.dumps(data).encode(), {"Content-Type": "application/json"}
    return None, {}


def _basic(login: tuple[str, str] | None) -> dict[str, str]:
    if login is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(login).encode()).decode()}


# --- The connection ---------------------------------------------------------------------------


def _exchange(server: Server, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """One request on one connection, at an end after PROVIDER_SECONDS (but for the look-up of the name)."""
    until = time.monotonic() + settings.PROVIDER_SECONDS
    try:
        with _dialled(server, until) as line, _cut_at(until, line):
            answer = _talk(server, line, method, target, body, headers)
    except ProviderError:
        raise
    except ssl.SSLCertVerificationError as error:
        reason = f"The certificate of {server.name} is not to be trusted: {error.verify_message}."
        raise ProviderError(reason) from None
    except (ValueError, client.InvalidURL):
        reason = f"The address, user or secret of {server.name} in the settings holds signs that do not belong there."
        raise ProviderError(reason, is_final=True) from None
    except (OSError, client.HTTPException):
        if time.monotonic() >= until:
            raise _too_slow(server) from None
        raise ProviderError(f"The connection to {server.name} broke off.") from None
    if time.monotonic() >= until:
        raise _too_slow(server)  # what looks like the end of the answer is where we cut it
    return answer


def _too_slow(server: Server) -> ProviderError:
    return ProviderError(f"{server.name} did not answer within {settings.PROVIDER_SECONDS} seconds.")


def _talk(
    server: Server, line: socket.socket, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
) -> Answer:
    parts = urlsplit(server.url)
    connection = client.HTTPConnection(parts.hostname or "", parts.port)
    if parts.scheme == "https":
        connection.default_port = client.HTTPS_PORT  # left out of the header Host, as browsers do
        connection.port = parts.port or client.HTTPS_PORT
        line = _trusted(server.options.get("ca_file", "")).wrap_socket(line, server_hostname=parts.hostname)
    connection.sock = line
    connection.auto_open = 0  # it must never dial by itself
    try:
        connection.request(method, target, body, dict(headers))
        return _read(server, connection.getresponse())
    finally:
        connection.close()


def _read(server: Server, response: client.HTTPResponse) -> Answer:
    with response:
        announced = response.length
        body = response.read(LARGEST_ANSWER + 1)
        if len(body) > LARGEST_ANSWER:
            raise ProviderError(f"{server.name} answered with more than {LARGEST_ANSWER} bytes.")
        if announced is not None and len(body) < announced:
            raise client.IncompleteRead(b"")
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(server, response.status, headers, body)


@cache
def _trusted(ca_file: str) -> ssl.SSLContext:
    """Whom we trust: what the system trusts, or with the option `ca_file` that authority alone."""
    return ssl.create_default_context(cafile=ca_file or None)


@contextmanager
def _cut_at(until: float, line: socket.socket) -> Iterator[None]:
    """Shut the connection down at that moment, also when it trickles: what waits for it goes on with an error.

    A second handle is used, since TLS takes the first one over.
    """
    with line.dup() as handle:
        timer = threading.Timer(max(0.0, until - time.monotonic()), _shut, [handle])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _shut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is gone already


def _dialled(server: Server, until: float) -> socket.socket:
    """A connection to one of the addresses of the name, each judged before."""
    for family, address in _addresses(server):
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            line.settimeout(max(0.001, min(settings.PROVIDER_CONNECT_SECONDS, until - time.monotonic())))
            line.connect(address)
            line.settimeout(settings.PROVIDER_SECONDS)
            return line
        except OSError:
            line.close()
    raise ProviderError(f"{server.name} cannot be reached.")


def _addresses(server: Server) -> Sequence[tuple[int, Any]]:
    parts = urlsplit(server.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ProviderError(f"The address of {server.name} is not known at the moment.") from None
    fitting = [
        (family, address)
        for family, _kind, _protocol, _name, address in found
        if server.is_internal or is_public(str(address[0]))
    ]
    if not fitting:
        reason = f"The address of {server.name} lies in a private network, where we ask nothing."
        raise ProviderError(reason, is_final=True)
    return fitting


def is_public(address: str) -> bool:
    """Whether it lies in the Internet; an address that leads to an IPv4 address is judged by that one."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast
    if leads_to := ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None):
        return is_public(str(leads_to))
    return ip in GLOBAL_UNICAST and ip.is_global and ip.sixtofour is None
