"""One of everything: people in every role, and a group that leads, logs, asks and uses, seen from today.

Pages ask the clock themselves, so this world is built around the real now, unlike the fixtures of conftest.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from apps.accounts.actions import link_staff_sign_in, make_calendar_key
from apps.accounts.models import User
from apps.deadlines.actions import declare_absence, say_me_too
from apps.deadlines.models import Deadline
from apps.engagement.actions import (
    answer_doubt,
    ask_for_more,
    confirm_entry,
    correct_entry,
    dismiss_doubt,
    doubt_entry,
    hand_in_early,
    hand_in_measured,
    pass_on,
    save_reply,
    take_back,
    withdraw_entry,
)
from apps.engagement.models import Doubt, Entry, Submission
from apps.feedback import actions as feedback
from apps.feedback.models import Round
from apps.groups.actions import (
    accept_facilitator,
    answer_objection,
    ask_to_join,
    cancel_meeting,
    confirm_group,
    form_group,
    invite,
    open_proposal,
    plan_meeting,
    publish_notes,
    publish_version,
    settle_objection,
    take_position,
    want_to_come,
)
from apps.groups.models import Facilitation, Group, Meeting, Membership, Position, Proposal
from apps.guidelines.actions import announce_draft, drop_draft, save_draft, start_draft
from apps.guidelines.models import Draft
from apps.initiatives.actions import (
    InTheWay,
    add_place,
    answer_obstacle,
    bid_for_lead,
    decline_bid,
    dismiss_objection,
    leave_hint,
    object_to,
    offer_lead,
    post_update,
    put_on_hold,
    say_interest,
    step_down,
)
from apps.initiatives.kinds import INITIATIVE
from apps.initiatives.models import Adoption, Bid, Hint, Initiative, Lead, Objection, Obstacle
from apps.news.actions import correct_item, publish_item, submit_item
from apps.news.kinds import NEWS
from apps.news.models import Item
from apps.notifications.actions import write_letters
from apps.notifications.kinds import KINDS
from apps.notifications.models import Letter
from apps.people.actions import ask_for_role, confirm_contact, grant_role, say_contact
from apps.people.models import Affiliate, Contact, RoleTerm
from apps.questions.actions import answer_question, ask_question, split_question
from apps.questions.models import Question
from apps.resources.actions import (
    Terms,
    decline_request,
    do_by_hand,
    invite_steward,
    name_steward,
    offer_resource,
    request_resource,
    retire_link,
    withdraw_offer,
)
from apps.resources.actions.making import make_again
from apps.resources.models import Job, Resource, ResourceRequest, Stewardship
from apps.translations.actions import translate
from apps.translations.kinds import Typed
from apps.translations.queries import unit_of
from tests.conftest import add_member, adopt, load_catalogue, log, meet_early_steps, proposal, step_called

LED, FREE, CONTESTED, SILENT, OFFERED = 13, 21, 22, 23, 24
ROLES = ("visitor", "participant", "member", "coordinator", "steward", "reviewer", "administrator", "blocked")
NAMES = {
    "participant": "Pia",
    "member": "Mina",
    "coordinator": "Bola",
    "steward": "Tala",
    "reviewer": "Rhea",
    "administrator": "Amal",
    "blocked": "Blok",
    "asker": "Asa",
    "outsider": "Otto",
    "heir": "Hoda",
}


@dataclass
class World:
    now: datetime
    people: dict[str, User]
    led: Initiative
    free: Initiative
    group: Group
    unconfirmed: Group
    adoption: Adoption
    entry: Entry
    submission: Submission
    asked: Membership
    member: Membership
    term: RoleTerm
    letter: Letter
    wish: ResourceRequest
    room: ResourceRequest
    pad: ResourceRequest
    round: Round
    round_draft: Round
    calendar_key: str
    draft: Draft
    meeting: Meeting
    objection: Position
    contest: "Contest | None" = None
    role: RoleTerm | None = None
    contact: Contact | None = None
    facilitation: Facilitation | None = None
    pool: Resource | None = None
    invitation: Stewardship | None = None
    item: Item | None = None
    news: Item | None = None

    @property
    def question(self) -> Question:
        """The first one; `ask` it before."""
        return Question.objects.order_by("pk")[0]

    @property
    def submission_wait(self) -> Deadline:
        return Deadline.objects.get(rule="engagement.review", subject_id=self.submission.pk)

    @property
    def words(self) -> dict[str, object]:
        """What the addresses of the led initiative take."""
        return {"number": self.led.number, "words": self.led.words}

    @property
    def free_words(self) -> dict[str, object]:
        return {"number": self.free.number, "words": self.free.words}


def make_person(name: str, **fields: object) -> User:
    fields.setdefault("email", f"{name.lower()}@example.org")
    return User.objects.create(username=name, wikimedia_id=f"id-{name}"[:40], **fields)


def job_of(world: World) -> Job:
    """What a machine has to do for the wish for a mailing list."""
    make_again(world.wish, now=world.now)
    return Job.objects.get(request=world.wish)


def next_noon(now: datetime, days: int) -> datetime:
    return datetime.combine((now + timedelta(days=days)).date(), datetime.min.time(), UTC) + timedelta(hours=12)


def make_world(now: datetime | None = None) -> World:
    now = now or timezone.now()
    began = now - timedelta(days=3)
    people = {role: make_person(name) for role, name in NAMES.items()}
    people["blocked"].blocked_at = began
    people["blocked"].save()
    term = grant_role(people["reviewer"], role="reviewer", until=now + timedelta(days=300), by=None, now=began)
    grant_role(people["administrator"], role="administrator", until=now + timedelta(days=300), by=None, now=began)
    led, free = Initiative.objects.get(number=LED), Initiative.objects.get(number=FREE)
    coordinator = people["coordinator"]
    group = form_group(name="First Steps", purpose="Help newcomers", by=coordinator, now=began, seeks_members=True)
    unconfirmed = form_group(name="Staff Group", kind="foundation", by=people["outsider"], now=began)
    member = add_member(group, people["member"], now=began)
    adoption = lead(led, group, by=coordinator, now=began)
    meet_early_steps(adoption, by=coordinator, group=group, now=began)
    post_update(adoption, group=group, text="We began.", link="", by=coordinator, now=began + timedelta(hours=1))
    submission = hand_in_measured(adoption, group=group, by=coordinator, now=began)
    say_interest(
        free, ways=["would_join"], languages=["ar"], region="mena", is_named=True, wants_news=True,
        by=people["participant"], now=began,
    )  # fmt: skip
    invite_one(unconfirmed, coordinator, by=people["outsider"], now=began)
    asked = ask_to_join(group, message="I translate.", by=people["asker"], now=began)
    for slug in ("video-meeting-room", "mailing-list", "page-translation"):
        name_steward(Resource.objects.get(slug=slug), person=people["steward"], now=began)
    return World(
        now=now,
        people=people,
        led=led,
        free=free,
        group=group,
        unconfirmed=unconfirmed,
        adoption=adoption,
        entry=Entry.objects.order_by("pk").first(),
        submission=submission,
        asked=asked,
        member=member,
        term=term,
        letter=Letter.objects.get(notice__kind="engagement.review_asked", recipient=people["reviewer"]),
        wish=ask_for("mailing-list", group, by=coordinator, now=began),
        room=ask_for("video-meeting-room", group, by=coordinator, now=began, starts_at=next_noon(now, 4)),
        pad=ask_for("notes-pad", group, by=coordinator, now=began),
        round=feedback.open_round(round_of(led, group, by=coordinator, now=began), by=coordinator, now=began),
        round_draft=round_of(free, group, by=people["member"], now=began),
        calendar_key=calendar_key_of(coordinator),
        draft=draft_of(people["reviewer"], now=began),
        meeting=plan(group, by=coordinator, now=began, starts_at=next_noon(now, 6)),
        objection=object_to_proposal(propose(group, by=coordinator, now=began), by=people["member"], now=began),
    )


def log_doubtful(world: World, *, now: datetime) -> tuple[Entry, Doubt, Doubt]:
    """A note that waits for somebody who was there, a doubt that waits for the group, and one it has answered."""
    act = {"by": world.people["coordinator"], "group": world.group, "now": now}
    note = log(world.adoption, "reach", url="", note="Twenty of us met in Kano.", **act)
    entries = [log(world.adoption, "conversations", n=f"doubtful{n}", **act) for n in range(2)]
    asker = world.people["asker"]
    doubt, answered = (doubt_entry(entry, reason="It is empty.", by=asker, now=now) for entry in entries)
    return note, doubt, answer_doubt(answered, answer="It moved.", **act)


def lead(initiative: Initiative, group: Group, *, by: User, now: datetime) -> Adoption:
    return adopt(initiative, group=group, by=by, now=now)


def ask_for(
    slug: str, group: Group, *, by: User, now: datetime, starts_at: datetime | None = None, purpose: str = "Newcomers"
) -> ResourceRequest:
    resource = Resource.objects.get(slug=slug)
    ends_at = starts_at + timedelta(hours=1) if starts_at else None
    return request_resource(
        resource, group=group, purpose=purpose, starts_at=starts_at, ends_at=ends_at, by=by, now=now
    )


def plan(group: Group, *, by: User, now: datetime, starts_at: datetime, title: str = "Open call") -> Meeting:
    return plan_meeting(
        group, title=title, agenda="Which wikis first?", starts_at=starts_at, minutes=60, languages=["en"],
        place="https://meet.example.org/first-steps", is_open=True, initiative_number=None, by=by, now=now,
    )  # fmt: skip


def propose(group: Group, *, by: User, now: datetime, title: str = "One help page") -> Proposal:
    return open_proposal(
        group, title=title, text="We write one page.", closes_at=now + timedelta(days=20), initiative_number=None,
        by=by, now=now,
    )  # fmt: skip


def object_to_proposal(proposal: Proposal, *, by: User, now: datetime) -> Position:
    return take_position(proposal, stance="object", reason="Nobody reads it.", by=by, now=now)


def ask(initiative: Initiative, *, by: User, now: datetime, title: str = "Who pays for it?") -> Question:
    return ask_question(initiative, title=title, details="And when?", by=by, now=now)


def submit_news(world: World, *, by: User, now: datetime, number: int = 1) -> Item:
    return submit_item(
        text=f"Two hubs have begun, says issue {number}.", link=f"https://meta.wikimedia.org/wiki/Hubs/{number}",
        initiative=world.led, regions=["mena", "ssa"], by=by, now=now,
    )  # fmt: skip


def publish_news(world: World, *, now: datetime, number: int = 0) -> Item:
    """Whoever reviews is an editor here, too."""
    item = submit_news(world, by=world.people["outsider"], now=now, number=number)
    return publish_item(item, by=world.people["reviewer"], now=now)


def round_of(initiative: Initiative, group: Group, *, by: User, now: datetime, title: str = "One help page") -> Round:
    return feedback.draft_round(
        group=group,
        initiative=initiative,
        title=title,
        text="We plan one shared page.",
        questions=["What is missing?"],
        language="en",
        languages=["sw", "ar"],
        regions=["ssa"],
        closes_at=next_noon(now, 40),
        by=by,
        now=now,
    )


def calendar_key_of(person: User) -> str:
    make_calendar_key(person)
    person.refresh_from_db()
    return person.calendar_key or ""


def draft_of(person: User, *, now: datetime) -> Draft:
    """A draft of the next guidelines that changes one paragraph."""
    draft = start_draft(by=person, now=now)
    return save_draft(
        draft, seen=0, number="1.1", title=draft.title, body=draft.body + "\n\nBe kind.", steps=draft.steps, by=person,
        now=now,
    )  # fmt: skip


def draft_form_data(draft: Draft, **changed: object) -> dict[str, object]:
    """What the form of a draft sends."""
    data: dict[str, object] = {"number": draft.number, "title": draft.title, "body": draft.body, "seen": draft.revision}
    for row, step in enumerate(draft.steps):
        numbers = [*step["needs"].values(), ""]
        data |= {f"{name}_{row}": step[name] for name in ("code", "title", "level", "expectation", "measure")}
        data |= {f"place_{row}": row + 1, f"first_{row}": numbers[0], f"second_{row}": numbers[1]}
        data |= {f"if_any_{row}": "on"} if step["if_any"] else {}
    return data | changed


def invite_one(group: Group, person: User, *, by: User, now: datetime) -> Membership:
    [membership] = invite(group, people=[person], by=by, now=now)
    return membership


@contextmanager
def kept_world(django_db_blocker: Any) -> Iterator[World]:
    """The world with all that waits in it, made once for a file: it takes seconds, and its tests undo their acts."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_catalogue()
        world = make_world(timezone.now())
        world.contest = contest(world)
        log_doubtful(world, now=world.now)
        offer_links(world, world.now)
        ask(world.led, by=world.people["participant"], now=world.now)
        world.item = submit_news(world, by=world.people["participant"], now=world.now)
        world.news = publish_news(world, now=world.now)
        yield world
        transaction.set_rollback(True)


@dataclass
class Contest:
    """An initiative whose notice runs, with everything that may wait for an answer about its lead."""

    bid: Bid
    quiet: Bid
    offer: Bid
    objection: Objection
    obstacle: Obstacle
    asked: Obstacle
    hint: Hint


def contest(world: World) -> Contest:
    began, people = world.now - timedelta(days=2), world.people
    adoption = lead(Initiative.objects.get(number=CONTESTED), world.group, by=people["coordinator"], now=began)
    bid = bid_for_lead(adoption.initiative, proposal(world.unconfirmed), kind="join", by=people["outsider"], now=began)
    objection = object_to(adoption, reason="Nobody asked us.", by=people["participant"], now=began)
    silent = lead(Initiative.objects.get(number=SILENT), world.group, by=people["coordinator"], now=began)
    Adoption.objects.filter(pk=silent.pk).update(notice_ends_at=began, last_act_at=began - timedelta(days=61))
    written = proposal(None, new_group_name="Second Wind")
    quiet = bid_for_lead(silent.initiative, written, kind="quiet", by=people["asker"], now=world.now)
    offered = lead(Initiative.objects.get(number=OFFERED), world.group, by=people["coordinator"], now=began)
    heirs = form_group(name="Heirs", by=people["heir"], now=began)
    offer = offer_lead(offered.leads.get(), group=heirs, by=people["coordinator"], now=world.now)
    for_reviewers, for_one = InTheWay("No logo", role="reviewer"), InTheWay("No script", person=people["participant"])
    named = [
        post_update(
            adoption, group=world.group, text=f"Slowly, {way.text}", link="", next_step="Ask", obstacle=way,
            by=people["coordinator"], now=began + timedelta(hours=hour),
        )
        for hour, way in enumerate([for_reviewers, for_one])
    ]  # fmt: skip
    hint = leave_hint(
        world.free,
        text="The Hubs team",
        url="https://meta.wikimedia.org/wiki/Hubs",
        by=people["participant"],
        now=began,
    )
    return Contest(bid, quiet, offer, objection, named[0].obstacle, named[1].obstacle, hint)


def ask_about_people(world: World, now: datetime) -> None:
    """A participant asks for a role, and says that they are a contact; a group accepts a facilitator."""
    person = world.people["participant"]
    world.role = ask_for_role(
        role="liaison", why="I know them.", languages=["ar"], regions=["mena"], recommendations=[], by=person, now=now
    )
    world.contact = say_contact(Affiliate.objects.first(), by=person, now=now)
    helper = world.people["outsider"]
    until = world.now + timedelta(days=200)
    grant_role(helper, role="facilitator", until=until, recommendations=[3], by=None, now=now)
    world.facilitation = accept_facilitator(world.group, person=helper, by=world.people["coordinator"], now=now)


def offer_links(world: World, now: datetime, name: str = "Ready rooms") -> None:
    """A steward offers a pool of two ready links, and invites a participant to be a steward beside them."""
    by = world.people["steward"]
    said = Terms(
        name=name, line="Ready links", description="A room.", policy="stewards_decide", max_hours=2, data_place="Here"
    )
    links = ["https://meet.example.org/one", "https://meet.example.org/two"]
    world.pool = offer_resource(said, kind="room", provider="pool", links=links, by=by, now=now)
    world.invitation = invite_steward(world.pool, person=world.people["participant"], by=by, now=now)


def do_the_rest(world: World) -> None:
    """What `make_world` leaves out, so that every link from a row to a person is there at least once."""
    moments = (world.now + timedelta(seconds=second) for second in count(1))
    people = world.people
    coordinator, administrator, reviewer = people["coordinator"], people["administrator"], people["reviewer"]
    add_place(
        world.free, url="https://meta.wikimedia.org/wiki/Talk:X", title="Where we talk", language="sw",
        by=people["participant"], now=next(moments),
    )  # fmt: skip
    grant_role(
        people["outsider"], role="reviewer", until=world.now + timedelta(days=90), by=administrator, now=next(moments)
    )
    confirm_group(world.unconfirmed, by=administrator, now=next(moments))
    offer_links(world, next(moments), "Rooms of old")
    retire_link(world.pool.links.first(), by=people["steward"], now=next(moments))
    withdraw_offer(world.pool, reason="They moved.", by=administrator, now=next(moments))
    offer_links(world, next(moments))
    ask_about_people(world, next(moments))
    confirm_contact(world.contact, by=administrator, now=next(moments))
    early = hand_in_early(
        world.adoption, step=step_called("calls"), reason="One call was enough.", group=world.group, by=coordinator,
        now=next(moments),
    )  # fmt: skip
    pass_on(early, language="sw", by=reviewer, now=next(moments))
    slip = ask_for_more(early, steps=None, note="Show us the video.", by=reviewer, now=next(moments))
    take_back(slip, by=reviewer, now=next(moments))
    ask_for_more(early, steps=None, note="Show us the notes.", by=reviewer, now=next(moments))
    save_reply(title="Notes", answer="more", text="Show us the notes, please.", by=reviewer, now=next(moments))
    withdraw_entry(log(world.adoption, "announce", by=coordinator, group=world.group, now=next(moments), n=77,
                       community="Women in Red", told="Group of old", people=12, starts_at=next(moments),
                       closed_on=world.now.date()), by=people["member"], now=next(moments))  # fmt: skip
    note, _doubt, answered = log_doubtful(world, now=next(moments))
    confirm_entry(note, is_named=True, by=people["participant"], now=next(moments))
    correct_entry(world.entry, group=world.group, by=people["member"], now=next(moments), title="Said better")
    dismiss_doubt(answered, note="The archive has it.", by=reviewer, now=next(moments))
    declined = ask_for("page-translation", world.group, by=coordinator, now=next(moments))
    decline_request(declined, answer="No translator reads it.", by=people["steward"], now=next(moments))
    do_by_hand(job_of(world), address="https://lists.example.org/one", by=people["steward"], now=next(moments))
    other = form_group(name="Second Steps", by=people["outsider"], now=next(moments))
    again = lead(world.free, other, by=people["outsider"], now=next(moments))
    step_down(Lead.objects.get(adoption=again), notes="Go on without us.", by=people["outsider"], now=next(moments))
    link_staff_sign_in(
        reviewer,
        issuer="https://idp.example.org",
        subject="uid-7",
        is_reviewer=False,
        signed_in_at=next(moments),
        now=next(moments),
    )
    announce_draft(world.draft, comments_url="https://meta.wikimedia.org/wiki/C", by=reviewer, now=next(moments))
    drop_draft(world.draft, by=administrator, now=next(moments))
    title = unit_of(INITIATIVE, world.free, "ar").paragraphs[0]
    translate(INITIATIVE, world.free, language="ar", typed=[Typed(title.part, title.version, "عنوان آخر")],
              by=people["participant"], now=next(moments))  # fmt: skip
    published = publish_news(world, now=next(moments))
    correct_item(published, text="Three hubs.", link=published.link, why="A third one.", seen=0, by=reviewer,
                 now=next(moments))  # fmt: skip
    line = unit_of(NEWS, published, "ar").paragraphs[0]
    translate(NEWS, published, language="ar", typed=[Typed(line.part, line.version, "ثلاثة مراكز")],
              by=people["participant"], now=next(moments))  # fmt: skip
    submit_news(world, by=people["asker"], now=next(moments))
    take_part_in_rounds(world, moments)
    say_me_too(Deadline.objects.get(rule="engagement.review", state="open"), by=coordinator, now=next(moments))
    contested = contest(world)
    decline_bid(contested.bid, reason="We go on alone.", by=coordinator, now=next(moments))
    dismiss_objection(contested.objection, note="They asked everybody.", by=reviewer, now=next(moments))
    answer_obstacle(contested.obstacle, answer="Use the old one.", by=reviewer, now=next(moments))
    Adoption.objects.filter(pk=contested.bid.adoption_id).update(notice_ends_at=world.now)
    put_on_hold(
        contested.bid.adoption.leads.get(), reason="The board decides.", waits_for="The decision in March",
        review_at=world.now + timedelta(days=30), by=coordinator, now=next(moments),
    )  # fmt: skip
    declare_absence(begins_at=world.now, ends_at=world.now + timedelta(days=9), by=reviewer, now=next(moments))
    want_to_come(world.meeting, by=people["participant"], now=next(moments))
    over = plan(world.group, by=coordinator, now=next(moments), starts_at=world.now + timedelta(hours=1), title="First")
    publish_notes(over, text="We met.", link="", attendance=3, languages=["en"], by=people["member"], now=over.ends_at)
    off = plan(world.group, by=coordinator, now=next(moments), starts_at=next_noon(world.now, 8), title="Second")
    cancel_meeting(off, reason="The room is closed.", by=people["member"], now=next(moments))
    proposal = propose(world.group, by=coordinator, now=next(moments), title="Two help pages")
    objection = object_to_proposal(proposal, by=people["member"], now=next(moments))
    publish_version(proposal, text="We write two pages.", why="One is long.", by=people["member"], now=next(moments))
    answer_objection(objection, answer="We ask readers first.", by=coordinator, now=next(moments))
    settle_objection(objection, by=reviewer, now=next(moments))
    split = ask(world.led, by=people["asker"], now=next(moments), title="Who, and when?")
    part, _other = split_question(split, parts=["Who?", "When?"], by=coordinator, now=next(moments))
    leading = world.adoption.leads.get()
    answer_question(part, answer="We do.", lead=leading, by=people["member"], now=next(moments))
    many = [make_person(f"Reader {number}") for number in range(21)]
    write_letters(
        KINDS["people.role_granted"], to=many, key="to many", link="/", now=next(moments), by=coordinator,
        role="reviewer", until=world.now,
    )  # fmt: skip


def take_part_in_rounds(world: World, moments: Iterator[datetime]) -> None:
    """Translate and correct, answer, and cancel another round."""
    text = {"title": "Ukurasa", "text": "Tunapanga.", "questions": ["Nini?"]}
    for by in ("participant", "member"):
        text["text"] += "!"
        feedback.write_translation(world.round, into="sw", version=1, **text, by=world.people[by], now=next(moments))
    said = {"language": "sw", "replies": ["Picha"], "text": "Zaidi.", "is_named": True, "wants_news": True}
    for more in ({}, {"text": "Kidogo."}):
        feedback.give_answer(world.round, **(said | more), by=world.people["participant"], now=next(moments))
    liaison = world.people["outsider"]
    grant_role(liaison, role="liaison", until=world.now + timedelta(days=90), by=None, now=next(moments),
               languages=["sw"], regions=["ssa"])  # fmt: skip
    feedback.carry_round(world.round, by=liaison, now=next(moments))
    feedback.write_report(rounds=[world.round.pk], text="Pictures.", language="sw", people=3, is_relayed=True,
                          by=liaison, now=next(moments))  # fmt: skip
    feedback.open_round(world.round_draft, by=world.people["coordinator"], now=next(moments))
    feedback.decline_to_carry(world.round_draft, note="No time.", by=liaison, now=next(moments))
    feedback.cancel_round(world.round_draft, reason="Too early.", by=world.people["coordinator"], now=next(moments))
    feedback.close_round(world.round, now=next(moments))
    Deadline.objects.filter(rule="feedback.close", subject_id=world.round.pk).delete()
    feedback.publish_summary(world.round, text="Heard.", language="en", by=world.people["coordinator"],
                             now=next(moments))  # fmt: skip
    feedback.note_correction(world.round, text="And said.", by=world.people["participant"], now=next(moments))


def links_to_people() -> Iterator[models.ForeignKey]:
    """Every foreign key to a person of every model of the site."""
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("apps."):
            yield from (field for field in model._meta.concrete_fields if field.related_model is User)
