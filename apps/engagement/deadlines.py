from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.deadlines.rules import Rule, remind, silence, tell_all, working_days
from apps.deadlines.states import all_of, declare
from apps.engagement.models import ChecklistStep, Submission
from apps.engagement.queries import reviewers_for_each
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
    related=("group",),
    owed_by=lambda submission: REVIEWERS,
    owner_name=lambda submission: reviewers_name(),
    answerers=reviewers_for_each,
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

declare(Submission, waiting={Submission.State.OPEN: all_of(REVIEW)}, resting={Submission.State.SETTLED})
# A step waits through the submission that it was handed in with.
declare(ChecklistStep, resting=set(ChecklistStep.State.values))
