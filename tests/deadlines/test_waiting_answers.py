"""Answer times as the board and the data have them, with an example counted by hand."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.deadlines.answers import answers_as_data, count_answers
from apps.deadlines.board import Chosen
from apps.deadlines.models import Deadline
from apps.groups.actions import form_group
from apps.groups.models import Group
from apps.people.models import Affiliate
from tests.conftest import NOW

DAY = timedelta(days=1)
# NOW is Monday 7 September 2026, 10:00 UTC: in the third quarter, which began on 1 July.
REVIEW, JOIN, ANSWER = "engagement.review", "groups.answer_join", "resources.answer"


@pytest.fixture(autouse=True)
def nothing_counted_yet(db):
    cache.clear()


BECAME = {"took": "met", "lapsed": "lapsed", "cancelled": "cancelled"}


def asked(days_ago, *, rule=REVIEW, owner="role:reviewer", due=14, outcome="accepted", region="", **became):
    """One thing that was asked some days ago, with what became of it after how many days; else it is open."""
    opened_at = NOW - days_ago * DAY
    [(how, after)] = became.items() or [("", None)]
    state = BECAME.get(how, "open")
    return Deadline.objects.create(
        rule=rule,
        subject_id=Deadline.objects.count() + 1,
        owner=owner,
        region=region,
        opened_at=opened_at,
        due_at=opened_at + due * DAY,
        state=state,
        closed_at=None if after is None else opened_at + after * DAY,
        outcome={"met": outcome, "lapsed": "silence"}.get(state, ""),
        rung=0,
        wake_at=opened_at,
    )


def rows(**chosen):
    return {(row["owner"], row["quarter"]): row for row in answers_as_data(count_answers(Chosen(**chosen), NOW))}


# --- The example, by hand ---------------------------------------------------------------------


@pytest.fixture
def ten_reviews(db):
    """Ten reviews, asked in the third quarter of 2026 and due after 14 days.

    five answered after 1, 2, 2, 4 and 15 days (the last one late)
    three open: 3 days old, 5 days old, and 20 days old (late)
    one lapsed after 28 days (late), one taken back after 6
    """
    for days in (1, 2, 2, 4):
        asked(40, took=days)
    asked(40, took=15, outcome="refused")
    for age in (3, 5, 20):
        asked(age)
    asked(40, lapsed=28)
    asked(40, cancelled=6)


def test_the_example_by_hand(ten_reviews):
    # Nobody has left the count before day 1, so ten wait. Then, with those who wait just before each answer:
    #   day 1:  10 wait, 1 is answered:  1 × 9/10              = 0.9    unanswered
    #   day 2:   9 wait, 2 are answered: 0.9 × 7/9             = 0.7
    #   day 3:  one leaves the count, open and 3 days old
    #   day 4:   6 wait, 1 is answered:  0.7 × 5/6             = 0.5833
    #   day 5:  one leaves, open and 5 days old; day 6: one leaves, taken back
    #   day 15:  3 wait, 1 is answered:  0.5833 × 2/3          = 0.3889
    #   day 20: one leaves, open and 20 days old; the lapsed one waits for ever.
    # Half (0.5) is reached on day 15; nine in ten (0.1) never. Only the answers counted, it would be 2 days and 15.
    # Late: the one after 15 days, the open one of 20 days, the lapsed one: 3 of the 9 that were not taken back.
    row = rows()["role:reviewer", "2026-Q3"]
    assert (row["half_by_days"], row["ninety_by_days"]) == (15, None)
    assert (row["asked"], row["answered"], row["open"], row["lapsed"], row["taken_back"]) == (9, 5, 3, 1, 1)
    assert (row["late"], row["late_share"], row["lapsed_share"]) == (3, 0.3333, 0.1111)
    assert row["promised_days"] == 14
    assert row["outcomes"] == {f"{REVIEW}:accepted": 4, f"{REVIEW}:refused": 1, f"{REVIEW}:silence": 1}


def test_the_page_shows_the_numbers_of_the_example(ten_reviews, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    page = " ".join(client.get("/waiting/").content.decode().split())
    table = page[page.index("Reviewers</bdi>") :]
    assert "Q3 2026" in table
    assert ">15</td>" in table
    assert "not reached</td>" in table
    assert ">33%</td>" in table
    assert ">11%</td>" in table
    assert "4 accepted, 1 refused, 1 silence, 3 still open" in table


def test_what_is_never_answered_does_not_look_fast(db):
    """One quick answer of ten, the others lapsed: there is no median, and it is not one day."""
    asked(50, took=1)
    for _n in range(9):
        asked(50, lapsed=28)
    row = rows()["role:reviewer", "2026-Q3"]
    assert (row["half_by_days"], row["ninety_by_days"]) == (None, None)
    assert (row["late_share"], row["lapsed_share"]) == (0.9, 0.9)


def test_open_waits_count_up_to_their_age(db):
    """One answered after a day, three open for longer: a quarter is answered, and the median is not there yet."""
    asked(30, took=1)
    for age in (20, 25, 30):
        asked(age)
    assert rows()["role:reviewer", "2026-Q3"]["half_by_days"] is None


def test_what_waits_shorter_than_the_answer_took_says_nothing_about_it(db):
    asked(30, took=5)
    for _n in range(3):
        asked(2)
    assert rows()["role:reviewer", "2026-Q3"]["half_by_days"] == 5


def test_quarters_are_those_of_utc_and_the_five_latest_are_shown(db):
    last_moment = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
    asked((NOW - last_moment) / DAY, took=1)
    asked((NOW - datetime(2025, 7, 1, tzinfo=UTC)) / DAY, took=1)
    asked((NOW - datetime(2025, 6, 30, 23, 59, tzinfo=UTC)) / DAY, took=1)  # five quarters ago
    assert {quarter for _owner, quarter in rows()} == {None, "2026-Q2", "2025-Q3"}
    assert rows()["role:reviewer", None]["asked"] == 2


def test_kinds_of_owners_stand_side_by_side_and_are_filtered_together_with_kinds_and_regions(db):
    asked(20, took=1, region="ssa")
    asked(20, took=2, rule=ANSWER, owner="stewards:3", region="mena")
    asked(20, took=3, rule=JOIN, owner="group:5", region="ssa")
    assert {owner for owner, _quarter in rows()} == {"role:reviewer", "stewards", "group"}
    assert {owner for owner, _quarter in rows(region="ssa")} == {"role:reviewer", "group"}
    assert {owner for owner, _quarter in rows(kind=ANSWER)} == {"stewards"}
    assert {owner for owner, _quarter in rows(owner="group")} == {"group"}


def test_what_nobody_else_waits_for_is_not_counted(db):
    asked(20, took=1, rule="initiatives.keep_alive", owner="group:5")
    asked(20, took=1, rule="resources.end_of_booking", owner="clock:0")
    assert rows() == {}


def test_single_people_are_one_kind_and_never_named(db, volunteer, client):
    for _n in range(6):
        asked(20, took=1, rule=JOIN, owner=f"person:{volunteer.pk}")
    assert {owner for owner, _quarter in rows()} == {"person"}
    assert f"person:{volunteer.pk}" not in client.get("/waiting/answers.json").content.decode()
    assert rows(owner="person")["person", None]["owner_name"]  # not even by that key
    assert client.get("/waiting/answers.json", {"owner": f"person:{volunteer.pk}"}).json()["left_out"] == ["owner"]


def test_owners_by_name_are_shown_from_five_on(group, coordinator):
    other = form_group(name="Few", by=coordinator, now=NOW)
    for _n in range(5):
        asked(20, took=1, rule=JOIN, owner=f"group:{group.pk}")
    asked(100, took=1, rule=JOIN, owner=f"group:{group.pk}")  # alone in its quarter
    for _n in range(4):
        asked(20, took=1, rule=JOIN, owner=f"group:{other.pk}")
    of_groups = rows(owner="group")
    assert {owner for owner, _quarter in of_groups} == {"group", f"group:{group.pk}"}
    assert [quarter for owner, quarter in of_groups if owner == f"group:{group.pk}"] == [None, "2026-Q3"]
    assert of_groups[f"group:{group.pk}", None]["asked"] == 6
    assert of_groups["group", None]["asked"] == 10
    assert rows(owner=f"group:{other.pk}") == {}


def test_groups_of_affiliates_are_a_part_that_can_be_chosen(group, person):
    theirs = form_group(name="Wikimedia Example", by=person("Wim"), now=NOW)
    affiliate = Affiliate.objects.create(name="Wikimedia Example")
    Group.objects.filter(pk=theirs.pk).update(kind=Group.Kind.AFFILIATE, affiliate=affiliate)
    asked(20, took=1, rule=JOIN, owner=f"group:{group.pk}")
    asked(20, took=8, rule=JOIN, owner=f"group:{theirs.pk}")
    row = rows(owner="affiliate")["affiliate", None]
    assert (row["asked"], row["half_by_days"], row["owner_name"]) == (1, 8, "Groups of affiliates")


def test_the_same_numbers_as_json_and_as_csv(ten_reviews, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    found = client.get("/waiting/answers.json").json()
    assert found["counted_at"] == "2026-09-07T10:00:00Z"
    table = list(csv.DictReader(io.StringIO(client.get("/waiting/answers.csv").content.decode())))
    assert [row["half_by_days"] for row in table] == ["15.0", "15.0"]
    assert [row["quarter"] for row in table] == ["", "2026-Q3"]
    assert [row["late"] for row in table] == [str(row["late"]) for row in found["answers"]]
    assert table[0]["outcomes"] == f"{REVIEW}:accepted=4; {REVIEW}:refused=1; {REVIEW}:silence=1"


def test_counted_in_one_query_whatever_was_asked():
    for number in range(30):
        asked(20 + number, took=1, rule=JOIN, owner=f"group:{number}")
        if number in {0, 29}:
            with CaptureQueriesContext(connection) as queries:
                count_answers(Chosen(), NOW)
            assert sum("GROUP BY" in query["sql"] for query in queries) == 1
            assert sum("deadlines_deadline" in query["sql"] for query in queries) == 1


def test_counted_once_in_five_minutes(client, django_assert_num_queries):
    asked(20, took=1)
    first = client.get("/waiting/answers.json").json()
    asked(20, took=1)
    assert client.get("/waiting/answers.json").json() == first


def test_a_tenth_of_a_day_that_has_begun_counts_as_a_whole(db):
    asked(20, took=0.21)  # 5 hours and 2 minutes
    assert rows()["role:reviewer", None]["half_by_days"] == 0.3
