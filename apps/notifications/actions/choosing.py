"""Choosing how letters come, stopping them, and what comes back."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.actions import pause_mail
from apps.accounts.models import User
from apps.core.refused import Refused
from apps.notifications import queries
from apps.notifications.bounces import Bounce
from apps.notifications.models import Letter
from apps.notifications.tokens import ALL_MAIL, DIGESTS, unsubscribing


@transaction.atomic
def choose_mail(*, mail: str, mail_by_kind: dict[str, str], by: User) -> None:
    """Choose how letters come, and for which kinds it is different; private, so it leaves no record."""
    person = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    _save_choices(person, mail=mail, mail_by_kind=mail_by_kind)


def _save_choices(person: User, *, mail: str, mail_by_kind: dict[str, str]) -> None:
    """What differs from `mail` is kept; what shall not go by mail any more stops waiting to leave."""
    person.mail = mail
    person.mail_by_kind = {kind: chosen for kind, chosen in mail_by_kind.items() if chosen != mail}
    person.save(update_fields=["mail", "mail_by_kind"])
    waiting = Letter.objects.filter(recipient=person, mail__in=Letter.WAITS_TO_LEAVE)
    kinds = set(waiting.values_list("notice__kind", flat=True))
    stopped = [kind for kind in kinds if person.mail_for(kind) == User.Mail.SITE]
    waiting.filter(notice__kind__in=stopped).update(mail=Letter.Mail.NONE, wake_at=None)


def understand(token: str) -> str:
    """What the link of a letter would stop: a kind of letter, digests, or all mail. A forged one is refused."""
    return _person_and_what(token, User.objects.all())[1]


@transaction.atomic
def unsubscribe(token: str, *, all_mail: bool = False) -> str:
    """Stop what the letter with this token was, or all mail; returns what. Notices on the site go on."""
    person, what = _person_and_what(token, User.objects.select_for_update(no_key=True))
    what = ALL_MAIL if all_mail else what
    mail, by_kind = _without(what, mail=person.mail, by_kind=person.mail_by_kind)
    _save_choices(person, mail=mail, mail_by_kind=by_kind)
    return what


def _without(what: str, *, mail: str, by_kind: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The choices of a person, by and large and by kind, after something of them has stopped."""
    if what == ALL_MAIL:
        return User.Mail.SITE, {}
    if what == DIGESTS:
        stopped: dict[str, str] = dict.fromkeys((User.Mail.DAILY, User.Mail.WEEKLY), User.Mail.SITE)
        return stopped.get(mail, mail), {kind: stopped.get(chosen, chosen) for kind, chosen in by_kind.items()}
    return mail, by_kind | {what: User.Mail.SITE.value}


def _person_and_what(token: str, people: QuerySet[User]) -> tuple[User, str]:
    found = unsubscribing(token)
    person = people.filter(pk=found[0]).first() if found else None
    if found is None or person is None:
        raise Refused(_("This link is not complete. Open it from the letter again, or change the choice in settings."))
    return person, found[1]


@transaction.atomic
def note_bounce(bounce: Bounce, *, now: datetime) -> bool:
    """A letter came back for good: write to its address no more. False if it is no letter or no address of now.

    The report is believed since it knows the Message-ID, which nobody can guess.
    """
    letter = queries.letter_sent_as(bounce.message_id)
    if letter is None or bounce.address.casefold() not in {"", letter.recipient.email.casefold()}:
        return False
    Letter.objects.filter(pk=letter.pk).update(mail=Letter.Mail.NONE, wake_at=None, last_error=bounce.why[:300])
    return pause_mail(letter.recipient, address=letter.recipient.email, why=bounce.why, now=now)
