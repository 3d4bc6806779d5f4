"""What machines have to do: made, tried again, handed to people, ended; and nothing is made twice or left behind."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.core import heartbeats
from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.core.sealed import unseal
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.groups import actions as groups
from apps.notifications.models import Letter
from apps.record.models import Act as Recorded
from apps.resources import actions, providers, queries
from apps.resources.actions.by_hand import pass_on_after_silence
from apps.resources.models import Job, OnTheList, Resource
from apps.resources.providers.protocol import Condition, ProviderError, Server
from tests.conftest import NOW, add_member
from tests.resources.machines import DOWN, FOR_PEOPLE, Scripted
from tests.resources.offers import offer, pool

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECRET = "a secret that nobody may read"

pytestmark = pytest.mark.slow


@pytest.fixture
def machine(monkeypatch, settings):
    """It stands behind every server whose adapter would need a network."""
    machine = Scripted()
    monkeypatch.setattr(providers, "import_string", lambda path: machine)
    servers = {name: Server(name, "bigbluebutton", f"https://{name}.example.org", SECRET) for name in ("one", "two")}
    lists = {"lists": Server("lists", "mailman", "https://lists.example.org", SECRET, user="site")}
    settings.RESOURCE_SERVERS = settings.RESOURCE_SERVERS | servers | lists
    return machine


def made_by(slug, *, server="one", provider="bigbluebutton", steward=None):
    Resource.objects.filter(slug=slug).update(provider=provider, server=server, policy="self_service")
    resource = Resource.objects.get(slug=slug)
    if steward:
        resource.stewards.add(steward)
    return resource


@pytest.fixture
def pad(catalogue, steward, machine):
    """Made as soon as it is given."""
    return made_by("notes-pad", steward=steward)


@pytest.fixture
def room(catalogue, steward, machine):
    """Made fifteen minutes before its start."""
    machine.lead_time = 15 * MINUTE
    return made_by("video-meeting-room", steward=steward)


@pytest.fixture
def mailing_list(catalogue, steward, machine):
    return made_by("mailing-list", server="lists", provider="mailman", steward=steward)


def ask(resource, group, by, now=NOW, purpose="Our notes"):
    return actions.request_resource(resource, group=group, purpose=purpose, by=by, now=now)


def book(room, group, by, *, starts_at=NOW + DAY, lasts=HOUR, now=NOW):
    times = {"starts_at": starts_at, "ends_at": starts_at + lasts}
    return actions.request_resource(room, group=group, purpose="A call", by=by, now=now, **times)


def at(moment):
    return {"now": moment, "clock": lambda: moment}


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def letters(kind):
    return list(Letter.objects.filter(notice__kind=f"resources.{kind}").values_list("recipient__username", flat=True))


def words(kind):
    """What the newest letter of a kind says, by paragraphs, and where it leads."""
    letter = Letter.objects.filter(notice__kind=f"resources.{kind}").latest("pk")
    return letter.body.split("\n\n"), letter.notice.link


def fail_until_stuck(pad, group, coordinator, machine):
    machine.is_down = DOWN
    use = ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    sweep(now=NOW + HOUR)
    return use, Job.objects.get()


# --- Made -------------------------------------------------------------------------------------


def test_a_job_is_opened_at_once_and_done_in_the_next_round(pad, group, coordinator, machine):
    use = ask(pad, group, coordinator)
    assert (use.state, use.is_made) == ("in_use", False)
    assert Job.objects.get().act == "make"
    assert actions.provision(**at(NOW)) == 1
    use = fresh(use)
    assert use.address == f"https://scripted.example.org/{use.key}"
    assert json.loads(unseal(use.reference)) == {"room": use.key}
    assert "room" not in use.reference
    assert Job.objects.get().state == "done"
    assert actions.provision(**at(NOW)) == 0
    assert machine.created == 1
    assert Recorded.objects.filter(verb="resources.made").count() == 1
    assert broken_promises() == []


def test_a_room_is_made_shortly_before_its_start(room, group, coordinator, machine):
    use = book(room, group, coordinator)
    lead = use.starts_at - 15 * MINUTE
    assert queries.progress_of(use, NOW).step == "planned"
    assert actions.provision(**at(lead - MINUTE)) == 0
    assert actions.provision(**at(lead)) == 1
    assert fresh(use).is_made


def test_a_machine_is_never_asked_inside_a_transaction(pad, group, coordinator, machine):
    found = []
    machine.meanwhile = lambda act: found.append(len(connection.savepoint_ids))
    before = len(connection.savepoint_ids)
    ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    assert found == [before]


def test_another_worker_finds_nothing_to_do_while_one_is_at_it(pad, group, coordinator, machine):
    ask(pad, group, coordinator)
    machine.meanwhile = lambda act: found.append(actions.provision(**at(NOW + MINUTE)))
    found = []
    assert actions.provision(**at(NOW)) == 1
    assert found == [0]
    assert machine.asked == [("create", Job.objects.get().key)]


def test_a_worker_that_died_is_followed_by_another_after_its_claim_and_makes_the_same(pad, group, coordinator, machine):
    use = ask(pad, group, coordinator)
    job = actions.claim_job(now=NOW)
    machine.create(queries.order_for(job.request))  # and then it is killed
    assert actions.provision(**at(NOW + queries.CLAIM_LASTS - MINUTE)) == 0
    assert actions.provision(**at(NOW + queries.CLAIM_LASTS)) == 1
    assert (machine.created, fresh(use).is_made) == (1, True)


def test_an_answer_that_comes_after_the_claim_is_left_to_whoever_claimed_it_then(pad, group, coordinator, machine):
    use = ask(pad, group, coordinator)
    late = actions.claim_job(now=NOW)
    second = actions.claim_job(now=NOW + queries.CLAIM_LASTS)
    place = machine.create(queries.order_for(use))
    outcome = actions.outcomes.Outcome(queries.order_for(use), place=place)
    actions.settle_job(late, outcome, now=NOW + queries.CLAIM_LASTS)
    assert not fresh(use).is_made
    actions.settle_job(second, outcome, now=NOW + queries.CLAIM_LASTS)
    assert fresh(use).is_made
    assert [job.act for job in Job.objects.all()] == ["make"]


# --- Failing ----------------------------------------------------------------------------------


def test_failures_are_put_off_later_each_time_and_an_hour_at_most(pad, group, coordinator, machine):
    machine.is_down = DOWN
    ask(pad, group, coordinator)
    now, waits = NOW, []
    for _ in range(9):
        actions.provision(**at(now))
        job = Job.objects.get()
        waits.append((job.wake_at - now) // MINUTE)
        now = job.wake_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert job.last_error == str(DOWN)


def test_the_wait_that_a_machine_names_wins(pad, group, coordinator, machine):
    machine.errors = [
        ProviderError("one asks us to wait, since it is asked too often.", retry_in=timedelta(seconds=12))
    ]
    use = ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    assert Job.objects.get().wake_at == NOW + timedelta(seconds=12)
    actions.provision(**at(NOW + timedelta(seconds=12)))
    assert fresh(use).is_made


def test_a_server_that_names_a_wait_is_asked_for_nothing_before_it_is_over(pad, group, coordinator, machine):
    other = made_by("mailing-list", server="two")
    for n in range(4):
        ask(pad, group, coordinator, purpose=f"Notes {n}")
    elsewhere = ask(other, group, coordinator)
    machine.errors = [ProviderError("one asks us to wait, since it is asked too often.", retry_in=10 * MINUTE)]
    assert actions.provision(**at(NOW)) == 1
    assert fresh(elsewhere).is_made
    for minutes in range(1, 10):
        actions.provision(**at(NOW + minutes * MINUTE))
    assert len(machine.asked) == 2, "Only one of the four was tried."
    assert actions.provision(**at(NOW + 10 * MINUTE)) == 4
    assert Job.objects.filter(state="done").count() == 5
    assert broken_promises() == []


def test_a_machine_that_is_silent_is_left_alone_for_the_round_and_others_go_on(
    pad, group, coordinator, machine, catalogue
):
    other = made_by("mailing-list", server="two")
    for n in range(3):
        ask(pad, group, coordinator, purpose=f"Notes {n}")
    ask(other, group, coordinator)
    machine.errors = [DOWN]
    assert actions.provision(**at(NOW)) == 1
    assert [act for act, _key in machine.asked] == ["create", "create"]
    assert Job.objects.filter(state="done").get().resource == other


def test_a_mistake_of_ours_is_put_off_and_neither_it_nor_its_secret_is_told(
    pad, group, coordinator, machine, capsys, caplog
):
    machine.meanwhile = lambda act: {}[SECRET]
    ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    job = Job.objects.get()
    assert job.last_error == "This site made a mistake with what one answered (KeyError)."
    assert job.state == "due"
    assert SECRET not in caplog.text + "".join(capsys.readouterr())


def test_after_an_hour_the_stewards_are_asked_and_the_group_is_told(pad, group, coordinator, steward, machine):
    use, job = fail_until_stuck(pad, group, coordinator, machine)
    assert job.state == "stuck"
    [deadline] = Deadline.objects.filter(subject_id=job.pk, state="open", rule__startswith="resources.make")
    assert (deadline.rule, deadline.owner) == ("resources.make_by_hand", f"stewards:{pad.pk}")
    assert letters("stewards_asked_for_hands") == [steward.username]
    assert letters("not_made_yet") == [coordinator.username]
    (happened, said, *_asked), _link = words("stewards_asked_for_hands")
    assert happened == (
        "The machine of “Notes pad” has not made what First Steps was given (Our notes). It is asked again by itself."
    )
    assert said == f"The machine said: “{DOWN}”"
    assert fresh(use).state == "in_use"
    assert broken_promises() == []


def test_the_stewards_read_that_nobody_has_asked_the_machine_where_that_is_so(pad, group, coordinator, machine):
    ask(pad, group, coordinator)
    sweep(now=NOW + HOUR)
    (happened, asked, *_more), _link = words("stewards_asked_for_hands")
    assert happened.endswith("This site has not been able to ask it yet; it goes on trying by itself.")
    assert asked.startswith("Any one of the stewards")


def test_what_a_person_has_to_mend_goes_to_the_stewards_at_once(pad, group, coordinator, steward, machine):
    machine.is_down = FOR_PEOPLE
    ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    assert Job.objects.get().state == "stuck"
    assert letters("stewards_asked_for_hands") == [steward.username]
    assert broken_promises() == []


def test_a_server_that_the_settings_do_not_name_goes_to_the_stewards_at_once(pad, group, coordinator, steward, machine):
    Resource.objects.filter(pk=pad.pk).update(server="nowhere")
    ask(Resource.objects.get(pk=pad.pk), group, coordinator)
    actions.provision(**at(NOW))
    job = Job.objects.get()
    assert (job.state, job.last_error) == ("stuck", "The settings of this site name no server nowhere.")


def test_a_room_goes_to_the_stewards_at_its_start(room, group, coordinator, machine):
    machine.is_down = DOWN
    use = book(room, group, coordinator)
    actions.provision(**at(use.starts_at - 15 * MINUTE))
    sweep(now=use.starts_at - MINUTE)
    assert Job.objects.get().state == "due"
    sweep(now=use.starts_at)
    assert Job.objects.get().state == "stuck"
    actions.provision(**at(use.starts_at + MINUTE))
    sweep(now=use.ends_at)
    assert fresh(use).state == "returned"
    assert letters("never_made") == [coordinator.username]
    assert words("never_made")[1] == "/resources/video-meeting-room/?group=first-steps&purpose=A+call"
    assert broken_promises() == []


def test_a_machine_that_was_down_for_a_day_costs_nobody_their_request(pad, group, coordinator, machine, steward):
    use, job = fail_until_stuck(pad, group, coordinator, machine)
    now = NOW + HOUR
    while now < NOW + DAY:
        actions.provision(**at(now))
        sweep(now=now)
        now += 10 * MINUTE
    machine.is_down = None
    while not fresh(use).is_made:
        now += MINUTE
        actions.provision(**at(now))
    assert now < NOW + DAY + HOUR + MINUTE
    assert (fresh(job).state, machine.created) == ("done", 1)
    assert Deadline.objects.get(rule="resources.make_by_hand").outcome == "done"
    assert letters("made_after_all") == [coordinator.username]
    assert broken_promises() == []


# --- Stewards -----------------------------------------------------------------------------------


def test_a_steward_has_it_tried_at_once(pad, group, coordinator, steward, machine):
    _use, job = fail_until_stuck(pad, group, coordinator, machine)
    machine.is_down = None
    now = NOW + HOUR + MINUTE
    Job.objects.update(wake_at=now + HOUR)
    assert actions.provision(**at(now)) == 0
    actions.try_again(job, by=steward, now=now)
    assert actions.provision(**at(now)) == 1
    with pytest.raises(Refused, match="settled before you: Done"):
        actions.try_again(job, by=steward, now=now)


def test_a_job_in_the_hands_of_a_worker_is_not_given_to_another(pad, group, coordinator, steward, machine):
    ask(pad, group, coordinator)
    job = actions.claim_job(now=NOW)
    with pytest.raises(Refused, match="at this moment"):
        actions.try_again(job, by=steward, now=NOW + MINUTE)
    assert actions.retry_jobs(now=NOW + MINUTE) == 0


def test_a_steward_makes_it_by_hand_and_what_the_machine_may_have_made_is_ended(
    pad, group, coordinator, steward, machine
):
    use, job = fail_until_stuck(pad, group, coordinator, machine)
    with pytest.raises(Refused, match="Say where it is"):
        actions.do_by_hand(job, by=steward, now=NOW + HOUR)
    actions.do_by_hand(job, address="https://example.org/pad", by=steward, now=NOW + HOUR)
    assert fresh(use).address == "https://example.org/pad"
    assert Deadline.objects.get(rule="resources.make_by_hand").outcome == "by hand"
    assert letters("made_after_all") == [coordinator.username]
    machine.is_down = None
    machine.rooms[use.key] = queries.order_for(use)
    assert actions.provision(**at(NOW + 2 * HOUR)) == 1
    assert machine.rooms == {}
    assert queries.address_for(fresh(use), coordinator, NOW) == "https://example.org/pad"
    # What people made, people end: no machine knows it.
    actions.give_back(fresh(use), by=coordinator, now=NOW + DAY)
    asked = list(machine.asked)
    actions.provision(**at(NOW + DAY))
    assert machine.asked == asked
    end = queries.open_jobs().get()
    assert (end.act, end.state, end.is_for_people) == ("end", "stuck", True)
    assert queries.progress_of(fresh(use), NOW + DAY) is None
    assert broken_promises() == []


def test_silence_of_the_stewards_passes_the_wish_on_with_a_key_of_its_own(pad, group, coordinator, machine):
    use, job = fail_until_stuck(pad, group, coordinator, machine)
    old_key, silent_at = use.key, add_working_days(NOW + HOUR, 5)
    sweep(now=silent_at - MINUTE)
    assert fresh(use).state == "in_use"
    sweep(now=silent_at)
    use = fresh(use)
    assert (use.state, fresh(job).state) == ("wanted", "given_up")
    assert letters("went_on_unmade") == [coordinator.username]
    assert use.key != old_key
    # What the tries may have made is ended under the key that they had.
    machine.is_down = None
    machine.rooms[old_key] = queries.order_for(use)
    actions.provision(**at(silent_at))
    assert machine.asked[-1] == ("end", old_key)
    assert machine.rooms == {}
    assert broken_promises() == []


def test_stewards_see_how_each_use_stands_at_its_machine(room, group, coordinator, steward, machine, client):
    now = timezone.now()
    made, late, planned = (book(room, group, coordinator, starts_at=now + n * HOUR, now=now) for n in (1, 3, 24))
    actions.provision(**at(made.starts_at))
    Job.objects.filter(act="look").delete()
    machine.is_down = DOWN
    actions.provision(**at(late.starts_at - 15 * MINUTE))
    client.force_login(steward)
    page = client.get(f"/resources/{room.slug}/stewards/").content.decode()
    for words in ("stands on <bdi>one</bdi>", "not made yet, tried again on", "is made on", "It last did something on"):
        assert page.count(words) == 1, words
    assert str(DOWN) in page, "what the machine did not do, and why"
    steps = [at_it and at_it.step for _use, at_it in queries.progress_of_each([made, late, planned], now)]
    assert steps == [None, "tried_again", "planned"]


# --- Ended by people ----------------------------------------------------------------------------


@pytest.fixture
def by_hand(catalogue, steward):
    """A mailing list that its stewards make, for 30 days."""
    lists = Resource.objects.get(slug="mailing-list")
    lists.provider, lists.lasts_days = "by_hand", 30
    lists.save()
    lists.stewards.add(steward)
    return lists


def given(resource, group, coordinator, steward, **wish):
    use = actions.request_resource(resource, group=group, purpose="Our list", by=coordinator, now=NOW, **wish)
    return actions.give_resource(use, address="https://lists.example.org/ours", answer="", by=steward, now=NOW)


@pytest.mark.parametrize("ends", ["given back", "ended by a steward", "by silence"])
def test_what_people_made_its_stewards_end_when_its_use_is_over(by_hand, group, coordinator, steward, client, ends):
    use, now = given(by_hand, group, coordinator, steward), NOW + DAY
    if ends == "given back":
        actions.give_back(use, by=coordinator, now=now)
    elif ends == "ended by a steward":
        actions.end_use(use, reason="It costs too much.", by=steward, now=now)
    else:
        now = use.ends_at
        sweep(now=now)
    [job] = queries.jobs_for_stewards(by_hand)
    assert (job.act, job.state) == ("end", "stuck")
    assert Deadline.objects.get(rule="resources.make_by_hand", state="open").owner == f"stewards:{by_hand.pk}"
    assert letters("stewards_asked_to_end") == [steward.username]
    assert actions.provision(**at(now)) == 0
    with pytest.raises(Refused, match="No machine does this"):
        actions.try_again(job, by=steward, now=now)
    client.force_login(steward)
    page = client.get(f"/resources/{by_hand.slug}/stewards/").content.decode()
    assert "The group uses it no longer" in page
    assert "https://lists.example.org/ours" in client.get(f"/resources/jobs/{job.pk}/by-hand/").content.decode()
    # Silence leaves it on their page, where it can be said at any time that it is done.
    sweep(now=add_working_days(now, 5))
    assert queries.jobs_for_stewards(by_hand) == [job]
    assert fresh(job).state == "given_up"
    actions.do_by_hand(job, by=steward, now=now + 9 * DAY)
    assert queries.jobs_for_stewards(by_hand) == []
    with pytest.raises(Refused, match="settled before you"):
        actions.do_by_hand(job, by=steward, now=now + 9 * DAY)
    assert broken_promises() == []


def test_a_call_that_ran_to_its_end_in_a_room_of_people_needs_no_hand_and_one_given_back_does(
    room, group, coordinator, steward
):
    Resource.objects.filter(pk=room.pk).update(provider="by_hand", policy="stewards_decide")
    over, back = (
        given(fresh(room), group, coordinator, steward, starts_at=NOW + n * DAY, ends_at=NOW + n * DAY + HOUR)
        for n in (1, 2)
    )
    sweep(now=over.ends_at)
    assert fresh(over).state == "returned"
    assert not Job.objects.exists()
    actions.give_back(back, by=coordinator, now=over.ends_at)
    assert Job.objects.get().request == back


def test_what_was_never_given_leaves_nothing_to_end(by_hand, group, coordinator):
    use = ask(by_hand, group, coordinator)
    actions.give_back(use, by=coordinator, now=NOW)
    assert not Job.objects.exists()


# --- Ended ------------------------------------------------------------------------------------


def test_what_is_given_back_is_ended_and_its_text_is_kept(pad, group, coordinator, machine):
    use = ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    actions.give_back(fresh(use), by=coordinator, now=NOW + DAY)
    use = fresh(use)
    assert (use.state, use.address, use.reference) == ("returned", "", "")
    machine.text = "What we wrote"
    actions.provision(**at(NOW + DAY))
    assert machine.rooms == {}
    assert fresh(use).kept_text == "What we wrote"
    assert broken_promises() == []


def test_a_text_is_kept_before_its_pad_is_deleted(pad, group, coordinator, machine):
    """A worker that dies after the machine has deleted it leaves the text here, and the next try keeps it."""
    use = ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    actions.give_back(fresh(use), by=coordinator, now=NOW + DAY)
    machine.text = "What we wrote"

    def die(act):
        raise SystemExit

    machine.meanwhile = die
    with pytest.raises(SystemExit):
        actions.provision(**at(NOW + DAY))
    assert (machine.rooms, fresh(use).kept_text) == ({}, "What we wrote")
    machine.meanwhile = lambda act: None
    actions.provision(**at(NOW + DAY + HOUR))
    assert fresh(use).kept_text == "What we wrote"
    assert broken_promises() == []


def test_what_was_never_tried_needs_no_end(room, group, coordinator, machine):
    use = book(room, group, coordinator)
    actions.give_back(use, by=coordinator, now=NOW + HOUR)
    assert [(job.act, job.state) for job in Job.objects.all()] == [("make", "void")]
    assert actions.provision(**at(use.starts_at)) == 0
    assert machine.asked == []
    assert broken_promises() == []


def test_what_may_have_been_made_is_ended(pad, group, coordinator, machine):
    machine.errors = [DOWN]
    use = ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    machine.rooms[use.key] = queries.order_for(use)  # it timed out after having made it
    actions.give_back(use, by=coordinator, now=NOW + MINUTE)
    assert actions.provision(**at(NOW + MINUTE)) == 1
    assert machine.rooms == {}


def test_given_back_while_it_is_being_made_it_is_ended_as_soon_as_it_is_there(pad, group, coordinator, machine):
    use = ask(pad, group, coordinator)
    machine.meanwhile = lambda act: act == "create" and actions.give_back(use, by=coordinator, now=NOW)
    actions.provision(**at(NOW))
    assert fresh(use).state == "returned"
    assert not fresh(use).is_made
    assert (machine.created, machine.rooms) == (1, {})
    assert [(job.act, job.state) for job in Job.objects.order_by("pk")] == [("make", "void"), ("end", "done")]
    assert broken_promises() == []


def test_given_back_while_a_killed_worker_was_making_it_it_is_ended_after_the_claim(pad, group, coordinator, machine):
    use = ask(pad, group, coordinator)
    actions.claim_job(now=NOW)
    actions.give_back(use, by=coordinator, now=NOW + MINUTE)
    assert actions.provision(**at(NOW + 2 * MINUTE)) == 0
    machine.create(queries.order_for(use))  # the machine was slow
    assert actions.provision(**at(NOW + queries.CLAIM_LASTS)) == 1
    assert machine.rooms == {}


def test_an_end_that_nobody_does_is_given_up_and_shown_until_it_is_done(pad, group, coordinator, steward, machine):
    use = ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    machine.is_down = DOWN
    actions.give_back(fresh(use), by=coordinator, now=NOW)
    actions.provision(**at(NOW))
    sweep(now=NOW + HOUR)
    sweep(now=add_working_days(NOW + HOUR, 5))
    [job] = queries.jobs_for_stewards(pad)
    assert (job.act, job.state) == ("end", "given_up")
    machine.is_down = None
    later = NOW + 30 * DAY
    actions.try_again(job, by=steward, now=later)
    actions.provision(**at(later))
    assert machine.rooms == {}
    assert queries.jobs_for_stewards(pad) == []
    assert broken_promises() == []


def test_what_was_given_and_never_made_goes_on_and_each_letter_says_what_became_of_it(
    pad, group, coordinator, steward, volunteer, machine
):
    Resource.objects.filter(pk=pad.pk).update(policy="stewards_decide")
    offer(volunteer, kind="pad", name="Other", lasts_days=30)
    machine.is_down = FOR_PEOPLE
    wish = ask(fresh(pad), group, coordinator)
    actions.give_resource(wish, address="", answer="", by=steward, now=NOW)
    actions.provision(**at(NOW))
    silent_at = add_working_days(NOW, 5)
    sweep(now=silent_at)
    assert words("went_on_unmade")[0][0].endswith("We are sorry. The stewards of “Other” are asked now.")
    use = actions.give_resource(fresh(wish), address="https://a.org/b", answer="", by=volunteer, now=silent_at)
    assert letters("answered") == [coordinator.username] * 2
    assert words("answered")[0][0].startswith("“Other” ")
    assert use.is_held


def test_a_room_that_was_never_made_and_whose_time_has_come_is_not_said_to_be_wanted(room, group, coordinator, machine):
    """Its stewards have five working days, its time is over sooner, unless it is long."""
    machine.is_down = DOWN
    use = book(room, group, coordinator)
    actions.provision(**at(use.starts_at - 15 * MINUTE))
    sweep(now=use.starts_at)
    job = Job.objects.get()
    pass_on_after_silence(job, now=use.starts_at + MINUTE)
    assert fresh(use).state == "lapsed"
    assert "Its time has come meanwhile" in words("went_on_unmade")[0][0]
    assert "wanted" not in words("went_on_unmade")[0][0]


def test_what_gives_at_once_takes_on_what_was_never_made_and_the_letter_says_so(
    pad, group, coordinator, machine, stranger
):
    pool(stranger, kind="pad", name="Other")
    use, _job = fail_until_stuck(pad, group, coordinator, machine)
    sweep(now=add_working_days(NOW + HOUR, 5))
    assert fresh(use).is_held
    assert words("went_on_unmade")[0][0].endswith("Another offer gave it at once: “Other”.")


# --- Other times --------------------------------------------------------------------------------


def run(until, *, since, step=5):
    """What the clock does every few minutes, until and with that moment."""
    while since <= until:
        actions.provision(**at(since))
        sweep(now=since)
        since += step * MINUTE


def test_a_call_that_goes_on_for_longer_keeps_its_room_which_is_looked_after_until_its_new_end(
    room, group, coordinator, machine
):
    machine.condition = Condition.RUNNING
    use = book(room, group, coordinator)
    old_end, old_key = use.ends_at, use.key
    run(use.starts_at + 20 * MINUTE, since=use.starts_at - 15 * MINUTE)
    use = actions.extend_use(fresh(use), half_hours=2, by=coordinator, now=use.starts_at + 20 * MINUTE)
    assert (use.key, list(machine.rooms), machine.created) == (old_key, [old_key], 1)
    run(old_end + 10 * MINUTE, since=use.starts_at + 25 * MINUTE)
    machine.rooms.clear()
    run(use.ends_at - 5 * MINUTE, since=old_end + 15 * MINUTE)
    assert list(machine.rooms) == [old_key], "lost after the old end, and made again"
    run(use.ends_at + MINUTE, since=use.ends_at)
    actions.provision(**at(use.ends_at + MINUTE))
    assert machine.rooms == {}
    assert (fresh(use).state, fresh(use).was_used) == ("returned", True)
    assert broken_promises() == []


@pytest.mark.parametrize("is_made", [True, False], ids=["made", "tried"])
def test_a_room_that_stands_already_is_made_anew_for_a_later_time(room, group, coordinator, machine, is_made):
    use = book(room, group, coordinator)
    old_key, now = use.key, use.starts_at - 10 * MINUTE
    machine.errors = [] if is_made else [DOWN]
    actions.provision(**at(now))
    machine.rooms[old_key] = queries.order_for(use)  # also where it timed out after having made it
    times = {"starts_at": use.starts_at + 2 * DAY, "ends_at": use.ends_at + 2 * DAY}
    use = actions.change_booking(fresh(use), **times, by=coordinator, now=now)
    assert not use.is_made
    assert queries.progress_of(use, now).step == "planned"
    actions.provision(**at(now))
    assert (machine.rooms, use.key == old_key) == ({}, False)
    run(use.starts_at, since=use.starts_at - 20 * MINUTE)
    assert (list(machine.rooms), fresh(use).is_made) == ([use.key], True)
    assert queries.open_jobs().get().act == "look"
    assert broken_promises() == []


def test_a_room_that_was_not_tried_yet_is_planned_for_its_new_time(room, group, coordinator, machine):
    use = book(room, group, coordinator)
    times = {"starts_at": use.starts_at + DAY, "ends_at": use.ends_at + DAY}
    actions.change_booking(use, **times, by=coordinator, now=NOW)
    assert queries.open_jobs().get().wake_at == times["starts_at"] - 15 * MINUTE
    assert (fresh(use).key, machine.asked) == (use.key, [])


def test_a_room_stays_where_its_call_begins_soon_in_any_case(room, group, coordinator, machine):
    use = book(room, group, coordinator)
    now = use.starts_at - 10 * MINUTE
    actions.provision(**at(now))
    times = {"starts_at": use.starts_at + 5 * MINUTE, "ends_at": use.ends_at + 5 * MINUTE}
    changed = actions.change_booking(fresh(use), **times, by=coordinator, now=now)
    assert (changed.key, changed.is_made, list(machine.rooms)) == (use.key, True, [use.key])
    run(times["ends_at"] + 5 * MINUTE, since=now)
    assert fresh(use).was_used is False
    assert machine.rooms == {}


def test_trying_again_what_was_given_up_never_ends_what_the_group_has(
    mailing_list, pad, group, coordinator, steward, machine
):
    """A page that is open since before it was given up still has its button."""
    use = ask(mailing_list, group, coordinator)
    actions.provision(**at(NOW))
    machine.is_down = FOR_PEOPLE
    actions.join_list(fresh(use), by=coordinator, now=NOW)
    unmade = ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    told, make = Job.objects.get(act="keep_in_step"), Job.objects.get(request=unmade, act="make")
    silent_at = add_working_days(NOW, 5)
    sweep(now=silent_at)
    assert (fresh(told).state, fresh(make).state) == ("given_up", "given_up")
    assert queries.jobs_for_stewards(mailing_list) == [told]
    machine.is_down = None
    actions.try_again(told, by=steward, now=silent_at)
    with pytest.raises(Refused, match="went on"):
        actions.try_again(make, by=steward, now=silent_at)
    actions.provision(**at(silent_at))
    assert list(machine.rooms) == [use.key]
    assert machine.told[-1] == (coordinator.email,)
    assert queries.jobs_for_stewards(mailing_list) == []
    actions.give_back(fresh(use), by=coordinator, now=silent_at)
    with pytest.raises(Refused, match="no longer"):
        actions.try_again(told, by=steward, now=silent_at)
    assert broken_promises() == []


# --- On another server --------------------------------------------------------------------------


@pytest.fixture
def two(machine, monkeypatch):
    """Two machines, each behind a server of its own."""
    machines = {"one": machine, "two": Scripted()}
    monkeypatch.setattr(providers, "import_string", lambda path: lambda server: machines[server.name])
    return machines["two"]


def load_pad(**change):
    """What the file of the catalogue says of the pad, changed."""
    rows = json.loads((apps.get_app_config("resources").path / Path("data/resources.json")).read_text())
    [row] = [row for row in rows if row["slug"] == "notes-pad"]
    actions.load_resources([row | {"provider": "bigbluebutton", "server": "one"} | change], now=NOW)


def test_what_stands_on_the_old_server_stays_to_its_end_and_what_is_new_is_made_on_the_new_one(
    pad, group, coordinator, machine, two
):
    kept, over = (ask(pad, group, coordinator, purpose=f"Notes {n}") for n in range(2))
    actions.provision(**at(NOW))
    machine.is_down = DOWN
    undone = ask(pad, group, coordinator, purpose="Not made yet")
    actions.provision(**at(NOW))
    machine.rooms[undone.key] = queries.order_for(undone)  # it timed out after having made it
    load_pad(server="two")
    machine.is_down = None
    new = ask(fresh(pad), group, coordinator, purpose="New")
    actions.give_back(fresh(over), by=coordinator, now=NOW)
    actions.provision(**at(NOW))
    assert set(machine.rooms) == {kept.key}
    assert set(two.rooms) == {fresh(undone).key, new.key}
    assert [fresh(use).server for use in (kept, undone, new)] == ["one", "two", "two"]
    assert queries.address_for(fresh(kept), coordinator, NOW).endswith("?host=Bola")
    # The comparison knows both, and makes again what is lost where it stood.
    orphan, machine.rooms = machine.rooms | {over.key: queries.order_for(over)}, {}
    assert actions.reconcile(**at(NOW)) == 1
    machine.rooms = {over.key: orphan[over.key]}
    assert actions.reconcile(**at(NOW)) == 1
    actions.provision(**at(NOW))
    assert set(machine.rooms) == {kept.key}
    assert actions.reconcile(**at(NOW)) == 0
    assert broken_promises() == []


def test_a_mistake_in_the_name_of_a_server_is_mended_in_the_file(pad, group, coordinator, machine, two):
    load_pad(server="nowhere")
    use = ask(fresh(pad), group, coordinator)
    actions.provision(**at(NOW))
    assert Job.objects.get().state == "stuck"
    load_pad(server="two")
    assert actions.provision(**at(NOW)) == 1
    assert fresh(use).is_made
    assert not queries.open_jobs().exists()
    assert broken_promises() == []


def test_more_places_in_the_file_go_to_the_waiting_list(pad, group, coordinator, machine):
    load_pad(capacity=1)
    first, second = (ask(fresh(pad), group, coordinator, purpose=f"Notes {n}") for n in range(2))
    assert (first.state, second.state) == ("in_use", "waiting")
    load_pad(capacity=2)
    assert fresh(second).state == "in_use"


# --- Looked after -----------------------------------------------------------------------------


def test_a_room_with_people_in_it_was_used_and_an_empty_one_was_not(room, group, coordinator, machine):
    uses = [book(room, group, coordinator, starts_at=NOW + n * DAY) for n in (1, 2)]
    for use, condition in zip(uses, (Condition.RUNNING, Condition.READY), strict=True):
        machine.condition = condition
        now = use.starts_at - 15 * MINUTE
        while now <= use.ends_at:
            actions.provision(**at(now))
            sweep(now=now)
            now += 5 * MINUTE
        actions.provision(**at(now))
    noted = [(fresh(use).was_used, fresh(use).whose_word) for use in uses]
    assert noted == [(True, "machine"), (False, "machine")]
    assert letters("nobody_came") == [coordinator.username]
    (happened, asked, *_more), _link = words("nobody_came")
    assert happened.startswith("The machine of “Video meeting room” saw nobody at what First Steps had booked on ")
    assert asked == "If it did take place, say so on its page by 16 September 2026, 11:00 UTC."
    noted = Recorded.objects.filter(verb__in=["resources.took_place", "resources.nobody_came"]).order_by("at", "pk")
    assert list(noted.values_list("verb", flat=True)) == ["resources.took_place", "resources.nobody_came"]
    assert machine.rooms == {}
    assert not queries.open_jobs().exists()
    assert broken_promises() == []


def test_the_group_corrects_what_a_machine_saw_but_not_what_a_steward_said(room, group, coordinator, steward):
    use = book(room, group, coordinator)
    sweep(now=use.ends_at)
    use.refresh_from_db()
    later = {"now": use.ends_at + DAY}
    type(use).objects.filter(pk=use.pk).update(was_used=False, whose_word="machine")
    assert not fresh(use).stewards_have_said
    assert actions.note_use(fresh(use), was_used=True, by=coordinator, **later).was_used is True
    actions.note_use(fresh(use), was_used=False, by=steward, **later)
    with pytest.raises(Refused, match="A steward has said this already"):
        actions.note_use(fresh(use), was_used=True, by=coordinator, **later)
    assert fresh(use).stewards_have_said


def test_whoever_comes_in_the_last_minutes_of_a_short_call_is_seen(room, group, coordinator, machine):
    late, empty = (book(room, group, coordinator, starts_at=NOW + n * DAY, lasts=15 * MINUTE) for n in (1, 2))
    for use in (late, empty):
        machine.condition = Condition.READY
        run(use.starts_at + 10 * MINUTE, since=use.starts_at - 15 * MINUTE)
        assert fresh(use).was_used is None
        machine.condition = Condition.RUNNING if use == late else Condition.READY
        run(use.ends_at, since=use.ends_at - MINUTE, step=1)
    assert [fresh(use).was_used for use in (late, empty)] == [True, False]
    assert letters("nobody_came") == [coordinator.username]


def test_a_room_that_was_ready_too_late_counts_for_nobody_as_not_used(room, group, coordinator, machine):
    use = book(room, group, coordinator)
    machine.is_down = DOWN
    run(use.starts_at + 30 * MINUTE, since=use.starts_at - 15 * MINUTE)
    machine.is_down = None
    actions.retry_jobs(now=use.starts_at + 35 * MINUTE)
    run(use.ends_at, since=use.starts_at + 35 * MINUTE)
    assert (machine.created, fresh(use).state, fresh(use).was_used) == (1, "returned", None)
    assert letters("nobody_came") == []


def test_a_room_that_its_machine_lost_is_made_again_while_it_is_booked(room, group, coordinator, machine):
    """Also once people were seen in it."""
    use = book(room, group, coordinator)
    machine.condition = Condition.RUNNING
    for minutes in (0, 10):
        actions.provision(**at(use.starts_at + minutes * MINUTE))
    assert fresh(use).was_used
    machine.rooms.clear()
    for minutes in (20, 21):
        actions.provision(**at(use.starts_at + minutes * MINUTE))
    assert list(machine.rooms) == [use.key]


def test_a_list_has_only_members_who_agreed_and_follows_them(
    mailing_list, group, coordinator, volunteer, person, machine
):
    add_member(group, volunteer)
    silent = person("Silent")
    add_member(group, silent)
    use = ask(mailing_list, group, coordinator)
    actions.provision(**at(NOW))
    assert machine.rooms[use.key].participants == ()
    for someone in (volunteer, coordinator):
        actions.join_list(fresh(use), by=someone, now=NOW)
    actions.provision(**at(NOW))
    assert set(machine.told[-1]) == {coordinator.email, volunteer.email}
    actions.leave_list(fresh(use), by=coordinator, now=NOW)
    actions.provision(**at(NOW))
    assert machine.told[-1] == (volunteer.email,)
    groups.leave_group(group, by=volunteer, now=NOW)
    actions.provision(**at(NOW))
    assert machine.told[-1] == ()
    # Who comes back is asked again.
    add_member(group, volunteer)
    assert queries.order_for(fresh(use)).participants == ()
    with pytest.raises(Refused, match="Only members"):
        actions.join_list(fresh(use), by=person("Other"), now=NOW)


def test_who_joins_while_the_machine_is_told_is_told_it_after_that(
    mailing_list, group, coordinator, volunteer, machine
):
    add_member(group, volunteer)
    use = ask(mailing_list, group, coordinator)
    actions.provision(**at(NOW))
    actions.join_list(fresh(use), by=coordinator, now=NOW)
    machine.meanwhile = lambda act: (
        OnTheList.objects.count() == 1 and actions.join_list(fresh(use), by=volunteer, now=NOW)
    )
    actions.provision(**at(NOW))
    assert machine.told == [(coordinator.email,), (coordinator.email, volunteer.email)]


def test_who_comes_to_coordinate_is_told_to_the_machine(mailing_list, group, coordinator, volunteer, machine):
    membership = add_member(group, volunteer)
    use = ask(mailing_list, group, coordinator)
    actions.provision(**at(NOW))
    actions.join_list(fresh(use), by=volunteer, now=NOW)
    actions.provision(**at(NOW))
    groups.make_coordinator(membership, by=coordinator, now=NOW)
    assert queries.open_jobs().get().act == "keep_in_step"
    assert [one.is_host for one in queries.order_for(use).participants] == [True]


# --- Compared once a day ------------------------------------------------------------------------


class Ticking:
    """A clock that goes on by ten seconds with each look at it."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        self.now += timedelta(seconds=10)
        return self.now


def test_the_daily_comparison_goes_both_ways_and_leaves_alone_what_was_never_ours(
    pad, group, coordinator, machine, person
):
    kept, lost, over = (ask(pad, group, coordinator, purpose=f"Notes {n}") for n in range(3))
    actions.provision(**at(NOW))
    actions.give_back(fresh(over), by=coordinator, now=NOW)
    actions.provision(**at(NOW))
    orphan = machine.rooms[over.key] = queries.order_for(over)
    machine.rooms["of another site"] = orphan
    del machine.rooms[lost.key]
    later = NOW + DAY
    assert actions.reconcile(**at(later)) == 2
    assert actions.reconcile(**at(later)) == 0
    actions.provision(**at(later))
    assert set(machine.rooms) == {kept.key, lost.key, "of another site"}
    assert actions.reconcile(**at(later)) == 0
    assert broken_promises() == []


def test_a_server_that_is_down_is_compared_another_day(pad, group, coordinator, machine):
    ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    machine.is_down = DOWN
    machine.rooms.clear()
    assert actions.reconcile(**at(NOW)) == 0
    machine.is_down = None
    assert actions.reconcile(**at(NOW)) == 1


def test_a_comparison_stops_in_time_and_the_next_one_goes_on_with_the_rest(pad, group, coordinator, machine):
    """The first server is never through in the time there is, and does not keep the second from its turn."""
    other, lasts = made_by("mailing-list", server="two"), 2 * MINUTE
    for n in range(6):
        ask(pad, group, coordinator, purpose=f"Notes {n}")
    ask(other, group, coordinator)
    actions.provision(**at(NOW))
    machine.rooms.clear()
    opened = []
    for _ in range(2):
        clock = Ticking(NOW)
        opened.append(actions.reconcile(now=NOW, clock=clock, lasts=lasts))
        assert clock.now <= NOW + lasts + timedelta(seconds=20)
    assert opened == [4, 1]
    assert list(queries.open_jobs().filter(server="two").values_list("act", flat=True)) == ["make"]
    # Whoever runs the command waits for all of it.
    assert actions.reconcile(**at(NOW)) == 2


def test_two_comparisons_are_not_under_way_at_once(pad, group, coordinator, machine):
    use = ask(pad, group, coordinator)
    actions.provision(**at(NOW))
    machine.rooms.clear()
    with heartbeats.alone("reconcile", seconds=60):
        assert actions.reconcile(**at(NOW)) == 0
    assert actions.reconcile(**at(NOW)) == 1
    actions.provision(**at(NOW))
    assert list(machine.rooms) == [use.key]


# --- For whom it is -----------------------------------------------------------------------------


def test_each_person_gets_an_address_by_role_and_strangers_none(pad, group, coordinator, volunteer, stranger, machine):
    add_member(group, volunteer)
    use = ask(pad, group, coordinator)
    assert queries.address_for(use, coordinator, NOW) == ""
    actions.provision(**at(NOW))
    use = fresh(use)
    assert queries.address_for(use, coordinator, NOW).endswith("?host=Bola")
    assert queries.address_for(use, volunteer, NOW).endswith("?guest=Ada")
    assert queries.address_for(use, stranger, NOW) == ""
    volunteer.blocked_at = NOW
    assert queries.address_for(use, volunteer, NOW) == ""


# --- The database keeps the promises ------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"state": "done"}, {"closed_at": NOW}, {"state": "void", "closed_at": NOW, "done_by_id": 1}]
)
def test_the_database_keeps_jobs_whole(pad, group, coordinator, machine, change):
    ask(pad, group, coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(**change)


def test_there_is_one_open_job_for_each_key_act_and_server(pad, group, coordinator, machine):
    use = ask(pad, group, coordinator)
    about = {"request": use, "resource": pad, "key": use.key, "server": "one", "opened_at": NOW, "wake_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(**about, act="make")
    Job.objects.create(**about, act="end")
