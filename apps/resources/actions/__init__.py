"""Offering resources, asking for them, answering, using and giving back."""

from apps.resources.actions.links import add_links, retire_link
from apps.resources.actions.offering import (
    Terms,
    change_offer,
    load_resources,
    note_translation,
    offer_again,
    offer_resource,
    withdraw_offer,
)
from apps.resources.actions.stewards import (
    accept_stewardship,
    decline_stewardship,
    invite_steward,
    leave_stewards,
    let_stewardship_lapse,
    name_steward,
    take_back_stewardship,
)
from apps.resources.actions.using import (
    LONGEST_WAIT,
    State,
    answer_after_silence,
    decline_request,
    end_use,
    give_back,
    give_back_after_silence,
    give_resource,
    keep_using,
    let_wish_lapse,
    request_resource,
)
from apps.resources.actions.wanting import say_still_wanted, take_off_the_board

__all__ = [
    "LONGEST_WAIT",
    "State",
    "Terms",
    "accept_stewardship",
    "add_links",
    "answer_after_silence",
    "change_offer",
    "decline_request",
    "decline_stewardship",
    "end_use",
    "give_back",
    "give_back_after_silence",
    "give_resource",
    "invite_steward",
    "keep_using",
    "leave_stewards",
    "let_stewardship_lapse",
    "let_wish_lapse",
    "load_resources",
    "name_steward",
    "note_translation",
    "offer_again",
    "offer_resource",
    "request_resource",
    "retire_link",
    "say_still_wanted",
    "take_back_stewardship",
    "take_off_the_board",
    "withdraw_offer",
]
