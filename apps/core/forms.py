"""Fields whose limits are sentences."""

import re
from collections.abc import Iterable
from datetime import UTC, date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core import languages
from apps.core.text import listed

# Overrides and unmatched embeddings of text direction can make a name read as another one.
_DIRECTION_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")


def refuse_control_characters(value: str) -> None:
    if _CONTROLS.search(value):
        raise ValidationError(_("This holds invisible control characters. Remove them, or type the text again."))
    if _DIRECTION_OVERRIDES.search(value):
        raise ValidationError(_("This holds characters that turn the direction of text around. Remove them."))


class TooLong(MaxLengthValidator):
    def __call__(self, value: str) -> None:
        if len(value) > self.limit_value:
            over = len(value) - self.limit_value
            raise ValidationError(
                ngettext(
                    "This is %(over)d character too long: at most %(most)d.",
                    "This is %(over)d characters too long: at most %(most)d.",
                    over,
                )
                % {"over": over, "most": self.limit_value},
                code="max_length",
            )


class Line(forms.CharField):
    """One line of plain text."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators += [TooLong(most), refuse_control_characters]

    def clean(self, value: Any) -> str:
        return re.sub(r"\s+", " ", super().clean(value) or "")


class Text(forms.CharField):
    """Several lines of text."""

    widget = forms.Textarea

    def __init__(self, *, most: int, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)
        self.validators += [TooLong(most), refuse_control_characters]

    def to_python(self, value: Any) -> str:
        """Browsers send a new line as two characters; it counts as one."""
        return (super().to_python(value) or "").replace("\r\n", "\n")


class Link(forms.URLField):
    """A web address; nothing but http and https."""

    def __init__(self, *, most: int = 1000, **kwargs: Any) -> None:
        kwargs.setdefault("assume_scheme", "https")
        super().__init__(**kwargs)
        self.validators = [TooLong(most), refuse_control_characters, self._refuse_other_schemes, *self.validators]
        self.error_messages["invalid"] = _("This is not a web address. It begins with https://, for example.")

    def _refuse_other_schemes(self, value: str) -> None:
        try:
            scheme = urlsplit(value).scheme
        except ValueError:  # such as http://[::1
            scheme = ""
        if scheme not in {"http", "https"}:
            raise ValidationError(self.error_messages["invalid"])

    def to_python(self, value: Any) -> str:
        try:
            return super().to_python(value) or ""
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"]) from error


class Day(forms.DateField):
    """A day within some years of today, so that no calculation with it can overflow."""

    def __init__(self, *, years: int = 20, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        super().__init__(**kwargs)
        self.years = years
        self.error_messages["invalid"] = _("This is not a day. Write it as 2026-11-30.")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if isinstance(value, date):
            refuse_far_away(value, self.years)


class Moment(forms.DateTimeField):
    """A day and time in the reader's time zone, within some years of today.

    It comes out in UTC: hours that are added to it are hours, also in the night in which clocks change.
    """

    def __init__(self, *, years: int = 20, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
        kwargs.setdefault("input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"])
        super().__init__(**kwargs)
        self.years = years
        self.error_messages["invalid"] = _("This is not a day and time. Write it as 2026-11-30 14:00.")

    def to_python(self, value: Any) -> Any:
        try:
            moment = super().to_python(value)
            return moment.astimezone(UTC) if moment else moment
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"]) from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value:
            refuse_far_away(value.date(), self.years)


def refuse_far_away(day: date, years: int) -> None:
    if abs(day - timezone.localdate()) > timedelta(days=366 * years):
        raise ValidationError(
            lazystr(_("%(day)s is too far away. Is the year right?") % {"day": day.isoformat()}), code="far_away"
        )


class LanguageChoice(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [("", "—"), *languages.language_choices()], **kwargs)


class LanguagesChoice(forms.MultipleChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(choices=languages.language_choices, **kwargs)


class OtherLanguages(Line):
    """Languages beyond the offered ones, by code or by their own name; becomes a list of codes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Other languages"))
        kwargs.setdefault("help_text", _("By code or own name, with commas between: ca, Aymar aru."))
        super().__init__(most=300, required=False, **kwargs)

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        names = [name.strip() for name in re.split("[,،;]", super().clean(value)) if name.strip()]
        codes = {name: languages.code_of(name) for name in names}
        unknown = [name for name, code in codes.items() if code is None]
        if unknown:
            raise ValidationError(
                _("This language is not known: %(names)s. Write its code, such as “ca”, or its own name.")
                % {"names": listed(unknown)}
            )
        return [code for code in codes.values() if code]


class LanguagesForm(forms.Form):
    """A form that asks for languages: the offered ones to tick, any other one to write."""

    languages = LanguagesChoice(required=False, label=_("In which languages?"))
    more_languages = OtherLanguages()

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        more = typed.pop("more_languages", [])
        typed["languages"] = list(dict.fromkeys([*typed.get("languages", []), *more]))
        return typed


def languages_initial(codes: list[str]) -> dict[str, Any]:
    """The initial values of a LanguagesForm for some language codes."""
    offered = {code for code, _name in languages.language_choices()}
    others = [languages.language(code).autonym for code in codes if code not in offered]
    return {"languages": codes, "more_languages": ", ".join(others)}


class RegionChoice(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [("", "—"), *languages.region_choices()], **kwargs)


class RegionsChoice(forms.MultipleChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(choices=languages.region_choices, **kwargs)


def offer(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Let a field offer what is known only when its form is made."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} offers no choices.")
    field.choices = list(choices)


def choose_among(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    """Let a field offer rows that are known only when its form is made."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{name} offers no rows.")
    field.queryset = rows
