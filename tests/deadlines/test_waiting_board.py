"""The waiting board: who owes what, filtered; the page of one wait; the same as data."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.deadlines import board, views
from apps.deadlines.actions import declare_absence
from apps.deadlines.answers import ANSWER_FIELDS
from apps.deadlines.board import OPEN_FIELDS
from apps.deadlines.models import Deadline
from apps.groups.actions import answer_join
from apps.groups.models import Group
from apps.people.models import Affiliate
from tests.journeys.reader import Page, Reader
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAY = timedelta(days=1)


@pytest.fixture
def world(shared_world: World) -> World:
    cache.clear()
    return shared_world


def the(rule: str) -> Deadline:
    return Deadline.objects.get(rule=rule, state="open")


def data(query: str = "") -> dict[str, Any]:
    return Reader().client.get(f"/waiting/open.json{query}").json()


def page(query: str = "") -> Page:
    return Reader().open(f"/waiting/{query}")


def waits(query: str = "") -> list[str]:
    """The kinds of what is shown, in order."""
    return [row["kind"] for row in data(query)["waits"]]


REVIEW, JOIN, ANSWER = "engagement.review", "groups.answer_join", "resources.answer"


# --- Filters ---------------------------------------------------------------------------------


def test_the_oldest_date_stands_first(world):
    for rule, days in ((ANSWER, 1), (JOIN, 3), (REVIEW, 2)):
        Deadline.objects.filter(rule=rule).update(opened_at=world.now - 9 * DAY, due_at=world.now + days * DAY)
    assert waits() == [ANSWER, REVIEW, JOIN]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("?owner=role:reviewer", {REVIEW}),
        ("?owner=group", {JOIN}),
        ("?owner=stewards", {ANSWER}),
        ("?owner=affiliate", set()),
        ("?kind=resources.answer", {ANSWER}),
        ("?owner=group&kind=resources.answer", set()),
        ("?late=on", {ANSWER}),
        ("?region=mena", {JOIN}),
    ],
)
def test_owner_kind_region_and_lateness_filter(world, query, kinds):
    Deadline.objects.filter(rule=ANSWER).update(opened_at=world.now - 9 * DAY, due_at=world.now - DAY)
    Deadline.objects.filter(rule=JOIN).update(region="mena")
    assert set(waits(query)) == kinds
    shown = page(query)
    for rule, words in ((REVIEW, "measured steps of"), (JOIN, "A request to join"), (ANSWER, "Mailing list for")):
        assert (words in shown.text) == (rule in kinds)
    assert ("Nothing that fits is waited for." in shown.text) == (not kinds)


def test_one_owner_is_chosen_by_its_name(world):
    assert ("First Steps", f"/waiting/?owner=group%3A{world.group.pk}") in page().links
    assert set(waits(f"?owner=group:{world.group.pk}")) == {JOIN}
    assert (
        f'<option value="group:{world.group.pk}" selected>First Steps</option>'
        in page(f"?owner=group:{world.group.pk}").html
    )


@pytest.mark.parametrize(
    "owner",
    ["nobody", "group:999999", "group:x", "group:٣", "person:1", "clock:0", "group:" + 30 * "9", "role:king", "a\0b"],
)
def test_an_unknown_filter_is_left_out_with_a_sentence(world, owner):
    response = Reader().client.get("/waiting/", {"owner": owner})
    assert "Not known here and left out: Owed by." in response.content.decode()
    assert "<title>Waiting" in response.content.decode()
    found = Reader().client.get("/waiting/open.json", {"owner": owner}).json()
    assert found["left_out"] == ["owner"]
    assert len(found["waits"]) == 3


def test_groups_of_affiliates_are_a_filter_of_their_own(world):
    affiliate = Affiliate.objects.create(name="Wikimedia Example")
    Group.objects.filter(pk=world.group.pk).update(kind=Group.Kind.AFFILIATE, affiliate=affiliate)
    assert set(waits("?owner=affiliate")) == {JOIN}


def test_htmx_gets_the_part_that_the_filters_change(world):
    whole = Reader().client.get("/waiting/?owner=group")
    part = Reader().client.get("/waiting/?owner=group", headers={"HX-Request": "true"})
    text = part.content.decode().strip()
    assert text.startswith('<div id="waits">')
    assert "<h1" not in text
    assert text in whole.content.decode()
    assert "HX-Request" in part.headers["Vary"]


def test_the_headline_counts_everything_whatever_is_filtered(world):
    assert "The movement is waiting for 3 answers. None is late." in page("?owner=group").text
    assert "1 answer, the oldest date first." in page("?owner=group").text


def test_more_than_can_be_counted_is_said_so(world, monkeypatch):
    monkeypatch.setattr(board, "MOST_COUNTED", 2)
    shown = page()
    assert "The movement is waiting for more than 2 answers." in shown.text
    assert "The 2 that are due first." in shown.text


# --- Nobody is there -------------------------------------------------------------------------


def test_where_everybody_is_away_the_board_says_so_and_the_date_stands(world):
    before = the(JOIN).due_at
    declare_absence(
        begins_at=world.now, ends_at=world.now + 9 * DAY, by=world.people["coordinator"], now=timezone.now()
    )
    assert page("?owner=group").text.count("Nobody can answer at the moment; the date stands.") == 1
    assert "Nobody can answer" not in page("?owner=stewards").text
    assert "Bola" not in page("?owner=group").text
    alone = Reader().open(the(JOIN).get_absolute_url())
    assert "Nobody can answer at the moment; the date stands." in alone.text
    assert the(JOIN).due_at == before
    assert [row["nobody_can_answer"] for row in data("?owner=group")["waits"]] == [True]


# --- The page of one wait --------------------------------------------------------------------


def test_the_page_of_a_wait_says_who_owes_what_and_its_whole_ladder(world):
    shown = Reader().open(page().link("4 measured steps of First Steps"))
    assert shown.link("Where it is answered") == world.submission.get_absolute_url()
    assert shown.link("The reviewers, any one of them") == "/waiting/?owner=role%3Areviewer"
    for words in (
        "Asked",
        "Reminder to whoever was asked",
        "Due; all reviewers are told",
        "Silence: the steps are confirmed by silence, and labelled so",
    ):
        assert words in shown.text
    assert "Rhea" not in shown.text


def test_past_rungs_are_ticked_and_not_by_colour_alone(world):
    Deadline.objects.filter(rule=REVIEW).update(rung=2)
    shown = Reader().open(the(REVIEW).get_absolute_url())
    assert shown.html.count("#check") == 3  # asked, and two reminders
    assert shown.text.count("done:") == 3


def test_a_closed_wait_shows_its_outcome_and_how_long_it_took(world):
    deadline = the(JOIN)
    answer_join(world.asked, admit=True, by=world.people["coordinator"], now=timezone.now())
    shown = Reader().open(deadline.get_absolute_url())
    assert "admitted" in shown.text
    assert "Days it took: 3." in shown.text
    assert "Me too" not in [text for form in shown.forms for text, _name, _value in form.buttons]


@pytest.mark.parametrize("rule", ["initiatives.keep_alive", "groups.answer_invitation"])
def test_what_nobody_else_waits_for_has_no_page(world, rule):
    pk = Deadline.objects.filter(rule=rule).first().pk
    client = Reader().client
    client.force_login(world.people["participant"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/waiting/{pk}/").status_code == 404
    client.handler.enforce_csrf_checks = False
    assert client.post(f"/waiting/{pk}/me-too/").status_code == 404
    assert client.post(f"/waiting/{pk}/ask-again/").status_code == 404


def test_a_wait_without_its_subject_has_no_page(world):
    Deadline.objects.filter(rule=JOIN).update(subject_id=999_999)
    assert Reader().client.get(the(JOIN).get_absolute_url()).status_code == 404


@pytest.mark.parametrize("pk", [0, 999_999, 10**30])
def test_an_unknown_wait_is_no_error(world, pk):
    assert Reader().client.get(f"/waiting/{pk}/").status_code == 404


# --- The same as data ------------------------------------------------------------------------


def test_the_open_waits_as_json_name_no_person(world):
    response = Reader().client.get("/waiting/open.json")
    found = response.json()
    assert [set(row) for row in found["waits"]] == [set(OPEN_FIELDS)] * 3
    [review] = [row for row in found["waits"] if row["kind"] == REVIEW]
    deadline = the(REVIEW)
    assert review["url"] == f"http://testserver/waiting/{deadline.pk}/"
    assert review["owner"] == "role:reviewer"
    assert review["due_at"].endswith("Z")
    assert found["next"] is None
    for name in ("Asa", "Rhea", "Bola", "Tala"):
        assert name not in response.content.decode()


def test_a_person_who_owes_is_only_that_in_the_data(world):
    Deadline.objects.filter(rule=JOIN).update(owner=f"person:{world.people['participant'].pk}")
    found = data()["waits"]
    assert {row["owner"] for row in found} == {"person", "role:reviewer", f"stewards:{world.wish.resource_id}"}
    assert "person:" not in page().html


def test_the_fields_of_tables_are_those_of_the_rows(world):
    assert set(Reader().client.get("/waiting/answers.json").json()["answers"][0]) == set(ANSWER_FIELDS)
    for name, fields in (("open", OPEN_FIELDS), ("answers", ANSWER_FIELDS)):
        response = Reader().client.get(f"/waiting/{name}.csv")
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert response.content.decode().splitlines()[0] == ",".join(fields)


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(1)", "  =1", '=cmd|"/c calc"!A0'])
def test_no_name_becomes_a_formula_in_a_table(world, name):
    Group.objects.filter(pk=world.group.pk).update(name=name)
    table = list(csv.DictReader(io.StringIO(Reader().client.get("/waiting/open.csv?owner=group").content.decode())))
    assert [row["owner_name"] for row in table] == [f"'{name}"]


def test_many_rows_come_in_pages_that_miss_nothing(world, monkeypatch):
    monkeypatch.setattr(views, "WAITS_A_FILE", 2)
    everything = {the(rule).pk for rule in (REVIEW, JOIN, ANSWER)}
    first = data()
    last = first["waits"][-1]["id"]
    Deadline.objects.filter(pk=last).update(state="met", closed_at=world.now)  # closed while it is read
    second = Reader().client.get(first["next"]).json()
    assert [len(found["waits"]) for found in (first, second)] == [2, 1]
    assert {row["id"] for row in [*first["waits"], *second["waits"]]} == everything
    assert second["next"] is None


def test_the_filter_goes_on_to_the_next_page_of_a_table(world, monkeypatch):
    monkeypatch.setattr(views, "WAITS_A_FILE", 1)
    Deadline.objects.filter(rule__in=[JOIN, ANSWER]).update(region="ssa")
    link = Reader().client.get("/waiting/open.csv?region=ssa").headers["Link"]
    assert "region=ssa" in link
    assert link.endswith('rel="next"')


@pytest.mark.parametrize("after", ["x", "999999", "9" * 30, "-1", "٣"])
def test_an_unknown_place_in_the_list_is_its_beginning(world, after):
    assert len(Reader().client.get("/waiting/open.json", {"after": after}).json()["waits"]) == 3
