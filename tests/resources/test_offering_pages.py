"""Offering, stewarding and helping, as people do it: through the pages, without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.people.actions import say_contact
from apps.people.models import Affiliate
from apps.resources import actions
from apps.resources.models import Resource, ResourceRequest, Stewardship
from tests.journeys.reader import Reader
from tests.resources.offers import offer, pool
from tests.world import World, ask_for, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def reader_as(world: World, role: str) -> Reader:
    reader = Reader()
    if role != "visitor":
        reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader


SAID = {"name": "Survey corner", "line": "Up to 500 answers", "description": "Short surveys."}


def test_the_affiliate_that_offers_a_pool_and_the_group_that_gets_a_link(world):
    affiliate = Affiliate.objects.first()
    say_contact(affiliate, by=world.people["participant"], now=world.now)
    pia = reader_as(world, "participant")
    pia.open("/resources/")
    pia.follow("Offer something")
    typed = {**SAID, "kind": "survey", "provider": "pool", "policy": "self_service", "affiliate": str(affiliate.pk)}
    pia.press("Offer it", **typed, links="https://survey.example.org/one\nhttp://10.0.0.1/two")
    assert "line: 2" in pia.page.text
    assert "10.0.0.1" in pia.page.form("Offer it").values["links"][0]  # Nothing typed is lost.
    pia.press("Offer it", links="https://survey.example.org/one\nhttps://survey.example.org/two")
    assert "Say for how many days a link is theirs" in pia.page.text
    pia.press("Offer it", lasts_days="30", languages="ar, Yorùbá", for_regions=["ssa"])
    assert "you are its first steward" in pia.page.text
    assert pia.page.address == "/resources/survey-corner/stewards/"
    assert "survey.example.org" not in pia.page.html
    resource = Resource.objects.get(slug="survey-corner")
    assert (resource.languages, resource.for_regions, resource.affiliate) == (["ar", "yo"], ["ssa"], affiliate)
    pia.press_again()
    assert "You have offered this already" in pia.page.text

    bola = reader_as(world, "coordinator")
    bola.open("/resources/survey-corner/")
    assert str(affiliate) in bola.page.text
    assert "Groups of: " in bola.page.text
    bola.press("Ask for it", purpose="What newcomers miss")
    assert "is for groups of: " in bola.page.text
    assert bola.page.form("Ask for it").values["purpose"] == ["What newcomers miss"]
    world.group.region = "ssa"
    world.group.save()
    bola.press("Ask for it")
    assert bola.page.link("https://survey.example.org/one")
    use = ResourceRequest.objects.get(resource=resource)
    for role in ("visitor", "participant", "reviewer", "administrator"):
        assert "survey.example.org" not in reader_as(world, role).open(use.get_absolute_url()).html, role

    pia.open("/resources/survey-corner/stewards/")
    assert "First Steps" in pia.page.text
    assert "in use · added on" in pia.page.text
    pia.press("Add the links", links="https://survey.example.org/three")
    assert "1 link is in the pool now." in pia.page.text
    pia.press("Retire link 3")
    assert "Retired." in pia.page.text
    pia.press("End the use", **{"no-answer": "It is broken."})
    assert "A steward ended it" in pia.page.text
    assert "survey.example.org" not in bola.open(use.get_absolute_url()).html


def test_a_wish_of_the_board_leads_to_the_offer_that_takes_it_on(world):
    bola = reader_as(world, "coordinator")
    bola.open("/resources/something-else/")
    bola.press("Ask for it", purpose="A camera for two days")
    assert "Wanted: nobody offers it yet." in bola.page.text
    wish = ResourceRequest.objects.get(purpose="A camera for two days")
    otto = reader_as(world, "outsider")
    otto.open("/resources/")
    otto.follow("I can offer this")
    assert "A camera for two days" in otto.page.text
    assert otto.page.form("Offer it").values["kind"] == ["other"]
    otto.press("Offer it", name="My camera", line="Lent for a week", description="A good one.")
    assert "1 request waits for an answer." in otto.page.text
    otto.follow("Answer")
    otto.press("Give it", answer="Write to me.")
    assert "Given" in bola.open(wish.get_absolute_url()).text
    assert "Otto" in bola.open("/resources/my-camera/").text


def test_still_wanted_is_one_click_in_its_last_days(world):
    early = timezone.now() - timedelta(days=85)
    wish = ask_for("survey-tool", world.group, by=world.people["coordinator"], now=early, purpose="Ask newcomers")
    assert wish.state == "wanted"
    assert not any(form.has("Still wanted") for form in reader_as(world, "member").open(wish.get_absolute_url()).forms)
    bola = reader_as(world, "coordinator")
    assert "Still wanted? Survey tool for First Steps" in bola.open("/me/").text
    bola.open(wish.get_absolute_url())
    bola.press("Still wanted")
    assert "another 90 days" in bola.page.text
    assert not any(form.has("Still wanted") for form in bola.page.forms)


def test_stewards_invite_change_withdraw_and_leave_through_their_page(world):
    offer(world.people["participant"], name="Survey corner", now=world.now)
    pia, otto = reader_as(world, "participant"), reader_as(world, "outsider")
    pia.open("/resources/survey-corner/")
    pia.follow("The page of its stewards")
    pia.press("Invite to be a steward", name="Nobody of that name")
    assert "Nobody with this name has signed in here yet" in pia.page.text
    pia.press("Invite to be a steward", name="Otto")
    assert "They have 14 days to accept" in pia.page.text
    invitation = Stewardship.objects.get()
    address = invitation.get_absolute_url()
    assert "Invite to be a steward" in pia.open(address).text
    assert reader_as(world, "asker").open(address).status == 404
    otto.open("/me/")
    otto.follow("An invitation to become a steward of “Survey corner”")
    otto.press("Accept")
    assert "You are a steward of it now." in otto.page.text
    assert "is closed." in otto.open(address).text

    otto.open("/resources/survey-corner/change/")
    assert otto.page.form("Save").values["line"] == ["For thirty"]
    otto.press("Save", line="For forty", policy="self_service")
    assert "Only what is ready can be given at once" in otto.page.text
    assert otto.page.form("Save").values["line"] == ["For forty"]
    otto.press("Save", policy="costed")
    assert "For forty" in otto.page.text

    pia.open("/resources/survey-corner/stewards/")
    assert "The others go on answering." in pia.page.text
    pia.press("Yes, I stop")
    assert "You are no steward of this any more." in pia.page.text
    otto.open("/resources/survey-corner/stewards/")
    assert "You are the only one." in otto.page.text
    otto.follow("Withdraw it")
    otto.press("Withdraw it")
    assert "Say why, and what else could help." in otto.page.text
    otto.press("Withdraw it", reason="I move away.")
    assert "Not on offer any more" in otto.page.text
    assert "I move away." in reader_as(world, "visitor").open("/resources/survey-corner/").text
    assert "Survey corner" not in otto.open("/resources/").text
    amal = reader_as(world, "administrator")
    amal.open("/resources/survey-corner/")
    amal.press("Offer it again")
    assert "Survey corner" in amal.open("/resources/").text


def test_whoever_has_no_address_says_that_they_read_here(world):
    mute = make_person("Mute", email="")
    world.people["mute"] = mute
    actions.invite_steward(
        offer(world.people["participant"], now=world.now), person=mute, by=world.people["participant"], now=world.now
    )
    reader = reader_as(world, "mute")
    reader.open(Stewardship.objects.get().get_absolute_url())
    reader.press("Accept")
    assert "no letter would reach you" in reader.page.text
    reader.press("Accept", reads_on_site="on")
    assert "You are a steward of it now." in reader.page.text


def test_the_catalogue_is_filtered_by_kind_group_region_language_and_what_is_free(world):
    by = world.people["participant"]
    offer(by, name="For Arabs", for_regions=["mena"], languages=["ar"], now=world.now)
    pool(by, name="Empty pool", links=[], now=world.now)
    shown = {
        "": {"For Arabs", "Empty pool", "Notes pad"},
        "?kind=survey": {"For Arabs", "Empty pool"},
        "?region=ssa": {"Empty pool", "Notes pad"},
        "?region=mena": {"For Arabs", "Empty pool", "Notes pad"},
        "?free=on": {"For Arabs", "Notes pad"},
        f"?group={world.group.pk}": {"Empty pool", "Notes pad"},
        "?kind=nonsense&region=x&group=x&language=x": {"For Arabs", "Empty pool", "Notes pad"},
    }
    bola = reader_as(world, "coordinator")
    for query, names in shown.items():
        found = {words for words, _address in bola.open(f"/resources/{query}").links}
        assert found & {"For Arabs", "Empty pool", "Notes pad"} == names, query
    Resource.objects.filter(kind="pad").update(languages=["ar"])
    offer(by, name="In Yoruba", languages=["yo"], now=world.now)
    text = bola.open("/resources/?language=yo").text
    assert "In Yoruba" in text
    assert "For Arabs" not in text
    assert "No offer fits." in bola.open(f"/resources/?kind=pad&language=yo&group={world.group.pk}").text
