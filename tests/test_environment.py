"""Every setting that is wrong is refused with a sentence that names it; docs/operations.md holds them all."""

import json
import re
import runpy
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from msplatform.checks import refuse_demo_in_public
from msplatform.environment import NAMES
from msplatform.logs import hide_secrets

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "SECRET_KEY": "".join(chr(33 + n) for n in range(90)).replace("$", ""),
    "SITE_URL": "https://strategy.example.org",
    "EMAIL_URL": "smtp://mail.example.org:25",
    "DATABASE_URL": "postgres://site:word@db.example.org/site",
    "REDIS_URL": "redis://redis.example.org:6379/0",
}
STAFF = {
    "OIDC_CLIENT_ID": "site",
    "OIDC_CLIENT_SECRET": "word",
    "OIDC_ISSUER": "https://idp.example.org/oidc",
    "OIDC_AUTHORIZATION_ENDPOINT": "https://idp.example.org/oidc/authorize",
    "OIDC_TOKEN_ENDPOINT": "https://idp.example.org/oidc/token",
    "OIDC_USERINFO_ENDPOINT": "https://idp.example.org/oidc/profile",
    "OIDC_JWKS_ENDPOINT": "https://idp.example.org/oidc/jwks",
}
FORUM = {"kind": "discourse", "user": "strategy", "options": {"category": "12"}}
BBB = {"kind": "bigbluebutton", "url": "https://bbb.example.org/bigbluebutton/api/", "secret": "a word nobody may read"}
Read = Any


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Read:
    """Run the settings file as a fresh process would, with production's environment and these changes."""

    def read_settings(**changes: str | None) -> dict[str, Any]:
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in (PRODUCTION | {"DATA_DIR": str(tmp_path)} | changes).items():
            if value is not None:
                monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "msplatform" / "settings.py"))

    return read_settings


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY"),
        ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY_FALLBACKS"),
        ({"SITE_URL": None}, "SITE_URL"),
        ({"SITE_URL": "strategy.example.org"}, "SITE_URL"),
        ({"SITE_URL": "ftp://strategy.example.org"}, "SITE_URL"),
        ({"SITE_URL": "http://strategy.example.org"}, "SITE_URL"),
        ({"DATABASE_URL": "mysql://db.example.org/site"}, "DATABASE_URL"),
        ({"REDIS_URL": "memcached://redis.example.org"}, "REDIS_URL"),
        ({"EMAIL_URL": None}, "EMAIL_URL"),
        ({"EMAIL_URL": "mail.example.org"}, "EMAIL_URL"),
        ({"DEFAULT_FROM_EMAIL": "the strategy site"}, "DEFAULT_FROM_EMAIL"),
        ({"WIKIMEDIA_CLIENT_ID": "site"}, "WIKIMEDIA_CLIENT_SECRET"),
        ({"WIKIMEDIA_CLIENT_SECRET": "word"}, "WIKIMEDIA_CLIENT_ID"),
        ({"WIKIMEDIA_REST_API": "meta"}, "WIKIMEDIA_REST_API"),
        ({"WIKIMEDIA_API": "meta"}, "WIKIMEDIA_API"),
        ({"OIDC_CLIENT_ID": "site"}, "OIDC_CLIENT_SECRET"),
        ({"OIDC_CLIENT_SECRET": "word"}, "OIDC_CLIENT_ID"),
        (STAFF | {"OIDC_ISSUER": None}, "OIDC_ISSUER"),
        (STAFF | {"OIDC_ISSUER": "idp"}, "OIDC_ISSUER"),
        *((STAFF | {name: None}, name) for name in STAFF if name.endswith("ENDPOINT")),
        *((STAFF | {name: "idp"}, name) for name in STAFF if name.endswith("ENDPOINT")),
        ({"JITSI_URL": "meet"}, "JITSI_URL"),
        ({"ETHERPAD_URL": "javascript:alert(1)"}, "ETHERPAD_URL"),
        ({"RESOURCE_SERVERS": "bbb"}, "RESOURCE_SERVERS"),
        ({"RESOURCE_SERVERS": "[]"}, "RESOURCE_SERVERS"),
        ({"DEMO": "perhaps"}, "DEMO"),
        ({"DEMO": "1"}, "DEMO"),
        ({"DEMO": "1", "SITE_URL": "http://strategy.example.org"}, "DEMO"),
        ({"DEMO": "1", "SITE_URL": "http://localhost:8000", "ALLOWED_HOSTS": "localhost,strategy.example.org"}, "DEMO"),
        ({"DEMO": "1", "SITE_URL": "http://localhost:8000", "ALLOWED_HOSTS": "*"}, "DEMO"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence(read: Read, changes: dict[str, str | None], named: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(**changes)
    sentence = str(refusal.value)
    assert named in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "zoom"},
        {"kind": None},
        {"url": "bbb.example.org"},
        {"url": "ftp://bbb.example.org"},
        {"url": "https://site:word@bbb.example.org"},
        {"url": "https://bbb.example.org/?a=b"},
        {"url": "https://bbb.example.org:port"},
        {"url": "http://bbb.example.org"},
        {"url": 7},
        {"secret": ""},
        {"secret": 7},
        {"internal": "yes"},
        {"options": ["sha1"]},
        {"options": {"checksum": "md5"}},
        {"options": {"checksum": 1}},
        {"options": {"ca_file": "nowhere.pem"}},
        {"password": "a word nobody may read"},
        {"kind": "discourse"},
        {"kind": "mailman"},
        {"options": {"cheksum": "sha256"}},
        {"options": {"category": "12"}},
        FORUM | {"options": {}},
        FORUM | {"options": {"category": "twelve"}},
        {"kind": "jitsi"},
        {"kind": "jitsi", "secret": "", "user": "strategy"},
        {"kind": "jitsi", "user": "strategy", "options": {"algorithm": "HS255"}},
        {"kind": "jitsi", "user": "strategy", "options": {"algorithm": "RS256"}},
    ],
)
def test_a_wrong_server_is_refused_by_its_name_and_without_its_secret(read: Read, change: dict[str, Any]) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(RESOURCE_SERVERS=json.dumps({"bbb-1": BBB | change}))
    sentence = str(refusal.value)
    assert "RESOURCE_SERVERS" in sentence
    assert "bbb-1" in sentence
    assert "a word nobody may read" not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize("name", ["", "BBB", "bbb 1", "-bbb", "b" * 41, "a word nobody may read!"])
def test_a_server_has_a_plain_name(read: Read, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="small letters") as refusal:
        read(RESOURCE_SERVERS=json.dumps({name: BBB}))
    assert "nobody may read" not in str(refusal.value)


def test_several_servers_of_one_kind_are_taken(read: Read) -> None:
    inner = {"kind": "bigbluebutton", "url": "http://10.0.0.7/api", "secret": "x", "internal": True}
    forum = {"url": "https://forum.example.org", "secret": "y"} | FORUM
    options = {"options": {"checksum": "sha512"}}
    given = {"bbb-1": BBB | options, "bbb-2": inner, "forum": forum, "jitsi": {"kind": "jitsi", "url": "https://j.org"}}
    settings = read(RESOURCE_SERVERS=json.dumps(given), ETHERPAD_URL="https://pad.example.org")
    servers = settings["RESOURCE_SERVERS"]
    assert set(servers) == {"bbb-1", "bbb-2", "forum", "jitsi", "etherpad"}
    assert servers["bbb-1"].url == "https://bbb.example.org/bigbluebutton/api"
    assert (servers["bbb-1"].options, servers["bbb-1"].is_internal) == ({"checksum": "sha512"}, False)
    assert (servers["bbb-2"].secret, servers["bbb-2"].is_internal) == ("x", True)
    assert (servers["forum"].name, servers["forum"].kind, servers["forum"].user) == ("forum", "discourse", "strategy")
    assert (settings["JITSI_URL"], settings["ETHERPAD_URL"]) == ("https://j.org", "https://pad.example.org")
    assert "a word nobody may read" not in repr(servers)


def test_the_right_settings_are_taken(read: Read) -> None:
    settings = read(
        **STAFF, WIKIMEDIA_CLIENT_ID="id", WIKIMEDIA_CLIENT_SECRET="word", OIDC_REVIEWER_GROUPS="cn=wmf,dc=org"
    )
    assert settings["STAFF_SIGN_IN"]
    assert settings["OIDC_REVIEWER_GROUPS"] == ["cn=wmf,dc=org"], "a comma belongs to an LDAP name"
    assert settings["DATABASES"]["default"]["HOST"] == "db.example.org"
    assert settings["ALLOWED_HOSTS"] == ["strategy.example.org"]


def test_defaults_of_addresses(read: Read) -> None:
    settings = read()
    assert settings["WIKIMEDIA_REST_API"] == "https://meta.wikimedia.org/w/rest.php"
    assert settings["WIKIMEDIA_API"] == "https://meta.wikimedia.org/w/api.php"
    assert settings["JITSI_URL"] == "https://meet.jit.si"
    assert settings["ETHERPAD_URL"] == "https://etherpad.wikimedia.org"
    assert not settings["STAFF_SIGN_IN"]


def form_targets(settings: dict[str, Any]) -> list[str]:
    return settings["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"]


def test_a_form_may_lead_to_every_hop_of_a_sign_in(read: Read) -> None:
    assert form_targets(read(**STAFF)) == [
        "'self'",
        "https://meta.wikimedia.org",
        "https://idp.example.org",
        "https://*.wikimedia.org",
    ]
    assert form_targets(read(WIKIMEDIA_REST_API="https://wiki.example.org/w/rest.php")) == [
        "'self'",
        "https://wiki.example.org",
    ]


def test_production_is_safe_by_default(read: Read) -> None:
    settings = read()
    on = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    assert {name: settings[name] for name in on} == dict.fromkeys(on, True)
    assert settings["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert (settings["DEBUG"], settings["DEMO"]) == (False, False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "strategy.localhost"])
def test_the_demo_runs_on_this_machine(read: Read, host: str) -> None:
    assert read(DEMO="1", SITE_URL=f"http://{host}:8000", ALLOWED_HOSTS=None)["DEMO"] is True


@pytest.mark.slow
def test_the_sentence_is_the_last_thing_a_person_sees(tmp_path: Path) -> None:
    environment = PRODUCTION | {"SECRET_KEY": "short", "DATA_DIR": str(tmp_path), "PATH": ""}
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert (
        result.stderr.strip()
        .splitlines()[-1]
        .endswith("SECRET_KEY must be set to at least 50 random characters. See the table in docs/operations.md.")
    )


def test_the_table_holds_every_name() -> None:
    table = (ROOT / "docs" / "operations.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == set(NAMES)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SITE_URL", "https://strategy.example.org"), ("ALLOWED_HOSTS", ["localhost", "strategy.example.org"])],
)
def test_a_system_check_refuses_demo_where_anybody_can_come(settings, name, value):
    assert refuse_demo_in_public(None) == []
    setattr(settings, name, value)
    assert [error.id for error in refuse_demo_in_public(None)] == ["msplatform.E001"]
    settings.DEMO = False
    assert refuse_demo_in_public(None) == []


def test_no_log_lets_anybody_into_a_room_or_a_calendar() -> None:
    line = "'/feeds/calendar/word-1.ics' https://a.org/c?a=b&checksum=0f1e https://j.org/r?jwt=ab.c-d.e_f#x p?apikey=k"
    hidden = hide_secrets(None, "", line)
    assert hidden == ("'/feeds/calendar/….ics' https://a.org/c?a=b&checksum=… https://j.org/r?jwt=…#x p?apikey=…")
