"""Etherpad's adapter, over HTTP to a stand-in that follows the published API."""

from dataclasses import replace
from typing import Any

import pytest

from apps.resources.providers.etherpad import LONGEST_TEXT, Etherpad
from apps.resources.providers.naming import prefix
from apps.resources.providers.protocol import Condition, Order, Place, ProviderError
from tests.conftest import NOW
from tests.servers import etherpad as stand_in
from tests.servers.web import Answer

KEY = "9f86d081884c7d659a2feaa0"
ORDER = Order(key=KEY, title="Notes of our calls", group="First Steps", about="https://strategy.example.org/groups/1/")
HOSTILE = "<script>alert(1)</script>\n&lt;b&gt; \u202e\n"


@pytest.fixture
def machine(etherpad: stand_in.Etherpad) -> Etherpad:
    return Etherpad(etherpad.server())


def ended(machine: Etherpad, place: Place) -> str:
    """End it as the site does, and return the text that was kept before."""
    text = machine.text_to_keep(ORDER, place)
    machine.end(ORDER, place)
    return text


def test_a_pad_is_made_open_to_whoever_has_its_address(etherpad: stand_in.Etherpad, machine: Etherpad) -> None:
    place = machine.create(ORDER)
    [(number, pad)] = etherpad.pads.items()
    assert place == Place(f"{etherpad.url}/p/{number}", {"pad": number})
    assert number.startswith("g.")
    assert number.endswith(f"${KEY}")
    assert (
        etherpad.visit(place.address) == "Notes of our calls\nFirst Steps\nhttps://strategy.example.org/groups/1/\n\n"
    )
    assert machine.address_for(ORDER, place, name="Ada", is_host=False, now=NOW) == place.address
    assert list(machine.made()) == [KEY]
    assert machine.check(ORDER, place) is Condition.READY
    pad.users = 2
    assert machine.check(ORDER, place) is Condition.RUNNING
    assert machine.needs_network


def test_the_key_of_the_api_stands_in_no_address(etherpad: stand_in.Etherpad, machine: Etherpad) -> None:
    machine.end(ORDER, machine.create(ORDER))
    assert etherpad.asked
    assert not any(etherpad.secret in str(asked.query) + asked.path for asked in etherpad.asked)


@pytest.mark.parametrize("lost", ["createGroupIfNotExistsFor", "createGroupPad", "setPublicStatus"])
def test_whatever_answer_is_lost_the_same_pad_is_found_again(
    etherpad: stand_in.Etherpad, machine: Etherpad, lost: str
) -> None:
    etherpad.fail_next("late", function=lost)
    with pytest.raises(ProviderError) as failed:
        machine.create(ORDER)
    assert not failed.value.is_final
    place = machine.create(ORDER)
    etherpad.write(place.address, "We met.")
    assert machine.create(ORDER) == place
    assert len(etherpad.pads) == 1
    assert "We met." in (etherpad.visit(place.address) or "")


def test_the_text_is_taken_along_and_the_address_is_dead(etherpad: stand_in.Etherpad, machine: Etherpad) -> None:
    place = machine.create(ORDER)
    etherpad.write(place.address, HOSTILE)
    text = ended(machine, place)
    assert text.startswith("Notes of our calls")
    assert HOSTILE.strip() in text
    assert etherpad.pads == {}
    assert etherpad.visit(place.address) is None
    assert machine.check(ORDER, place) is Condition.MISSING
    assert ended(machine, place) == ""
    assert list(machine.made()) == []


def test_nobody_writes_between_the_reading_and_the_end(etherpad: stand_in.Etherpad, machine: Etherpad) -> None:
    ended(machine, machine.create(ORDER))
    assert etherpad.calls[-3:] == ["setPublicStatus", "getText", "deletePad"]
    assert etherpad.asked[-3].form["publicStatus"] == "false"


def test_a_pad_that_nobody_wrote_in_leaves_no_text(etherpad: stand_in.Etherpad, machine: Etherpad) -> None:
    assert ended(machine, machine.create(ORDER)) == ""
    assert etherpad.pads == {}


@pytest.mark.parametrize("how", ["late", "dead", stand_in.coded(2, "internal error")])
def test_a_pad_that_was_not_deleted_keeps_its_text_until_it_is(
    etherpad: stand_in.Etherpad, machine: Etherpad, how: str | Answer
) -> None:
    place = machine.create(ORDER)
    etherpad.write(place.address, "We met.")
    assert "We met." in machine.text_to_keep(ORDER, place)
    etherpad.fail_next(how, function="deletePad")
    with pytest.raises(ProviderError):
        machine.end(ORDER, place)
    assert etherpad.visit(place.address) is None
    assert machine.check(ORDER, place) is Condition.MISSING
    assert list(machine.made()) == ([] if how == "late" else [KEY])
    assert ("We met." in ended(machine, place)) is (how != "late")
    assert etherpad.pads == {}


def test_only_etherpad_itself_says_that_a_pad_is_gone(etherpad: stand_in.Etherpad, machine: Etherpad) -> None:
    place = machine.create(ORDER)
    for function, ask in [
        ("getPublicStatus", lambda: machine.check(ORDER, place)),
        ("setPublicStatus", lambda: machine.text_to_keep(ORDER, place)),
    ]:
        etherpad.fail_next(stand_in.coded(2, "The table of pads does not exist"), function=function)
        with pytest.raises(ProviderError, match="The table of pads"):
            ask()
    assert etherpad.visit(place.address)


def test_a_pad_is_ended_by_its_key_alone(etherpad: stand_in.Etherpad, machine: Etherpad) -> None:
    """What reconciliation finds was made, but its place was never written down."""
    etherpad.write(machine.create(ORDER).address, "We met.")
    assert machine.check(ORDER, Place("")) is Condition.READY
    assert "We met." in ended(machine, Place(""))
    assert etherpad.pads == {}


def test_the_text_can_be_kept_whatever_it_is(etherpad: stand_in.Etherpad, machine: Etherpad) -> None:
    place = machine.create(ORDER)
    [pad] = etherpad.pads.values()
    pad.text = "a\x00b" + "ü" * LONGEST_TEXT
    assert ended(machine, place) == "ab" + "ü" * (LONGEST_TEXT - 3)
    place = machine.create(ORDER)
    half = Answer(200, '{"code": 0, "message": "ok", "data": {"text": "half \\ud83d of it"}}')
    etherpad.fail_next(half, function="getText")
    assert ended(machine, place).encode() == b"half ? of it"


def test_only_pads_of_this_site_are_ours(etherpad: stand_in.Etherpad, machine: Etherpad, settings: Any) -> None:
    machine.create(ORDER)
    settings.SITE_URL = "https://trial.example.org"
    other = Etherpad(etherpad.server())
    other.create(replace(ORDER, key="b" * 24))
    etherpad.visit(f"{etherpad.url}/p/somebody-elses")
    assert list(other.made()) == ["b" * 24]
    assert len(etherpad.pads) == 3
    assert prefix().rstrip("-") in etherpad.groups


def test_without_a_key_of_the_api_an_address_is_all(etherpad: stand_in.Etherpad) -> None:
    machine = Etherpad(replace(etherpad.server(), secret=""))
    place = machine.create(ORDER)
    assert place == Place(f"{etherpad.url}/p/movement-strategy-{KEY}")
    assert not machine.needs_network
    assert machine.check(ORDER, place) is Condition.READY
    assert ended(machine, place) == ""
    assert list(machine.made()) == []
    assert etherpad.asked == []
    assert etherpad.visit(place.address)


# When it does not work


@pytest.mark.parametrize(
    ("code", "message", "says", "is_final"),
    [
        (1, "padName is not valid", "It says: padName is not valid", True),
        (2, "internal error", "It says: internal error", False),
        (3, "no such function", "does not know what we ask for", True),
        (4, "no or wrong API Key", "does not accept our API key", True),
        (9, "new trouble", "It says: new trouble", True),
    ],
)
@pytest.mark.parametrize("status", [None, 200])
def test_each_code_is_understood_with_and_without_its_status(
    etherpad: stand_in.Etherpad,
    machine: Etherpad,
    code: int,
    message: str,
    says: str,
    is_final: bool,
    status: int | None,
) -> None:
    answer = stand_in.coded(code, message)
    etherpad.fail_next(replace(answer, status=status or answer.status), function="createGroupPad")
    with pytest.raises(ProviderError, match=says) as failed:
        machine.create(ORDER)
    assert failed.value.is_final is is_final
    assert etherpad.pads == {}


def test_a_wrong_key_is_for_a_person_to_change(etherpad: stand_in.Etherpad) -> None:
    machine = Etherpad(replace(etherpad.server(), secret="wrong-and-secret"))
    for ask in (lambda: machine.create(ORDER), lambda: list(machine.made()), lambda: machine.end(ORDER, Place(""))):
        with pytest.raises(ProviderError, match="does not accept our API key") as failed:
            ask()
        assert failed.value.is_final
        assert "wrong-and-secret" not in repr(failed.value)


@pytest.mark.parametrize("trouble", ["dead", "slow", "endless", "drip", "html", "list", "broken"])
def test_a_server_in_trouble_is_asked_again_later(
    etherpad: stand_in.Etherpad, machine: Etherpad, settings: Any, trouble: str
) -> None:
    place = machine.create(ORDER)
    settings.PROVIDER_SECONDS = 0.1
    etherpad.trouble = dict.fromkeys(["/api/1/createGroupIfNotExistsFor", "/api/1/getPublicStatus"], trouble)
    for ask in (lambda: machine.create(ORDER), lambda: list(machine.made()), lambda: machine.check(ORDER, place)):
        with pytest.raises(ProviderError) as failed:
            ask()
        assert not failed.value.is_final
        assert etherpad.secret not in str(failed.value)
    assert len(etherpad.pads) == 1


def test_a_server_that_is_down_is_asked_again_later() -> None:
    with stand_in.Etherpad() as gone:
        machine = Etherpad(gone.server())
    with pytest.raises(ProviderError, match="cannot be reached") as failed:
        machine.create(ORDER)
    assert not failed.value.is_final


@pytest.mark.parametrize(
    "data", [None, [], {"groupID": None}, {"groupID": "g.0123456789abcdef/../../evil"}, {"groupID": "javascript:1"}]
)
def test_no_address_is_made_of_what_is_no_group(etherpad: stand_in.Etherpad, machine: Etherpad, data: Any) -> None:
    etherpad.fail_next(stand_in.coded(0, "ok", data), function="createGroupIfNotExistsFor")
    with pytest.raises(ProviderError, match="do not understand"):
        machine.create(ORDER)


@pytest.mark.parametrize("body", ['{"code": 0}', '{"message": "ok"}', '{"code": "0", "message": "ok"}', "null", "<p>"])
@pytest.mark.parametrize("status", [200, 500])
def test_what_is_no_answer_of_etherpad_is_no_success(
    etherpad: stand_in.Etherpad, machine: Etherpad, body: str, status: int
) -> None:
    etherpad.fail_next(Answer(status, body), function="setPublicStatus")
    with pytest.raises(ProviderError) as failed:
        machine.create(ORDER)
    assert not failed.value.is_final
    assert machine.create(ORDER).reference


def test_an_echo_of_the_key_is_not_passed_on(etherpad: stand_in.Etherpad, machine: Etherpad) -> None:
    etherpad.fail_next(stand_in.coded(1, f"<b>{etherpad.secret}</b>\nis <i>strange</i>"))
    with pytest.raises(ProviderError) as failed:
        machine.create(ORDER)
    assert etherpad.secret not in str(failed.value)
    assert "is <i>strange</i>" in str(failed.value)  # Escaped by the template that shows it.
