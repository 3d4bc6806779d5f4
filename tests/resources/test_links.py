"""Ready links: written once, sealed, one for each use at a time, and read by nobody but the group that has one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core.refused import Refused
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.resources import actions, queries
from apps.resources.forms.links import is_ready_link
from apps.resources.models import PoolLink
from tests.conftest import NOW
from tests.resources.offers import LINKS, ask, pool

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    "line",
    [
        "http://meet.example.org/one", "https://user:secret@meet.example.org/", "https://user@meet.example.org/",
        "https://localhost/", "https://10.0.0.8/room", "https://127.0.0.1/", "https://[::1]/", "https://169.254.1.1/x",
        "https://printer.local/", "https://intranet/", "https://127.1/", "https://0x7f.0.0.1/", "javascript:alert(1)",
        "https://", "meet.example.org/one two", "https://db.internal./x", "https://[fd00::1]/", "https://1.0x7f/",
    ],
)  # fmt: skip
def test_no_link_leads_into_a_private_network_or_carries_a_password(line):
    assert not is_ready_link(line)


@pytest.mark.parametrize("line", [*LINKS, "https://8.8.8.8/room", "https://xn--mgbh0fb.xn--kgbechtv.org/?pwd=a@b"])
def test_a_whole_public_https_address_is_a_ready_link(line):
    assert is_ready_link(line)


@pytest.mark.django_db
def test_links_are_sealed_and_no_two_groups_have_the_same_at_once(catalogue, volunteer, group, coordinator, stranger):
    resource = pool(volunteer)
    assert resource.capacity == 2
    assert not any(secret in link.sealed for link in PoolLink.objects.all() for secret in LINKS)
    groups = [(group, coordinator), *((form_group(name=f"{n}", by=stranger, now=NOW), stranger) for n in range(2))]
    uses = [ask(resource, one, by=by) for one, by in groups]
    assert [use.state for use in uses] == ["in_use", "in_use", "waiting"]
    assert {use.place for use in uses[:2]} == set(LINKS)
    assert [use.address for use in uses] == ["", "", ""]
    actions.give_back(uses[0], by=coordinator, now=NOW + HOUR)
    for use in uses:
        use.refresh_from_db()
    assert (uses[0].place, uses[2].place) == ("", LINKS[0])


@pytest.mark.django_db
def test_a_retired_link_goes_with_the_end_of_its_use_and_may_come_back(
    catalogue, volunteer, group, coordinator, stranger
):
    resource = pool(volunteer)
    mine = ask(resource, group, by=coordinator)
    other = ask(resource, form_group(name="Other", by=stranger, now=NOW), by=stranger)
    actions.retire_link(mine.link, by=volunteer, now=NOW)
    with pytest.raises(Refused, match="retired already"):
        actions.retire_link(mine.link, by=volunteer, now=NOW)
    resource.refresh_from_db()
    assert (resource.capacity, mine.place) == (1, LINKS[0])
    assert [shown.free_now for shown in queries.offers(NOW) if shown.resource == resource] == [0]
    later = NOW + HOUR
    actions.give_back(other, by=stranger, now=later)
    # The other one is free again, though two uses were never fewer than the one place that is left.
    again = ask(resource, group, by=coordinator, purpose="More", now=later)
    assert again.place == LINKS[1]
    sweep(now=mine.ends_at)
    third = ask(resource, group, by=coordinator, purpose="Most", now=later)
    assert third.state == "waiting"
    assert actions.add_links(resource, links=[LINKS[0], LINKS[1]], by=volunteer, now=mine.ends_at) == 1
    third.refresh_from_db()
    assert third.place == LINKS[0]
    with pytest.raises(Refused, match="stand in the pool already"):
        actions.add_links(resource, links=LINKS, by=volunteer, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        PoolLink.objects.create(
            resource=resource, sealed="x", digest=mine.link.digest, added_at=NOW, added_by=volunteer
        )


@pytest.mark.django_db
def test_two_halves_of_two_links_are_no_seat(catalogue, volunteer, coordinator, person):
    resource = pool(volunteer, kind="room", max_hours=3, lasts_days=None, for_groups_older_than_days=None)
    start = NOW + DAY

    def book(name, first, last):
        by = person(name)
        mine = form_group(name=name, by=by, now=NOW)
        return ask(resource, mine, by=by, starts_at=start + first * HOUR, ends_at=start + last * HOUR)

    early, late = book("Early", 0, 2), book("Late", 1, 3)
    assert early.link != late.link
    both = book("Both", 0, 3)
    assert both.state == "waiting"
    before, after = book("Before", -1, 0), book("After", 3, 4)
    assert {before.state, after.state} == {"in_use"}
    for one in (early, late, before, after):
        others = [use for use in (early, late, before, after) if use.link == one.link and use != one]
        assert not any(use.starts_at < one.ends_at and use.ends_at > one.starts_at for use in others)
