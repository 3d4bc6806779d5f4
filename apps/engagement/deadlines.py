from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.deadlines.rules import Rule, remind, silence, tell_all, working_days
from apps.engagement.models import Submission
from apps.engagement.queries import reviewers_for
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
    subject="engagement.Submission",
    related=("group", "adoption__initiative"),
    owed_by=lambda submission: REVIEWERS,
    owner_name=lambda submission: reviewers_name(),
    answerers=lambda submission, now: reviewers_for(submission.group, now),
    what=lambda submission: _("%(steps)s of %(group)s") % {"steps": steps_words(submission), "group": submission.group},
    silence_means=silence_words,
    ladder=[
        remind(working_days(5)),
        remind(working_days(9)),
        tell_all(working_days(10)),
        silence(working_days(20)),
    ],
)

WAITING = {(Submission, Submission.State.OPEN): (REVIEW,)}
RESTING = {(Submission, Submission.State.SETTLED)}
