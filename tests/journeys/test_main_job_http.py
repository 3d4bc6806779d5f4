"""The main job over HTTP, with pages that are read and buttons that are pressed, without a script.

A volunteer signs in with a Wikimedia account through the whole protocol, adopts an initiative that nobody leads, forms
a group, logs steps until four are measured, hands them in and gets a meeting room; a reviewer answers, or nobody does.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.engagement.models import ChecklistStep, Entry, Submission
from apps.groups.models import Group, Membership
from apps.initiatives.models import Adoption, Initiative, Lead
from apps.notifications.delivery import deliver
from apps.notifications.models import Letter
from apps.record.models import Act
from apps.resources.actions import name_steward
from apps.resources.models import Resource, ResourceRequest
from tests.journeys.at_once import assert_promises_hold
from tests.journeys.reader import Reader
from tests.servers.walk import Visit
from tests.servers.wikimedia import Account, Wikimedia

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NUMBER = 13
SECRET = "meet.jit.si/MovementStrategy-"
MEETING = {"purpose": "First meeting", "hours": "1.0"}


@pytest.fixture
def wikimedia(settings, catalogue):
    accounts = [
        Account(sub=str(6000 + number), username=name, email=f"{name.lower()}@example.org")
        for number, name in enumerate(("Ada", "Bola", "Sven", "Rhea", "Tala"))
    ]
    with Wikimedia(*accounts, redirect_uri="http://testserver/accounts/mediawiki/login/callback/") as server:
        settings.WIKIMEDIA_CLIENT_ID, settings.WIKIMEDIA_CLIENT_SECRET = server.client_id, server.client_secret
        settings.WIKIMEDIA_REST_API, settings.WIKIMEDIA_API = server.rest_api, server.api
        yield server


@pytest.fixture
def sign_in(wikimedia: Wikimedia) -> Callable[[str], Reader]:
    """A person who comes to the front page and signs in, by links and buttons, through the whole protocol."""

    def as_person(name: str) -> Reader:
        reader = Reader()
        reader.open("/")
        reader.follow("Sign in")
        return signed_in(reader, wikimedia, name)

    return as_person


def signed_in(reader: Reader, wikimedia: Wikimedia, name: str) -> Reader:
    [account] = [account for account in wikimedia.accounts.values() if account.username == name]
    reader.press("Sign in with Wikimedia")
    reader.open(Visit(reader.client).decide(reader.elsewhere, account.sub))
    assert name in reader.page.text
    return reader


def adopt(reader: Reader, group: str = "First Steps") -> None:
    """From the front page to leading an initiative, with a group of one's own."""
    reader.open("/")
    reader.follow("Adopt an initiative")
    reader.follow(Initiative.objects.get(number=NUMBER).title)
    reader.follow("Adopt this initiative")
    reader.press(
        "Adopt and lead",
        accept="on",
        new_group=group,
        plan="Newcomers on five wikis find one shared help page.",
        step_1="List what exists",
        step_2="Ask the neighbours",
        step_3="Write the first page",
    )


def log_four_steps(reader: Reader) -> None:
    """What the guidelines ask of the first ninety days, logged on the pages of the steps."""
    for title, times in (("Find and link the conversations", 1), ("A public page", 1), ("Announce it", 3)):
        for number in range(times):
            reader.open(checklist_address())
            reader.follow(f"Log an entry: {title}")
            reader.press(
                "Log this entry",
                title=f"{title}, {number}",
                url=f"https://meta.wikimedia.org/wiki/{title.replace(' ', '_')}/{number}",
                happened_on=timezone.localdate().isoformat(),
                languages=["en"],
            )
            assert "Logged. The checklist has measured itself again." in reader.page.text
    reader.open(checklist_address())
    reader.follow("Log an entry: Tell former leads")
    reader.follow("Name whom you tell")
    reader.press("Save", names="")


def checklist_address() -> str:
    initiative = Initiative.objects.get(number=NUMBER)
    return f"{initiative.get_absolute_url()}checklist/"


def noon_in(days: int) -> str:
    return (timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT12:00")


def book_room(reader: Reader, **more: object) -> str:
    reader.open("/resources/")
    reader.follow("Book a room")
    reader.press("Book this room", **({"starts_at": noon_in(3)} | MEETING | more))
    return reader.page.address


def hand_in(reader: Reader) -> Submission:
    reader.open(checklist_address())
    reader.press("Hand in 4 measured steps")
    return Submission.objects.get()


def make_reviewer(name: str) -> None:
    call_command("grant", "reviewer", name, stdout=StringIO())


def verbs() -> set[str]:
    return set(Act.objects.values_list("verb", flat=True))


def let_pass(days: int, *, until: Callable[[], bool] = lambda: False, every: float = 7) -> datetime:
    """The clock moves on; every few hours the sweep runs, and once more in the same moment."""
    at, end = timezone.now(), timezone.now() + timedelta(days=days)
    while at < end and not until():
        sweep(now=at)
        sweep(now=at)
        at += timedelta(hours=every)
    return at


# --- The story -------------------------------------------------------------------------------


def test_a_volunteer_leads_an_initiative_gets_a_room_and_a_reviewer_answers(sign_in):
    ada = sign_in("Ada")
    adopt(ada)
    assert "Your group leads this initiative now." in ada.page.text
    assert "Adopted by First Steps" in ada.page.text
    assert "Newcomers on five wikis find one shared help page." in ada.page.text

    # Somebody else joins: asks, and is admitted.
    bola = sign_in("Bola")
    bola.open(f"/initiatives/{NUMBER}/")
    bola.follow("Ask to join")
    bola.press("Ask to join", message="I translate.")
    ada.open("/me/")
    ada.follow("Answer")
    assert "I translate." in ada.page.text
    ada.press("Admit")
    assert Membership.objects.get(user__username="Bola").state == "active"

    log_four_steps(bola)
    ada.open(checklist_address())
    assert "4 of 10 steps are met." in ada.page.text
    submission = hand_in(ada)
    assert "Handed in." in ada.page.text

    # A room: seen by the group alone.
    room = book_room(ada)
    assert SECRET in ada.page.html, ada.page.text
    assert SECRET in bola.open(room).html
    name_steward(Resource.objects.get(slug="video-meeting-room"), person=sign_in_as_user(sign_in, "Tala"),
                 now=timezone.now())  # fmt: skip
    for name in ("Sven", "Tala"):
        stranger = sign_in(name)
        page = stranger.open(room)
        assert page.status == 200
        assert "First meeting" in page.text
        assert SECRET not in page.html
    assert SECRET not in Reader().open(room).html
    for address in ("/", "/record/", "/waiting/", "/groups/first-steps/", "/resources/video-meeting-room/"):
        assert SECRET not in ada.open(address).html

    # The reviewer answers from the queue.
    sign_in("Rhea")
    make_reviewer("Rhea")
    rhea = sign_in("Rhea")
    rhea.follow("Review")
    assert "4 measured steps, one bundle" in rhea.page.text
    rhea.press("Accept")
    assert "until then you can take it back." in rhea.page.text
    submission.refresh_from_db()
    assert submission.state == "settled"
    assert set(ChecklistStep.objects.filter(submission=submission).values_list("state", flat=True)) == {"accepted"}

    # It is told everywhere.
    assert ada.open(f"/initiatives/{NUMBER}/").text.count("Accepted") >= 4
    assert "Rhea" in ada.open("/record/").text
    assert verbs() >= {
        "initiatives.adopted", "groups.formed", "groups.asked", "groups.joined", "engagement.logged",
        "engagement.handed_in", "engagement.accepted", "resources.asked", "resources.given",
    }  # fmt: skip
    # Ten minutes later, when it cannot be taken back any more:
    Letter.objects.filter(notice__kind="engagement.decided").update(written_at=timezone.now())
    for reader in (ada, bola):
        reader.open("/notices/")
        assert "accepted" in reader.page.text.lower()
    assert_promises_hold()


def sign_in_as_user(sign_in: Callable[[str], Reader], name: str) -> User:
    sign_in(name)
    return User.objects.get(username=name)


def test_nobody_reviews_two_reminders_one_escalation_then_confirmed_by_silence_each_once(sign_in):
    for name in ("Rhea", "Tala"):
        sign_in(name)
        make_reviewer(name)
    ada = sign_in("Ada")
    adopt(ada)
    log_four_steps(ada)
    submission = hand_in(ada)
    asked = asked_for(submission)
    assert asked is not None
    assert letters("engagement.review_asked") == [asked.username]

    let_pass(60, until=lambda: Submission.objects.get().state == "settled")
    let_pass(40)

    review = Deadline.objects.get(rule="engagement.review", subject_id=submission.pk)
    assert letters("deadlines.reminder", notice__deadline_id=review.pk) == [asked.username] * 2
    assert letters("deadlines.all_told", notice__deadline_id=review.pk) == ["Rhea", "Tala"]
    assert letters("engagement.settled_by_silence") == ["Ada"]
    assert Act.objects.filter(verb="engagement.confirmed_by_silence").count() == 4
    lines = ChecklistStep.objects.filter(submission=submission)
    assert set(lines.values_list("state", flat=True)) == {"confirmed_by_silence"}
    deadline = Deadline.objects.get(rule="engagement.review")
    assert (deadline.state, deadline.outcome) == ("lapsed", "silence")
    # The step is labelled so, wherever it is shown.
    assert ada.open(f"/initiatives/{NUMBER}/").text.count("Confirmed by silence") >= 4
    assert ada.open(checklist_address()).text.count("Confirmed by silence on") == 4
    assert "confirmed by silence" in ada.open("/record/").text.lower()
    # Nobody is asked any more.
    assert "No group waits for a reviewer." in reader_of(sign_in, "Rhea").open("/review/").text
    assert_promises_hold()


def reader_of(sign_in: Callable[[str], Reader], name: str) -> Reader:
    return sign_in(name)


def asked_for(submission: Submission) -> User | None:
    return Deadline.objects.get(rule="engagement.review", subject_id=submission.pk).asked


def letters(kind: str, **about: object) -> list[str]:
    found = Letter.objects.filter(notice__kind=kind, **about).order_by("recipient__username")
    return list(found.values_list("recipient__username", flat=True))


def test_each_letter_leaves_once_by_mail_and_says_what_is_asked_and_what_silence_does(sign_in):
    sign_in("Rhea")
    make_reviewer("Rhea")
    ada = sign_in("Ada")
    adopt(ada)
    log_four_steps(ada)
    hand_in(ada)
    tomorrow = timezone.now() + timedelta(days=1)  # what is not urgent leaves in the morning
    for _again in range(2):
        deliver(now=tomorrow, clock=lambda: tomorrow)
    [letter] = [sent for sent in mail.outbox if sent.to == ["rhea@example.org"] and "/review/" in sent.body]
    assert "First Steps" in letter.body
    assert "confirmed by silence" in letter.body
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert len({(sent.to[0], sent.subject) for sent in mail.outbox}) == len(mail.outbox)


# --- The second click, the wrong role, the wrong moment --------------------------------------


def world_of_rows() -> dict[str, int]:
    models = (Adoption, Lead, Group, Membership, Submission, ResourceRequest, Deadline, ChecklistStep)
    return {model.__name__: model.objects.count() for model in models}


def test_the_second_click_does_nothing_twice_and_says_why(sign_in):
    """Every button of the story pressed twice, as by somebody whose connection is slow."""
    sign_in("Rhea")
    make_reviewer("Rhea")
    ada, bola, rhea = sign_in("Ada"), sign_in("Bola"), sign_in("Rhea")

    adopt(ada)
    once(ada, "Your group leads this initiative already. The first click did it.")

    bola.open("/groups/first-steps/join/")
    bola.press("Ask to join", message="I translate.")
    once(bola, "You have asked already.")
    ada.open("/groups/first-steps/")
    ada.press("Admit")
    once(ada, "This was answered already")

    log_four_steps(ada)
    hand_in(ada)
    once(ada, "No step is measured and waits to be handed in.")

    rhea.open("/review/")
    rhea.press("Accept")
    once(rhea, "Somebody answered this before you")

    pad = pad_of(ada)
    ada.open(pad)
    ada.press("Give it back")
    once(ada, "This was settled before you")
    assert_promises_hold()


def once(reader: Reader, sentence: str) -> None:
    before = world_of_rows()
    page = reader.press_again()
    assert sentence in page.text, page.text
    assert page.status < 500
    assert world_of_rows() == before


def pad_of(reader: Reader) -> str:
    reader.open("/resources/notes-pad/")
    reader.press("Open a pad", purpose="Notes of the first meeting")
    return reader.page.address


def test_an_entry_posted_twice_counts_once(sign_in):
    ada = sign_in("Ada")
    adopt(ada)
    ada.open(checklist_address())
    ada.follow("Log an entry: Announce it")
    ada.press(
        "Log this entry",
        title="Village pump",
        url="https://meta.wikimedia.org/wiki/Pump",
        happened_on=timezone.localdate().isoformat(),
        languages=["en"],
    )
    ada.press_again()
    line = ChecklistStep.objects.get(step__code="announce")
    assert not line.is_met
    assert "1 of 3" in ada.open(checklist_address()).text
    assert Entry.objects.count() in {1, 2}


def test_strangers_cannot_act_for_the_group(sign_in):
    ada, sven = sign_in("Ada"), sign_in("Sven")
    adopt(ada)
    log_four_steps(ada)
    ada.open(checklist_address())
    before = world_of_rows()
    form = ada.page.form("Hand in")
    token = sven.open("/accounts/settings/").form("Save settings").values["csrfmiddlewaretoken"]
    response = sven.client.post(form.action, {"csrfmiddlewaretoken": token})
    assert response.status_code == 403
    assert "Members of the leading group hand in." in response.content.decode()
    for page in (f"/initiatives/{NUMBER}/", "/groups/first-steps/", checklist_address()):
        buttons = [text for form in sven.open(page).forms for text, _name, _value in form.buttons]
        assert not {"Hand in 4 measured steps", "Admit", "Leave the group"} & set(buttons)
    assert sven.open("/review/").status == 403
    assert world_of_rows() == before


def test_a_reviewer_never_answers_for_a_group_of_their_own(sign_in):
    ada = sign_in("Ada")
    make_reviewer("Ada")
    adopt(ada)
    log_four_steps(ada)
    submission = hand_in(ada)
    assert asked_for(submission) is None
    page = ada.open("/review/")
    assert "No group waits for a reviewer." in page.text
    token = ada.open("/accounts/settings/").form("Save settings").values["csrfmiddlewaretoken"]
    response = ada.client.post(f"/review/{submission.pk}/", {"decision": "accept", "csrfmiddlewaretoken": token})
    assert response.status_code == 403
    submission.refresh_from_db()
    assert submission.state == "open"


def test_what_was_typed_before_signing_in_is_there_afterwards(sign_in, wikimedia):
    """The session ends while a plan is written: nothing of it has to be typed again."""
    ada = sign_in("Ada")
    ada.open(f"/initiatives/{NUMBER}/")
    ada.follow("Adopt this initiative")
    ada.client.cookies.pop("sessionid")
    ada.press("Adopt and lead", accept="on", new_group="First Steps", plan="A plan of many words.",
              step_1="One", step_2="Two", step_3="Three")  # fmt: skip
    assert "Sign in with your Wikimedia account" in ada.page.text
    signed_in(ada, wikimedia, "Ada")
    assert ada.page.form("Adopt and lead").values["plan"] == ["A plan of many words."]
    ada.press("Adopt and lead")
    assert "Your group leads this initiative now." in ada.page.text
