"""What an address of the checklist means."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from apps.guidelines.models import Step
from apps.initiatives.models import Adoption, Initiative
from apps.initiatives.queries import adoptions_of


def adoption_of(number: int) -> Adoption:
    """The running adoption of an initiative, or else the latest one; if it was never led there is no checklist."""
    initiative = get_object_or_404(Initiative, number=number)
    adoptions = adoptions_of(initiative)
    if not adoptions:
        raise Http404
    adoptions[0].initiative = initiative
    return adoptions[0]


def step_of(adoption: Adoption, code: str) -> Step:
    return get_object_or_404(Step, version=adoption.guidelines_id, code=code)


def step_url(adoption: Adoption, step: Step) -> str:
    initiative = adoption.initiative
    return reverse("engagement:step", args=[initiative.number, initiative.words, step.code])
