"""People who translate the same paragraph at the same moment: one is saved, the others see what they would lose."""

from functools import partial

import pytest

from apps.initiatives.kinds import INITIATIVE
from apps.record.models import Act
from apps.translations.actions import translate
from apps.translations.kinds import Typed
from apps.translations.models import Translation
from apps.translations.queries import unit_of
from tests.conftest import NOW
from tests.journeys.at_once import at_once, people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.services]


def test_of_five_who_translate_one_paragraph_one_is_saved_and_four_are_told(initiative):
    title = unit_of(INITIATIVE, initiative, "ar").paragraphs[0]
    answers = at_once(
        *(
            partial(translate, INITIATIVE, initiative, language="ar", by=someone, now=NOW,
                    typed=[Typed("title", title.version, f"عنوان {number}")])
            for number, someone in enumerate(people(5))
        )
    )  # fmt: skip
    assert sorted(answer.count for answer in answers) == [0, 0, 0, 0, 1]
    initiative.refresh_from_db()
    kept = Translation.objects.get(kind="initiative", object_id=initiative.pk, part="title", replaced_at=None)
    assert kept.text == initiative.titles["ar"]
    assert all(kept.text in answer.clashes[0] for answer in answers if not answer.count)
    assert Act.objects.filter(verb="translations.translated").count() == 1
