"""The ready links of a pool: which one is free when, without ever reading what it is."""

from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, QuerySet

from apps.resources.models import PoolLink, Resource, ResourceRequest
from apps.resources.queries.seats import TAKES_A_SEAT


def links_of(resource: Resource, now: datetime) -> QuerySet[PoolLink]:
    """Every link of a pool, each with whether it is in use now, and whether anybody has or will have it."""
    theirs = ResourceRequest.objects.filter(link=OuterRef("pk"), state__in=TAKES_A_SEAT)
    in_use = Exists(theirs.filter(starts_at__lte=now, ends_at__gt=now))
    found = resource.links.annotate(is_in_use=in_use, is_booked=Exists(theirs.filter(ends_at__gt=now)))
    return found.order_by(F("retired_at").asc(nulls_first=True), "added_at", "pk")


def free_links(
    resource: Resource, starts_at: datetime, ends_at: datetime, *, without: ResourceRequest | None = None
) -> QuerySet[PoolLink]:
    """The links on offer that nobody has at any moment between two times, the one longest unused first.

    Whoever has a link has it from the start to the end, since it is told at once: so one link has to be free all
    the time, and two halves of two links are no seat. `without` is a use that is to be moved or made longer.
    """
    free = _untaken(resource, starts_at, ends_at, without=without).filter(retired_at=None)
    return free.annotate(last_used_at=Max("uses__ends_at")).order_by(F("last_used_at").asc(nulls_first=True), "pk")


def _untaken(
    resource: Resource, starts_at: datetime, ends_at: datetime, *, without: ResourceRequest | None
) -> QuerySet[PoolLink]:
    uses = ResourceRequest.objects.filter(link=OuterRef("pk"), state__in=TAKES_A_SEAT)
    if without is not None and without.pk:
        uses = uses.exclude(pk=without.pk)
    taken = Exists(uses.filter(starts_at__lt=ends_at, ends_at__gt=starts_at))
    return resource.links.filter(~taken)


def link_for(request: ResourceRequest, *, runs: bool = False) -> PoolLink | None:
    """The link that a use of a pool gets, the one it has if that is free; None for everything that is no pool.

    What `runs` goes on in its own link, also in one that was retired meanwhile.
    """
    resource, starts_at, ends_at = request.resource, request.starts_at, request.ends_at
    if not resource.is_pool or starts_at is None or ends_at is None:
        return None
    own = _untaken(resource, starts_at, ends_at, without=request).filter(pk=request.link_id or 0).first()
    if own and (runs or own.retired_at is None):
        return own
    return free_links(resource, starts_at, ends_at, without=request).first()


def links_on_offer(resource: Resource) -> QuerySet[PoolLink]:
    """Those that are not retired: the capacity of a pool."""
    return resource.links.filter(retired_at=None)
