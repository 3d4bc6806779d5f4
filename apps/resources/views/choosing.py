"""What the page of a resource shows of times: its calendar, and what would become of the times that were chosen."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.dates import moment_in
from apps.core.text import listed
from apps.resources import queries
from apps.resources.forms import RequestForm
from apps.resources.models import Resource, ResourceRequest

# On the reader's clock: nobody plans a meeting at three in the night.
HOURS_SHOWN = (6, 9, 12, 14, 16, 19)
WEEKS_AHEAD = 25


# --- The calendar ----------------------------------------------------------------------------


def calendar_shown(request: HttpRequest, resource: Resource, now: datetime) -> dict[str, object]:
    """A week hour by hour, or with ?month= a month day by day."""
    first_day = _first_day(request.GET.get("week"), now)
    kept = {
        name: request.GET[name] for name in ("group", "meeting", "hours", "purpose", "quantity") if name in request.GET
    }
    shown: dict[str, object] = {
        "first_day": first_day,
        "this_month": first_day.date().replace(day=1),
        "kept": f"&{urlencode(kept)}" if kept else "",
        "chosen": chosen_start(request),
    }
    month = _month(request.GET.get("month"), now)
    return shown | (_month_shown(resource, month, now) if month else _week_shown(resource, first_day, now))


def _week_shown(resource: Resource, first_day: datetime, now: datetime) -> dict[str, object]:
    zone = timezone.get_current_timezone()
    week = queries.free_slots(resource, first_day=first_day, now=now, hours=_hours(resource, first_day, zone))
    beside = [queries.clock_beside(slots, zone) for slots in week]
    return {
        "days": [first_day + timedelta(days=n) for n in range(7)],
        "week": list(zip(week, beside, strict=True)),
        "other_days": any(sign in words for words in beside for sign in "+−"),
        "week_before": first_day - timedelta(days=7) if first_day > now else None,
        "week_after": first_day + timedelta(days=7) if first_day.date() < _last_day(now) else None,
    }


def _hours(resource: Resource, first_day: datetime, zone: tzinfo) -> list[int]:
    """The start times that are shown, in UTC: those of the reader's day, and when this resource opens."""
    ahead = round((first_day.astimezone(zone).utcoffset() or timedelta()) / timedelta(hours=1))
    of_the_day = {(hour - ahead) % 24 for hour in HOURS_SHOWN}
    return sorted(of_the_day | ({resource.opens_hour} if resource.opens_hour else set()))


def _month_shown(resource: Resource, month: date, now: datetime) -> dict[str, object]:
    weeks = queries.month_of(resource, month=month, now=now)
    days = [day for week in weeks for day in week if day.is_shown]
    before, after = (month - timedelta(days=1)).replace(day=1), (month + timedelta(days=31)).replace(day=1)
    return {
        "month": month,
        "weeks": weeks,
        "busy": [day for day in days if day.most],
        "fullest": max(days, key=lambda day: day.most, default=None),
        "month_before": before if before >= now.date().replace(day=1) else None,
        "month_after": after if after <= _last_day(now) else None,
    }


def _month(chosen: str | None, now: datetime) -> date | None:
    """The first of the month to show, from this one to half a year ahead; None if none was chosen."""
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", chosen or ""):
        return None
    month = date.fromisoformat(f"{chosen}-01")
    return min(max(month, now.date().replace(day=1)), _last_day(now).replace(day=1))


def _first_day(chosen: str | None, now: datetime) -> datetime:
    """The first of the seven days to show, from today to half a year ahead."""
    try:
        day = parse_date(chosen or "") or now.date()
    except ValueError:
        day = now.date()
    return datetime.combine(min(max(day, now.date()), _last_day(now)), time(), UTC)


def _last_day(now: datetime) -> date:
    return now.date() + timedelta(weeks=WEEKS_AHEAD)


def chosen_start(request: HttpRequest) -> datetime | None:
    """The time that was clicked in the calendar."""
    return moment_in(request.GET.get("start", ""))


# --- What was chosen -------------------------------------------------------------------------


@dataclass(frozen=True)
class DateShown:
    """A chosen time with what would become of it; one that was left out has no outcome."""

    time: queries.SeriesTime
    outcome: queries.Outcome | None

    @property
    def key(self) -> str:
        return key_of(self.time)

    @property
    def span(self) -> queries.Span:
        return self.time.span

    @property
    def can_be_had(self) -> bool:
        return self.outcome is not None and self.outcome.can_be_had

    @property
    def can_be_left_out(self) -> bool:
        """What cannot be had is left out anyway."""
        return self.outcome is None or self.outcome.can_be_had


@dataclass(frozen=True)
class DatesShown:
    """The chosen times; `nearest` are free ones near the only one that is full, `full` says what full ones do."""

    dates: list[DateShown]
    is_series: bool
    nearest: list[datetime]
    full: str = "wait"

    @property
    def only(self) -> DateShown | None:
        return self.dates[0] if self.dates and not self.is_series else None

    @property
    def to_have(self) -> list[DateShown]:
        """What a click asks for."""
        return [date for date in self.dates if date.can_be_had]

    @property
    def free(self) -> list[DateShown]:
        return [date for date in self.dates if date.outcome and date.outcome.is_free]

    @property
    def any_is_full(self) -> bool:
        return any(date.outcome and date.outcome.is_full for date in self.dates)


def key_of(time: queries.SeriesTime) -> str:
    return f"{time.starts_at:%Y%m%dT%H%M}"


def was_shown(form: RequestForm, posted: QueryDict) -> bool:
    """Whether all dates of a series were seen before they are asked for."""
    return {key_of(time) for time in form.times} <= set(posted.get("seen", "").split())


def dates_shown(form: RequestForm, posted: QueryDict, *, now: datetime) -> DatesShown | None:
    """What would become of the times in a form; None while they cannot be read."""
    times = form.times
    if not times:
        return None
    offered = set(posted.get("offered", "").split()) if form.is_series else set()
    left_out = offered - set(posted.getlist("take"))
    full = "leave" if posted.get("full") == "leave" else "wait"
    return _shown(form, times, left_out, full, now=now)


def date_chosen(form: RequestForm, initial: dict[str, Any], *, now: datetime) -> DatesShown:
    """What would become of the time that was clicked in the calendar, or was chosen in its stead."""
    hours = float(initial.get("hours") or form.fields["hours"].initial)
    starts_at = initial["starts_at"].astimezone(UTC)
    return _shown(form, [queries.SeriesTime(starts_at, starts_at + timedelta(hours=hours))], set(), "wait", now=now)


def _shown(
    form: RequestForm, times: list[queries.SeriesTime], left_out: set[str], full: str, *, now: datetime
) -> DatesShown:
    resource, group = form.resource, form.chosen_group
    asked = [time.span for time in times if key_of(time) not in left_out]
    outcomes = queries.look_ahead(resource, group, asked, now=now, quantity=form.how_many, full_count=full == "wait")
    by_start = {outcome.starts_at: outcome for outcome in outcomes}
    dates = [DateShown(time, by_start.get(time.starts_at)) for time in times]
    is_series = form.is_bound and form.is_series
    only = outcomes[0] if outcomes and not is_series else None
    return DatesShown(dates, is_series, _nearest(form, only, now=now), full)


def _nearest(form: RequestForm, only: queries.Outcome | None, *, now: datetime) -> list[datetime]:
    if only is None or not only.gives_way:
        return []
    return queries.nearest_free(
        form.resource, only.starts_at, only.ends_at, now=now, group=form.chosen_group, quantity=form.how_many
    )


def made_words(made: list[ResourceRequest]) -> str:
    """What became of a series, in a sentence."""
    in_use = sum(wish.state == ResourceRequest.State.IN_USE for wish in made)
    waiting = sum(wish.state == ResourceRequest.State.WAITING for wish in made)
    others = len(made) - in_use - waiting
    counts = [
        (in_use, ngettext("%(n)d date is booked", "%(n)d dates are booked", in_use)),
        (waiting, ngettext("%(n)d date is on the waiting list", "%(n)d dates are on the waiting list", waiting)),
        (others, ngettext("%(n)d date is asked for", "%(n)d dates are asked for", others)),
    ]
    said = listed(words % {"n": n} for n, words in counts if n)
    return _("%(what)s.") % {"what": said}
