"""Rooms of Jitsi are addresses; servers with tokens let in whom we vouch for, as what we say, and not for long."""

from datetime import timedelta
from urllib.error import HTTPError
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import urlopen

import jwt
import pytest

from apps.resources.providers import provider_for, server_named
from apps.resources.providers.jitsi import Jitsi
from apps.resources.providers.protocol import Condition, Server
from tests.resources.providers.conftest import NOW

SECRET = "the secret of the application, long enough for its algorithm"
OPEN = Server("jitsi", "jitsi", "https://meet.example.org")
CLOSED = Server("jitsi-2", "jitsi", "https://jitsi.example.org/calls", SECRET, user="movement-strategy")


def claims(address: str, *, secret: str = SECRET):
    token = parse_qs(urlsplit(address).query)["jwt"][0]
    return jwt.decode(
        token, secret, algorithms=["HS256"], audience="jitsi", options={"verify_exp": False, "verify_nbf": False}
    )


def test_a_room_is_an_address_without_asking_anybody(order):
    jitsi = Jitsi(OPEN)
    assert not jitsi.needs_network
    place = jitsi.create(order())
    assert place.address.startswith("https://meet.example.org/MovementStrategy-0123456789abcdef01234567#")
    assert jitsi.create(order()) == place
    assert jitsi.create(order(key="f" * 24)).address != place.address
    assert jitsi.check(order(), place) == Condition.READY
    assert jitsi.text_to_keep(order(), place) == ""
    jitsi.end(order(), place)
    assert list(jitsi.made()) == []


def test_recording_is_off_and_the_name_is_filled_in(order):
    address = Jitsi(OPEN).address_for(order(), Jitsi(OPEN).create(order()), name='Zoë "#&=', is_host=True, now=NOW)
    parts = urlsplit(address)
    assert parts.query == ""
    settings = dict(one.split("=") for one in parts.fragment.split("&"))
    assert settings["config.recordingService.enabled"] == "false"
    assert settings["config.localRecording.disable"] == "true"
    assert settings["config.liveStreaming.enabled"] == "false"
    assert unquote(settings["userInfo.displayName"]) == '"Zo\\u00eb \\"#&="'


@pytest.mark.parametrize(("is_host", "moderator", "affiliation"), [(True, "true", "owner"), (False, "false", "member")])
def test_a_token_is_for_one_person_and_one_room(order, is_host, moderator, affiliation):
    jitsi = Jitsi(CLOSED)
    address = jitsi.address_for(order(), jitsi.create(order()), name="Ada", is_host=is_host, now=NOW)
    assert urlsplit(address).path == "/calls/MovementStrategy-0123456789abcdef01234567"
    found = claims(address)
    assert found["iss"] == "movement-strategy"
    assert found["sub"] == "jitsi.example.org"
    assert found["room"] == "movementstrategy-0123456789abcdef01234567"
    assert found["context"]["user"] == {"name": "Ada", "moderator": moderator, "affiliation": affiliation}
    assert found["context"]["features"]["recording"] == "false"
    assert found["nbf"] < NOW.timestamp() < found["exp"]


@pytest.mark.parametrize(("ends_in", "lasts"), [(100, 100), (5, 60), (600, 240), (None, 60)])
def test_a_token_lasts_as_long_as_the_booking_within_limits(order, ends_in, lasts):
    jitsi = Jitsi(CLOSED)
    wanted = order(ends_at=NOW + timedelta(minutes=ends_in) if ends_in else None)
    found = claims(jitsi.address_for(wanted, jitsi.create(wanted), name="Ada", is_host=False, now=NOW))
    assert found["exp"] == (NOW + timedelta(minutes=lasts)).timestamp()


def entered(address: str) -> int:
    try:
        with urlopen(address) as page:
            return page.status
    except HTTPError as refused:
        return refused.code


def test_a_server_lets_in_whom_we_vouch_for_and_nobody_else(jitsi, order):
    ours = provider_for(server_named("jitsi"))
    jitsi.now = lambda: NOW.timestamp()
    place = ours.create(order())
    host = ours.address_for(order(), place, name="Ada", is_host=True, now=NOW)
    guest = ours.address_for(order(), place, name="Zoë", is_host=False, now=NOW)
    assert (entered(host), entered(guest)) == (200, 200)
    room = "movementstrategy-0123456789abcdef01234567"
    assert jitsi.people == [(room, "Ada", True), (room, "Zoë", False)]

    assert entered(place.address) == 403
    assert entered(host.replace("0123456789abcdef01234567?", "ffffffffffffffffffffffff?")) == 403
    assert (
        entered(Jitsi(jitsi.server(secret=SECRET[::-1])).address_for(order(), place, name="A", is_host=True, now=NOW))
        == 403
    )
    assert (
        entered(Jitsi(jitsi.server(domain="elsewhere")).address_for(order(), place, name="A", is_host=True, now=NOW))
        == 403
    )
    jitsi.now = lambda: (NOW + timedelta(minutes=101)).timestamp()
    assert entered(host) == 403
    assert len(jitsi.people) == 2


def test_what_servers_want_otherwise_is_an_option(order):
    options = {"audience": "calls", "domain": "meet.jitsi", "algorithm": "HS512"}
    server = Server("j", "jitsi", "https://jitsi.example.org", SECRET * 2, user="us", options=options)
    address = Jitsi(server).address_for(order(), Jitsi(server).create(order()), name="Ada", is_host=False, now=NOW)
    token = parse_qs(urlsplit(address).query)["jwt"][0]
    found = jwt.decode(token, SECRET * 2, algorithms=["HS512"], audience="calls", options={"verify_exp": False})
    assert found["sub"] == "meet.jitsi"


def test_the_address_that_is_kept_lets_nobody_in_by_itself(order):
    assert "jwt=" not in Jitsi(CLOSED).create(order()).address
