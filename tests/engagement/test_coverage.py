"""The map of the movement: what was reached, what is empty, and no few people counted out."""

import csv
from datetime import timedelta

import pytest
from django.core.cache import cache

from apps.engagement import actions
from apps.engagement.models import Entry
from apps.engagement.queries.coverage import Where, as_data, count_coverage, heard_words
from apps.groups.actions import form_group
from apps.initiatives.models import Initiative
from tests.conftest import NOW, adopt, log
from tests.journeys.reader import Page

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def nothing_kept():
    """The numbers are kept for five minutes, also from one test to the next."""
    cache.clear()


@pytest.fixture
def heard(adoption, group, coordinator):
    """Three entries that count, and three that do not."""
    act = {"by": coordinator, "group": group}
    log(adoption, "announce", n=1, regions=["ssa", "mena"], languages=["sw", "ar"], people=3, **act)
    log(adoption, "announce", n=2, regions=["ssa"], languages=["sw"], people=40, community="Hausa", **act)
    log(adoption, "announce", n=3, languages=["fr"], community="HAUSA", happened_on=NOW.date() - timedelta(400), **act)
    gone = log(adoption, "announce", n=4, regions=["lac"], languages=["es"], **act)
    actions.withdraw_entry(gone, by=coordinator, now=NOW)
    log(adoption, "reach", url="", note="We met.", regions=["sa"], languages=["hi"], **act)
    return adoption


def counted(**where):
    return count_coverage(Where(**where), NOW)


def rows_of(pairs):
    return {row.code: reached.entries for row, reached in pairs if reached.entries}


def test_only_what_counts_is_on_the_map(heard):
    found = counted()
    assert found.total.entries == 3
    assert rows_of(found.regions) == {"ssa": 2, "mena": 1}
    assert rows_of(found.languages) == {"sw": 2, "ar": 1, "fr": 1}
    assert {(region.code, lang.code): n for region, lang, n in found.cells} == {
        ("ssa", "sw"): 2, ("ssa", "ar"): 1, ("mena", "sw"): 1, ("mena", "ar"): 1,
    }  # fmt: skip
    assert len(found.not_reached) == 6


def test_few_people_are_never_counted_out(heard):
    people = {region.code: reached.people_shown for region, reached in counted().regions}
    assert (people["mena"], people["ssa"], people["lac"]) == ("<5", 43, None)
    assert "3" not in [str(row["people"]) for row in as_data(counted())]


def test_a_community_is_the_same_however_it_is_written(heard):
    [(name, reached)] = counted().communities
    assert (name.casefold(), reached.entries, reached.last_on) == ("hausa", 2, NOW.date())


@pytest.mark.parametrize(
    ("where", "entries"),
    [
        ({"region": "mena"}, 1), ({"language": "sw"}, 2), ({"region": "mena", "language": "fr"}, 0),
        ({"year": "2025"}, 1), ({"year": "2026"}, 2), ({"initiative": "13"}, 3), ({"initiative": "21"}, 0),
        ({"group": "first-steps"}, 3), ({"group": "nobody"}, 0), ({"recommendation": "9"}, 0),
    ],
)  # fmt: skip
def test_each_filter_leaves_out_what_does_not_fit(heard, where, entries):
    assert counted(**where).total.entries == entries


def test_of_two_groups_each_has_a_map_of_its_own(heard, stranger):
    other = form_group(name="Others", by=stranger, now=NOW)
    theirs = adopt(Initiative.objects.get(number=21), group=other, by=stranger)
    log(theirs, "announce", by=stranger, group=other, regions=["nwe"], languages=["de"])
    assert rows_of(counted(group="others").languages) == {"de": 1}
    assert counted().total.entries == 4
    recommendation = str(theirs.initiative.recommendation.number)
    assert rows_of(counted(recommendation=recommendation).languages) == {"de": 1}


def test_the_headline_says_who_was_reached_and_who_was_not(heard, group, coordinator):
    said = heard_words(counted(), about="", is_part=False)
    assert said == "The movement was heard in 3 languages and 2 of 8 regions. 6 regions are not reached yet."
    act = {"by": coordinator, "group": group, "languages": ["en"]}
    log(heard, "announce", n=9, regions=["eseap", "lac", "usca", "nwe", "sa"], **act)
    said = heard_words(counted(), about="", is_part=False)
    assert said.endswith("Nobody has reached Central and Eastern Europe and Central Asia yet.")
    log(heard, "announce", n=10, regions=["ceeca"], **act)
    said = heard_words(counted(), about="First Steps", is_part=True)
    assert said == "“First Steps” was heard in 4 languages and 8 of 8 regions. Every region is reached."


def test_nothing_logged_is_said_too(catalogue, client):
    page = Page(client.get("/engagement/"), "/engagement/")
    assert "The movement was heard nowhere yet: nothing is logged." in page.text
    assert "Initiatives that nobody leads" in page.text


def test_the_page_shows_empty_regions_and_takes_filters_without_script(heard, client):
    page = Page(client.get("/engagement/", {"language": "sw", "group": "first-steps", "year": "1066"}), "/engagement/")
    assert "“First Steps” was heard in 2 languages and 2 of 8 regions." in page.text
    assert "Latin America and the Caribbean" in page.text
    assert "<5" in page.text
    assert "Not known here and left out: Year." in page.text
    part = client.get("/engagement/?language=sw", headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="coverage">')


def test_the_same_numbers_as_json_and_as_csv(heard, client):
    answer = client.get("/engagement/coverage.json", {"region": "ssa", "initiative": "x"}).json()
    assert answer["left_out"] == ["initiative"]
    totals = {row["region"]: row["entries"] for row in answer["rows"] if row["kind"] == "region"}
    assert (totals["ssa"], totals["mena"], totals["lac"]) == (2, 1, 0)
    table = client.get("/engagement/coverage.csv", {"region": "ssa"}).content.decode().splitlines()
    assert [row["entries"] for row in csv.DictReader(table)] == [str(row["entries"]) for row in answer["rows"]]


def test_a_community_is_no_formula_in_a_table(heard, client):
    Entry.objects.update(community="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in client.get("/engagement/coverage.csv").content.decode()


def test_everything_is_counted_in_one_query(heard, django_assert_num_queries):
    with django_assert_num_queries(1):
        counted(region="ssa", year="2026")
