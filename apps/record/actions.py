from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from apps.record.models import Act, Mention
from apps.record.verbs import Verb

if TYPE_CHECKING:  # a person is named downwards by AUTH_USER_MODEL only; this is for the type checker
    from apps.accounts.models import User


def write(verb: Verb, *, by: User | None, now: datetime, **about: models.Model) -> Act:
    """Add one act to the record. `by` is the person, or None for what the clock did.

    Takes part in the caller's transaction: an act that is undone leaves no record.
    """
    act = Act.objects.create(verb=verb.name, at=now, by=by)
    mention(act, **about)
    return act


def mention(act: Act, **about: models.Model) -> None:
    """Add what else an act is about, in the transaction that wrote it: it is found there, too."""
    Mention.objects.bulk_create(
        Mention(act=act, name=name, model=thing._meta.label_lower, object_id=thing.pk) for name, thing in about.items()
    )
