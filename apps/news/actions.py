"""Submitting items of Strategy News, answering and correcting them, and what silence does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.initiatives.models import Initiative
from apps.news import queries, words
from apps.news.deadlines import ANSWER, who_answers
from apps.news.kinds import NEWS
from apps.news.models import Correction, Item
from apps.news.text import MOST_LETTERS, MOST_SENTENCES, holds_a_link, sentences_in
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.record.actions import write
from apps.translations.actions import tell_of_new_text
from apps.translations.kinds import SOURCE, with_language

MOST_WAITING = 3
State = Item.State


@transaction.atomic
def submit_item(
    *, text: str, link: str, initiative: Initiative | None, regions: Sequence[str], by: User, now: datetime
) -> Item:
    """Submit an item for Strategy News; the editors, any one of them, owe an answer in 5 working days.

    Refuses what is longer than 400 characters or three sentences, any link but one with https in its own field, the
    same link while an item with it waits or was published in the last 30 days, and a fourth waiting item of a person.
    """
    _refuse_unfit(text, link)
    # Held, so that two clicks at once do not count the same items.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if queries.items_waiting_of(by).count() >= MOST_WAITING:
        raise Refused(_("Three items of yours wait for an answer already. Submit this once one of them is answered."))
    if queries.items_in_the_way_of(link, now).exists():
        raise _has_this_link()
    try:
        with transaction.atomic():
            item = Item.objects.create(
                texts={SOURCE: text},
                link=link,
                initiative=initiative,
                regions=list(regions),
                submitted_at=now,
                submitted_by=by,
            )
    except IntegrityError as error:
        raise _has_this_link() from error
    deadline = open_deadline(ANSWER, item, now=now)
    write(words.SUBMITTED, by=by, now=now, item=item)
    write_letters(
        words.SUBMITTED_LETTER,
        to=who_answers([item], now)[item.pk],
        key=str(item.pk),
        link=item.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        due_at=deadline.due_at,
    )
    return item


def _has_this_link() -> Refused:
    sentence = _("An item with this link waits, or was published in the last 30 days. Link to something newer.")
    return Refused(sentence, field="link")


def _refuse_unfit(text: str, link: str) -> None:
    if len(text) > MOST_LETTERS:
        raise Refused(_("An item has at most 400 characters."), field="text")
    count = sentences_in(text)
    if count > MOST_SENTENCES:
        sentence = ngettext("This is %(count)d sentence.", "These are %(count)d sentences.", count) % {"count": count}
        raise Refused(f"{sentence} {_('An item has at most three: leave the rest to the link.')}", field="text")
    if holds_a_link(text):
        raise Refused(_("An item has one link, in its own field. Take this one out of the text."), field="text")
    if not link.startswith("https://"):
        raise Refused(_("The link begins with https://, so that nobody on the way reads along."), field="link")


# --- Answering --------------------------------------------------------------------------------


@transaction.atomic
def publish_item(item: Item, *, by: User, now: datetime) -> Item:
    """Publish an item as it stands; whoever translated news before is told.

    Refuses one's own, and what was answered, withdrawn or lapsed meanwhile.
    """
    item = _decided(item, State.PUBLISHED, by=by, now=now)
    write(words.PUBLISHED, by=by, now=now, item=item)
    _tell(words.PUBLISHED_LETTER, item, by=by, now=now)
    tell_of_new_text(NEWS, item, by=by, now=now)
    return item


@transaction.atomic
def decline_item(item: Item, *, reason: str, by: User, now: datetime) -> Item:
    """Decline an item with a reason, which its submitter reads and the editors.

    Refuses one's own, and what was answered, withdrawn or lapsed meanwhile.
    """
    item = _decided(item, State.DECLINED, by=by, now=now, reason=reason)
    write(words.DECLINED, by=by, now=now, item=item)
    _tell(words.DECLINED_LETTER, item, by=by, now=now, quote=reason)
    return item


def _decided(item: Item, state: Item.State, *, by: User, now: datetime, reason: str = "") -> Item:
    item = _locked(item, State.WAITING)
    _refuse_own(item, by)
    meet_deadline(ANSWER, item, now=now, by=by, outcome=state.value)
    item.state, item.reason, item.decided_at, item.decided_by = state, reason, now, by
    item.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    return item


def _refuse_own(item: Item, by: User) -> None:
    if item.submitted_by_id == by.pk:
        raise Refused(_("Another editor answers for what you submitted yourself."))


@transaction.atomic
def withdraw_item(item: Item, *, by: User, now: datetime) -> Item:
    """Whoever submitted it takes it back while it waits; what is published stays."""
    item = _locked(item, State.WAITING)
    cancel_deadline(ANSWER, item, now=now, by=by)
    item.state = State.WITHDRAWN
    item.save(update_fields=["state"])
    write(words.WITHDRAWN, by=by, now=now, item=item)
    return item


@ANSWER.when_silent
@transaction.atomic
def lapse_item(item: Item, *, now: datetime) -> None:
    """No editor answered in 10 working days: it lapses with thanks, since silence never publishes a stranger's text."""
    item = _locked(item, State.WAITING)
    item.state = State.LAPSED
    item.save(update_fields=["state"])
    write(words.LAPSED, by=None, now=now, item=item)
    _tell(words.LAPSED_LETTER, item, by=None, now=now)


# --- What is published ------------------------------------------------------------------------


@transaction.atomic
def correct_item(item: Item, *, text: str, link: str, why: str, seen: int, by: User, now: datetime) -> Item:
    """Correct what is published and say why; translations of another text than this one are outdated from now on.

    `seen` is how many corrections the editor has read. Refuses what is not published, one's own, what an item may
    not be, no change at all, and to write over a correction that was made meanwhile.
    """
    item = _locked(item, State.PUBLISHED)
    _refuse_own(item, by)
    if item.corrections.count() != seen:
        sentence = _("Somebody has corrected it meanwhile: “%(text)s” Yours is still here. Send it again to take it.")
        raise Refused(sentence % {"text": item.texts[SOURCE]}, field="text")
    if (text, link) == (item.texts[SOURCE], item.link):
        raise Refused(_("Nothing is changed: it says this already."), field="text")
    _refuse_unfit(text, link)
    item.texts, item.link = item.texts | {SOURCE: text}, link
    item.save(update_fields=["texts", "link"])
    Correction.objects.create(item=item, why=why, corrected_at=now, corrected_by=by)
    write(words.CORRECTED, by=by, now=now, item=item)
    _tell(words.CORRECTED_LETTER, item, by=by, now=now, key=f"{item.pk}:{seen + 1}")
    return item


@NEWS.when_translated
def note_translation(item: Item, *, language: str, texts: dict[str, str], now: datetime | None = None) -> None:
    """Write what was translated where the pages read it."""
    item.texts = with_language(item.texts, language, texts["text"])
    item.save(update_fields=["texts"])


def _locked(item: Item, expected: Item.State) -> Item:
    """The item as it is now, held until the transaction ends; refused when somebody was faster."""
    item = Item.objects.select_for_update(of=("self",), no_key=True).select_related("submitted_by").get(pk=item.pk)
    if item.state != expected:
        raise Refused(_("This was settled before you: %(state)s.") % {"state": item.get_state_display()})
    return item


def _tell(kind: LetterKind, item: Item, *, by: User | None, now: datetime, key: str = "", **context: Any) -> None:
    write_letters(
        kind,
        to=[item.submitted_by],
        key=key or str(item.pk),
        link=item.get_absolute_url(),
        now=now,
        by=by,
        **context,
    )
