"""Adopting, objecting and lapsing in the same second, a hundred times, on PostgreSQL with real threads."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.groups.actions import plan_meeting, publish_notes
from apps.initiatives.actions import adopt_initiative, lead_in_a_way, object_to, share_lead, step_down
from apps.initiatives.models import Adoption, Bid, Initiative, Lead, Objection
from apps.questions.actions import answer_question, ask_question
from apps.record.models import Act
from tests.conftest import NOW, adopt, granted, meet_early_steps, proposal
from tests.journeys.at_once import assert_promises_hold, at_once, people
from tests.journeys.diagrams import diagrams, states_now, wrong_moves

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services, pytest.mark.slow]

ROUNDS = 100
DAY_90 = NOW + timedelta(days=90, hours=1)


def count(verb, initiative):
    return Act.objects.filter(verb=verb, mentions__name="initiative", mentions__object_id=initiative.pk).count()


def free(initiative, *, by):
    """Whoever leads it from an earlier round steps down; whoever waited then leads, and steps down, too."""
    while lead := Lead.objects.filter(adoption__initiative=initiative, ended_at=None).first():
        step_down(lead, notes="", by=by, now=DAY_90 + timedelta(minutes=6))


def overdue(initiative, who, number):
    """An adoption on its day 90 whose notice runs on, so that all three are possible in the same second."""
    adoption = adopt(initiative, group=None, by=who, new_group_name=f"Lead {number}")
    Adoption.objects.filter(pk=adoption.pk).update(notice_ends_at=DAY_90 + timedelta(days=1))
    Deadline.objects.filter(rule="initiatives.keep_alive", subject_id=adoption.leads.get().pk).update(
        rung=2, wake_at=DAY_90
    )
    return adoption


@pytest.mark.timeout(300)
def test_adopting_against_objecting_against_lapsing_leaves_a_state_of_the_diagram_and_a_true_record(catalogue, person):
    granted(person("Rhea"), "reviewer")
    crowd, outcomes = people(4 * ROUNDS), Counter()
    initiatives = list(Initiative.objects.order_by("number"))
    for number in range(ROUNDS):
        lead, bidder, objector, adopter = crowd[4 * number : 4 * number + 4]
        initiative = initiatives[number % len(initiatives)]
        free(initiative, by=lead)
        adoption = overdue(initiative, lead, number)
        before, said = states_now(DAY_90), Counter({v: count(v, initiative) for v in VERBS})
        _swept, bid, objection, adopted = at_once(
            partial(sweep, now=DAY_90),
            partial(
                lead_in_a_way, initiative, proposal(None, new_group_name=f"Bid {number}"), way="join", by=bidder,
                now=DAY_90,
            ),
            partial(object_to, adoption, reason="No", by=objector, now=DAY_90),
            partial(
                adopt_initiative, initiative, proposal(None, new_group_name=f"New {number}"), by=adopter, now=DAY_90
            ),
        )  # fmt: skip
        while sweep(now=DAY_90 + timedelta(minutes=5)):
            pass
        assert_the_record_is_true(initiative, adoption, said)
        after = states_now(DAY_90)
        moved = {row: state for row, state in after.items() if row in before and row[0] != "initiative"}
        assert wrong_moves(before, moved, by_clock=True) == []
        assert all(state in diagrams()[name].states for (name, _pk), state in after.items())
        answers = [bid, objection, adopted]
        outcomes["".join("-" if isinstance(answer, Refused) else "+" for answer in answers)] += 1
        assert Objection.objects.filter(adoption=adoption).count() == (not isinstance(objection, Refused))
        assert Bid.objects.filter(adoption=adoption).count() == (not isinstance(bid, Refused))
    assert sum(outcomes.values()) == ROUNDS


VERBS = (
    "initiatives.adopted",
    "initiatives.lapsed",
    "initiatives.bid",
    "initiatives.took_the_lead",
    "initiatives.objected_to",
)


def assert_the_record_is_true(initiative, adoption, before):
    """What the record tells of this round is what the rows say."""
    said = {verb: count(verb, initiative) - before[verb] for verb in VERBS}
    terms = Adoption.objects.filter(initiative=initiative, adopted_at__gte=DAY_90, pk__gt=adoption.pk)
    assert said["initiatives.adopted"] == terms.count()
    assert said["initiatives.lapsed"] == Lead.objects.filter(adoption=adoption, ending="lapsed").count()
    assert said["initiatives.bid"] == Bid.objects.filter(adoption=adoption).count()
    assert said["initiatives.took_the_lead"] == Lead.objects.filter(adoption=adoption, began_at__gte=DAY_90).count()
    assert said["initiatives.objected_to"] == Objection.objects.filter(adoption=adoption).count()
    assert Adoption.objects.filter(initiative=initiative, ended_at=None).count() <= 1
    assert_promises_hold()


def test_sharing_against_stepping_down_against_silence_leads_once(catalogue, person):
    """Whoever waits for the answer leads afterwards, whichever came first, and once."""
    for number, initiative in enumerate(Initiative.objects.order_by("number")[:10]):
        first, second = person(f"First {number}"), person(f"Second {number}")
        adoption = adopt(initiative, group=None, by=first, new_group_name=f"Group {number}")
        lead = adoption.leads.get()
        meet_early_steps(adoption, by=first, group=lead.group)
        day_60 = NOW + timedelta(days=60)
        written = proposal(None, new_group_name=f"Wind {number}")
        bid = lead_in_a_way(initiative, written, way="quiet", by=second, now=day_60)
        day_74 = day_60 + timedelta(days=14)
        at_once(
            partial(share_lead, bid, by=first, now=day_74),
            partial(step_down, lead, notes="", by=first, now=day_74),
            partial(sweep, now=day_74),
        )
        sweep(now=day_74 + timedelta(minutes=5))
        leads = Lead.objects.filter(adoption=adoption, group=bid.group)
        assert leads.count() == 1
        assert leads.get().ended_at is None
        assert_promises_hold()


def test_acts_that_count_against_stepping_down_end_in_an_answer_for_each(catalogue, person):
    """Notes and answers hold the term before the lead, as stepping down does: neither waits for the other for ever."""
    asker = person("Asker")
    for number, initiative in enumerate(Initiative.objects.order_by("number")[:20]):
        first = person(f"First {number}")
        adoption = adopt(initiative, group=None, by=first, new_group_name=f"Group {number}")
        lead = adoption.leads.get()
        question = ask_question(initiative, title="Who pays?", details="", by=asker, now=NOW)
        meeting = plan_meeting(
            lead.group, title="Call", agenda="Hello", starts_at=NOW + timedelta(hours=1), minutes=60, languages=["en"],
            place="https://meet.example.org/x", is_open=True, initiative_number=None, by=first, now=NOW,
        )  # fmt: skip
        later = NOW + timedelta(hours=3)
        notes, _stepped_down, _answer = at_once(
            partial(
                publish_notes, meeting, text="We met.", link="", attendance=3, languages=["en"], by=first, now=later
            ),
            partial(step_down, lead, notes="", by=first, now=later),
            partial(answer_question, question, answer="We do.", lead=lead, by=first, now=later),
        )
        assert not isinstance(notes, Refused)
        adoption.refresh_from_db()
        assert adoption.ended_at == later
        assert_promises_hold()
