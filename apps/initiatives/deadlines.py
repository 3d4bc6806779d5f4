"""What waits around a lead: its own signs of life, bids, objections, holds, conclusions, and what is in the way."""

from django.db.models import Case, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.deadlines.owners import THE_CLOCK
from apps.deadlines.rules import Rule, days, days_before_end, nobody, remind, silence, tell_all
from apps.deadlines.states import all_of, declare
from apps.groups.deadlines import coordinators, region_of_group
from apps.initiatives import queries
from apps.initiatives.badge import (
    BID_DAYS,
    HOLD_FORGOTTEN_DAYS,
    LAPSE_DAYS,
    OBJECTION_DAYS,
    REMINDER_DAYS,
    TERM_DAYS,
    TERM_REMINDER_DAYS,
)
from apps.initiatives.models import Adoption, Bid, Hold, Lead, Objection, Obstacle
from apps.people.deadlines import REVIEWERS, reviewers_name

KEEP_ALIVE = Rule(
    "initiatives.keep_alive",
    title=gettext_lazy("Signs of life of a lead"),
    subject="initiatives.Lead",
    related=("group", "adoption__initiative"),
    owed_by=lambda lead: f"group:{lead.group_id}",
    owner_name=lambda lead: lead.group.name,
    answerers=coordinators,
    region=region_of_group,
    what=lambda lead: (
        _("An update on %(initiative)s, or an engagement entry") % {"initiative": lead.adoption.initiative}
    ),
    silence_means=gettext_lazy("on day 60 the badge turns quiet; on day 90 the term lapses, with thanks"),
    ladder=[*(remind(days(day)) for day in REMINDER_DAYS), silence(days(LAPSE_DAYS))],
    public=False,
)

RENEW_TERM = Rule(
    "initiatives.renew_term",
    title=gettext_lazy("Renewals of a term"),
    subject="initiatives.Lead",
    related=("group", "adoption__initiative"),
    owed_by=lambda lead: f"group:{lead.group_id}",
    owner_name=lambda lead: lead.group.name,
    answerers=coordinators,
    region=region_of_group,
    what=lambda lead: (
        _("A short summary that renews the term on %(initiative)s") % {"initiative": lead.adoption.initiative}
    ),
    silence_means=gettext_lazy("the term ends, with thanks"),
    outcomes={"renewed": gettext_lazy("renewed")},
    ladder=[*(remind(days(day)) for day in TERM_REMINDER_DAYS), silence(days(TERM_DAYS))],
    public=False,
)

LEAVE_LATER = Rule(
    "initiatives.leave_later",
    title=gettext_lazy("Silent leads beside a new one"),
    subject="initiatives.Lead",
    related=("group", "adoption__initiative"),
    owed_by=lambda lead: f"group:{lead.group_id}",
    owner_name=lambda lead: lead.group.name,
    answerers=coordinators,
    region=region_of_group,
    what=lambda lead: _("An act on %(initiative)s by its silent lead") % {"initiative": lead.adoption.initiative},
    silence_means=gettext_lazy("the silent group leaves the lead, with thanks; the other one goes on"),
    ladder=[remind(days_before_end(7)), silence(days_before_end(0))],
    public=False,
)

ANSWER_BID = Rule(
    "initiatives.answer_bid",
    title=gettext_lazy("Bids for a part in the lead"),
    subject="initiatives.Bid",
    related=("group", "answered_by_group", "adoption__initiative"),
    owed_by=lambda bid: f"group:{bid.answered_by_group_id}",
    owner_name=lambda bid: bid.answered_by_group.name,
    answerers=queries.who_answers_bids,
    region=lambda bid: bid.answered_by_group.region,
    what=lambda bid: (
        {
            Bid.Kind.JOIN: _("%(group)s would lead %(initiative)s, too"),
            Bid.Kind.QUIET: _("%(group)s adopts %(initiative)s, since it is quiet"),
            Bid.Kind.HANDOVER: _("%(group)s is offered the lead of %(initiative)s"),
        }[Bid.Kind(bid.kind)]
        % {"group": bid.group, "initiative": bid.adoption.initiative}
    ),
    silence_means=lambda bid: (
        _("nothing changes: the lead stays where it is")
        if bid.kind == Bid.Kind.HANDOVER
        else _("both groups lead together")
    ),
    outcomes={
        Bid.State.SHARED: gettext_lazy("they lead together"),
        Bid.State.HANDED_OVER: gettext_lazy("handed over"),
        Bid.State.DECLINED: gettext_lazy("declined"),
        Bid.State.CONTINUED: gettext_lazy("the lead goes on alone"),
    },
    ladder=[remind(days(7)), remind(days(12)), silence(days(BID_DAYS))],
)

DECIDE_OBJECTION = Rule(
    "initiatives.decide_objection",
    title=gettext_lazy("Objections to an adoption"),
    subject="initiatives.Objection",
    related=("group", "adoption__initiative"),
    owed_by=lambda objection: REVIEWERS,
    owner_name=lambda objection: reviewers_name(),
    answerers=queries.who_decides_objections,
    what=lambda objection: (
        _("An objection to the adoption of %(initiative)s") % {"initiative": objection.adoption.initiative}
    ),
    silence_means=gettext_lazy("the adoption stands"),
    outcomes={
        Objection.State.DISMISSED: gettext_lazy("the adoption stands"),
        Objection.State.SHARED: gettext_lazy("they lead together"),
        Objection.State.UPHELD: gettext_lazy("the adoption was ended"),
    },
    ladder=[remind(days(7)), tell_all(days(10)), silence(days(OBJECTION_DAYS))],
)

REVIEW_HOLD = Rule(
    "initiatives.review_hold",
    title=gettext_lazy("Reviews of what is on hold"),
    subject="initiatives.Hold",
    related=("group", "adoption__initiative"),
    owed_by=lambda hold: f"group:{hold.group_id}",
    owner_name=lambda hold: hold.group.name,
    answerers=queries.who_reviews_holds,
    region=region_of_group,
    what=lambda hold: _("Another look at %(initiative)s, which is on hold") % {"initiative": hold.adoption.initiative},
    silence_means=gettext_lazy("it turns quiet, and another group can adopt it"),
    outcomes={"resumed": gettext_lazy("resumed"), "longer": gettext_lazy("on hold for longer")},
    # It is opened with the end of the 14 days after the review date.
    ladder=[
        remind(days_before_end(HOLD_FORGOTTEN_DAYS + 7)),
        tell_all(days_before_end(HOLD_FORGOTTEN_DAYS)),
        remind(days_before_end(3)),
        silence(days_before_end(0)),
    ],
)

CONCLUDE = Rule(
    "initiatives.conclude",
    title=gettext_lazy("Conclusions of initiatives"),
    subject="initiatives.Adoption",
    related=("initiative",),
    owed_by=lambda adoption: THE_CLOCK,
    owner_name=lambda adoption: _("the clock"),
    answerers=nobody,
    what=lambda adoption: _("The conclusion of %(initiative)s") % {"initiative": adoption.initiative},
    silence_means=gettext_lazy("it is done; anybody can reopen it by adopting it again"),
    ladder=[silence(days_before_end(0))],
    public=False,
)

ACCEPT_OBSTACLE = Rule(
    "initiatives.accept_obstacle",
    title=gettext_lazy("People who are asked whether something waits for them"),
    subject="initiatives.Obstacle",
    related=("group", "person", "adoption__initiative"),
    owed_by=lambda obstacle: f"person:{obstacle.person_id}",
    owner_name=lambda obstacle: _("one person"),
    answerers=lambda obstacles, now: {obstacle.pk: [obstacle.person] for obstacle in obstacles},
    what=lambda obstacle: (
        _("Whether something on %(initiative)s waits for the person who is asked")
        % {"initiative": obstacle.adoption.initiative}
    ),
    silence_means=gettext_lazy("it waits for nobody, and your name is not shown"),
    outcomes={"accepted": gettext_lazy("accepted"), "declined": gettext_lazy("declined")},
    ladder=[remind(days(7)), silence(days(14))],
    public=False,
)

ANSWER_OBSTACLE = Rule(
    "initiatives.answer_obstacle",
    title=gettext_lazy("What is in the way of an initiative"),
    subject="initiatives.Obstacle",
    related=("group", "person", "adoption__initiative"),
    owed_by=lambda obstacle: obstacle.owner,
    owner_name=queries.whom_it_waits_for,
    answerers=queries.who_clears_obstacles,
    what=lambda obstacle: _("What is in the way of %(initiative)s") % {"initiative": obstacle.adoption.initiative},
    silence_means=gettext_lazy("it reads “nobody answered”, and the initiative goes on as well as it can"),
    outcomes={"answered": gettext_lazy("answered")},
    ladder=[remind(days(7)), tell_all(days(10)), silence(days(14))],
)

declare(
    Lead,
    state=Case(
        When(ended_at__isnull=False, then=Value("ended")),
        When(adoption__hold_review_at__isnull=False, then=Value("on_hold")),
        When(leaves_at__isnull=False, then=Value("leaves")),
        default=Value("leads"),
    ),
    waiting={
        "leads": all_of(KEEP_ALIVE, RENEW_TERM),
        "leaves": all_of(LEAVE_LATER, RENEW_TERM),
        "on_hold": all_of(RENEW_TERM),
    },
    resting={"ended"},
)
declare(
    Adoption,
    state=Case(
        When(ended_at__isnull=False, then=Value("ended")),
        When(concludes_at__isnull=False, then=Value("concluding")),
        default=Value("running"),
    ),
    waiting={"concluding": all_of(CONCLUDE)},
    resting={"running", "ended"},
)
declare(Hold, waiting={Hold.State.RUNNING: all_of(REVIEW_HOLD)}, resting=set(Hold.State.values) - {Hold.State.RUNNING})
declare(Bid, waiting={Bid.State.OPEN: all_of(ANSWER_BID)}, resting=set(Bid.State.values) - {Bid.State.OPEN})
declare(
    Objection,
    waiting={Objection.State.OPEN: all_of(DECIDE_OBJECTION)},
    resting=set(Objection.State.values) - {Objection.State.OPEN},
)
declare(
    Obstacle,
    waiting={Obstacle.State.ASKED: all_of(ACCEPT_OBSTACLE), Obstacle.State.WAITING: all_of(ANSWER_OBSTACLE)},
    resting=set(Obstacle.State.values) - {Obstacle.State.ASKED, Obstacle.State.WAITING},
)
