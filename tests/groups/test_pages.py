"""Forming, joining and leaving groups on their pages."""

import pytest
from django.utils import timezone

from apps.groups.models import Group, Membership
from apps.initiatives.actions import step_down
from apps.initiatives.models import Lead
from tests.journeys.reader import Page, Reader
from tests.world import World, lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def reader_as(world: World, role: str) -> Reader:
    reader = Reader()
    if role != "visitor":
        reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader


def open_as(world: World, role: str, address: str) -> Page:
    return reader_as(world, role).open(address)


def test_a_group_begins_with_one_person_from_the_list_of_groups(world):
    pia = reader_as(world, "participant")
    pia.open("/groups/")
    pia.follow("Form a working group")
    pia.press("Form the group", name="Øst & vest «π»", purpose="Help")
    assert "The group exists. You coordinate it." in pia.page.text
    group = Group.objects.get(name="Øst & vest «π»")
    assert pia.page.address == group.get_absolute_url()
    assert "Øst & vest «π»" in open_as(world, "visitor", "/groups/").text


@pytest.mark.parametrize("name", ["First Steps", "first steps", "FIRST  STEPS", "First-Steps"])
def test_a_name_that_is_taken_is_refused_and_the_rest_stays(world, name):
    pia = reader_as(world, "participant")
    pia.open("/groups/new/")
    pia.press("Form the group", name=name, purpose="Help newcomers")
    assert "Another group has this name." in pia.page.text
    assert pia.page.form("Form the group").values["purpose"] == ["Help newcomers"]


@pytest.mark.parametrize("name", ["New", "new", " NEW "])
def test_no_group_stands_where_a_page_is(world, name):
    """/groups/new/ is the form."""
    pia = reader_as(world, "participant")
    pia.open("/groups/new/")
    pia.press("Form the group", name=name)
    assert "Another group has this name." in pia.page.text
    assert not Group.objects.filter(slug="new").exists()


@pytest.mark.parametrize("name", ["!!!", "👩‍🚀", "- -"])
def test_a_name_without_a_letter_is_refused_with_a_sentence(world, name):
    pia = reader_as(world, "participant")
    pia.open("/groups/new/")
    pia.press("Form the group", name=name)
    assert "A name needs at least one letter or digit." in pia.page.text


def test_names_from_right_to_left_have_a_page(world):
    pia = reader_as(world, "participant")
    pia.open("/groups/new/")
    pia.press("Form the group", name="مجموعة الخطوات الأولى")
    assert pia.page.status == 200
    assert "مجموعة الخطوات الأولى" in pia.page.text


def test_an_affiliate_group_needs_its_affiliate(world):
    pia = reader_as(world, "participant")
    pia.open("/groups/new/")
    pia.press("Form the group", name="Of an affiliate", kind="affiliate")
    assert "Choose the affiliate that the group acts for." in pia.page.text


def test_only_groups_that_look_for_members_are_in_that_list(world):
    page = open_as(world, "visitor", "/groups/?seeking")
    assert "1 working group looks for members." in page.text
    assert "First Steps" in page.text
    assert "Staff Group" not in page.text


def test_asking_to_join_can_be_taken_back(world):
    pia = reader_as(world, "participant")
    pia.open("/groups/first-steps/")
    pia.follow("Ask to join")
    pia.press("Ask to join", message="I draw.")
    assert "a coordinator owes you an answer in 14 days".casefold() in pia.page.text.casefold()
    pia.press("Take my request back")
    assert "Taken back." in pia.page.text
    assert Membership.objects.get(user=world.people["participant"]).state == "lapsed"


@pytest.mark.parametrize(("button", "state"), [("Accept the invitation", "active"), ("Decline", "declined")])
def test_an_invitation_is_answered_on_the_page_of_the_group(world, button, state):
    bola, pia = reader_as(world, "coordinator"), reader_as(world, "participant")
    bola.open("/groups/first-steps/invite/")
    bola.press("Invite", names="Pia\n\n Otto ")
    assert "Invited. They have 14 days to accept." in bola.page.text
    assert "Pia" not in open_as(world, "visitor", "/groups/first-steps/").text  # Shown once she has accepted.
    pia.open("/groups/first-steps/")
    pia.press(button)
    assert Membership.objects.get(user=world.people["participant"]).state == state


def test_inviting_somebody_who_is_not_here_names_them_and_keeps_the_list(world):
    bola = reader_as(world, "coordinator")
    bola.open("/groups/first-steps/invite/")
    bola.press("Invite", names="Pia\nNobody Here")
    assert "Nobody with this name has signed in here yet: Nobody Here." in bola.page.text
    assert bola.page.form("Invite").values["names"] == ["Pia\nNobody Here"]
    assert not Membership.objects.filter(user=world.people["participant"]).exists()


def test_the_only_coordinator_names_another_before_leaving(world):
    bola = reader_as(world, "coordinator")
    bola.open("/groups/first-steps/")
    bola.press("Leave the group")
    assert "You are the only coordinator." in bola.page.text
    bola.press("Make coordinator")
    bola.press("Leave the group")
    assert not Membership.objects.filter(group=world.group, user=world.people["coordinator"], state="active").exists()
    assert Membership.objects.get(pk=world.member.pk).is_coordinator


def test_a_member_of_another_group_cannot_answer_for_this_one(world):
    """The number of a membership in the address belongs to the group in the address, or there is no such page."""
    reader = reader_as(world, "outsider")
    token = reader.open("/groups/staff-group/").form("Leave the group").values["csrfmiddlewaretoken"]
    data = {"csrfmiddlewaretoken": token, "answer": "admit"}
    assert reader.client.post(f"/groups/staff-group/members/{world.asked.pk}/answer/", data).status_code == 404
    assert reader.client.post(f"/groups/first-steps/members/{world.asked.pk}/answer/", data).status_code == 403
    world.asked.refresh_from_db()
    assert world.asked.state == "asked"


def test_whoever_is_invited_joins_at_once_and_is_told_so(world):
    bola = reader_as(world, "coordinator")
    page = bola.open(f"{world.unconfirmed.get_absolute_url()}join/")
    assert "The group has invited you already: you become a member at once." in page.text
    bola.press("Join", message="")
    assert "You are a member now: the group had invited you already." in bola.page.text


def test_the_region_of_a_group_is_chosen_and_shown(world):
    pia = reader_as(world, "participant")
    pia.open("/groups/new/")
    pia.press("Form the group", name="Of a region", region="mena")
    assert "Middle East and North Africa" in pia.page.text
    pia.follow("Describe the group")
    assert pia.page.form("Save").values["region"] == ["mena"]
    pia.press("Save", region="")
    assert "Middle East and North Africa" not in pia.page.text


def test_an_empty_group_offers_nobody_to_join(world):
    pia = reader_as(world, "participant")
    pia.open("/groups/new/")
    pia.press("Form the group", name="Short-lived")
    pia.press("Leave the group")
    assert "Nobody is a member any more." in pia.page.text
    assert not [text for text, _href in pia.page.links if "Ask to join" in text]


def test_lists_say_which_groups_nobody_has_confirmed(world):
    step_down(Lead.objects.get(), notes="", by=world.people["coordinator"], now=timezone.now())
    lead(world.free, world.unconfirmed, by=world.people["outsider"], now=timezone.now())
    recommendation = world.free.recommendation.get_absolute_url()
    for address in ("/", "/initiatives/", "/groups/", recommendation, world.free.get_absolute_url()):
        assert "unconfirmed" in open_as(world, "visitor", address).text, address


def test_at_most_twenty_people_are_invited_at_once_and_the_list_stays(world):
    bola = reader_as(world, "coordinator")
    bola.open("/groups/first-steps/invite/")
    names = "\n".join(f"Person {number}" for number in range(21))
    bola.press("Invite", names=names)
    assert "Name at most 20 people." in bola.page.text
    assert bola.page.form("Invite").values["names"] == [names]


def test_people_and_their_roles_are_linked_from_every_page(world):
    assert open_as(world, "visitor", "/").link("People") == "/people/"
