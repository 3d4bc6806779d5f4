"""How sentences and links of an item are counted."""

import pytest

from apps.news.text import holds_a_link, sentences_in


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One line without an end", 1),
        ("One. Two! Three?", 3),
        ("One. Two. Three. Four", 4),
        ("One… Two... Three?!", 3),
        ("He said “stop.” Then (he said) he left.) So.", 3),
        ("أولا؟ ثانيا. ثالثا", 3),
        ("一つ。二つ。三つ。四つ。", 4),
        ("Two wikis, e.g. Wikidata, i.e. Abstract Wikipedia, and J. Doe.", 1),
        ("We met Dr. Who vs. Mr. Bean. It was fun.", 2),
        ("Version 2.5 of meta.wikimedia.org is out. It is 3.4 times as fast.", 2),
        ("Perhaps… but no! says she.", 1),
        ("News, pages, calls, etc.", 1),
        ("We know e.g.", 1),
        (". . .", 3),
    ],
)
def test_a_sentence_ends_where_a_new_one_begins(text, count):
    assert sentences_in(text) == count


@pytest.mark.parametrize(
    "text", ["See https://a.org", "see HTTP://a.org", "see www.a.org", "see meta.wikimedia.org/wiki/A", "(a.org/b)"]
)
def test_a_link_is_one_with_and_without_its_scheme(text):
    assert holds_a_link(text)


@pytest.mark.parametrize("text", ["Yes and/or no.", "Version 3.5/4 of it", "On meta.wikimedia.org", "End.Begin / and"])
def test_what_only_looks_like_a_link_is_none(text):
    assert not holds_a_link(text)
