"""A pool of ready links: written once, sealed, and each given to one group at a time."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.core.sealed import seal
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions.giving import (
    move_up,
)
from apps.resources.actions.taking_on import take_on_wishes
from apps.resources.models import PoolLink, Resource


@transaction.atomic
def add_links(resource: Resource, *, links: Sequence[str], by: User, now: datetime) -> int:
    """Add ready links to a pool; returns how many are new. Whoever waits for a place gets one at once.

    What stands in the pool already is passed over; one that was retired is on offer again. Refused for what is no
    pool, for what was withdrawn, and when nothing is new.
    """
    resource = _held(resource)
    if resource.withdrawn_at:
        raise Refused(_("This was withdrawn. Offer it again first."))
    new = write_links(resource, links, by=by, now=now)
    move_up(resource, now=now)
    take_on_wishes(resource, now=now)
    return new


def write_links(resource: Resource, links: Sequence[str], *, by: User, now: datetime) -> int:
    """Write links into a pool that the caller holds; returns how many are new, and refuses when none is."""
    if not resource.is_pool:
        raise Refused(_("This is no pool of ready links."), field="links")
    by_digest = {link.digest: link for link in resource.links.all()}
    wanted = {_digest(resource, link): link for link in links}
    new = sum(_add(resource, digest, link, by_digest.get(digest), by=by, now=now) for digest, link in wanted.items())
    if not new:
        raise Refused(_("These links stand in the pool already."), field="links")
    _count_places(resource)
    write(words.LINKS_ADDED, by=by, now=now, resource=resource)
    return new


def _add(resource: Resource, digest: str, link: str, known: PoolLink | None, *, by: User, now: datetime) -> bool:
    if known is None:
        PoolLink.objects.create(resource=resource, sealed=seal(link), digest=digest, added_at=now, added_by=by)
        return True
    if known.retired_at is None:
        return False
    known.retired_at = known.retired_by = None
    known.save(update_fields=["retired_at", "retired_by"])
    return True


def _digest(resource: Resource, link: str) -> str:
    return salted_hmac("resources.links", f"{resource.pk} {link}", algorithm="sha256").hexdigest()


@transaction.atomic
def retire_link(link: PoolLink, *, by: User, now: datetime) -> None:
    """Give a link to nobody any more; whoever has it keeps it to the end of their use."""
    resource = _held(link.resource)
    if not resource.links.filter(pk=link.pk, retired_at=None).update(retired_at=now, retired_by=by):
        raise Refused(_("This link is retired already."))
    _count_places(resource)
    write(words.LINK_RETIRED, by=by, now=now, resource=resource)


def _count_places(resource: Resource) -> None:
    """A pool has as many places as links."""
    resource.capacity = queries.links_on_offer(resource).count()
    resource.save(update_fields=["capacity"])


def _held(resource: Resource) -> Resource:
    return Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)
