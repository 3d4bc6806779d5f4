"""A small HTTP server on a free port of this machine, which keeps what it was asked and can be made to fail."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

# https://foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy
NAMES_A_CONTACT = re.compile(r"^[^\s/]+/\S+ \(.*(@|https?://).*\)")
IS_A_BROWSER = re.compile(r"^Mozilla/5\.0 ")
SECONDS_OF_SLOW = 30
ENDLESS = 20_000_000


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    raw_query: str = ""
    # The body where it is JSON.
    data: Any = None

    def given(self, name: str) -> str:
        return self.form.get(name) or self.query.get(name, "")


@dataclass
class Answer:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, data: Any, status: int = 200) -> Self:
        return cls(status, json.dumps(data), {"Content-Type": "application/json"})

    @classmethod
    def html(cls, body: str, status: int = 200) -> Self:
        return cls(
            status, f"<!DOCTYPE html><title>Stand-in</title>{body}", {"Content-Type": "text/html; charset=utf-8"}
        )

    @classmethod
    def to(cls, address: str, **parameters: str) -> Self:
        separator = "&" if urlsplit(address).query else "?"
        return cls(302, "", {"Location": f"{address}{separator}{urlencode(parameters)}"})


class StandIn:
    """A context manager. `routes` maps paths to methods; `trouble` maps a path to how it fails.

    Kinds of trouble: dead (the connection closes), late (it closes after the work was done), slow, drip (a byte now and
    then), drip_headers, endless, gigabyte (without saying so beforehand), html, forbidden, list (JSON, but no object),
    broken (no JSON).
    """

    wants_a_contact = False

    def __init__(self, port: int = 0) -> None:
        self.asked: list[Asked] = []
        # How much of an answer that has no end was taken, in bytes.
        self.sent = 0
        self.trouble: dict[str, str] = {}
        self.routes: dict[str, Callable[[Asked], Answer]] = {}
        self.closing = threading.Event()
        self.httpd = Server(("127.0.0.1", port), Handler)
        self.httpd.stand_in = self
        self.url = f"http://127.0.0.1:{self.httpd.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_about: object) -> None:
        self.closing.set()
        self.httpd.shutdown()
        self.httpd.server_close()

    def asked_at(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def trouble_with(self, asked: Asked) -> str:
        return self.trouble.get(asked.path, "")

    def answer(self, asked: Asked) -> Answer:
        agent = asked.headers.get("user-agent", "")
        if self.wants_a_contact and not (NAMES_A_CONTACT.match(agent) or IS_A_BROWSER.match(agent)):
            return Answer(403, "Please set a user-agent and respect our robot policy", {"Content-Type": "text/plain"})
        route = self.routes.get(asked.path)
        return route(asked) if route else Answer.html("No such page", 404)


def failing(trouble: str) -> Answer | None:
    return {
        "html": Answer.html("Our servers are having a problem"),
        "forbidden": Answer.html("Forbidden", 403),
        "list": Answer.json([1, 2]),
        "broken": Answer(200, "{", {"Content-Type": "application/json"}),
    }.get(trouble)


def hidden_fields(fields: dict[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


class Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: StandIn


class Handler(BaseHTTPRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.respond()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that http.server looks for

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            parts.path,
            {name: values[-1] for name, values in parse_qs(parts.query).items()},
            {name: values[-1] for name, values in parse_qs(body).items()},
            {name.lower(): value for name, value in self.headers.items()},
            parts.query,
            json.loads(body) if "json" in self.headers.get("Content-Type", "") else None,
        )
        self.server.stand_in.asked.append(asked)
        trouble = self.server.stand_in.trouble_with(asked)
        if trouble == "late":
            self.server.stand_in.answer(asked)
        if trouble in {"dead", "late", "slow", "drip", "drip_headers", "endless", "gigabyte"}:
            self.close_connection = True
            getattr(self, trouble)()
        else:
            self.send(failing(trouble) or self.server.stand_in.answer(asked))

    def send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def dead(self) -> None:
        """Say nothing and hang up."""

    late = dead

    def slow(self) -> None:
        self.server.stand_in.closing.wait(SECONDS_OF_SLOW)

    def drip(self) -> None:
        self.start_json(ENDLESS)
        while not self.server.stand_in.closing.wait(0.05):
            if not self.written(b" "):
                return

    def drip_headers(self) -> None:
        self.written(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not self.server.stand_in.closing.wait(0.02) and self.written(b"x"):
            pass

    def endless(self) -> None:
        self.start_json(ENDLESS)
        self.write_much(ENDLESS)

    def gigabyte(self) -> None:
        self.written(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
        self.write_much(1_000_000_000)

    def write_much(self, length: int) -> None:
        for _piece in range(length // 100_000):
            if not self.written(b" " * 100_000):
                return
            self.server.stand_in.sent += 100_000

    def start_json(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def written(self, piece: bytes) -> bool:
        try:
            self.wfile.write(piece)
            self.wfile.flush()
        except OSError:
            return False
        return True

    def log_message(self, *_about: object) -> None:
        """Keep the tests' output clean; `asked` holds the requests."""
