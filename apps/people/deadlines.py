from django.db.models import Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.deadlines.owners import OwnerKind
from apps.people.queries import reviewers

REVIEWERS = "role:reviewer"


def reviewers_name() -> str:
    return _("the reviewers, any one of them")


REVIEWER = OwnerKind(
    REVIEWERS,
    title=gettext_lazy("Reviewers"),
    keys=lambda person, now: reviewers(now).filter(pk=person.pk).annotate(key=Value(REVIEWERS)).values("key"),
    names=lambda keys: {REVIEWERS: reviewers_name()},
    all_told=gettext_lazy("Due; all reviewers are told"),
    asked_alone=True,
)
