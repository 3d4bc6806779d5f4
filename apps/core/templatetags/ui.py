"""What templates need to speak our design language: icons, badges, dates in words, Codex fields."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.core import dates, text

register = template.Library()

# A state has an icon and a word; its colours are in components.css under .st--<state>.
STATES = {
    "open": ("userAvatarOutline", pgettext_lazy("state of an initiative", "Open")),
    "released": ("userAvatarOutline", pgettext_lazy("state of an initiative", "Released")),
    "proposed": ("userAdd", pgettext_lazy("state of an initiative", "Proposed")),
    "led": ("userGroup", pgettext_lazy("state of an initiative", "Led")),
    "quiet": ("moon", pgettext_lazy("state of an initiative", "Quiet")),
    "handing_over": ("arrowNext", pgettext_lazy("state of an initiative", "Handing over")),
    "on_hold": ("pause", pgettext_lazy("state of an initiative", "On hold")),
    "done": ("checkAll", pgettext_lazy("state of an initiative", "Done")),
}
POLICIES = {
    "self_service": ("success", _("At once")),
    "stewards_decide": ("clock", _("Answer in 5 working days")),
    "costed": ("userRights", _("Needs a yes")),
}
MESSAGE_ICONS = {"success": "success", "warning": "alert", "error": "error"}
DIRECTIONAL = {"arrowNext", "arrowPrevious", "next", "previous", "logIn", "logOut", "undo"}


# Icons and badges


@register.simple_tag
@cache
def icon(name: str, size: str = "small", flip: bool = False) -> SafeString:
    """A decorative icon of the sprite; the words beside it say what it means."""
    classes = "ic" + (" ic--medium" if size == "medium" else "") + (" ic--flip" if flip or name in DIRECTIONAL else "")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, _sprite(), name)


@cache
def _sprite() -> str:
    return static("icons.svg")


@register.simple_tag
def message_icon(level: str = "") -> SafeString:
    """The icon of a Codex message; Codex's own masks show the wrong one in Arabic."""
    drawing = MESSAGE_ICONS.get(level, "infoFilled")
    return format_html('<span class="cdx-message__icon--vue">{}</span>', icon(drawing, "medium"))


@register.simple_tag
def badge(state: str) -> SafeString:
    """The state as a pill, for use on its own."""
    return _chip(state, *STATES[state])


@register.simple_tag
def badge_line(state: str) -> SafeString:
    """The state as icon and word, for use in lists."""
    return _badge_line(state, get_language())


@cache
def _badge_line(state: str, language: str | None) -> SafeString:
    """Remembered for each language: a list of all initiatives has hundreds of them, of few sorts."""
    drawing, word = STATES[state]
    return format_html('<span class="line st st--{}">{}{}</span>', state, icon(drawing), word)


@register.simple_tag
def policy_chip(policy: str) -> SafeString:
    return _chip(policy, *POLICIES[policy])


@register.filter
def state_icon(state: str) -> str:
    return STATES[state][0]


@register.filter
def state_word(state: str) -> Any:
    return STATES[state][1]


def _chip(key: str, drawing: str, word: Any) -> SafeString:
    return format_html(
        '<span class="cdx-info-chip st st--{}">{}<span class="cdx-info-chip__text">{}</span></span>',
        key,
        icon(drawing),
        word,
    )


@register.inclusion_tag("ui/bar.html")
def bar(count: int, wanted: int, tone: str = "") -> dict[str, Any]:
    """How far a count has come, 0 to 100; tone is "", good, warn or settled."""
    percent = min(100, round(100 * count / wanted)) if wanted else 100
    return {"percent": percent, "tone": tone}


@register.simple_tag(takes_context=True)
def nav_link(context: Context, url_name: str, words: str) -> SafeString:
    """A link of the top bar; the app that the reader is in is marked."""
    match = getattr(context.get("request"), "resolver_match", None)
    mark: str = ""
    if match is not None and match.namespace == url_name.partition(":")[0]:
        mark = format_html(' aria-current="{}"', "page" if match.view_name == url_name else "true")
    return format_html('<a href="{}"{}>{}</a>', reverse(url_name), mark, words)


# Lists in a sentence.


register.simple_tag(text.comma, name="comma")
register.simple_tag(text.semicolon, name="semicolon")
register.filter("listed", text.listed)


# Dates in words; translators may change the order of their parts.
DAY = pgettext_lazy("date format, in Django's letters", "j F Y")
DAY_THIS_YEAR = pgettext_lazy("date format, in Django's letters", "j F")


@register.filter
def day(when: date | datetime | None) -> str:
    """18 November 2026, in the reader's language."""
    return dates.day(when) if when else ""


@register.filter
def day_and_time(when: datetime | None) -> str:
    """18 November 2026, 16:00 UTC, in the reader's language and zone."""
    return dates.day_and_time(when) if when else ""


register.filter("time_of_day", dates.time_of_day)
register.simple_tag(dates.near_time, name="near_time")


@register.simple_tag
def ago(when: datetime, now: datetime) -> str:
    """How long ago that was, in the largest unit that still says something."""
    return dates.ago((now - when).total_seconds())


@register.simple_tag
def away(when: datetime, now: datetime) -> str:
    """How far away that is, in either direction."""
    seconds = (when - now).total_seconds()
    return dates.ahead(seconds) if seconds >= 0 else dates.ago(-seconds)


@register.simple_tag
def near_day(when: datetime, now: datetime | None = None) -> str:
    """The day without its year, if that is the year we are in."""
    return _near(dates.local(when), dates.local(now) if now else None)


@register.simple_tag
def near_time(when: datetime, now: datetime | None = None) -> SafeString:
    """The same with, for machines, the moment."""
    return format_html('<time datetime="{}">{}</time>', dates.local(when).isoformat(), near_day(when, now))


@register.simple_tag
def due(deadline_at: datetime, now: datetime) -> SafeString:
    """A deadline in words, with an icon and, for machines, the moment."""
    late = deadline_at < now
    return format_html(
        '<span class="due{}">{}<time datetime="{}" title="{}">{}</time></span>',
        " due--late" if late else "",
        icon("alert" if late else "clock"),
        dates.local(deadline_at).isoformat(timespec="minutes"),
        dates.day_and_time(deadline_at),
        due_words(deadline_at, now),
    )


def due_words(deadline_at: datetime, now: datetime) -> str:
    """ "due tomorrow, 16:00 CET", "due 24 November, in 7 days", "late since 12 November"; the time once it is near."""
    near = _near(dates.local(deadline_at), dates.local(now))
    if deadline_at < now:
        return str(_("late since %(date)s")) % {"date": near}
    days = _days_between(now, deadline_at)
    if days == 0:
        return str(_("due today, %(time)s")) % {"time": dates.time_of_day(deadline_at)}
    if days == 1:
        return str(_("due tomorrow, %(time)s")) % {"time": dates.time_of_day(deadline_at)}
    words = ngettext("due %(date)s, in %(days)d day", "due %(date)s, in %(days)d days", days)
    return words % {"date": near, "days": days}


def _days_between(now: datetime, then: datetime) -> int:
    return (dates.local(then).date() - dates.local(now).date()).days


def _near(when: datetime, now: datetime | None) -> str:
    same_year = now is not None and when.year == now.year
    return _day_in_words(when.date(), same_year, get_language())


@lru_cache(maxsize=4096)
def _day_in_words(day: date, same_year: bool, language: str | None) -> str:
    """Remembered for each language: a list of what waits has hundreds of dates, on few days."""
    return date_format(day, str(DAY_THIS_YEAR if same_year else DAY))


@register.filter
def ladder(wait: Any, now: datetime) -> Any:
    """The dates of something that waits, for ui/ladder.html."""
    return wait.ladder(now)


# Form fields


@register.filter
def kind(field: BoundField) -> str:
    """Which Codex component shows this field."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.Select):
        return "select"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "textarea" if isinstance(widget, forms.Textarea) else "input"


CONTROL_CLASSES = {
    "input": "cdx-text-input__input",
    "textarea": "cdx-text-area__textarea",
    "select": "cdx-select",
    "checkbox": "cdx-checkbox__input",
    "checkboxes": "cdx-checkbox__input",
    "radios": "cdx-radio__input",
}


@register.filter
def codex(field: BoundField) -> SafeString:
    """The control of a field with its Codex class, its direction and its description."""
    shown_as = kind(field)
    attributes: dict[str, str | bool] = {"class": _with_own_class(field, CONTROL_CLASSES[shown_as])}
    if shown_as in {"input", "textarea"}:
        attributes["dir"] = field.field.widget.attrs.get("dir", "auto")
    if described_by(field):
        attributes["aria-describedby"] = described_by(field)
    return field.as_widget(_quick(field.field.widget), attrs=attributes)


class QuickSelect(forms.Select):
    """A select whose options are written at once.

    Django makes each option by a template of its own, which takes longer for hundreds than the rest of their page.
    """

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        options = _written(self.choices, set(self.format_value(value)))
        given = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, given, options)


SELECTED = mark_safe(" selected")


def _written(choices: Iterable[Any], chosen: set[str]) -> SafeString:
    """Options, and groups of options by their name."""
    return format_html_join("", "{}", ((_written_one(key, label, chosen),) for key, label in choices))


def _written_one(key: Any, label: Any, chosen: set[str]) -> SafeString:
    if isinstance(label, list | tuple):
        return format_html('<optgroup label="{}">{}</optgroup>', key, _written(label, chosen))
    value = "" if key is None else str(key)
    return format_html('<option value="{}"{}>{}</option>', value, SELECTED if value in chosen else "", label)


def _quick(widget: forms.Widget) -> forms.Widget:
    return QuickSelect(widget.attrs, widget.choices) if type(widget) is forms.Select else widget


@register.filter
def described_by(field: BoundField) -> str:
    """The ids of the error and the help text, in the order in which they should be read."""
    ids = []
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    if field.help_text:
        ids.append(f"{field.auto_id}_helptext")
    return " ".join(ids)


@register.filter
def choices(field: BoundField) -> list[BoundWidget]:
    """The single radio buttons or checkboxes of a group, each with its Codex class."""
    for choice in field.subwidgets:
        choice.data["attrs"]["class"] = CONTROL_CLASSES[kind(field)]
    return list(field.subwidgets)


def _with_own_class(field: BoundField, codex_class: str) -> str:
    return f"{codex_class} {field.field.widget.attrs.get('class', '')}".strip()
