"""How often a group uses a resource, and what its limits leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from apps.groups.models import Group
from apps.resources.models import Resource, ResourceRequest

State = ResourceRequest.State
MONTH = timedelta(days=30)
# What a group has or may get.
HOLDS = [State.ASKED, State.WAITING, State.IN_USE]


@dataclass(frozen=True)
class Counted:
    """A use as the limit counts it: twice if nobody came."""

    starts_at: datetime
    times: int = 1
    # Whether the group still has it, or waits for it.
    is_held: bool = True


def counted_uses(
    resource: Resource, group: Group, starts_at: datetime, ends_at: datetime, *, without: Sequence[int] = ()
) -> list[Counted]:
    """The uses of a group that count in any 30 days around these times.

    Those that are over count too, twice if nobody came, and so do those that were given back or ended once they had
    begun. What was given back before its start or came to nothing does not.
    """
    used = Q(state__in=HOLDS) | Q(state__in=[State.RETURNED, State.ENDED], closed_at__gt=F("starts_at"))
    near = resource.requests.filter(used, group=group, starts_at__gt=starts_at - MONTH, starts_at__lt=ends_at + MONTH)
    found = near.exclude(pk__in=without).order_by("starts_at").values_list("starts_at", "was_used", "state")
    return [Counted(at, 2 if was_used is False else 1, state in HOLDS) for at, was_used, state in found if at]


def fullest_month(uses: Iterable[Counted], starts_at: datetime) -> list[Counted]:
    """The 30 days with the most uses of those to which one more at this time would belong."""
    uses = list(uses)
    firsts = [starts_at, *(use.starts_at for use in uses if starts_at - MONTH < use.starts_at < starts_at)]
    months = [[use for use in uses if first <= use.starts_at < first + MONTH] for first in firsts]
    return max(months, key=times_counted)


def times_counted(uses: Iterable[Counted]) -> int:
    return sum(use.times for use in uses)


def free_from(uses: Iterable[Counted], starts_at: datetime, most: int) -> datetime:
    """From when on another use keeps the limit: once one of those that count now is 30 days old."""
    uses = list(uses)
    later = sorted(use.starts_at + MONTH for use in uses if use.starts_at + MONTH > starts_at)
    return next(
        (at for at in later if times_counted(fullest_month(uses, at)) < most), later[-1] if later else starts_at
    )
