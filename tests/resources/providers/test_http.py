"""Whatever a machine answers, or does not: we are done in time, hold little, go nowhere else, and tell no secret."""

import logging
import os
import resource
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.resources.providers import http
from apps.resources.providers.http import ask, is_public
from apps.resources.providers.protocol import ProviderError, Server
from tests.plugins.services import wait_until
from tests.servers.tls import self_signed, speak_tls
from tests.servers.web import Answer, StandIn

SECRET = "a-secret-that-nobody-may-read"


@pytest.fixture
def machine() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def server(machine: StandIn) -> Server:
    return Server("bbb", "bigbluebutton", machine.url, secret=SECRET, is_internal=True)


def refusal(server: Server, path: str = "/here", **what: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(server, "GET", path, **what)
    assert str(caught.value).endswith(".")
    return caught.value


def answering(machine: StandIn, status: int, **headers: str) -> None:
    machine.routes["/here"] = lambda asked: Answer(
        status, "{}", {name.replace("_", "-"): value for name, value in headers.items()}
    )


# What is sent


def test_a_request_says_who_asks_and_carries_its_fields(machine, server, settings):
    machine.routes["/base/here"] = lambda asked: Answer.json({"words": "é"})
    server = replace(server, url=f"{machine.url}/base")
    answer = ask(server, "GET", "/here", query={"a": ["1", "2"], "b": "x y"}, login=("us", SECRET))
    assert answer.json_object() == {"words": "é"}
    ask(server, "POST", "/here", form={"a": "1"}, headers={"Api-Key": SECRET})
    ask(server, "PUT", "/here", data={"a": [1]})
    got, posted, put = machine.asked
    assert (got.method, got.raw_query) == ("GET", "a=1&a=2&b=x+y")
    assert got.headers["user-agent"] == settings.USER_AGENT
    assert got.headers["authorization"].startswith("Basic ")
    assert (posted.form, posted.headers["api-key"]) == ({"a": "1"}, SECRET)
    assert put.data == {"a": [1]}


def test_no_proxy_and_no_password_of_the_environment_is_used(machine, server, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password something")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    answering(machine, 200)
    assert ask(server, "GET", "/here").status == 200
    assert "authorization" not in machine.asked[0].headers


# Time


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", ["slow", "drip", "drip_headers"])
def test_a_machine_that_takes_its_time_is_given_up(machine, server, trouble):
    machine.trouble["/here"] = trouble
    began = time.monotonic()
    why = refusal(server)
    assert "did not answer within" in str(why)
    assert not why.is_final
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("impatient")
def test_an_endless_row_of_provisional_answers_is_given_up(server):
    def go_on(listener: socket.socket) -> None:
        line, _address = listener.accept()
        with line:
            line.recv(10_000)
            while True:
                try:
                    line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                except OSError:
                    return
                time.sleep(0.005)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=go_on, args=[listener], daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert "did not answer within" in str(refusal(replace(server, url=url)))


def test_a_connection_that_nobody_takes_is_given_up_sooner(server, settings):
    settings.PROVIDER_SECONDS, settings.PROVIDER_CONNECT_SECONDS = 20, 0.1
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _n in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        began = time.monotonic()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert "cannot be reached" in str(refusal(replace(server, url=url)))
        assert time.monotonic() - began < 5
        for one in waiting:
            one.close()


def test_no_thread_and_no_connection_is_left_behind(machine, server):
    answering(machine, 200)
    ask(server, "GET", "/here")
    time.sleep(0.1)
    threads, handles = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _n in range(20):
        ask(server, "GET", "/here")
    wait_until(lambda: threading.active_count() <= threads, what="threads to end")
    wait_until(lambda: len(os.listdir("/proc/self/fd")) <= handles, what="connections to be closed")


# Size


def test_a_gigabyte_is_cut_off_and_not_held(machine, server):
    machine.trouble["/here"] = "gigabyte"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "more than 4194304 bytes" in str(refusal(server))
    assert machine.sent < 50_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_an_answer_within_the_limit_is_read_whole(machine, server):
    machine.routes["/here"] = lambda asked: Answer(200, "x" * http.LARGEST_ANSWER)
    assert len(ask(server, "GET", "/here").body) == http.LARGEST_ANSWER


def test_an_answer_that_ends_too_early_is_none(server):
    def answer_in_part(listener: socket.socket) -> None:
        line, _address = listener.accept()
        with line:
            line.recv(10_000)
            line.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a": 1}')

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_in_part, args=[listener], daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert "broke off" in str(refusal(replace(server, url=url)))


@pytest.mark.parametrize("trouble", ["broken", "html"])
def test_what_is_no_json_is_not_understood(machine, server, trouble):
    machine.trouble["/here"] = trouble
    with pytest.raises(ProviderError, match="do not understand"):
        ask(server, "GET", "/here").json()


def test_json_without_an_object_and_json_too_deep_are_not_understood(machine, server):
    machine.trouble["/here"] = "list"
    with pytest.raises(ProviderError, match="do not understand"):
        ask(server, "GET", "/here").json_object()
    machine.trouble.clear()
    machine.routes["/here"] = lambda asked: Answer(200, "[" * 100_000)
    with pytest.raises(ProviderError, match="do not understand"):
        ask(server, "GET", "/here").json()


# Where to


def test_a_redirect_is_not_followed(machine, server):
    for status in (301, 302, 303, 307, 308):
        answering(machine, status, Location=f"{machine.url}/elsewhere")
        assert "somewhere else" in str(refusal(server))
    assert {asked.path for asked in machine.asked} == {"/here"}


INNER = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "198.18.0.1", "224.0.0.1", "239.1.1.1"),
    *("240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "ff0e::1"),
    *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:a00:1::1"),
    *("2001:db8::1", "2001::1", "100::1", "2002:808:808::1"),
]
OUTER = ["8.8.8.8", "91.198.174.192", "2620:0:860:ed1a::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


def test_inner_addresses_are_told_from_outer_ones():
    assert [address for address in INNER if is_public(address)] == []
    assert [address for address in OUTER if not is_public(address)] == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1"])
def test_nothing_is_asked_of_a_private_network(machine, server, host):
    url = machine.url.replace("127.0.0.1", host)
    why = refusal(replace(server, url=url, is_internal=False))
    assert "private network" in str(why)
    assert why.is_final
    assert machine.asked == []


def test_the_address_that_was_judged_is_the_one_that_is_asked(machine, server, monkeypatch):
    """A name that leads outside when it is judged and inside when it is used finds nobody."""
    looked_up, dialled = [], []

    def look_up(host: str, port: int, **_what: Any) -> list[Any]:
        looked_up.append(host)
        address = "93.184.216.34" if len(looked_up) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    class Line(socket.socket):
        def connect(self, address: Any) -> None:
            dialled.append(address[0])
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "socket", Line)
    refusal(replace(server, url="http://rebinding.example.org", is_internal=False))
    assert (looked_up, dialled) == (["rebinding.example.org"], ["93.184.216.34"])


def test_of_mixed_addresses_only_public_ones_are_dialled(server, monkeypatch):
    dialled = []

    class Line(socket.socket):
        def connect(self, address: Any) -> None:
            dialled.append(address[0])
            raise ConnectionRefusedError

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("10.0.0.1", "93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_what, **_more: found)
    monkeypatch.setattr(socket, "socket", Line)
    refusal(replace(server, url="http://mixed.example.org", is_internal=False))
    assert dialled == ["93.184.216.34"]


def test_a_name_that_nobody_knows_may_be_known_later(server, monkeypatch):
    def unknown(*_what: Any, **_more: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    why = refusal(server)
    assert "not known at the moment" in str(why)
    assert not why.is_final


# Certificates


@pytest.mark.parametrize(("hosts", "reason"), [([], "self-signed"), (["elsewhere.example.org"], "not valid for")])
def test_a_wrong_certificate_ends_it_before_anything_is_told(server, tmp_path, hosts, reason):
    certificate = self_signed(tmp_path, *hosts)
    machine = StandIn()
    speak_tls(machine, certificate)
    with machine:
        trusted = {"ca_file": str(certificate)} if hosts else {}
        why = refusal(replace(server, url=machine.url, options=trusted), query={"key": SECRET})
        assert "certificate" in str(why)
        assert reason in str(why)
        assert machine.asked == []


def test_an_authority_of_ones_own_is_trusted_when_it_is_named(server, tmp_path):
    certificate = self_signed(tmp_path)
    machine = StandIn()
    speak_tls(machine, certificate)
    with machine:
        answering(machine, 200)
        assert (
            ask(replace(server, url=machine.url, options={"ca_file": str(certificate)}), "GET", "/here").status == 200
        )
        assert machine.asked[0].headers["host"] == machine.url.removeprefix("https://")


@pytest.mark.usefixtures("impatient")
def test_a_handshake_that_never_ends_is_given_up(server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        assert "did not answer within" in str(refusal(replace(server, url=url)))


# What a status means


def test_what_a_person_has_to_change_is_final_and_what_may_pass_is_not(machine, server):
    final, passing = (400, 401, 403, 404, 409, 410, 422), (408, 425, 429, 500, 502, 503, 504)
    for status in (*final, *passing):
        answering(machine, status)
        assert refusal(server).is_final is (status in final), status
        assert ask(server, "GET", "/here", accept={status}).status == status


def test_the_wait_that_a_machine_names_is_taken_within_reason(machine, server):
    at_ten = {"Date": "Mon, 07 Sep 2026 10:00:00 GMT"}
    named: list[tuple[int, dict[str, str], int | None]] = [
        (429, {"Retry-After": "17"}, 17),
        (503, {"Retry-After": "120"}, 120),
        (429, at_ten | {"Retry-After": "Mon, 07 Sep 2026 10:01:30 GMT"}, 90),
        (429, at_ten | {"Retry-After": "Mon, 07 Sep 2020 10:01:30 GMT"}, None),
        (429, {"Retry-After": "Mon, 07 Sep 2026 10:01:30 GMT"}, None),
        (429, {"Retry-After": "99999999"}, 24 * 60 * 60),
        *((429, {"Retry-After": strange}, None) for strange in ("9" * 5000, "-5", "0", "soon", "")),
        (429, {}, None),
    ]
    for status, headers, seconds in named:
        machine.routes["/here"] = lambda asked, status=status, headers=headers: Answer(status, "", headers)
        assert refusal(server).retry_in == (timedelta(seconds=seconds) if seconds else None), headers


# Secrets


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "trouble", ["dead", "slow", "forbidden", "redirect", "nowhere", "refused address", "bad path", "bad key"]
)
def test_no_secret_stands_in_an_error_or_a_log(machine, server, caplog, trouble):
    caplog.set_level(logging.DEBUG)
    path, key = "/here", SECRET
    if trouble == "redirect":
        answering(machine, 302, Location=f"/x?checksum={SECRET}")
    elif trouble == "nowhere":
        server = replace(server, url="http://127.0.0.1:1")
    elif trouble == "refused address":
        server = replace(server, is_internal=False)
    elif trouble == "bad path":
        path = f"/here\n{SECRET}"
    elif trouble == "bad key":
        key += "\n"
    else:
        machine.trouble["/here"] = trouble
    with pytest.raises(ProviderError) as caught:
        ask(server, "GET", path, query={"checksum": SECRET}, headers={"Api-Key": key}, login=("us", SECRET))
    assert caught.value.is_final is (trouble in {"forbidden", "refused address", "bad path", "bad key"})
    told = "".join(traceback.format_exception(caught.value))
    assert SECRET not in str(caught.value)
    assert SECRET not in "\n".join(line for line in told.splitlines() if "SECRET" not in line)
    assert SECRET not in caplog.text
    assert SECRET not in repr(server)


def test_words_of_a_machine_are_short_and_without_the_secret_it_echoes(server):
    assert http.quoted(server, f"Bad key\n {SECRET} <script>") == "Bad key … <script>"
    assert len(http.quoted(server, "x" * 1000)) == 200
    assert http.quoted(server, {"no": "text"}) == ""
