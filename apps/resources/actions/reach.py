"""Before taking a duty a person has an address, or chooses notices on the site."""

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.notifications.actions import choose_mail
from apps.resources.policy import is_reachable


def make_reachable(person: User, *, reads_on_site: bool) -> None:
    """Refuse a duty to somebody whom no letter would reach, unless they choose to be told on the site only.

    Addresses are those that Wikimedia has confirmed.
    """
    if is_reachable(person):
        return
    if not reads_on_site:
        raise Refused(
            _(
                "You have no confirmed address, so no letter would reach you. Confirm one in your Wikimedia account "
                "and sign in again, or say that you read your notices here."
            ),
            field="reads_on_site",
        )
    choose_mail(mail=User.Mail.SITE, mail_by_kind={}, by=person)
    person.mail = User.Mail.SITE
