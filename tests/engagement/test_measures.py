"""The checklist measures itself, with the numbers of guidelines 1.0."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.engagement import measures
from apps.engagement.models import Entry
from tests.conftest import step_called

DAY = date(2026, 9, 7)


@pytest.fixture
def entry(catalogue):
    def make(code, **what):
        fields = {
            "url": f"https://example.org/{what.pop('n', 1)}",
            "happened_on": DAY,
            "languages": ["en"],
            "regions": [],
        }
        return Entry(step=step_called(code), **(fields | what))

    return make


def measured(code, entries, **more):
    return measures.measure(step_called(code), entries, **more)


def test_one_link_is_enough_for_conversations(entry):
    assert not measured("conversations", []).met
    assert measured("conversations", [entry("conversations")]).met


def test_three_venues_with_a_link_each(entry):
    same_link = [entry("announce"), entry("announce"), entry("announce")]
    assert (measured("announce", same_link).count, measured("announce", same_link).met) == (1, False)
    assert measured("announce", [entry("announce", n=n) for n in range(3)]).met
    assert not measured("announce", [entry("announce", n=n) for n in range(2)]).met


def test_entries_of_other_steps_do_not_count(entry):
    assert measured("announce", [entry("conversations", n=n) for n in range(3)]).count == 0


def nutshells(entry, *codes):
    return [entry("languages", n=code, languages=[code]) for code in codes]


def test_five_languages_one_of_them_not_in_latin_script(entry):
    latin = nutshells(entry, "en", "es", "fr", "ha", "sw")
    result = measured("languages", latin)
    assert (result.count, result.met, result.missing) == (5, False, {"not_latin": 1})
    assert measured("languages", [*latin[:4], *nutshells(entry, "ar")]).met
    assert not measured("languages", [*latin[:3], *nutshells(entry, "ar")]).met


def test_one_link_counts_for_one_language(entry):
    one_page = entry("languages", languages=["en", "es", "fr", "ha", "ar"])
    result = measured("languages", [one_page])
    assert (result.count, result.names, result.met, result.missing) == (1, ["ar"], False, {"own_links": True})
    assert measures.missing_words("languages", result.as_data()) == [
        "4 more languages", "a link of its own for each language"
    ]  # fmt: skip


def test_links_are_shared_out_so_that_as_many_languages_count_as_can(entry):
    shared = [entry("languages", n=1, languages=["en", "ar"]), entry("languages", n=2, languages=["ar", "fr"])]
    alone = nutshells(entry, "es", "ha", "fr")
    result = measured("languages", [*shared, *alone])
    assert (result.names, result.met) == (["ar", "en", "es", "fr", "ha"], True)


@pytest.mark.parametrize(("days", "met"), [(29, False), (30, True), (45, True)])
def test_feedback_is_open_for_thirty_days(entry, days, met):
    result = measured("feedback", [entry("feedback", closed_on=DAY + timedelta(days=days))])
    assert (result.count, result.met) == (days, met)


def test_feedback_that_is_still_open_counts_nothing_yet(entry):
    result = measured("feedback", [entry("feedback")])
    assert (result.met, result.missing) == (False, {"closing": True})


@pytest.mark.parametrize(
    ("hours", "met"), [((8, 14), True), ((8, 13), False), ((22, 4), True), ((23, 3), False), ((0, 18), True)]
)
def test_calls_lie_six_hours_apart_on_the_round_clock(entry, hours, met):
    calls = [entry("calls", n=hour, starts_at=datetime(2026, 9, 7, hour, tzinfo=UTC)) for hour in hours]
    assert measured("calls", calls).met is met


def test_one_call_is_not_two(entry):
    assert not measured("calls", [entry("calls", starts_at=datetime(2026, 9, 7, 8, tzinfo=UTC))]).met


def test_reach_is_read_from_all_entries(entry):
    entries = [entry("announce", regions=[code]) for code in ("ssa", "lac", "sa")]
    entries.append(entry("calls", regions=["mena"]))
    result = measured("reach", entries)
    assert (result.count, result.met, result.missing) == (4, False, {"communities": 1})
    assert measured("reach", [*entries, entry("reach", community="Hausa speakers")]).met


def test_missing_regions_are_named(entry):
    result = measured("reach", [entry("announce", regions=["ssa"], community="x")])
    assert measures.missing_words("reach", result.as_data()) == [
        "one or more of East and Southeast Asia and Pacific, Central and Eastern Europe and Central Asia, "
        "Latin America and the Caribbean, Middle East and North Africa, Northern America (USA and Canada), "
        "Northern and Western Europe, South Asia"
    ]


def test_everybody_who_was_named_is_told(entry):
    named = ["Old Lead", "Peer Spaces"]
    result = measured("neighbours", [entry("neighbours", told="old lead")], named=named)
    assert (result.count, result.needed, result.met, result.missing) == (1, 2, False, {"told": ["Peer Spaces"]})
    both = [entry("neighbours", told="Old Lead"), entry("neighbours", told="Peer Spaces")]
    assert measured("neighbours", both, named=named).met


def test_nobody_to_tell_is_an_answer_once_it_is_given():
    assert not measures._told([], None).met
    assert measures._told([], []).met


def test_a_summary_comes_in_thirty_days_and_is_open_for_corrections(entry):
    closing = entry("feedback", closed_on=DAY)
    late = entry("summary", happened_on=DAY + timedelta(days=31), closed_on=DAY + timedelta(days=60))
    hasty = entry("summary", happened_on=DAY + timedelta(days=30), closed_on=DAY + timedelta(days=43))
    good = entry("summary", happened_on=DAY + timedelta(days=30), closed_on=DAY + timedelta(days=44))
    early = entry("summary", happened_on=DAY - timedelta(days=1), closed_on=DAY + timedelta(days=30))
    assert not measured("summary", [closing, early]).met
    assert measured("summary", [good]).missing == {"closing": True}
    assert not measured("summary", [closing, late]).met
    assert measured("summary", [closing, hasty]).missing == {"corrections": 14}
    assert measured("summary", [closing, good]).met


def test_a_measure_says_count_and_what_is_missing_in_words(entry):
    data = measured("languages", nutshells(entry, "en", "es", "fr", "ha")).as_data()
    assert measures.count_words("languages", data) == "4 of 5 languages"
    assert measures.missing_words("languages", data) == ["1 more language", "1 language that is not in Latin script"]


def test_the_numbers_are_those_of_the_guidelines_and_not_of_the_code(entry):
    step = step_called("announce")
    step.needs = {"venues": 1}
    assert measures.measure(step, [Entry(step=step, url="https://example.org", happened_on=DAY)]).met


def test_more_than_needed_is_said_so(entry):
    data = measured("conversations", [entry("conversations", n=n) for n in range(2)]).as_data()
    assert measures.count_words("links", data) == "2, at least 1"
