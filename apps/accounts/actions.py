"""Every write to accounts. Who acts is always the person of the account, so there is no `by`.

Signing in and settings are private acts: they leave no record. Linking a staff sign-in is public.
"""

import secrets
from datetime import datetime
from itertools import count

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts import queries, words
from apps.accounts.models import StaffIdentity, User
from apps.core.refused import Refused
from apps.record import actions as record

LONGEST_NAME = 255
CALENDAR_KEY_BYTES = 32


@transaction.atomic
def sign_in_from_wikimedia(
    wikimedia_id: str, *, username: str, email: str, is_blocked: bool, language: str, now: datetime
) -> User:
    """Bring the account up to what Wikimedia says of it, and make it at the first sign-in.

    The central id is the person. A new name is a rename; an e-mail address identifies nobody.
    """
    _move_aside(username, wikimedia_id)
    person, _is_new = User.objects.select_for_update(no_key=True).get_or_create(
        wikimedia_id=wikimedia_id,
        defaults={
            "username": username,
            "language": language,
            "joined_at": now,
            "password": make_password(None),
        },
    )
    if person.email != email:
        person.mail_paused_at, person.mail_paused_why = None, ""
    person.username = username
    person.email = email
    _note_block(person, is_blocked=is_blocked, now=now)
    person.save(update_fields=["username", "email", "blocked_at", "mail_paused_at", "mail_paused_why"])
    return person


def _move_aside(username: str, wikimedia_id: str) -> None:
    """Free a name that another account still has here, since Wikimedia has given it to somebody else."""
    earlier = (
        User.objects.select_for_update(no_key=True).filter(username=username).exclude(wikimedia_id=wikimedia_id).first()
    )
    if earlier:
        earlier.username = _free_name(earlier)
        earlier.save(update_fields=["username"])


def _free_name(earlier: User) -> str:
    for attempt in count(1):
        ending = f" (earlier account {earlier.pk}{f', {attempt}' if attempt > 1 else ''})"
        name = earlier.username[: LONGEST_NAME - len(ending)] + ending
        if not User.objects.filter(username=name).exists():
            return name
    raise AssertionError("count() does not end.")


@transaction.atomic
def sign_in_as_staff(identity: StaffIdentity, *, is_reviewer: bool, is_blocked: bool | None, now: datetime) -> None:
    """Note a staff sign-in: the directory's answer of today decides who reviews, for 30 days.

    A block on Wikimedia counts here too; None is no answer, and changes nothing.
    """
    identity.is_reviewer = is_reviewer
    identity.last_signed_in_at = now
    identity.save(update_fields=["is_reviewer", "last_signed_in_at"])
    if is_blocked is not None:
        _note_block(identity.user, is_blocked=is_blocked, now=now)
        identity.user.save(update_fields=["blocked_at"])


def _note_block(person: User, *, is_blocked: bool, now: datetime) -> None:
    """Blocked since the first sign-in that saw it."""
    person.blocked_at = (person.blocked_at or now) if is_blocked else None


@transaction.atomic
def link_staff_sign_in(
    user: User, *, issuer: str, subject: str, is_reviewer: bool, signed_in_at: datetime, now: datetime
) -> StaffIdentity:
    """Link a staff sign-in to a Wikimedia account, once and for both.

    Refused if either is linked already. The caller has seen both proven in one session.
    """
    try:
        with transaction.atomic():
            identity = StaffIdentity.objects.create(
                user=user,
                issuer=issuer,
                subject=subject,
                is_reviewer=is_reviewer,
                linked_at=now,
                last_signed_in_at=signed_in_at,
            )
    except IntegrityError as error:
        raise Refused(_why_not_linked(user, issuer, subject)) from error
    record.write(words.LINKED_STAFF, by=user, now=now)
    return identity


def _why_not_linked(user: User, issuer: str, subject: str) -> str:
    identity = queries.linked_staff_identity(issuer, subject)
    if identity and identity.user != user:
        return _("This staff sign-in is linked to the Wikimedia account “%(name)s” already. Sign in with that one.") % {
            "name": identity.user.username
        }
    return _("Your Wikimedia account is linked to a staff sign-in already.")


@transaction.atomic
def change_settings(
    user: User,
    *,
    language: str,
    fallbacks: list[str],
    languages: list[str],
    region: str,
    time_zone: str,
    theme: str,
) -> None:
    """Change what only the person sees; private, so it leaves no record."""
    user.language = language
    user.fallbacks = fallbacks
    user.languages = languages
    user.region = region
    user.time_zone = time_zone
    user.theme = theme
    user.save(update_fields=["language", "fallbacks", "languages", "region", "time_zone", "theme"])


def pause_mail(person: User, *, address: str, why: str, now: datetime) -> bool:
    """Letters to this address came back: write to it no more. False if the person has another one by now."""
    unpaused = User.objects.filter(pk=person.pk, email=address, mail_paused_at=None)
    return bool(unpaused.update(mail_paused_at=now, mail_paused_why=" ".join(why.split())[:200]))


def try_address_again(*, by: User) -> None:
    """The person says that their address works: letters go to it again."""
    User.objects.filter(pk=by.pk).update(mail_paused_at=None, mail_paused_why="")


# The address of the calendar feed. Each is one conditional UPDATE, so that a second click meets the refusal.


def make_calendar_key(user: User) -> None:
    """Give the person's calendar a secret address. Refused if it has one, which may be in use elsewhere."""
    if not User.objects.filter(pk=user.pk, calendar_key=None).update(calendar_key=_new_calendar_key()):
        raise Refused(_("Your calendar has an address already."))


def renew_calendar_key(user: User) -> None:
    """Give it another address; the old one stops at once. Refused if there is none."""
    if not _with_calendar_key(user).update(calendar_key=_new_calendar_key()):
        raise Refused(_("Your calendar has no address."))


def drop_calendar_key(user: User) -> None:
    """Stop the calendar. Refused if it has no address."""
    if not _with_calendar_key(user).update(calendar_key=None):
        raise Refused(_("Your calendar has no address."))


def _with_calendar_key(user: User) -> QuerySet[User]:
    return User.objects.filter(pk=user.pk, calendar_key__isnull=False)


def _new_calendar_key() -> str:
    return secrets.token_urlsafe(CALENDAR_KEY_BYTES)
