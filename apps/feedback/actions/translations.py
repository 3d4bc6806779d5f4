"""Translations come first: a round asks for them, and each is there as soon as it is written."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.languages import language
from apps.core.refused import Refused
from apps.feedback import policy, queries, words
from apps.feedback.actions.carrying import ask_liaisons
from apps.feedback.actions.changes import held, tell_of_change
from apps.feedback.models import Round, Translation
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.record.actions import write


@transaction.atomic
def write_translation(round_: Round, *, into: str, version: int, by: User, now: datetime, **text: Any) -> Translation:
    """Write what a round asks in another language, or correct it; it is shown at once.

    `text` holds title, text and questions; `version` is the source that was read. Refuses the language of the source,
    a source that changed meanwhile, and a language that somebody else has written in the meantime.
    """
    round_ = held(round_, Round.State.OPEN)
    if into == round_.language:
        raise Refused(_("It is written in this language already. Choose another one."))
    if version != round_.version:
        raise Refused(_("The group changed its text while you translated. Read it again below; yours is still here."))
    before = queries.translation_into(into, round_)
    if not policy.may_translate(by, round_, before):
        raise Refused(_("Somebody translated it into this language before you. They or the group can correct it."))
    if before is None:
        return _write_new(round_, into=into, by=by, now=now, **text)
    if {name: getattr(before, name) for name in text} == text and before.version == version:
        raise Refused(_("Nothing is changed: it reads like this already."))
    for name, value in text.items():
        setattr(before, name, value)
    before.version, before.corrected_at, before.corrected_by = version, now, by
    before.save()
    write(words.TRANSLATION_CORRECTED, by=by, now=now, round=round_, initiative=round_.initiative)
    return before


def _write_new(round_: Round, *, into: str, by: User, now: datetime, **text: Any) -> Translation:
    translation = Translation.objects.create(
        round=round_, language=into, version=round_.version, written_at=now, written_by=by, **text
    )
    write(words.TRANSLATED, by=by, now=now, group=round_.group, round=round_, initiative=round_.initiative)
    write_letters(
        words.TRANSLATION_THERE,
        to=[person for person in coordinators_of(round_.group) if person != by],
        key=str(translation.pk),
        link=f"{round_.get_absolute_url()}?in={into}",
        now=now,
        by=by,
        language=language(into).autonym,
        round=round_,
    )
    ask_liaisons(round_, by=by, now=now)
    tell_of_change(round_, now=now)
    return translation


def ask_translators(round_: Round, *, by: User, now: datetime) -> None:
    """Tell those who said that they would translate this initiative which languages are missing; a letter for each."""
    for code in queries.missing_languages(round_):
        write_letters(
            words.TRANSLATION_WANTED,
            to=queries.translators_into(code, round_),
            key=f"{round_.pk}:{code}",
            link=reverse("feedback:translate", args=[round_.pk, code]),
            now=now,
            by=by,
            group=round_.group,
            language=language(code).autonym,
            round=round_,
        )
