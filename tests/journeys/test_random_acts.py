"""People do whatever they can, in any order, while the clock jumps: nothing ever waits without a deadline.

Every act is the real one. It may be refused with a sentence; nothing else may go wrong, and after each the rows keep
the promise: whatever waits has its open deadlines with an owner, a date and a silence rule, and nothing at rest has.
"""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apps.core.refused import Refused
from apps.deadlines import actions as deadlines
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises, open_deadlines, waits
from apps.deadlines.rules import Kind
from apps.deadlines.states import STATES
from apps.deadlines.sweep import _do_alone, sweep
from apps.engagement import actions as engagement
from apps.engagement.models import ChecklistStep, Decision, Doubt, Entry, Submission
from apps.feedback import actions as feedback
from apps.feedback.models import Carry, Round
from apps.groups import actions as groups
from apps.groups.models import Group, Meeting, Membership, Position, Proposal
from apps.groups.queries import active_members_of
from apps.guidelines import actions as guidelines
from apps.guidelines.kinds import GUIDELINES
from apps.guidelines.models import Draft, Version
from apps.guidelines.queries import current_version
from apps.initiatives import actions as initiatives
from apps.initiatives.badge import BID_DAYS, State, quiet_at
from apps.initiatives.models import Adoption, Bid, Initiative, Lead, Objection, Obstacle
from apps.news import actions as news
from apps.news.models import Item
from apps.people import actions as roles
from apps.people.actions import end_role, grant_role
from apps.people.models import Affiliate, Contact, RoleTerm
from apps.people.queries import reviewers
from apps.questions import actions as questions
from apps.questions.models import Question
from apps.questions.queries import leads_of
from apps.resources import actions as resources
from apps.resources import providers
from apps.resources.models import Job, PoolLink, Resource, ResourceRequest, Stewardship
from apps.resources.providers.protocol import Server
from apps.translations.actions import translate
from apps.translations.kinds import Typed
from apps.translations.queries import unit_of
from tests.conftest import NOW, adopt, log, meet_early_steps, proposal
from tests.journeys.at_once import people
from tests.journeys.diagrams import MODELS, diagrams, states_now, wrong_moves
from tests.resources.machines import DOWN, FOR_PEOPLE, Scripted

pytestmark = pytest.mark.slow

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NTH = st.integers(0, 5)
# One machine for all that needs one, in every mood.
MACHINE = Scripted()
MADE_BY = {"video-meeting-room": "bigbluebutton", "notes-pad": "discourse", "mailing-list": "mailman"}
SERVERS = {kind: Server(kind, kind, f"https://{kind}.example.org") for kind in MADE_BY.values()}
INITIATIVES = (13, 14, 15)


class Site(RuleBasedStateMachine):
    """Six people with the whole site. Numbers choose among what there is; where there is nothing, nothing happens.

    Few initiatives and a room with one seat, so that people come into each other's way.
    """

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now, self.last_swept_at, self.acted_at, self.acts = NOW, NOW, NOW, 0

    def teardown(self):
        connection.check_constraints()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize()
    def begin(self):
        self.people = people(6)
        grant_role(self.people[5], role="reviewer", until=NOW + 900 * DAY, by=None, now=NOW)
        Resource.objects.exclude(capacity=None).update(capacity=1)
        second = Resource.objects.get(slug="meeting-facilitator")
        second.pk, second.slug = None, "another-facilitator"
        second.save()
        MACHINE.__init__()
        for slug, server in MADE_BY.items():
            Resource.objects.filter(slug=slug).update(provider=SERVERS[server].kind, server=server)
        for resource in Resource.objects.exclude(policy=Resource.Policy.SELF_SERVICE):
            resources.name_steward(resource, person=self.people[4], now=self.now)
        for number, leader in zip(INITIATIVES, self.people[:2], strict=False):
            adoption = adopt(Initiative.objects.get(number=number), group=None, by=leader, new_group_name=f"L{number}")
            meet_early_steps(adoption, by=leader, group=adoption.leads.get().group, now=self.now)

    def do(self, action, *subjects, **what):
        """One act of one person; a refusal, which has a sentence, is an answer."""
        self.now += MINUTE
        self.acts, self.acted_at = self.acts + 1, self.now
        before = states_now(self.now)
        with suppress(Refused), transaction.atomic():
            action(*subjects, now=self.now, **what)
        assert wrong_moves(before, states_now(self.now), by_clock=False) == []

    def nth(self, rows, number, **rather):
        """One of these rows, rather of those that are so; None if there are none."""
        found = list(rows.filter(**rather).order_by("pk")) or list(rows.order_by("pk"))
        return found[number % len(found)] if found else None

    def member(self, group, number):
        return self.nth(active_members_of(group), number) if group else None

    # --- Groups ------------------------------------------------------------------------------

    @rule(who=NTH)
    def form_group(self, who):
        self.do(groups.form_group, name=f"Group {self.acts % 4}", by=self.people[who])

    @rule(who=NTH, which=NTH)
    def ask_to_join(self, who, which):
        if group := self.nth(Group.objects, which):
            self.do(groups.ask_to_join, group, message="", by=self.people[who])

    @rule(which=NTH, admit=st.booleans())
    def answer_join(self, which, admit):
        if asked := self.nth(Membership.objects, which, state="asked"):
            self.do(groups.answer_join, asked, admit=admit, by=self.people[0])

    @rule(which=NTH)
    def take_back_request(self, which):
        if asked := self.nth(Membership.objects, which, state="asked"):
            self.do(groups.take_back_request, asked, by=asked.user)

    @rule(which=NTH, whom=st.lists(NTH, max_size=3))
    def invite(self, which, whom):
        group = self.nth(Group.objects, which)
        if by := self.member(group, which):
            self.do(groups.invite, group, people=[self.people[n] for n in whom], by=by)

    @rule(which=NTH, accept=st.booleans())
    def answer_invitation(self, which, accept):
        if invited := self.nth(Membership.objects, which, state="invited"):
            self.do(groups.answer_invitation, invited, accept=accept)

    @rule(which=NTH, who=NTH)
    def leave_group(self, which, who):
        if group := self.nth(Group.objects, which):
            self.do(groups.leave_group, group, by=self.people[who])

    @rule(which=NTH)
    def make_coordinator(self, which):
        if membership := self.nth(Membership.objects, which):
            self.do(groups.make_coordinator, membership, by=self.people[0])

    # --- Meetings ----------------------------------------------------------------------------

    @rule(which=NTH, starts_in=st.sampled_from([HOUR, 5 * DAY]), about=st.none() | st.sampled_from(INITIATIVES))
    def plan_meeting(self, which, starts_in, about):
        group = self.nth(Group.objects, which)
        if by := self.member(group, which):
            self.do(groups.plan_meeting, group, by=by, **self.meeting(starts_in, about))

    @rule(which=NTH, starts_in=st.sampled_from([HOUR, 5 * DAY]))
    def change_meeting(self, which, starts_in):
        if meeting := self.nth(Meeting.objects, which, state="planned"):
            self.do(groups.change_meeting, meeting, by=self.people[which], **self.meeting(starts_in, None))

    def meeting(self, starts_in, about):
        return {"title": "Call", "agenda": "All", "starts_at": self.now + starts_in, "minutes": 60, "place": "Here",
                "languages": ["en"], "is_open": bool(self.acts % 2), "initiative_number": about}  # fmt: skip

    @rule(which=NTH, who=NTH)
    def want_to_come(self, which, who):
        if meeting := self.nth(Meeting.objects, which, state="planned"):
            self.do(groups.want_to_come, meeting, by=self.people[who])

    @rule(which=NTH)
    def cancel_meeting(self, which):
        if meeting := self.nth(Meeting.objects, which, state="planned"):
            self.do(groups.cancel_meeting, meeting, reason="Ill", by=self.people[which])

    @rule(which=NTH, act=st.sampled_from([groups.publish_notes, groups.correct_notes]))
    def publish_or_correct_notes(self, which, act):
        if meeting := self.nth(Meeting.objects, which, state="held"):
            notes = {"text": f"We met {self.acts}", "link": "", "attendance": 3, "languages": []}
            self.do(act, meeting, by=self.people[which], **notes)

    # --- Proposals ---------------------------------------------------------------------------

    @rule(which=NTH)
    def open_proposal(self, which):
        group = self.nth(Group.objects, which)
        if by := self.member(group, which):
            text = {"title": f"Page {self.acts % 3}", "text": "One page", "initiative_number": None}
            self.do(groups.open_proposal, group, closes_at=self.now + 15 * DAY, by=by, **text)

    @rule(which=NTH)
    def publish_version(self, which):
        if proposal := self.nth(Proposal.objects, which, state="open"):
            self.do(groups.publish_version, proposal, text=f"Page {self.acts}", why="", by=self.people[which])

    @rule(which=NTH, who=NTH, stance=st.sampled_from(["support", "stand_aside", "object", "object"]))
    def take_position(self, which, who, stance):
        if proposal := self.nth(Proposal.objects, which, state="open"):
            by = self.member(proposal.group, who) or self.people[who]
            self.do(groups.take_position, proposal, stance=stance, reason=f"Because {self.acts}", by=by)

    @rule(which=NTH, who=NTH)
    def answer_objection(self, which, who):
        if position := self.nth(Position.objects, which, state="objects"):
            self.do(groups.answer_objection, position, answer="We ask.", by=self.people[who])

    @rule(which=NTH, who=NTH, insists=st.booleans())
    def settle_or_insist(self, which, who, insists):
        if position := self.nth(Position.objects, which, state="answered"):
            act, what = (
                (groups.insist_on_objection, {"reason": f"No {self.acts}", "by": position.person})
                if insists
                else (groups.settle_objection, {"by": self.people[who]})
            )
            self.do(act, position, **what)

    @rule(which=NTH)
    def withdraw_proposal(self, which):
        if proposal := self.nth(Proposal.objects, which, state="owed"):
            self.do(groups.withdraw_proposal, proposal, by=self.people[which])

    @rule(which=NTH, who=NTH, act=st.sampled_from(["offer_to_coordinate", "take_back_offer", "say_still_here"]))
    def ask_for_the_coordinators(self, which, who, act):
        if group := self.nth(Group.objects, which):
            self.do(getattr(groups, act), group, by=self.member(group, who) or self.people[who])

    # --- Leading -----------------------------------------------------------------------------

    @rule(who=NTH, which=NTH, group=st.none() | NTH, beside=st.lists(NTH, max_size=2))
    def adopt(self, who, which, group, beside):
        chosen = self.nth(Group.objects, group) if group is not None else None
        by = self.member(chosen, who) or self.people[who]
        initiative = Initiative.objects.get(number=INITIATIVES[which % len(INITIATIVES)])
        more = {"new_group_name": f"Leads {self.acts}", "beside": [self.people[n] for n in beside]}
        self.do(lambda now: adopt(initiative, group=chosen, by=by, now=now, **more))

    @rule(which=NTH)
    def post_update(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            by = self.people[which]
            self.do(initiatives.post_update, lead.adoption, group=lead.group, text=f"We met {which}", link="", by=by)

    @rule(which=NTH)
    def renew_term(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            self.do(initiatives.renew_term, lead, summary="We go on", by=self.people[which])

    @rule(which=NTH)
    def lead_for_eleven_months(self, which):
        """Without it no random walk comes to the month in which a term is renewed."""
        if lead := self.nth(Lead.objects, which, ended_at=None):
            for _ in range(5):
                self.now += 68 * DAY
                self.do(initiatives.post_update, lead.adoption, group=lead.group, text="On", link="", by=self.people[0])
                self.sweep()
            self.do(initiatives.renew_term, lead, summary="We go on", by=self.people[0])

    @rule(which=NTH)
    def step_down(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            self.do(initiatives.step_down, lead, notes="", by=self.people[which])

    @rule(who=NTH, which=NTH, kind=st.sampled_from(["quiet", "join", "take_over"]))
    def ask_to_lead(self, who, which, kind):
        initiative = Initiative.objects.get(number=INITIATIVES[which % len(INITIATIVES)])
        written = proposal(None, new_group_name=f"Would lead {self.acts}")
        self.do(initiatives.lead_in_a_way, initiative, written, way=kind, by=self.people[who])

    @rule(which=NTH, answer=st.sampled_from(["share", "hand_over", "go_on", "decline", "accept", "withdraw"]))
    def answer_bid(self, which, answer):
        bid = self.nth(Bid.objects, which, state="open")
        lead = self.nth(Lead.objects.filter(adoption=bid.adoption), which, ended_at=None) if bid else None
        if lead is None:
            return
        act, words = {
            "share": (initiatives.share_lead, {}),
            "hand_over": (initiatives.hand_over_to_bidder, {"lead": lead}),
            "go_on": (initiatives.go_on_alone, {"lead": lead, "text": "We met", "link": "https://example.org"}),
            "decline": (initiatives.decline_bid, {"reason": "Not now"}),
            "accept": (initiatives.accept_lead, {"plan": "Ours", "first_steps": ["One"]}),
            "withdraw": (initiatives.withdraw_bid, {}),
        }[answer]
        self.do(act, bid, by=self.people[which], **words)

    @rule(which=NTH, group=NTH)
    def offer_lead(self, which, group):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            self.do(initiatives.offer_lead, lead, group=self.nth(Group.objects, group), by=self.people[which])

    @rule(which=NTH, seeks=st.booleans())
    def seek_successor(self, which, seeks):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            self.do(initiatives.seek_successor if seeks else initiatives.stop_seeking, lead, by=self.people[which])

    @rule(which=NTH, days=st.sampled_from([10, 90]))
    def put_on_hold(self, which, days):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            why = {"reason": "The board", "waits_for": "March", "review_at": self.now + days * DAY}
            self.do(initiatives.put_on_hold, lead, by=self.people[which], **why)

    @rule(which=NTH, days=st.sampled_from([20, 100]))
    def hold_for_longer(self, which, days):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            why = {"reason": "The board", "waits_for": "April", "review_at": self.now + days * DAY}
            self.do(initiatives.hold_for_longer, lead, by=self.people[which], **why)

    @rule(which=NTH)
    def resume(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            self.do(initiatives.resume, lead, text="On", by=self.people[which])

    @rule(which=NTH, settled=st.booleans())
    def conclude(self, which, settled):
        """No random walk settles all must-steps."""
        if lead := self.nth(Lead.objects, which, ended_at=None):
            Adoption.objects.filter(pk=lead.adoption_id).update(musts_settled=settled)
            self.do(initiatives.conclude, lead, summary="It is done", by=self.people[which])

    @rule(which=NTH)
    def take_back_conclusion(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            self.do(initiatives.take_back_conclusion, lead, by=self.people[which])

    @rule(who=NTH, which=NTH, group=st.none() | NTH)
    def object_to(self, who, which, group):
        if adoption := self.nth(Adoption.objects, which, ended_at=None):
            chosen = self.nth(Group.objects, group) if group is not None else None
            plan = "Ours" if chosen else ""
            self.do(initiatives.object_to, adoption, reason="No", group=chosen, plan=plan, by=self.people[who])

    @rule(which=NTH, decide=st.sampled_from(["dismiss_objection", "let_objectors_share", "uphold_objection"]))
    def decide_objection(self, which, decide):
        if objection := self.nth(Objection.objects, which, state="open"):
            self.do(getattr(initiatives, decide), objection, note="Because", by=self.people[5])

    @rule(which=NTH)
    def withdraw_objection(self, which):
        if objection := self.nth(Objection.objects, which, state="open"):
            self.do(initiatives.withdraw_objection, objection, by=objection.made_by)

    @rule(which=NTH, whom=st.sampled_from(["role", "group", "person", "nobody"]))
    def say_what_is_in_the_way(self, which, whom):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            owner = {
                "role": {"role": "reviewer"},
                "group": {"group": self.nth(Group.objects, which)},
                "person": {"person": self.people[which]},
                "nobody": {},
            }[whom]
            words = {"text": f"Slowly {self.acts}", "link": "", "obstacle": initiatives.InTheWay("A wall", **owner)}
            self.do(initiatives.post_update, lead.adoption, group=lead.group, by=self.people[0], **words)

    @rule(which=NTH, answer=st.sampled_from(["accept", "decline", "answer", "clear"]))
    def answer_obstacle(self, which, answer):
        if obstacle := self.nth(Obstacle.objects.filter(state__in=["asked", "waiting", "unanswered"]), which):
            act = getattr(initiatives, f"{answer}_obstacle")
            self.do(act, obstacle, by=self.people[which], **({"answer": "Here"} if answer == "answer" else {}))

    @rule(who=NTH, which=NTH)
    def say_interest(self, who, which):
        initiative = Initiative.objects.get(number=INITIATIVES[which % len(INITIATIVES)])
        choice = {"ways": ["would_join"], "languages": [], "region": "", "is_named": False, "wants_news": True}
        self.do(initiatives.say_interest, initiative, by=self.people[who], **choice)

    # --- Questions ---------------------------------------------------------------------------

    @rule(who=NTH, which=NTH)
    def ask_question(self, who, which):
        initiative = Initiative.objects.get(number=INITIATIVES[which % len(INITIATIVES)])
        self.do(questions.ask_question, initiative, title=f"Why {self.acts % 4}?", details="", by=self.people[who])

    @rule(which=NTH, who=NTH, state=st.sampled_from(["open", "unanswered"]))
    def answer_question(self, which, who, state):
        if question := self.nth(Question.objects, which, state=state):
            lead = leads_of(question.initiative).first()
            self.do(questions.answer_question, question, answer="So", lead=lead, by=self.people[who])

    @rule(which=NTH, who=NTH)
    def split_question(self, which, who):
        if question := self.nth(Question.objects, which, state="open"):
            self.do(questions.split_question, question, parts=[f"A {self.acts}", "Why 1?"], by=self.people[who])

    # --- Strategy News -----------------------------------------------------------------------

    @rule(who=NTH, which=NTH)
    def submit_news(self, who, which):
        link = f"https://meta.wikimedia.org/wiki/{which}"
        self.do(news.submit_item, text="A hub.", link=link, initiative=None, regions=["ssa"], by=self.people[who])

    @rule(which=NTH, who=NTH, act=st.sampled_from(["publish_item", "decline_item", "withdraw_item"]))
    def answer_or_withdraw_news(self, which, who, act):
        if item := self.nth(Item.objects, which, state="waiting"):
            reason = {"reason": "Old"} if act == "decline_item" else {}
            self.do(getattr(news, act), item, by=self.people[who], **reason)

    # --- The checklist -----------------------------------------------------------------------

    @rule(which=NTH)
    def meet_early_steps(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            self.do(lambda now: meet_early_steps(lead.adoption, by=self.people[which], group=lead.group, now=now))

    @rule(which=NTH)
    def withdraw_entry(self, which):
        if entry := self.nth(Entry.objects, which):
            self.do(engagement.withdraw_entry, entry, by=self.people[which])

    @rule(which=NTH)
    def log_note(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            act = {"by": self.people[which], "group": lead.group}
            self.do(log, lead.adoption, "reach", url="", note=f"We met in town {which}", **act)

    @rule(which=NTH)
    def log_several(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            step = self.nth(lead.adoption.guidelines.steps, which)
            what = {"title": "Pump", "happened_on": self.now.date(), "languages": ["en"], "regions": []}
            lines = [what | {"url": f"https://example.org/{n}"} for n in range(which)]
            by, group = self.people[which], lead.group
            self.do(engagement.log_entries, lead.adoption, step=step, lines=lines, group=group, by=by)

    @rule(which=NTH, who=NTH)
    def confirm_entry(self, which, who):
        if entry := self.nth(Entry.objects, which, url=""):
            self.do(engagement.confirm_entry, entry, is_named=False, by=self.people[who])

    @rule(which=NTH, who=NTH)
    def take_back_confirmation(self, which, who):
        if entry := self.nth(Entry.objects, which, confirmations__isnull=False):
            self.do(engagement.take_back_confirmation, entry, by=self.people[who])

    @rule(which=NTH, to=st.sampled_from([{"title": "Better"}, {"note": "We met"}, {"url": "https://example.org/x"}]))
    def correct_entry(self, which, to):
        if entry := self.nth(Entry.objects, which, url=""):
            self.do(engagement.correct_entry, entry, group=entry.group, by=self.people[which], **to)

    @rule(which=NTH, who=NTH)
    def doubt_entry(self, which, who):
        if entry := self.nth(Entry.objects, which):
            self.do(engagement.doubt_entry, entry, reason="It is empty", by=self.people[who])

    @rule(which=NTH)
    def answer_doubt(self, which):
        if doubt := self.nth(Doubt.objects, which, state="open"):
            by, group = self.people[which], doubt.group
            self.do(engagement.answer_doubt, doubt, answer="It moved", group=group, by=by)

    @rule(which=NTH, who=NTH, judge=st.sampled_from([engagement.uphold_doubt, engagement.dismiss_doubt]))
    def judge_doubt(self, which, who, judge):
        if doubt := self.nth(Doubt.objects, which, state="answered"):
            self.do(judge, doubt, note="I looked", by=self.people[who])

    @rule(which=NTH)
    def take_back_doubt(self, which):
        if doubt := self.nth(Doubt.objects, which, state="open"):
            self.do(engagement.take_back_doubt, doubt, by=doubt.doubted_by)

    @rule(which=NTH)
    def hand_in_measured(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            self.do(engagement.hand_in_measured, lead.adoption, group=lead.group, by=self.people[which])

    @rule(which=NTH)
    def hand_in_early(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            step = self.nth(lead.adoption.guidelines.steps, which)
            by, group = self.people[which], lead.group
            self.do(engagement.hand_in_early, lead.adoption, step=step, reason="It is late", group=group, by=by)

    @rule(
        which=NTH,
        who=NTH,
        decide=st.sampled_from(["accept_steps", "ask_for_more", "waive_steps", "refuse_steps"]),
        some=st.booleans(),
    )
    def review(self, which, who, decide, some):
        submission = self.nth(Submission.objects, which, state="open")
        by = self.nth(reviewers(self.now), who)
        if submission and by:
            steps = submission.steps.values_list("pk", flat=True)[: 1 if some else None]
            self.do(getattr(engagement, decide), submission, steps=list(steps), note="Because", by=by)

    @rule(which=NTH)
    def move_to_guidelines(self, which):
        if lead := self.nth(Lead.objects, which, ended_at=None):
            number, by = current_version().number, self.people[which]
            self.do(engagement.move_to_guidelines, lead.adoption, number=number, group=lead.group, by=by)

    @rule(which=NTH, who=NTH, language=st.sampled_from(["en", "sw"]))
    def pass_on(self, which, who, language):
        submission = self.nth(Submission.objects, which, state="open")
        by = self.nth(reviewers(self.now), who)
        if submission and by:
            self.do(engagement.pass_on, submission, language=language, by=by)

    @rule(which=NTH)
    def take_back(self, which):
        if decision := self.nth(Decision.objects.exclude(decided_by=None), which, taken_back_at=None):
            self.do(engagement.take_back, decision, by=decision.decided_by)

    @rule(which=NTH, who=NTH)
    def answer_the_reviewer(self, which, who):
        asked = ChecklistStep.objects.filter(state__in=["more_asked", "refused"], adoption__ended_at=None)
        if line := self.nth(asked, which):
            group = line.adoption.leads.filter(ended_at=None).first().group
            by, answer = self.people[who], "It is there now"
            self.do(engagement.hand_in_again, line.adoption, step=line.step, answer=answer, group=group, by=by)

    # --- Resources ---------------------------------------------------------------------------

    @rule(which=NTH, resource=st.integers(0, 8), starts_in=st.sampled_from([HOUR, DAY, 9 * DAY]))
    def request_resource(self, which, resource, starts_in):
        group, wanted = self.nth(Group.objects, which), self.nth(Resource.objects, resource)
        if group:
            starts_at = self.now + starts_in
            times = {"starts_at": starts_at, "ends_at": starts_at + HOUR} if wanted.is_booked_by_time else {}
            by = self.people[which]
            how_many = 1 + which % wanted.most_at_once
            self.do(
                resources.request_resource, wanted, group=group, purpose="A call", quantity=how_many, by=by, **times
            )

    @rule(which=NTH, give=st.booleans())
    def answer_request(self, which, give):
        if wish := self.nth(ResourceRequest.objects, which, state="asked"):
            answer, words = (
                (resources.give_resource, {"address": "https://example.org", "answer": ""})
                if give
                else (resources.decline_request, {"answer": "Not now"})
            )
            self.do(answer, wish, by=self.people[4], **words)

    @rule(which=NTH, end=st.sampled_from([resources.keep_using, resources.give_back, resources.end_use]))
    def end_or_keep_use(self, which, end):
        if wish := self.nth(ResourceRequest.objects, which, state="in_use"):
            reason = {"reason": "It broke"} if end is resources.end_use else {}
            self.do(end, wish, by=self.people[which], **reason)

    @rule(which=NTH)
    def take_back_wish(self, which):
        if wish := self.nth(ResourceRequest.objects, which):
            self.do(resources.give_back, wish, by=self.people[which])

    @rule(mood=st.sampled_from([None, DOWN, FOR_PEOPLE]))
    def ask_machines(self, mood):
        MACHINE.is_down = mood
        MACHINE.lead_time = HOUR
        resources.provision(now=self.now, clock=lambda: self.now)

    @rule(loses=st.booleans())
    def compare_with_machines(self, loses):
        MACHINE.is_down = None
        if loses:
            MACHINE.rooms.clear()
        resources.reconcile(now=self.now, clock=lambda: self.now)

    @rule(which=NTH, act=st.sampled_from([resources.try_again, resources.do_by_hand]))
    def help_a_machine(self, which, act):
        if job := self.nth(Job.objects, which, state="stuck"):  # Of a machine, or of what people gave.
            more = {"address": "https://example.org"} if act is resources.do_by_hand else {}
            self.do(act, job, by=self.people[4], **more)

    @rule(which=NTH, act=st.sampled_from([resources.join_list, resources.leave_list]))
    def join_or_leave_a_list(self, which, act):
        if wish := self.nth(ResourceRequest.objects.filter(resource__provider="mailman"), which, state="in_use"):
            self.do(act, wish, by=self.people[which])

    @rule(who=NTH, resource=st.integers(0, 8))
    def name_steward(self, who, resource):
        self.do(resources.name_steward, self.nth(Resource.objects, resource), person=self.people[who])

    @rule(who=NTH, policy=st.sampled_from(Resource.Policy.values), kind=st.sampled_from(["survey", "room", "other"]))
    def offer_resource(self, who, policy, kind):
        by_hand = policy != "self_service"
        said = resources.Terms(name=f"Offer {self.acts}", line="Ours", policy=policy, max_hours=2, lasts_days=9)
        ready = {"provider": "by_hand"} if by_hand else {"provider": "pool", "links": [f"https://a.org/{self.acts}"]}
        wish = self.nth(ResourceRequest.objects.filter(state="wanted"), who)
        self.do(resources.offer_resource, said, kind=kind, wish=wish, by=self.people[who], **ready)

    @rule(which=NTH, act=st.sampled_from(["withdraw_offer", "offer_again", "leave_stewards", "invite_steward"]))
    def go_on_with_an_offer(self, which, act):
        if offered := self.nth(Resource.objects.exclude(offered_by=None), which):
            more = {"withdraw_offer": {"reason": "No time"}, "invite_steward": {"person": self.people[which]}}
            self.do(getattr(resources, act), offered, by=offered.offered_by, **more.get(act, {}))

    @rule(which=NTH, policy=st.sampled_from(Resource.Policy.values), places=st.sampled_from([None, 1]))
    def change_an_offer(self, which, policy, places):
        if offered := self.nth(Resource.objects.exclude(offered_by=None), which):
            terms = {"policy": policy, "capacity": places, "max_hours": 2, "lasts_days": 9}
            said = resources.Terms(name=offered.name, line="Ours", **terms)
            self.do(resources.change_offer, offered, said, by=offered.offered_by)

    @rule(which=NTH, accept=st.booleans())
    def answer_stewardship(self, which, accept):
        if invited := self.nth(Stewardship.objects, which, state="invited"):
            act = resources.accept_stewardship if accept else resources.decline_stewardship
            self.do(act, invited, by=invited.person)

    @rule(which=NTH, retire=st.booleans())
    def change_a_pool(self, which, retire):
        if not (link := self.nth(PoolLink.objects, which, retired_at=None)):
            return
        if retire:
            self.do(resources.retire_link, link, by=link.added_by)
        else:
            more = [f"https://b.org/{self.acts}"]
            self.do(resources.add_links, link.resource, links=more, by=link.added_by)

    @rule(which=NTH)
    def say_still_wanted(self, which):
        if wish := self.nth(ResourceRequest.objects, which, state="wanted"):
            self.do(resources.say_still_wanted, wish, by=self.people[which])

    # --- Guidelines --------------------------------------------------------------------------

    @rule()
    def draft_guidelines(self):
        self.do(guidelines.start_draft, by=self.people[5])
        if draft := self.nth(Draft.objects, 0, state="drafted"):
            text = {"number": f"1.{self.acts}", "title": draft.title, "body": f"{draft.body}.", "steps": draft.steps}
            self.do(guidelines.save_draft, draft, seen=draft.revision, by=self.people[5], **text)

    @rule(act=st.sampled_from(["announce_draft", "take_draft_back", "publish_draft", "drop_draft"]))
    def go_on_with_the_draft(self, act):
        if draft := self.nth(Draft.objects.filter(closed_at=None), 0):
            more = {"comments_url": "https://example.org"} if act == "announce_draft" else {}
            self.do(getattr(guidelines, act), draft, by=self.people[5], **more)

    @rule(who=NTH, right=st.booleans())
    def translate_guidelines(self, who, right):
        """All that is left of the version that is to come into force, or some of it."""
        if version := self.nth(Version.objects, 0, in_force_at=None):
            left = [p for p in unit_of(GUIDELINES, version, "ar").paragraphs if p.state != "done"]
            typed = [Typed(p.part, p.version, p.text or "كلمات", right) for p in left]
            self.do(translate, GUIDELINES, version, language="ar", typed=typed, by=self.people[who])

    # --- Feedback rounds ---------------------------------------------------------------------

    @rule(which=NTH, about=NTH, opens=st.booleans())
    def ask_for_feedback(self, which, about, opens):
        group = self.nth(Group.objects, which)
        initiative = Initiative.objects.get(number=INITIATIVES[about % len(INITIATIVES)])
        if by := self.member(group, which):
            asked = {"title": f"Round {self.acts}", "text": "A plan", "questions": ["What?"], "language": "en"}
            wanted = {"languages": ["sw"], "regions": ["ssa"], "closes_at": self.now + 22 * DAY}
            self.do(feedback.draft_round, group=group, initiative=initiative, by=by, **asked, **wanted)
        if (draft := self.nth(Round.objects, which, state="draft")) and opens:
            self.do(feedback.open_round, draft, by=self.people[which])

    @rule(which=NTH, who=NTH, end=st.sampled_from([feedback.discard_draft, feedback.cancel_round]))
    def end_a_round(self, which, who, end):
        reason = {"reason": "Too early"} if end is feedback.cancel_round else {}
        if round_ := self.nth(Round.objects, which, state="draft" if end is feedback.discard_draft else "open"):
            self.do(end, round_, by=self.people[who], **reason)

    @rule(which=NTH, who=NTH)
    def take_part_in_a_round(self, which, who):
        if round_ := self.nth(Round.objects, which, state="open"):
            text = {"title": "Kichwa", "text": "Maandishi", "questions": ["Nini?"]}
            said = {"language": "sw", "replies": [""], "text": "Picha", "is_named": False, "wants_news": True}
            by = self.people[who]
            self.do(feedback.write_translation, round_, into="sw", version=round_.version, **text, by=by)
            self.do(feedback.give_answer, round_, **said, by=by)

    @rule(who=NTH)
    def become_a_liaison(self, who):
        until = self.now + 90 * DAY
        self.do(grant_role, self.people[who], role="liaison", until=until, by=None, languages=["sw"], regions=["ssa"])

    @rule(which=NTH, answer=st.sampled_from(["carry", "decline", "report"]))
    def answer_as_liaison(self, which, answer):
        if carry := self.nth(Carry.objects, which, state="accepted" if answer == "report" else "asked"):
            by, round_ = carry.liaison, carry.round
            if answer == "carry":
                self.do(feedback.carry_round, round_, by=by)
            elif answer == "decline":
                self.do(feedback.decline_to_carry, round_, note="", by=by)
            else:
                said = {"text": "Pictures", "language": "sw", "people": 3, "is_relayed": True}
                self.do(feedback.write_report, rounds=[round_.pk], **said, by=by)

    @rule(which=NTH)
    def summarise_a_round(self, which):
        if round_ := self.nth(Round.objects, which, state="closed"):
            self.do(feedback.publish_summary, round_, text="Heard", language="en", by=self.people[which])

    # --- People and the clock ----------------------------------------------------------------

    @rule(who=NTH)
    def become_reviewer(self, who):
        self.do(grant_role, self.people[who], role="reviewer", until=self.now + 30 * DAY, by=None)

    @rule(which=NTH)
    def stop_reviewing(self, which):
        if term := self.nth(RoleTerm.objects, which):
            self.do(end_role, term, reason="It is enough", by=None)

    @rule(who=NTH, role=st.sampled_from(["liaison", "editor"]))
    def ask_for_role(self, who, role):
        covers = {"languages": ["sw"], "regions": [], "recommendations": []}
        self.do(roles.ask_for_role, role=role, why="I can", by=self.people[who], **covers)

    @rule(
        which=NTH,
        act=st.sampled_from(["confirm_role", "decline_role", "take_back_role_request", "renew_role", "give_role_back"]),
    )
    def answer_or_end_role(self, which, act):
        rather = {"state": "held"} if act in {"renew_role", "give_role_back"} else {"state": "asked"}
        if term := self.nth(RoleTerm.objects.exclude(role="reviewer"), which, **rather):
            reason = {"reason": "Not now"} if act == "decline_role" else {}
            self.do(getattr(roles, act), term, by=self.people[which], **reason)

    @rule(who=NTH, affiliate=st.integers(0, 1))
    def say_contact(self, who, affiliate):
        self.do(roles.say_contact, self.nth(Affiliate.objects, affiliate), by=self.people[who])

    @rule(which=NTH, act=st.sampled_from(["confirm_contact", "refuse_contact", "take_back_contact"]))
    def answer_or_take_back_contact(self, which, act):
        if contact := self.nth(Contact.objects, which, state="said"):
            reason = {"reason": "Not theirs"} if act == "refuse_contact" else {}
            self.do(getattr(roles, act), contact, by=self.people[which], **reason)

    @rule(who=NTH, begins_in=st.sampled_from([timedelta(0), 3 * DAY]), lasts=st.sampled_from([DAY, 30 * DAY]))
    def go_away(self, who, begins_in, lasts):
        begins_at = self.now + begins_in
        self.do(deadlines.declare_absence, begins_at=begins_at, ends_at=begins_at + lasts, by=self.people[who])

    @rule(who=NTH)
    def come_back(self, who):
        self.do(deadlines.come_back, by=self.people[who])

    @rule(who=NTH)
    def be_blocked_or_unblocked(self, who):
        """As the sign-in notes it."""
        person = self.people[who]
        person.blocked_at = None if person.blocked_at else self.now
        person.save(update_fields=["blocked_at"])

    @rule(step=st.sampled_from([HOUR, 5 * DAY, 10 * DAY, 30 * DAY, 100 * DAY]), swept=st.booleans())
    def time_passes(self, step, swept):
        self.now += step
        if swept:
            self.sweep()

    def watch_badges(self, before, *, until):
        """A badge turns by time alone, too."""
        running = Adoption.objects.filter(ended_at=None)
        turns = {at for adoption in running for at in (adoption.notice_ends_at, quiet_at(adoption))}
        for at in sorted(turns):
            if self.last_swept_at < at <= until:
                before = self.compare(before, at=at)
        return self.compare(before, at=until) if self.last_swept_at < until else before

    def compare(self, before, *, at):
        self.last_swept_at, after = at, states_now(at)
        assert wrong_moves(before, after, by_clock=True) == []
        return after

    @rule()
    def sweep(self):
        """Whatever was done before, no rung and no consequence fails.

        The clock stops at each time that something may change, and no row moves along more than one arrow there.
        """
        before = states_now(self.last_swept_at)
        while deadline := open_deadlines().filter(wake_at__lte=self.now).order_by("wake_at", "pk").first():
            # What comes late happens after all that people did meanwhile, one after the other.
            at = max(deadline.wake_at, self.acted_at)
            before = self.watch_badges(before, until=at)
            steps = _do_alone(deadline, now=at)
            assert steps, Deadline.objects.get(pk=deadline.pk).last_error
            if steps[0].kind is Kind.SILENCE:
                before = self.compare(before, at=at)
        self.watch_badges(before, until=self.now)
        sweep(now=self.now)
        failed = Deadline.objects.exclude(last_error="")
        assert not [(row.rule, row.state, row.last_error) for row in failed]
        assert not open_deadlines().filter(wake_at__lte=self.now).exists()

    # --- What always holds -------------------------------------------------------------------

    @invariant()
    def whatever_waits_has_a_deadline_and_nothing_else_has_one(self):
        assert broken_promises() == []

    @invariant()
    def a_machine_has_something_only_while_somebody_has_it_or_a_job_is_to_end_it(self):
        held = ResourceRequest.objects.filter(state__in=["in_use", "given"]).values_list("key", flat=True)
        jobs = Job.objects.exclude(state__in=["done", "void"]).values_list("key", flat=True)
        assert set(MACHINE.rooms) <= {*held, *jobs}

    @invariant()
    def every_wait_has_an_owner_a_date_and_a_silence_rule(self):
        found = waits(open_deadlines())
        assert len(found) == open_deadlines().count(), "Each is about a row that is there, by a rule that is known."
        for wait in found:
            assert wait.rule.consequence is not None
            assert wait.deadline.owner.partition(":")[2]
            assert wait.owner_name
            assert wait.what
            assert wait.silence_means
            assert wait.opened_at <= wait.due_at <= wait.silence_at or wait.deadline.ends_at < wait.opened_at

    @invariant()
    def every_running_term_has_a_lead_and_every_lead_a_term(self):
        running, leads = Adoption.objects.filter(ended_at=None), Lead.objects.filter(ended_at=None)
        assert set(running.values_list("pk", flat=True)) == set(leads.values_list("adoption", flat=True))

    @invariant()
    def every_badge_knows_who_asks_for_the_lead_and_who_leaves(self):
        for adoption in Adoption.objects.filter(ended_at=None):
            asked = adoption.bids.filter(state="open").exclude(kind="handover").values_list("made_at", flat=True)
            leaving = adoption.leads.filter(ended_at=None, leaves_at__isnull=False).values_list("leaves_at", flat=True)
            assert adoption.shared_at == min((at + timedelta(days=BID_DAYS) for at in asked), default=None)
            assert adoption.leaves_at == max(leaving, default=None)


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("catalogue")
def test_whatever_people_do_nothing_waits_without_a_deadline(monkeypatch):
    monkeypatch.setattr(providers, "import_string", lambda path: MACHINE)
    monkeypatch.setattr(django_settings, "RESOURCE_SERVERS", django_settings.RESOURCE_SERVERS | SERVERS)
    fewer = max(settings().max_examples // 6, 2)
    run_state_machine_as_test(Site, settings=settings(max_examples=fewer, stateful_step_count=50))


def test_the_diagrams_draw_every_state():
    drawn = diagrams()
    assert drawn["initiative"].states == set(State.values)
    for name, model in MODELS.items():
        states = STATES[model]
        assert drawn[name].states == {str(state) for state in {*states.waiting, *states.resting}}, name
