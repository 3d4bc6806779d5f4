"""People do whatever they can, in any order, while the clock jumps: nothing ever waits without a deadline.

Every act is the real one. It may be refused with a sentence; nothing else may go wrong, and after each the rows keep
the promise: whatever waits has its open deadlines with an owner, a date and a silence rule, and nothing at rest has.
"""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apps.core.refused import Refused
from apps.deadlines import actions as deadlines
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises, open_deadlines, waits
from apps.deadlines.sweep import sweep
from apps.engagement import actions as engagement
from apps.engagement.models import Entry, Submission
from apps.feedback import actions as feedback
from apps.feedback.models import Carry, Round
from apps.groups import actions as groups
from apps.groups.models import Group, Membership
from apps.groups.queries import active_members_of
from apps.initiatives import actions as initiatives
from apps.initiatives.models import Adoption, Initiative, Lead
from apps.people import actions as roles
from apps.people.actions import end_role, grant_role
from apps.people.models import Affiliate, Contact, RoleTerm
from apps.people.queries import reviewers
from apps.resources import actions as resources
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW, adopt, meet_early_steps
from tests.journeys.at_once import people

pytestmark = pytest.mark.slow

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NTH = st.integers(0, 5)
INITIATIVES = (13, 14, 15)


class Site(RuleBasedStateMachine):
    """Six people with the whole site. Numbers choose among what there is; where there is nothing, nothing happens.

    Few initiatives and a room with one seat, so that people come into each other's way.
    """

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now, self.acts = NOW, 0

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
        for resource in Resource.objects.filter(provider=Resource.Provider.BY_HAND):
            resources.name_steward(resource, person=self.people[4], now=self.now)
        for number, leader in zip(INITIATIVES, self.people[:2], strict=False):
            adoption = adopt(Initiative.objects.get(number=number), group=None, by=leader, new_group_name=f"L{number}")
            meet_early_steps(adoption, by=leader, group=adoption.leads.get().group, now=self.now)

    def do(self, action, *subjects, **what):
        """One act of one person; a refusal, which has a sentence, is an answer."""
        self.now += MINUTE
        self.acts += 1
        with suppress(Refused):
            action(*subjects, now=self.now, **what)

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

    @rule(who=NTH, which=NTH)
    def say_interest(self, who, which):
        initiative = Initiative.objects.get(number=INITIATIVES[which % len(INITIATIVES)])
        choice = {"ways": ["would_join"], "languages": [], "region": "", "is_named": False, "wants_news": True}
        self.do(initiatives.say_interest, initiative, by=self.people[who], **choice)

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

    # --- Resources ---------------------------------------------------------------------------

    @rule(which=NTH, resource=st.integers(0, 8), starts_in=st.sampled_from([HOUR, DAY, 9 * DAY]))
    def request_resource(self, which, resource, starts_in):
        group, wanted = self.nth(Group.objects, which), self.nth(Resource.objects, resource)
        if group:
            starts_at = self.now + starts_in
            times = {"starts_at": starts_at, "ends_at": starts_at + HOUR} if wanted.is_booked_by_time else {}
            by = self.people[which]
            self.do(resources.request_resource, wanted, group=group, purpose="A call", by=by, **times)

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

    @rule(who=NTH, resource=st.integers(0, 8))
    def name_steward(self, who, resource):
        self.do(resources.name_steward, self.nth(Resource.objects, resource), person=self.people[who])

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

    @rule()
    def sweep(self):
        """Whatever was done before, no rung and no consequence fails."""
        sweep(now=self.now)
        failed = Deadline.objects.exclude(last_error="")
        assert not [(row.rule, row.state, row.last_error) for row in failed]
        assert not open_deadlines().filter(wake_at__lte=self.now).exists()

    # --- What always holds -------------------------------------------------------------------

    @invariant()
    def whatever_waits_has_a_deadline_and_nothing_else_has_one(self):
        assert broken_promises() == []

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
    def nobody_leads_twice_or_without_a_term(self):
        running = Adoption.objects.filter(ended_at=None)
        assert running.count() == Lead.objects.filter(ended_at=None).count()


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("catalogue")
def test_whatever_people_do_nothing_waits_without_a_deadline():
    fewer = settings().max_examples // 2
    run_state_machine_as_test(Site, settings=settings(max_examples=fewer, stateful_step_count=50))
