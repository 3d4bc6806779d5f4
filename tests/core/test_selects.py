"""A select is written at once, and says the same as Django's."""

import pytest
from django import forms
from django.test.html import parse_html

from apps.core.templatetags import ui


class Form(forms.Form):
    place = forms.ChoiceField(
        required=False, label="Place", help_text="Where?", choices=[("", "—"), ("a", "A & <b>"), (7, "Seven")]
    )


@pytest.mark.parametrize("chosen", [{}, {"place": ""}, {"place": "7"}, {"place": "a"}, {"place": '"><script>'}])
def test_it_says_the_same_as_djangos(chosen):
    field = Form(chosen)["place"]
    attributes = {"class": "cdx-select", "aria-describedby": ui.described_by(field)}
    assert parse_html(ui.codex(field)) == parse_html(field.as_widget(attrs=attributes))
    assert "<script" not in ui.codex(field)
