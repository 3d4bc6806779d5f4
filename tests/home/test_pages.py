"""What the pages say that are composed of several features: words and links that people act on."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.core.dates import day
from apps.engagement.actions import withdraw_entry
from apps.groups.actions import form_group
from apps.initiatives.actions import InTheWay, decline_bid, dismiss_objection, post_update, say_interest
from apps.initiatives.models import Adoption, Initiative, Lead
from tests.conftest import hand_over
from tests.journeys.reader import Page, Reader
from tests.world import World, contest, log_doubtful, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def open_as(world: World, role: str, address: str) -> Page:
    reader = Reader()
    if role != "visitor":
        reader.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return reader.open(address)


def buttons(page: Page) -> set[str]:
    return {text for form in page.forms for text, _name, _value in form.buttons}


# --- Town square -----------------------------------------------------------------------------


def test_the_town_square_of_an_empty_site_says_so_and_leads_to_what_nobody_leads(client, catalogue):
    page = client.get("/").content.decode()
    assert "The movement agreed on 47 initiatives." in page
    assert "Nobody leads any of them here yet." in page
    assert 'href="/initiatives/?state=open"' in page


def test_the_town_square_counts_what_is_led_and_shows_what_waits(world):
    page = open_as(world, "visitor", "/")
    assert "Nobody leads 46 of them yet." in page.text
    assert "1 proposed" in page.text
    assert "4 measured steps of First Steps" in page.text
    assert page.link("Resources for newcomers") == world.led.get_absolute_url()


def test_where_i_can_help_follows_the_language_and_hides_small_numbers(world):
    page = open_as(world, "visitor", "/?in=ar")
    assert "Nobody leads it; readers of this language would help." in page.text
    for number in range(4):
        say_interest(
            world.free, ways=["would_join"], languages=["ar"], region="", is_named=False, wants_news=False,
            by=make_person(f"Reader{number}"), now=world.now,
        )  # fmt: skip
    assert "Nobody leads it; 5 readers of this language would help." in open_as(world, "visitor", "/?in=ar").text
    assert "Nobody has said yet that they would help in this language." in open_as(world, "visitor", "/?in=sw").text


def test_where_i_can_help_begins_with_my_own_first_language_whichever_it_is(world):
    User.objects.filter(pk=world.people["participant"].pk).update(languages=["ca", "ar"])
    assert '<option value="ca" lang="ca" selected>català</option>' in open_as(world, "participant", "/").html
    assert '<option value="ay" lang="ay" selected>' in open_as(world, "participant", "/?in=ay").html
    assert '<option value="en" lang="en" selected>' in open_as(world, "visitor", "/?in=nonsense").html
    mine = open_as(world, "participant", "/me/")
    assert "català" in mine.text
    assert mine.link("Where I can help") == "/?in=ca"


# --- Initiative ------------------------------------------------------------------------------


def test_an_open_initiative_offers_to_adopt_it_and_says_what_follows(world):
    page = open_as(world, "visitor", world.free.get_absolute_url())
    assert page.link("Adopt this initiative").endswith("/adopt/")
    assert "Nobody leads this here yet" in page.text
    assert "What happens when you adopt it" in page.text
    assert "Ask to join" not in page.text


@pytest.mark.parametrize(
    ("role", "offered", "hidden"),
    [
        ("visitor", ["Ask to join"], ["Post an update", "Pause, hand over"]),
        ("participant", ["Ask to join"], ["Post an update", "Pause, hand over"]),
        ("member", ["Post an update", "Log what was done"], ["Ask to join", "Pause, hand over"]),
        ("coordinator", ["Post an update", "Log what was done", "Pause, hand over"], ["Ask to join", "Renew the term"]),
    ],
)
def test_a_led_initiative_offers_each_role_what_it_may_do(world, role, offered, hidden):
    page = open_as(world, role, world.led.get_absolute_url())
    words = [text for text, _href in page.links]
    for text in offered:
        assert any(text in word for word in words), text
    for text in hidden:
        assert not any(text in word for word in words), text


def test_where_groups_lead_together_one_can_offer_help_to_each(world):
    second = form_group(name="Second Wind", by=world.people["asker"], now=world.now)
    Lead.objects.create(adoption=world.adoption, group=second, began_at=world.now, last_act_at=world.now)
    to_join = {reverse("groups:join", args=[group.slug]) for group in (world.group, second)}

    def joins(address: str) -> set[str]:
        return {href for text, href in open_as(world, "participant", address).links if "First Steps" in text or
                "Second Wind" in text} & to_join  # fmt: skip

    page = world.led.get_absolute_url()
    assert joins(page) == to_join
    Adoption.objects.update(notice_ends_at=world.now)
    assert joins(page) == to_join
    assert joins(reverse("initiatives:adopt", args=[world.led.number, world.led.words])) == to_join
    Adoption.objects.update(last_act_at=world.now - timedelta(days=61))
    assert joins(page) == to_join


def test_what_was_decided_about_the_lead_is_found_from_the_history(world):
    contested = contest(world)
    initiative, page = contested.bid.adoption.initiative, contested.bid.adoption.initiative.get_absolute_url()
    assert "that is over" not in open_as(world, "visitor", page).text
    decline_bid(contested.bid, reason="We go on alone.", by=world.people["coordinator"], now=world.now)
    dismiss_objection(contested.objection, note="They asked everybody.", by=world.people["reviewer"], now=world.now)
    reader = Reader()
    reader.open(page)
    reader.follow("2 objections and bids that are over")
    listed = reader.page
    assert listed.address.endswith("/disputes/")
    assert "The adoption stands" in listed.text
    assert listed.link("Staff Group asks to join the lead") == contested.bid.get_absolute_url()
    assert "Newcomers on five wikis" in reader.open(listed.link("An objection")).text, "With the plan of the lead."
    assert str(initiative.number) in listed.text


def test_the_badge_explains_itself_by_the_acts_it_was_computed_from(world):
    page = open_as(world, "visitor", world.led.get_absolute_url())
    assert "The latest counted act of the lead was an update on" in page.text
    assert "the notice ends and the badge reads “led”" in page.text
    Adoption.objects.update(last_act_at=timezone.now())
    assert ", today. Updates, engagement entries" in open_as(world, "visitor", world.led.get_absolute_url()).text


def test_a_quiet_initiative_says_when_its_term_lapses(world):
    long_ago = world.now - timedelta(days=70)
    Adoption.objects.update(adopted_at=long_ago, notice_ends_at=long_ago + timedelta(days=14), last_act_at=long_ago)
    Lead.objects.update(last_act_at=long_ago)
    page = open_as(world, "visitor", world.led.get_absolute_url())
    assert "Quiet: the term lapses on" in page.text
    assert "Quiet" in open_as(world, "visitor", "/initiatives/?state=quiet").text


@pytest.mark.parametrize("late", ["somebody had asked for its place", "a hold was forgotten"])
def test_a_term_that_lapses_later_than_on_day_90_says_when(world, late):
    long_ago = world.now - timedelta(days=91)
    Adoption.objects.update(adopted_at=long_ago, notice_ends_at=long_ago + timedelta(days=14), last_act_at=long_ago)
    page = world.led.get_absolute_url()
    by_day_90 = f"lapses on {day(long_ago + timedelta(days=90))}, which is day 90."
    assert by_day_90 in open_as(world, "visitor", page).text
    if late == "somebody had asked for its place":
        lapses_at = world.now + timedelta(days=17)
        Adoption.objects.update(leaves_at=lapses_at)
    else:
        Adoption.objects.update(forgotten_at=world.now - timedelta(days=1))
        lapses_at = world.now + timedelta(days=89)
    shown = open_as(world, "visitor", page).text
    assert f"Without another counted act the term lapses on {day(lapses_at)}." in shown
    assert f"Quiet: the term lapses on {day(lapses_at)} unless" in shown
    assert "which is day 90" not in shown


def test_while_a_group_asks_for_a_quiet_lead_no_page_says_that_the_term_lapses(world):
    long_ago = world.now - timedelta(days=80)
    Adoption.objects.update(adopted_at=long_ago, notice_ends_at=long_ago + timedelta(days=14), last_act_at=long_ago)
    pages = {"visitor": ["/", world.group.get_absolute_url()], "coordinator": ["/me/"]}
    for shared_at, says, says_not in (
        (None, "lapses on ", "another group leads, too"),
        (world.now + timedelta(days=12), "another group leads, too, from ", "lapses on "),
    ):
        Adoption.objects.update(shared_at=shared_at)
        for reader, paths in pages.items():
            for path in paths:
                shown = open_as(world, reader, path).text
                assert says in shown, path
                assert says_not not in shown, path
    page = open_as(world, "visitor", world.led.get_absolute_url()).text
    on = day(shared_at)
    assert f"Quiet: another group leads, too, from {on} unless the lead answers" in page
    assert f"Without an answer it leads, too, from {on}." in page
    assert "Without an answer, whoever asked for it leads, too" in page
    assert "the term lapses" not in page.replace("On day 90 the term lapses", "")


def test_whoever_led_it_before_finds_the_way_in_the_first_60_days(world, settings):
    page, words = world.led.get_absolute_url(), "We led this before"
    settings.LAUNCHED_ON = (world.now - timedelta(days=10)).date()
    assert words not in open_as(world, "participant", page).text, "While the notice runs anybody can ask to lead, too."
    Adoption.objects.update(notice_ends_at=world.now, last_act_at=world.now)
    for hold_review_at in (None, world.now + timedelta(days=30)):
        Adoption.objects.update(hold_review_at=hold_review_at)
        assert open_as(world, "participant", page).link(words).endswith("/adopt/")
        assert words not in open_as(world, "coordinator", page).text
    settings.LAUNCHED_ON = (world.now - timedelta(days=60)).date()
    assert words not in open_as(world, "participant", page).text


def test_what_is_on_hold_is_resumed_by_coordinators_alone(world):
    Adoption.objects.update(notice_ends_at=world.now, hold_review_at=world.now + timedelta(days=30))
    page = world.led.get_absolute_url()
    assert open_as(world, "coordinator", page).link("Resume it")
    shown = open_as(world, "member", page)
    assert not [text for text, _href in shown.links if "Resume it" in text]
    assert "a coordinator of your group resumes it" in shown.text
    assert shown.link("Log what was done")


def test_of_two_groups_that_lead_together_one_decides_for_that_which_one_coordinates(world):
    second = form_group(name="Second Wind", by=world.people["member"], now=world.now)
    Lead.objects.create(adoption=world.adoption, group=second, began_at=world.now, last_act_at=world.now)
    page = open_as(world, "member", world.led.get_absolute_url())
    assert page.link("Pause, hand over")


def test_names_are_shown_only_of_those_who_agreed(world):
    say_interest(
        world.free, ways=["would_lead"], languages=["en"], region="", is_named=False, wants_news=False,
        by=make_person("Shy"), now=world.now,
    )  # fmt: skip
    page = open_as(world, "visitor", world.free.get_absolute_url())
    assert "Pia" in page.text
    assert "Shy" not in page.text
    assert "and others" in page.text


def test_how_many_are_interested_is_not_said_while_they_are_few(world):
    pages = ["/", "/initiatives/", world.free.recommendation.get_absolute_url(), world.free.get_absolute_url()]
    for address in pages:
        text = open_as(world, "visitor", address).text
        assert "<5" in text or "ewer than 5" in text, address
        assert "1 interested" not in text, address
        assert "1 person" not in text, address
    own = open_as(world, "visitor", world.free.get_absolute_url())
    assert "Pia" in own.text
    assert "العربية" not in own.text.partition("Who is interested")[2].partition("What happens")[0]
    for number in range(4):
        say_interest(
            world.free, ways=["would_join"], languages=["ar"], region="", is_named=False, wants_news=False,
            by=make_person(f"Reader{number}"), now=world.now,
        )  # fmt: skip
    own = open_as(world, "visitor", world.free.get_absolute_url())
    assert "5 people said they would help." in own.text
    assert "العربية" in own.text.partition("Who is interested")[2].partition("What happens")[0]
    assert "5 interested" in open_as(world, "visitor", "/").text


def test_an_address_with_other_words_leads_to_the_right_one(client, catalogue):
    initiative = Initiative.objects.get(number=13)
    for address in ("/initiatives/13/", "/initiatives/13-other-words/"):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (301, initiative.get_absolute_url())


# --- Group -----------------------------------------------------------------------------------


def test_only_coordinators_see_who_asks_to_join_and_what_they_wrote(world):
    mine = open_as(world, "coordinator", world.group.get_absolute_url())
    assert "I translate." in mine.text
    assert "Admit Asa" in buttons(mine)
    for role in ("visitor", "member", "steward", "administrator"):
        theirs = open_as(world, role, world.group.get_absolute_url())
        assert "I translate." not in theirs.text
        assert "Requests to join" not in theirs.text
        assert not {"Admit Asa", "Decline Asa"} & buttons(theirs)


def test_only_an_administrator_confirms_a_group_of_an_organisation(world):
    address = world.unconfirmed.get_absolute_url()
    assert "Confirm this group" in buttons(open_as(world, "administrator", address))
    assert "Confirm this group" not in buttons(open_as(world, "coordinator", address))
    assert "unconfirmed" in open_as(world, "visitor", address).text


def test_no_page_of_a_group_shows_an_address_for_mail(world):
    for role in ("visitor", "coordinator", "administrator"):
        assert "@example.org" not in open_as(world, role, world.group.get_absolute_url()).html


def test_a_booking_is_shown_in_utc_whatever_the_zone_of_the_reader(world):
    User.objects.update(time_zone="Pacific/Kiritimati")  # fourteen hours ahead: there it is the next day
    row = world.room.starts_at.strftime("%-d %B, 12:00 UTC")
    assert row in open_as(world, "coordinator", world.group.get_absolute_url()).text


# --- Me --------------------------------------------------------------------------------------


def test_my_page_says_what_i_owe_by_when_and_what_silence_does(world):
    page = open_as(world, "coordinator", "/me/")
    assert "You owe" in page.text
    assert "Silence:" in page.text
    assert "4 measured steps of First Steps" in page.text  # What waits for others, for me.
    assert {f"{word}: An invitation to Staff Group" for word in ("Accept", "Decline")} <= buttons(page)


def test_after_a_handover_whoever_leads_reads_what_it_owes_and_is_owed_and_answers(world):
    _note, doubt, judged = log_doubtful(world, now=world.now)
    named = {"link": "", "by": world.people["coordinator"], "now": world.now}
    logo = InTheWay("No logo", role="reviewer")
    obstacle = post_update(world.adoption, group=world.group, text="Slowly.", obstacle=logo, **named).obstacle
    heir = world.people["heir"] = make_person("Hana")
    hand_over(world.adoption, to=form_group(name="Second Wind", by=heir, now=world.now), now=world.now)

    owed = ("measured steps of First Steps", f"An answered doubt about “{judged.entry}”", "What is in the way of")
    before, after = (open_as(world, role, "/me/").text for role in ("coordinator", "heir"))
    assert [words in after for words in owed] == [True] * 3
    assert not [words for words in owed if words in before]
    mine = f"An answer to a doubt about “{doubt.entry}”"
    assert (mine in before, mine in after) == (False, True)

    entry, way = doubt.entry.get_absolute_url(), obstacle.get_absolute_url()
    answers = ["Answer the doubt" in open_as(world, role, entry).text for role in ("coordinator", "heir")]
    clears = ["It is out of the way" in buttons(open_as(world, role, way)) for role in ("coordinator", "heir")]
    assert answers == clears == [False, True]


def test_a_measured_step_in_review_is_not_said_to_be_early_when_an_entry_is_withdrawn(world):
    entry = world.adoption.entries.filter(step__code="announce").first()
    withdraw_entry(entry, by=world.people["coordinator"], now=world.now)
    text = open_as(world, "visitor", world.led.get_absolute_url()).text
    assert "Measured, in review since" in text
    assert "early" not in text


def test_the_page_of_somebody_new_is_no_dead_end(world):
    page = open_as(world, "participant", "/me/")
    assert "You owe nothing." in page.text
    assert page.link("Find an initiative that nobody leads") == "/initiatives/?state=open"


def test_a_reviewer_finds_the_queue_on_their_page(world):
    page = open_as(world, "reviewer", "/me/")
    assert page.link("Open the review queue") == "/review/"
    assert "1 submission waits in the review queue" in page.text


# --- Language and time zone ------------------------------------------------------------------


def test_pages_come_in_the_language_that_was_chosen_and_from_right_to_left(client, catalogue):
    client.post("/language/setlang/", {"language": "ar", "next": "/"})
    page = client.get("/initiatives/").content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    assert "المبادرات" in page


def test_the_theme_of_the_settings_is_on_the_page(world):
    User.objects.filter(pk=world.people["participant"].pk).update(theme=User.Theme.values[-1])
    assert f'class="{User.Theme.values[-1]}"' in open_as(world, "participant", "/").html


# --- Footer ----------------------------------------------------------------------------------


def test_the_footer_says_who_runs_the_site(client, catalogue, settings):
    assert "Run by volunteers, not by the Wikimedia Foundation." in client.get("/guidelines/1.0/").content.decode()
    settings.RUN_BY = "Run by Wikimedia Exampleland <e.V.>"
    page = client.get("/guidelines/1.0/").content.decode()
    assert "Run by Wikimedia Exampleland &lt;e.V.&gt;" in page
    assert "Run by volunteers" not in page
