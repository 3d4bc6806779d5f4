"""A group accepts a facilitator, who then asks for resources in its name."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.refused import Refused
from apps.groups.actions import accept_facilitator, end_facilitation
from apps.groups.models import Facilitation, Meeting
from apps.groups.policy import facilitates
from apps.groups.queries import groups_to_ask_for
from apps.notifications.models import Letter
from apps.people.actions import end_role, give_role_back, grant_role
from apps.people.models import RoleTerm
from apps.resources.actions import decline_request, request_resource
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW, granted
from tests.journeys.reader import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def facilitator(person):
    return granted(person("Farid"), "facilitator", regions=["mena"])


def letters(person, kind):
    return Letter.objects.filter(recipient=person, notice__kind=kind).count()


def test_an_accepted_facilitator_asks_for_the_group_until_either_side_ends_it(group, coordinator, facilitator):
    assert not groups_to_ask_for(facilitator, NOW).exists()
    found = accept_facilitator(group, person=facilitator, by=coordinator, now=NOW)
    assert list(groups_to_ask_for(facilitator, NOW)) == [group]
    assert letters(facilitator, "groups.you_facilitate") == 1
    with pytest.raises(Refused, match="already"):
        accept_facilitator(group, person=facilitator, by=coordinator, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Facilitation.objects.create(group=group, user=facilitator, accepted_at=NOW, accepted_by=coordinator)
    end_facilitation(found, by=facilitator, now=NOW)
    assert not facilitates(facilitator, group, NOW)
    assert letters(coordinator, "groups.facilitation_over") == 1
    with pytest.raises(Refused, match="ended already"):
        end_facilitation(found, by=coordinator, now=NOW)
    assert accept_facilitator(group, person=facilitator, by=coordinator, now=NOW).pk != found.pk


def test_an_accepted_facilitator_plans_changes_and_cancels_meetings_and_publishes_no_notes(
    group, coordinator, facilitator
):
    meetings = f"/groups/{group.slug}/meetings/"
    farid = Reader()
    farid.client.force_login(facilitator, backend="django.contrib.auth.backends.ModelBackend")
    assert farid.open(f"{meetings}new/").status == 403
    accept_facilitator(group, person=facilitator, by=coordinator, now=timezone.now())
    farid.open(meetings)
    farid.follow("Plan a meeting")
    starts_at = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    typed = {"title": "First call", "agenda": "Hello", "starts_at": starts_at, "place": "Here"}
    farid.press("Plan the meeting", **typed, minutes="60", is_open="yes", languages="en")
    assert "Planned. It stands in the calendars" in farid.page.text
    assert letters(coordinator, "groups.meeting_planned") == 1
    farid.follow("Cancel the meeting")
    farid.press("Cancel the meeting", reason="Nobody can come.")
    assert "Cancelled." in farid.page.text
    assert farid.open(f"{meetings}{Meeting.objects.get().pk}/notes/").status == 403


def test_who_holds_the_role_no_more_asks_no_more(group, coordinator, facilitator, stranger):
    accept_facilitator(group, person=facilitator, by=coordinator, now=NOW)
    assert not facilitates(facilitator, group, NOW + timedelta(days=901))
    give_role_back(RoleTerm.objects.get(user=facilitator), by=facilitator, now=NOW)
    assert not facilitates(facilitator, group, NOW)
    with pytest.raises(Refused, match="no facilitator at the moment"):
        accept_facilitator(group, person=stranger, by=coordinator, now=NOW)


def test_the_facilitator_is_told_the_answer_to_what_they_asked_for(group, coordinator, facilitator, steward, catalogue):
    resource = Resource.objects.get(slug="mailing-list")
    resource.stewards.add(steward)
    accept_facilitator(group, person=facilitator, by=coordinator, now=NOW)
    wish = request_resource(resource, group=group, purpose="Newcomers", by=facilitator, now=NOW)
    decline_request(wish, answer="No list is free.", by=steward, now=NOW)
    assert letters(facilitator, "resources.answered") == letters(coordinator, "resources.answered") == 1


@pytest.mark.usefixtures("catalogue")
def test_a_facilitator_books_a_room_on_the_page_and_sees_where_it_is(group, coordinator, person, stranger):
    now = timezone.now()
    farid = person("Farid")
    grant_role(farid, role="facilitator", until=now + timedelta(days=90), regions=["mena"], by=None, now=now)
    readers = {}
    for who in (coordinator, farid, stranger):
        readers[who] = Reader()
        readers[who].client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    pad = "/resources/notes-pad/"
    assert group.name not in readers[farid].open(pad).text
    assert readers[farid].client.post(pad, {"group": group.pk, "purpose": "Notes"}).status_code == 403  # no token
    readers[coordinator].open(group.get_absolute_url())
    readers[coordinator].follow("Facilitators of this group")
    readers[coordinator].press("Accept Farid")
    assert "1 facilitator helps this group." in readers[coordinator].page.text
    page = readers[farid].open(pad)
    [values] = [form.values for form in page.forms if "purpose" in form.values]
    assert values["group"] == [str(group.pk)]
    button = next(text for form in page.forms if "purpose" in form.values for text, _name, _value in form.buttons)
    readers[farid].press(button, purpose="Notes of our call")
    wish = ResourceRequest.objects.get()
    assert wish.asked_by == farid
    assert wish.address in readers[farid].page.html
    assert wish.address not in readers[stranger].open(wish.get_absolute_url()).html
    end_role(RoleTerm.objects.get(user=farid), reason="Over", by=None, now=timezone.now())
    assert wish.address not in readers[farid].open(wish.get_absolute_url()).html
