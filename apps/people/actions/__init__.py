"""Roles and their terms; affiliates and their contacts."""

from apps.people.actions.affiliates import (
    confirm_contact,
    keep_contact_unconfirmed,
    load_affiliates,
    refuse_contact,
    say_contact,
    take_back_contact,
)
from apps.people.actions.roles import (
    ask_for_role,
    confirm_role,
    decline_role,
    end_role,
    end_role_with_its_term,
    give_role_back,
    grant_role,
    renew_role,
    settle_request_by_silence,
    take_back_role_request,
    when_role_begins,
)

__all__ = [
    "ask_for_role",
    "confirm_contact",
    "confirm_role",
    "decline_role",
    "end_role",
    "end_role_with_its_term",
    "give_role_back",
    "grant_role",
    "keep_contact_unconfirmed",
    "load_affiliates",
    "refuse_contact",
    "renew_role",
    "say_contact",
    "settle_request_by_silence",
    "take_back_contact",
    "take_back_role_request",
    "when_role_begins",
]
