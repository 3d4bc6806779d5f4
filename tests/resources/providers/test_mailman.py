"""Mailman's adapter, against a real Mailman 3 core; what a real one does not do is played by a stand-in."""

from dataclasses import replace
from typing import Any

import pytest

from apps.resources.providers.mailman import PAGE, Mailman
from apps.resources.providers.naming import site_mark
from apps.resources.providers.protocol import Condition, Order, Participant, Place, ProviderError
from tests.conftest import NOW
from tests.plugins.mailman import Lists
from tests.servers.machine import Machine
from tests.servers.web import Answer, Asked

KEY = "9f86d081884c7d659a2feaa0"
ADA = Participant("Ada", "Ada@example.org", is_host=True)
BOLA = Participant("Bola <b>", "bola+lists@example.org")
ORDER = Order(
    key=KEY,
    title="A list for us",
    group="First Steps",
    about="https://strategy.example.org/groups/first-steps/",
    participants=(ADA, BOLA, Participant("Sven without mail", is_host=True)),
)


@pytest.mark.services
@pytest.mark.slow
def test_a_list_from_its_beginning_to_its_end(mailman: Lists) -> None:
    machine = Mailman(mailman.server)
    mailman.make(f"somebody-elses@{mailman.domain}")
    place = machine.create(ORDER)
    assert place.address == f"first-steps-{site_mark()}-{KEY}@{mailman.domain}"
    assert machine.address_for(ORDER, place, name="Ada", is_host=True, now=NOW) == place.address
    assert mailman.roster(place.address) == ["ada@example.org", "bola+lists@example.org"]
    assert mailman.roster(place.address, "owner") == ["ada@example.org"]
    settings = mailman.settings(place.address)
    assert not settings["advertised"]
    assert settings["archive_policy"] == "never"
    assert settings["default_nonmember_action"] == "hold"
    assert settings["subject_prefix"] == "[First Steps] "
    assert settings["description"] == "First Steps: https://strategy.example.org/groups/first-steps/"
    assert machine.check(ORDER, place) is Condition.READY
    assert list(machine.made()) == [KEY]

    # Once more, as when the first try broke off before all was set; then by the key alone, as when the place was lost.
    mailman.change(place.address, default_nonmember_action="accept")
    assert machine.create(ORDER) == place
    assert mailman.settings(place.address)["default_nonmember_action"] == "hold"
    assert len(mailman.lists()) == 2
    assert machine.check(ORDER, Place("")) is Condition.READY

    assert machine.text_to_keep(ORDER, Place("")) == ""
    machine.end(ORDER, Place(""))
    assert mailman.lists() == [f"somebody-elses@{mailman.domain}"]
    assert machine.check(ORDER, place) is machine.check(ORDER, Place("")) is Condition.MISSING
    machine.end(ORDER, place)
    machine.end(ORDER, Place(""))
    assert list(machine.made()) == []
    for where in (place, Place("")):
        with pytest.raises(ProviderError) as failed:
            machine.keep_in_step(ORDER, where)
        assert failed.value.is_final


@pytest.mark.services
@pytest.mark.slow
def test_owners_and_members_are_kept_in_step(mailman: Lists) -> None:
    machine = Mailman(mailman.server)
    place = machine.create(ORDER)
    address = place.address
    # Whatever the owners have changed: nobody is asked a second time, and what they have written stays.
    changes = {"unsubscription_policy": "moderate", "accept_these_nonmembers": "press@example.org"}
    mailman.change(address, subscription_policy="moderate", **changes)
    machine.keep_in_step(ORDER, place)

    tala, nobody = Participant("Tala", "tala@example.org", is_host=True), Participant("Nobody", "not an address")
    mailman.ask("POST", f"/lists/{address}/bans", email="omar@example.org")
    changed = replace(
        ORDER, participants=(tala, nobody, replace(ADA, is_host=False), Participant("Omar", "omar@example.org"))
    )
    for _ in range(2):
        machine.keep_in_step(changed, place)
        assert mailman.roster(address) == ["ada@example.org", "tala@example.org"]
        assert mailman.roster(address, "owner") == ["tala@example.org"]
    assert mailman.settings(address)["subscription_policy"] == "moderate"

    # Omar is banned no longer; Ada leaves by mail, and is not brought back.
    mailman.ask("DELETE", f"/lists/{address}/bans/omar@example.org")
    mailman.leave(address, "ada@example.org")
    machine.keep_in_step(changed, place)
    assert mailman.roster(address) == ["omar@example.org", "tala@example.org"]
    # She takes her word back on our site, and later gives it again.
    machine.keep_in_step(replace(changed, participants=(tala,)), place)
    assert mailman.roster(address) == ["tala@example.org"]
    machine.keep_in_step(replace(ORDER, participants=(tala, ADA)), place)
    assert mailman.roster(address) == ["ada@example.org", "tala@example.org"]
    assert "press@example.org" in mailman.settings(address)["accept_these_nonmembers"]

    machine.keep_in_step(replace(ORDER, participants=()), place)
    assert mailman.roster(address) == mailman.roster(address, "owner") == []
    assert mailman.settings(address)["accept_these_nonmembers"] == ["press@example.org"]


@pytest.mark.services
@pytest.mark.slow
def test_names_of_groups_are_only_text(mailman: Lists) -> None:
    machine = Mailman(mailman.server)
    hostile = "<script>alert(1)</script>\r\nBcc: all@example.org"
    for number, (group, begins, language) in enumerate(
        [
            (hostile, "scriptalert1script-b-", "en"),
            ("الخطوات الأولى", "", "ar"),
            ("Ìgbésẹ̀", "igbese-", "yo"),
            ("Our group of artist folk", "our-group-of-artist-", "en"),
        ]
    ):
        order = replace(ORDER, key=f"{number}" * 24, group=group, language=language)
        place = machine.create(order)
        assert place.address == f"{begins}{site_mark()}-{order.key}@{mailman.domain}"
        settings = mailman.settings(place.address)
        assert settings["display_name"] == " ".join(group.split())
        assert settings["subject_prefix"] == f"[{' '.join(group.split())[:40]}] "
        assert settings["preferred_language"] == ("ar" if language == "ar" else "en")
    assert sorted(machine.made()) == ["0" * 24, "1" * 24, "2" * 24, "3" * 24]


@pytest.mark.services
@pytest.mark.slow
def test_what_only_a_person_can_change(mailman: Lists) -> None:
    for server, says in [
        (replace(mailman.server, secret="wrong-and-secret"), "does not accept our credentials"),
        (replace(mailman.server, options={"domain": "no.example.org"}), "Domain does not exist: no.example.org"),
    ]:
        machine = Mailman(server)
        with pytest.raises(ProviderError, match=says) as failed:
            machine.create(ORDER)
        assert failed.value.is_final
        with pytest.raises(ProviderError) as failed:
            list(machine.made())
        assert failed.value.is_final
        assert server.secret not in repr(failed.value)


# What a real one does not do, or not within seconds


class Trouble(Machine):
    """Answers everything in one way."""

    kind = "mailman"
    user = "restadmin"

    def __init__(self, always: Answer | None = None) -> None:
        super().__init__()
        self.always = always or Answer(200, "")

    def options(self) -> dict[str, str]:
        return {"domain": "lists.example.org"}

    def respond_to(self, asked: Asked) -> Answer:
        return self.always


@pytest.mark.parametrize(
    "answer",
    [
        Answer.html("Bad gateway", 502),
        Answer.html("Welcome to our network"),
        Answer(200, "{"),
        Answer.json([1]),
        Answer.json({"entries": 1}),
        Answer.json({"entries": ["a"]}),
        # One page after the other, for ever.
        Answer.json({"entries": [{"list_name": "x"}] * PAGE}),
    ],
)
def test_a_server_in_trouble_is_asked_again_later(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.resources.providers.mailman.MOST_PAGES", 3)
    with Trouble(answer) as server:
        machine = Mailman(server.server())
        for ask in (
            lambda: list(machine.made()),
            lambda: machine.end(ORDER, Place("")),
            lambda: machine.keep_in_step(ORDER, Place("", {"list": "x.lists.example.org"})),
        ):
            with pytest.raises(ProviderError) as failed:
                ask()
            assert not failed.value.is_final
            assert server.secret not in repr(failed.value)
    assert len(server.asked) <= 9


def test_a_server_that_is_down_is_asked_again_later() -> None:
    with Trouble() as gone:
        machine = Mailman(gone.server())
    with pytest.raises(ProviderError, match="cannot be reached") as failed:
        machine.create(ORDER)
    assert not failed.value.is_final
    assert gone.secret not in repr(failed.value)


def test_the_reason_of_a_refusal_is_passed_on_and_no_secret() -> None:
    says = f"Unknown attribute: <b>archive_policy</b>\nof {Trouble.secret}"
    with Trouble(Answer.json({"title": "400 Bad Request", "description": says}, 400)) as server:
        machine = Mailman(server.server())
        with pytest.raises(ProviderError) as failed:
            machine.keep_in_step(ORDER, Place("", {"list": "x.lists.example.org"}))
    assert str(failed.value).endswith("It says: Unknown attribute: <b>archive_policy</b> of …")
    assert failed.value.is_final


def test_lists_are_found_on_every_page() -> None:
    class Full(Trouble):
        def respond_to(self, asked: Asked) -> Answer:
            numbers = range(2 * PAGE + 1)[(int(asked.query["page"]) - 1) * PAGE :][:PAGE]
            entries = [{"list_name": f"group-{site_mark()}-{number:024}"} for number in numbers]
            # A page beyond the last one has no entries at all.
            return Answer.json({"start": 0, "total_size": len(entries)} | ({"entries": entries} if entries else {}))

    with Full() as server:
        machine = Mailman(server.server())
        assert list(machine.made()) == [f"{number:024}" for number in range(2 * PAGE + 1)]
        assert [asked.path for asked in server.asked] == ["/3.1/domains/lists.example.org/lists"] * 3


def test_a_name_is_never_longer_than_mail_allows() -> None:
    with Trouble(Answer.json({"entries": [], "accept_these_nonmembers": []})) as server:
        place = Mailman(server.server()).create(
            replace(ORDER, key="k" * 40, group="A group of everybody", participants=())
        )
    assert place.address == f"a-group-of-every-{site_mark()}-{'k' * 40}@lists.example.org"
    assert len(place.address.partition("@")[0]) == 64


@pytest.mark.parametrize("kept", [None, "all@example.org", [1], [None]])
def test_who_was_added_is_not_guessed(kept: Any) -> None:
    with Trouble(Answer.json({"entries": [], "accept_these_nonmembers": kept})) as server:
        machine = Mailman(server.server())
        with pytest.raises(ProviderError, match="do not understand"):
            machine.keep_in_step(replace(ORDER, participants=()), Place("", {"list": "x.lists.example.org"}))
