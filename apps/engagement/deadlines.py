from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.deadlines.rules import Rule, days, remind, silence, tell_all, working_days
from apps.deadlines.states import all_of, declare
from apps.engagement.models import ChecklistStep, Doubt, Entry, Submission
from apps.engagement.queries import (
    group_that_answers,
    judge_to_ask,
    judges_of_each,
    reviewer_to_ask,
    reviewers_for_each,
    who_answers_doubts,
    who_finds_witnesses,
)
from apps.groups.deadlines import region_of_group
from apps.people.deadlines import REVIEWERS, reviewers_name


def steps_words(submission: Submission) -> str:
    if submission.kind == Submission.Kind.EARLY:
        return _("one step, handed in early with a reason")
    return ngettext("%(count)d measured step", "%(count)d measured steps", submission.step_count) % {
        "count": submission.step_count
    }


def silence_words(submission: Submission) -> str:
    if submission.kind == Submission.Kind.BUNDLE:
        return _("the steps are confirmed by silence, and labelled so")
    return _("the step reads “not reviewed”, and is labelled so")


REVIEW = Rule(
    "engagement.review",
    title=gettext_lazy("Reviews of checklist steps"),
    subject="engagement.Submission",
    related=("group", "handed_in_by"),
    owed_by=lambda submission: REVIEWERS,
    owner_name=lambda submission: reviewers_name(),
    answerers=reviewers_for_each,
    # By language, and not whoever has passed it on.
    asks=lambda submission, now: reviewer_to_ask(submission, reads=submission.handed_in_by.language, now=now),
    what=lambda submission: _("%(steps)s of %(group)s") % {"steps": steps_words(submission), "group": submission.group},
    silence_means=silence_words,
    outcomes={
        ChecklistStep.State.ACCEPTED: gettext_lazy("accepted"),
        ChecklistStep.State.MORE_ASKED: gettext_lazy("more asked"),
        ChecklistStep.State.WAIVED: gettext_lazy("waived"),
        ChecklistStep.State.REFUSED: gettext_lazy("refused"),
    },
    region=region_of_group,
    ladder=[
        remind(working_days(5)),
        remind(working_days(9)),
        tell_all(working_days(10)),
        silence(working_days(20)),
    ],
)

# Whoever was there is known to the group alone, so the group owes the witness, or else a link; nobody waits for it.
CONFIRM_NOTE = Rule(
    "engagement.confirm_note",
    title=gettext_lazy("Notes that somebody who was there confirms"),
    subject="engagement.Entry",
    related=("group", "adoption"),
    owed_by=lambda entry: f"group:{group_that_answers(entry).pk}",
    owner_name=lambda entry: group_that_answers(entry).name,
    answerers=who_finds_witnesses,
    what=lambda entry: _("Somebody outside the group who was there, or a link, for “%(entry)s”") % {"entry": entry},
    silence_means=gettext_lazy("the note does not count until somebody who was there says so"),
    outcomes={"confirmed": gettext_lazy("confirmed"), "corrected": gettext_lazy("corrected")},
    region=lambda entry: group_that_answers(entry).region,
    ladder=[remind(days(14)), silence(days(30))],
    public=False,
)

ANSWER_DOUBT = Rule(
    "engagement.answer_doubt",
    title=gettext_lazy("Answers to doubts about an entry"),
    subject="engagement.Doubt",
    related=("entry__group", "group"),
    owed_by=lambda doubt: f"group:{doubt.group_id}",
    owner_name=lambda doubt: doubt.group.name,
    answerers=who_answers_doubts,
    what=lambda doubt: _("An answer to a doubt about “%(entry)s”") % {"entry": doubt.entry},
    silence_means=gettext_lazy("the entry does not count"),
    outcomes={"answered": gettext_lazy("answered"), "corrected": gettext_lazy("corrected")},
    region=region_of_group,
    ladder=[remind(working_days(5)), remind(working_days(9)), silence(working_days(10))],
)

# The group has answered; that reviewers may look at it must not hold the group up, so silence is for the entry.
JUDGE_DOUBT = Rule(
    "engagement.judge_doubt",
    title=gettext_lazy("Answered doubts about an entry"),
    subject="engagement.Doubt",
    related=("entry__group", "group"),
    owed_by=lambda doubt: REVIEWERS,
    owner_name=lambda doubt: reviewers_name(),
    answerers=judges_of_each,
    asks=lambda doubt, now: judge_to_ask(doubt, now=now),
    what=lambda doubt: (
        _("An answered doubt about “%(entry)s” of %(group)s") % {"entry": doubt.entry, "group": doubt.entry.group}
    ),
    silence_means=gettext_lazy("the doubt falls and the entry counts"),
    outcomes={Doubt.State.UPHELD: gettext_lazy("upheld"), Doubt.State.DISMISSED: gettext_lazy("dismissed")},
    region=region_of_group,
    ladder=[remind(working_days(5)), silence(working_days(10))],
)

declare(
    Doubt,
    waiting={Doubt.State.OPEN: all_of(ANSWER_DOUBT), Doubt.State.ANSWERED: all_of(JUDGE_DOUBT)},
    resting=set(Doubt.State.values) - set(Doubt.RUNNING),
)
declare(
    Entry,
    waiting={Entry.State.AWAITING: all_of(CONFIRM_NOTE)},
    resting=set(Entry.State.values) - {Entry.State.AWAITING},
)
declare(Submission, waiting={Submission.State.OPEN: all_of(REVIEW)}, resting={Submission.State.SETTLED})
# A step waits through the submission that it was handed in with.
declare(ChecklistStep, resting=set(ChecklistStep.State.values))
