"""What people type: kept as they meant it, or refused with a sentence."""

import pytest
from django import forms

from apps.core.forms import Day, Line, Link, Moment, Text
from apps.core.markdown import render


class Everything(forms.Form):
    line = Line(most=20, required=False)
    text = Text(most=50, required=False)
    link = Link(required=False)
    day = Day(required=False)
    moment = Moment(required=False)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("line", "x" * 25, "5 characters too long"),
        ("text", "x" * 100_000, "99950 characters too long"),
        ("line", "a\x00b", "Null characters"),
        ("text", "a\x07b", "control characters"),
        ("line", "safe\u202egpj.exe", "direction of text"),
        ("link", "javascript:alert(1)", "not a web address"),
        ("link", "data:text/html,x", "not a web address"),
        ("link", "https://" + "x" * 2000, "too long"),
        ("link", "http://[::1", "not a web address"),
        ("day", "9999-12-31", "too far away"),
        ("day", "0001-01-01", "too far away"),
        ("day", "tomorrow", "not a day"),
        ("moment", "9999-12-31T23:59", "too far away"),
        ("moment", "0001-01-01T00:00", "not a day and time|too far away"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(field, typed, sentence):
    form = Everything({field: typed})
    assert not form.is_valid()
    said = " ".join(form.errors[field])
    assert any(part in said for part in sentence.split("|")), said
    assert form[field].value() == typed


def test_a_new_line_counts_once_though_browsers_send_it_as_two_characters():
    form = Everything({"text": "\r\n".join(["line"] * 10)})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["text"] == "\n".join(["line"] * 10)
    assert not Everything({"text": "\r\n".join(["lines"] * 10)}).is_valid()


@pytest.mark.parametrize("typed", ["Åsa Ünïcode", "عربى نص", "<b>bold</b>", "O'Neill & co"])
def test_text_in_any_script_is_kept_exactly(typed):
    form = Everything({"line": typed})
    assert form.is_valid()
    assert form.cleaned_data["line"] == typed


def test_markdown_becomes_safe_html():
    html = render("## Hello\n\n**bold** [a](https://example.org) [b](javascript:alert(1)) <script>alert(1)</script>")
    assert "<h2>Hello</h2>" in html
    assert "<strong>bold</strong>" in html
    assert 'href="https://example.org"' in html
    assert "<script" not in html
    assert 'href="javascript' not in html
