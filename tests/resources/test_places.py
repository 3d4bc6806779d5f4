"""Where it is: for whom, how far, and live, with a BigBlueButton and a Discourse that follow what is published."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from django.utils.html import escape

from apps.core.dates import day_and_time
from apps.deadlines.sweep import sweep
from apps.groups.models import Meeting
from apps.notifications.models import Letter
from apps.resources import actions, queries
from apps.resources.models import Job, Resource
from apps.resources.providers.naming import named
from tests.conftest import add_member
from tests.servers.bigbluebutton import BigBlueButton
from tests.servers.web import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def now():
    """Pages ask the clock themselves."""
    return timezone.now()


@pytest.fixture
def room(catalogue, bigbluebutton, steward):
    Resource.objects.filter(slug="video-meeting-room").update(provider="bigbluebutton", server="bigbluebutton")
    room = Resource.objects.get(slug="video-meeting-room")
    room.stewards.add(steward)
    return room


@pytest.fixture
def topic(catalogue, discourse, steward):
    Resource.objects.filter(slug="forum-category").update(
        provider="discourse", server="discourse", policy="self_service"
    )
    topic = Resource.objects.get(slug="forum-category")
    topic.stewards.add(steward)
    return topic


def book(room, group, by, *, starts_at, now, **more):
    times = {"starts_at": starts_at, "ends_at": starts_at + HOUR}
    return actions.request_resource(room, group=group, purpose="A call", by=by, now=now, **times, **more)


def provision(now):
    return actions.provision(now=now, clock=lambda: now)


def page(browser, wish, **headers):
    response = browser.get(wish.get_absolute_url(), headers=headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def state(browser, wish, seen="none"):
    """What an open page asks for every few seconds."""
    about = {"HX-Request": "true", "HX-Target": "place"}
    return browser.get(f"{wish.get_absolute_url()}?seen={seen}", headers=about)


def entered(browser, wish):
    return browser.get(f"/resources/requests/{wish.pk}/enter/")


def fresh(row):
    return type(row).objects.get(pk=row.pk)


# --- Made, and entered by role --------------------------------------------------------------------


def test_a_room_on_bigbluebutton_from_booking_to_its_end(
    room, group, coordinator, volunteer, stranger, sign_in, bigbluebutton, now
):
    add_member(group, volunteer)
    wish = book(room, group, coordinator, starts_at=now + HOUR, now=now)
    assert "It is made shortly before you need it" in page(sign_in(coordinator), wish)
    assert "every 30s" in page(sign_in(coordinator), wish)
    assert entered(sign_in(coordinator), wish).url == wish.get_absolute_url()

    assert provision(now + 45 * MINUTE) == 1
    [meeting] = bigbluebutton.meetings.values()
    assert meeting.parameters["record"] == "false"
    text = page(sign_in(coordinator), wish)
    assert "Open the room" in text
    assert "hx-trigger" not in text
    assert bigbluebutton.url not in text

    for person, role in ((coordinator, "MODERATOR"), (volunteer, "VIEWER")):
        response = entered(sign_in(person), wish)
        query = parse_qs(urlsplit(response.url).query)
        assert (query["role"], query["fullName"]) == ([role], [person.username])
        assert response["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response["Cache-Control"]
    assert entered(sign_in(stranger), wish).status_code == 403

    sweep(now=wish.ends_at)
    provision(wish.ends_at)
    assert bigbluebutton.meetings == {}
    assert entered(sign_in(volunteer), wish).url == wish.get_absolute_url()


def test_an_open_meeting_lets_everybody_in_as_a_guest_and_blocked_people_never(
    client, room, group, coordinator, blocked, sign_in, bigbluebutton, now
):
    wish = book(room, group, coordinator, starts_at=now + HOUR, now=now)
    times = {"starts_at": wish.starts_at, "ends_at": wish.ends_at, "planned_at": now, "changed_at": now}
    meeting = Meeting.objects.create(
        group=group, title="Call", agenda="All", is_open=True, planned_by=coordinator, **times
    )
    type(wish).objects.filter(pk=wish.pk).update(meeting=meeting)
    early = page(client, wish)
    assert f"It opens on {day_and_time(wish.starts_at - 15 * MINUTE)}. Then the way in is here." in early
    assert "every 30s" in early
    assert "Look again" in early
    assert state(client, wish, seen=queries.place_shown(fresh(wish), coordinator, now).mark).status_code == 204
    provision(now + 45 * MINUTE)
    assert "It opens on" in page(client, wish)
    assert entered(client, wish).url == wish.get_absolute_url()
    begins = {"starts_at": now + 10 * MINUTE, "ends_at": now + HOUR}
    type(wish).objects.filter(pk=wish.pk).update(**begins)
    assert "this button leads everybody in" in page(client, wish)
    assert parse_qs(urlsplit(entered(client, wish).url).query)["role"] == ["VIEWER"]
    assert parse_qs(urlsplit(entered(client, wish).url).query)["fullName"] == ["Guest"]
    assert entered(sign_in(blocked), wish).status_code == 403
    Meeting.objects.update(is_open=False)
    client.logout()
    assert "/accounts/" in entered(client, wish).url


def test_a_words_only_place_is_no_address_to_go_to(client, group, coordinator, steward, catalogue, sign_in, now):
    resource = Resource.objects.get(slug="mailing-list")
    resource.stewards.add(steward)
    wish = actions.request_resource(resource, group=group, purpose="List", by=coordinator, now=now)
    actions.give_resource(wish, address="javascript:alert(1)", answer="", by=steward, now=now)
    assert "/enter/" not in page(sign_in(coordinator), wish)
    assert entered(sign_in(coordinator), wish).url == wish.get_absolute_url()


# --- Live -----------------------------------------------------------------------------------------


def test_an_open_page_is_told_what_is_new_and_then_asks_no_more(topic, group, coordinator, sign_in, discourse, now):
    wish = actions.request_resource(topic, group=group, purpose="Our topic", by=coordinator, now=now)
    browser = sign_in(coordinator)
    text = page(browser, wish)
    assert "It is being made" in text
    assert 'aria-live="polite"' in text
    assert "every 3s" in text
    assert "Look again" in text
    assert state(browser, wish, "asked-0").status_code == 204
    discourse.limit_next(12)
    provision(now)
    told = state(browser, wish, "asked-0").content.decode()
    assert "It is not ready yet" in told
    assert "<html" not in told
    provision(now + timedelta(seconds=13))
    told = state(browser, wish, "tried_again-1").content.decode()
    assert "Open it" in told
    assert "hx-trigger" not in told
    assert len(discourse.topics) == 1


def test_others_are_told_no_more_than_that_it_is_not_ready(topic, group, coordinator, stranger, sign_in, now):
    wish = actions.request_resource(topic, group=group, purpose="Our topic", by=coordinator, now=now)
    text = page(sign_in(stranger), wish)
    assert "Its group is told how far it is." in text
    assert "hx-trigger" not in text


# --- Failing --------------------------------------------------------------------------------------


def test_a_room_that_timed_out_after_it_was_made_is_found_and_not_made_twice(
    room, group, coordinator, bigbluebutton, impatient, settings, now
):
    wish = book(room, group, coordinator, starts_at=now + 5 * MINUTE, now=now)
    original = bigbluebutton.respond_to

    def made_but_silent(asked):
        answer = original(asked)
        bigbluebutton.closing.wait(0.6)
        return answer

    bigbluebutton.respond_to = made_but_silent
    assert provision(now) == 0
    assert bigbluebutton.created == 1
    job = Job.objects.get(act="make")
    assert job.last_error == "bigbluebutton did not answer within 0.25 seconds."
    bigbluebutton.respond_to, settings.PROVIDER_SECONDS = original, 10
    assert provision(job.wake_at) == 1
    assert (bigbluebutton.created, fresh(wish).is_made) == (1, True)


def test_a_server_that_is_down_for_a_day_and_then_up(topic, group, coordinator, steward, sign_in, discourse, now):
    wish = actions.request_resource(topic, group=group, purpose="Our topic", by=coordinator, now=now)
    discourse.fail_next("dead", 100)
    at = now
    for _ in range(30):
        provision(at)
        sweep(now=at)
        at = max(at + HOUR, Job.objects.get().wake_at)
    assert at > now + DAY
    assert "It is late" in page(sign_in(coordinator), wish)
    text = page(sign_in(steward), wish)
    assert "What the machine did not do" in text
    assert "The connection to discourse broke off." in text
    assert "The connection to discourse broke off." in sign_in(steward).get(topic.get_absolute_url()).content.decode()
    discourse.failures.clear()
    job = Job.objects.get()
    sign_in(steward).post(f"/resources/jobs/{job.pk}/again/")
    assert provision(timezone.now()) == 1
    assert fresh(wish).address == f"{discourse.url}/t/{discourse.topics[0].id}"


def test_a_steward_does_it_by_hand_on_a_page_of_its_own(topic, group, coordinator, steward, sign_in, discourse, now):
    wish = actions.request_resource(topic, group=group, purpose="Our topic", by=coordinator, now=now)
    discourse.fail_next(Answer(401, "{}"), 5)
    provision(now)
    address = f"/resources/jobs/{Job.objects.get().pk}/by-hand/"
    assert sign_in(coordinator).get(address).status_code == 403
    browser = sign_in(steward)
    assert "Say where it is." in browser.post(address, {}).content.decode()
    assert browser.post(address, {"address": "https://forum.example.org/t/1"}).url == wish.get_absolute_url()
    assert entered(sign_in(coordinator), wish).url == "https://forum.example.org/t/1"


def test_no_secret_is_logged_recorded_exported_or_shown(
    room, group, coordinator, steward, sign_in, bigbluebutton, impatient, now, caplog, capsys
):
    secret, wish = bigbluebutton.secret, book(room, group, coordinator, starts_at=now + 5 * MINUTE, now=now)
    troubles = ("dead", "slow", "html", Answer(500, secret), Answer(401, secret))
    at = now
    for trouble in troubles:
        bigbluebutton.fail_next(trouble)
        provision(at)
        at = Job.objects.get(act="make").wake_at
    assert Job.objects.get(act="make").attempts == len(troubles)
    seen = [page(sign_in(person), wish) for person in (coordinator, steward)]
    provision(at)
    host = entered(sign_in(coordinator), wish).url
    checksum = parse_qs(urlsplit(host).query)["checksum"][0]
    seen += [page(sign_in(person), wish) for person in (coordinator, steward)]
    seen += [sign_in(coordinator).get("/accounts/export/").content.decode()]
    seen += [sign_in(coordinator).get("/record/").content.decode()]
    seen += [fresh(wish).reference, fresh(wish).address, *Job.objects.values_list("last_error", flat=True)]
    seen += [caplog.text, *capsys.readouterr()]
    assert not [text for text in seen if secret in text or checksum in text or '"meeting"' in text]


def test_two_servers_of_one_kind_each_have_their_rooms_and_one_that_is_down_holds_up_no_other(
    room, group, coordinator, sign_in, bigbluebutton, settings, now
):
    with BigBlueButton() as second:
        settings.RESOURCE_SERVERS = settings.RESOURCE_SERVERS | {
            "bbb-2": second.server(name="bbb-2", secret=second.secret)
        }
        values = Resource.objects.filter(pk=room.pk).values().get() | {
            "id": None,
            "slug": "other-room",
            "server": "bbb-2",
        }
        other = Resource.objects.create(**values)
        browser = sign_in(coordinator)
        here, there = (book(offered, group, coordinator, starts_at=now + HOUR, now=now) for offered in (room, other))
        bigbluebutton.fail_next("dead")
        assert provision(now + 45 * MINUTE) == 1
        assert (len(bigbluebutton.meetings), [*second.meetings]) == (0, [named(there.key)])
        assert provision(now + 47 * MINUTE) == 1
        assert [*bigbluebutton.meetings] == [named(here.key)]
        assert [fresh(wish).server for wish in (here, there)] == ["bigbluebutton", "bbb-2"]
        for wish, machine in ((here, bigbluebutton), (there, second)):
            assert entered(browser, wish).url.startswith(machine.url)
        browser.post(f"/resources/requests/{there.pk}/back/")
        provision(timezone.now())
        assert (len(bigbluebutton.meetings), second.meetings) == (1, {})


HOSTILE = '<script>alert("1")</script>'


def test_what_a_machine_says_is_text_wherever_it_is_read(
    topic, group, coordinator, steward, administrator, sign_in, discourse, etherpad, now
):
    """Its reasons, for stewards, in letters and for operators; and what was written in a pad, for the group."""
    discourse.fail_next(Answer.json({"errors": [HOSTILE]}, 422), 9)
    wish = actions.request_resource(topic, group=group, purpose="Talk", by=coordinator, now=now)
    provision(now)
    pad = actions.request_resource(
        Resource.objects.get(slug="notes-pad"), group=group, purpose="Notes", by=coordinator, now=now
    )
    provision(now)
    [written] = etherpad.pads.values()
    written.text = HOSTILE
    actions.give_back(fresh(pad), by=coordinator, now=now)
    provision(now)
    assert HOSTILE in Job.objects.get(request=wish).last_error
    assert HOSTILE in fresh(pad).kept_text
    letter = Letter.objects.get(notice__kind="resources.stewards_asked_for_hands")
    for person, address in (
        (steward, wish.get_absolute_url()),
        (steward, topic.get_absolute_url()),
        (steward, f"{topic.get_absolute_url()}stewards/"),
        (steward, letter.get_absolute_url()),
        (administrator, "/operations/"),
        (coordinator, pad.get_absolute_url()),
    ):
        text = sign_in(person).get(address).content.decode()
        assert HOSTILE not in text
        assert escape(HOSTILE) in text, address


# --- Compared and kept -------------------------------------------------------------------------------


def test_what_bigbluebutton_lost_or_kept_is_found_once_a_day(room, group, coordinator, bigbluebutton, now):
    lost, over = (book(room, group, coordinator, starts_at=now + n * MINUTE, now=now) for n in (1, 2))
    provision(now)
    kept = dict(bigbluebutton.meetings)
    actions.give_back(fresh(over), by=coordinator, now=now)
    provision(now)
    left = next(name for name in kept if over.key in name)
    bigbluebutton.meetings = {left: kept[left], "somebody-elses": kept[left]}
    assert actions.reconcile(now=now, clock=lambda: now) == 2
    provision(now)
    [made] = set(bigbluebutton.meetings) - {"somebody-elses"}
    assert lost.key in made


def test_a_member_joins_and_leaves_the_list_by_a_click(group, coordinator, catalogue, sign_in, stranger, settings, now):
    Resource.objects.filter(slug="mailing-list").update(provider="mailman", policy="self_service", server="nowhere")
    resource = Resource.objects.get(slug="mailing-list")
    wish = actions.request_resource(resource, group=group, purpose="List", by=coordinator, now=now)
    browser, address = sign_in(coordinator), f"/resources/requests/{wish.pk}/list/"
    assert "Join the mailing list with my address" in page(browser, wish)
    browser.post(address, {"be": "on"})
    assert "You are on this list" in page(browser, wish)
    assert [one.email for one in queries.order_for(wish).participants] == [coordinator.email]
    assert '"mailing_lists": [' in browser.get("/accounts/export/").content.decode()
    browser.post(address, {"be": "off"})
    assert queries.order_for(wish).participants == ()
    browser = sign_in(stranger)
    assert browser.post(address, {"be": "on"}).status_code == 403
    assert coordinator.email not in page(browser, wish)
