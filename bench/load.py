"""A small client that asks for one page again and again, and the servers that it asks.

Sync workers of gunicorn answer one request a connection, so each request opens its own. The client does as little
as it can, since it shares the processors with what it measures.
"""

import socket
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts import processes
from scripts.services import free_port

ROOT = Path(__file__).resolve().parent.parent
HOST = "strategy.example.org"
CLIENTS = 4
START_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        packed = self.headers.get("content-encoding") == "gzip"
        return (zlib.decompress(self.body, wbits=31) if packed else self.body).decode()


@dataclass(frozen=True)
class Server:
    port: int

    def get(self, path: str, cookie: str = "") -> Answer:
        raw = self._exchange(request_bytes(path, cookie))
        head, _, body = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("transfer-encoding") == "chunked":
            body = unchunked(body)
        return Answer(int(status.split()[1]), headers, body)

    def pages_a_second(self, path: str, cookie: str = "", *, seconds: float) -> float:
        """As many pages as four patient clients get; anything but a page is an error."""
        message, until = request_bytes(path, cookie), time.monotonic() + seconds
        counts = [0] * CLIENTS
        errors: list[str] = []

        def ask(client: int) -> None:
            while time.monotonic() < until and not errors:
                answer = self._exchange(message)
                if not answer.startswith(b"HTTP/1.1 200"):
                    errors.append(answer[:200].decode("latin-1"))
                counts[client] += 1

        began = time.monotonic()
        threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise RuntimeError(f"{path} answered: {errors[0]}")
        return sum(counts) / (time.monotonic() - began)

    def _exchange(self, message: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(message)
            parts = []
            while part := connection.recv(262_144):
                parts.append(part)
        return b"".join(parts)


def request_bytes(path: str, cookie: str) -> bytes:
    """What a browser sends behind the proxy that ends TLS."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {HOST}",
        "Accept: text/html",
        "Accept-Encoding: gzip",
        "Accept-Language: en",
        "X-Forwarded-Proto: https",
        "Connection: close",
    ]
    if cookie:
        lines.append(f"Cookie: sessionid={cookie}")
    return "\r\n".join([*lines, "", ""]).encode()


def unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(body[:length])
        body = body[length + 2 :]
        if not length:
            break
    return b"".join(parts)


@contextmanager
def serving(application: str) -> Iterator[Server]:
    """gunicorn with two sync workers, until it answers and as long as it is needed."""
    port = free_port()
    gunicorn = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    process = processes.start([*gunicorn, "--worker-class", "sync", "--log-level", "error"], cwd=ROOT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield Server(port)
    finally:
        processes.stop([process])
