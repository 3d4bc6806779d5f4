import re
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import Day, Line, Moment, Text, offer
from apps.core.languages import language
from apps.core.text import listed
from apps.groups.models import Group
from apps.groups.queries import groups_to_ask_for
from apps.resources.models import Job, Resource, ResourceRequest
from apps.resources.queries import MOST_DATES, SeriesTime, most_of, times_on, weekly

ONCE, WEEKLY, DAYS = "once", "weekly", "days"


class Days(Text):
    """Days of a series, one a line or with commas between."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=1000, rows=3, required=False, **kwargs)

    def clean(self, value: Any) -> list[date]:  # type: ignore[override]
        words = [word for word in re.split(r"[\s,،;]+", super().clean(value)) if word]
        return [_day(word) for word in words]


def _day(word: str) -> date:
    try:
        found = parse_date(word)
    except ValueError:
        found = None
    if found is None or abs(found - timezone.localdate()) > timedelta(days=366 * 2):
        raise ValidationError(_("“%(day)s” is not a day of these years. Write days as 2026-11-30.") % {"day": word})
    return found


class RequestForm(forms.Form):
    """For what, for which group and, for rooms, when: once, every week, or on some days.

    What leaves no choice is not asked: the one group, and what its resource does not need.
    """

    starts_at = Moment(years=2, label=_("Starts"), error_messages={"required": _("Say when it begins.")})
    hours = forms.TypedChoiceField(coerce=float, label=_("How long"), choices=[])
    repeat = forms.ChoiceField(
        choices=[(ONCE, _("Once")), (WEEKLY, _("Every week")), (DAYS, _("On these days too"))],
        required=False,
        widget=forms.RadioSelect,
        initial=ONCE,
        label=_("How often"),
    )
    until = Day(years=2, required=False, label=_("Every week until"))
    days = Days(
        label=_("Which days"),
        help_text=_("One a line or with commas between, such as 2026-11-30. The same time on each."),
    )
    quantity = forms.IntegerField()
    group = forms.ChoiceField(label=_("For which group"))
    purpose = Line(
        most=200,
        label=_("What for"),
        help_text=_("One line, public."),
        error_messages={"required": _("Say in one line what it is for.")},
    )
    details = Text(
        most=2000,
        required=False,
        label=_("What the stewards have to know"),
        help_text=_("Links, languages, days. The stewards and your group read it."),
    )

    def __init__(self, *args: Any, resource: Resource, person: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.resource = resource
        # What is typed about times, read once: a refusal takes its field out of what was cleaned.
        self.times: list[SeriesTime] = []
        self.groups = {str(group.pk): group for group in groups_to_ask_for(person, now)}
        offer(self, "group", ((pk, group.name) for pk, group in self.groups.items()))
        if len(self.groups) == 1:
            [self.fields["group"].initial] = self.groups
            self.fields["group"].widget, self.fields["group"].required = forms.HiddenInput(), False
        if resource.is_booked_by_time:
            self._offer_times(resource)
        else:
            for name in ("starts_at", "hours", "repeat", "until", "days"):
                del self.fields[name]
        self._offer_quantity(most_of(resource))
        if resource.policy == Resource.Policy.SELF_SERVICE:
            del self.fields["details"]
        elif person.languages:
            read = listed(language(code).autonym for code in person.languages)
            self.fields["details"].initial = gettext("Languages: %(languages)s") % {"languages": read}
        # What the link to this page chose: a draft of it is older.
        for name in self.initial.get("chosen", ()):
            if name in self.fields:
                self.fields[name].widget.attrs["data-chosen"] = ""
        first = self.groups.get(str(self.initial.get("group", ""))) or next(iter(self.groups.values()), None)
        if first and resource.is_booked_by_time:
            self.fields["purpose"].initial = gettext("Call of %(group)s") % {"group": first}

    def _offer_quantity(self, most: int) -> None:
        if most == 1:
            del self.fields["quantity"]
            return
        at_most = ngettext("At most %(most)d.", "At most %(most)d.", most) % {"most": most}
        say_how_many = dict.fromkeys(("required", "invalid", "min_value"), _("Say how many: one, or more."))
        field = self.fields["quantity"] = forms.IntegerField(
            min_value=1,
            max_value=most,
            initial=1,
            label=self.resource.how_many,
            help_text=at_most,
            error_messages={**say_how_many, "max_value": at_most},
        )
        field.widget.attrs["inputmode"] = "numeric"

    def _offer_times(self, resource: Resource) -> None:
        offer_hours(self, resource)
        self.fields["hours"].initial = "1.0"
        self.fields["starts_at"].help_text = _time_zone_words()
        if resource.max_hours:
            most = ngettext("At most %(hours)d hour.", "At most %(hours)d hours.", resource.max_hours)
            self.fields["hours"].help_text = most % {"hours": resource.max_hours}

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        repeat, starts_at, until = typed.get("repeat"), typed.get("starts_at"), typed.get("until")
        if repeat == WEEKLY and "until" not in self.errors:
            if until is None:
                self.add_error("until", _("Say until which day it comes every week."))
            elif starts_at and until < timezone.localdate(starts_at):
                self.add_error("until", _("This day lies before the first one."))
        if repeat == DAYS and not typed.get("days") and "days" not in self.errors:
            self.add_error("days", _("Name at least one more day."))
        self.times = self._read_times(typed)
        if len(self.times) > MOST_DATES:
            words = ngettext("At most %(most)d date at once.", "At most %(most)d dates at once.", MOST_DATES)
            self.add_error("until" if repeat == WEEKLY else "days", words % {"most": MOST_DATES})
        return typed

    @property
    def is_series(self) -> bool:
        return self.cleaned_data.get("repeat") in {WEEKLY, DAYS}

    def _read_times(self, typed: dict[str, Any]) -> list[SeriesTime]:
        """All the times that were chosen; none if what was typed about them cannot be read."""
        starts_at, hours = typed.get("starts_at"), typed.get("hours")
        if starts_at is None or hours is None or {"until", "days"} & set(self.errors):
            return []
        length = timedelta(hours=hours)
        if typed.get("repeat") not in {WEEKLY, DAYS}:
            return [SeriesTime(starts_at, starts_at + length)]
        first = timezone.localtime(starts_at)
        if typed["repeat"] == WEEKLY:
            days = weekly(first.date(), typed["until"]) if typed.get("until") else []
        else:
            days = [first.date(), *typed.get("days", [])]
        return times_on(days, first.time(), length, timezone.get_current_timezone())

    @property
    def wish(self) -> dict[str, Any]:
        """What the actions take, but for its times."""
        typed = self.cleaned_data
        return {
            "group": self.chosen_group,
            "purpose": typed["purpose"],
            "details": typed.get("details", ""),
            "quantity": self.how_many,
        }

    @property
    def how_many(self) -> int:
        """How many it is for; one while nothing else was chosen or typed that can be read."""
        chosen = getattr(self, "cleaned_data", {}) if self.is_bound else self.initial
        return int(chosen.get("quantity") or 1)

    @property
    def chosen_group(self) -> Group | None:
        """The group that was chosen, or offered first."""
        return self.groups.get(str(self["group"].value())) or next(iter(self.groups.values()), None)


def _time_zone_words() -> str:
    return gettext("In your time zone, %(zone)s.") % {"zone": timezone.get_current_timezone_name()}


def offer_hours(form: forms.Form, resource: Resource, *, also: float | None = None) -> None:
    """Let a form offer every half hour for which a resource is given; `also` is how long something lasts now."""
    halves = {n / 2 for n in range(1, (resource.max_hours or 1) * 2 + 1)}
    offer(form, "hours", ((str(hours), hours_words(hours)) for hours in sorted(halves | ({also} if also else set()))))


def hours_words(hours: float) -> str:
    minutes = round(hours * 60)
    whole, rest = divmod(minutes, 60)
    parts = []
    if whole:
        parts.append(ngettext("%(n)d hour", "%(n)d hours", whole) % {"n": whole})
    if rest:
        parts.append(ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest})
    return " ".join(parts)


class ChangeForm(forms.Form):
    """Another time for a booking; for one of a series also for all later ones."""

    ALONE, LATER = "alone", "later"

    starts_at = Moment(years=2, label=_("Starts"), error_messages={"required": _("Say when it begins.")})
    hours = forms.TypedChoiceField(coerce=float, label=_("How long"), choices=[])
    which = forms.ChoiceField(
        choices=[(ALONE, _("This date alone")), (LATER, _("This date and all later ones"))],
        widget=forms.RadioSelect,
        initial=ALONE,
        label=_("Which dates"),
    )

    def __init__(self, *args: Any, wish: ResourceRequest, **kwargs: Any) -> None:
        self.times: dict[str, datetime] = {}
        hours = (wish.ends_at - wish.starts_at) / timedelta(hours=1) if wish.starts_at and wish.ends_at else 1.0
        kwargs["initial"] = {"starts_at": wish.starts_at, "hours": str(hours)}
        super().__init__(*args, **kwargs)
        offer_hours(self, wish.resource, also=hours)
        self.fields["starts_at"].help_text = _time_zone_words()
        if not wish.series:
            del self.fields["which"]

    def clean(self) -> dict[str, Any]:
        """The span is read once: a refusal takes its field out of what was cleaned."""
        typed = super().clean() or {}
        if "starts_at" in typed and "hours" in typed:
            starts_at = typed["starts_at"]
            self.times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=typed["hours"])}
        return typed


class GiveForm(forms.Form):
    """A steward's yes; where a machine makes it, or it is a ready link, nobody says where it is."""

    address = Line(
        most=1000, required=False, label=_("Where it is"), help_text=_("An address. Only the group sees it.")
    )
    answer = Text(
        most=1000,
        rows=3,
        required=False,
        label=_("A word to the group"),
        help_text=_("It stands in a letter, too. A password or code belongs in the field above."),
    )

    def __init__(self, *args: Any, resource: Resource, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if resource.is_made_by_a_machine or resource.is_pool:
            del self.fields["address"]

    @property
    def given(self) -> dict[str, str]:
        return {"address": "", **self.cleaned_data}


class HandForm(forms.Form):
    """What a steward did in a machine's stead; only what was made has an address."""

    address = Line(
        most=1000,
        label=_("Where it is"),
        help_text=_("The address of what you made. Only the group sees it."),
        error_messages={"required": _("Say where it is.")},
    )

    def __init__(self, *args: Any, job: Job, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if job.act != Job.Act.MAKE:
            del self.fields["address"]


class ReasonForm(forms.Form):
    answer = Text(
        most=1000, rows=3, label=_("Why"), error_messages={"required": _("Say why, and what else could help.")}
    )


def answer_forms(wish: ResourceRequest) -> tuple[GiveForm, ReasonForm]:
    """The forms of one answer among several on a page: each field has an id of its own, and a name for the ear."""
    give = GiveForm(resource=wish.resource, auto_id=f"give_{wish.pk}_%s")
    decline = ReasonForm(prefix="no", auto_id=f"no_{wish.pk}_%s")
    for field in (*give.fields.values(), *decline.fields.values()):
        field.label = format_html('{}<span class="visually-hidden">: {}</span>', field.label, wish.purpose)
    return give, decline
