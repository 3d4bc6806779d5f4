"""Offering resources, asking for them, answering, using and giving back."""

from apps.resources.actions.answering import (
    answer_after_silence,
    decline_request,
    give_resource,
)
from apps.resources.actions.booking import (
    request_dates,
    request_resource,
)
from apps.resources.actions.by_hand import (
    do_by_hand,
    try_again,
)
from apps.resources.actions.changing import (
    CHANGEABLE,
    Changed,
    change_booking,
    change_series,
    extend_use,
    give_back_series,
    note_use,
)
from apps.resources.actions.giving import (
    LONGEST_WAIT,
    State,
)
from apps.resources.actions.links import (
    add_links,
    retire_link,
)
from apps.resources.actions.lists import (
    join_list,
    leave_list,
)
from apps.resources.actions.making import (
    follow_members,
    follow_times,
)
from apps.resources.actions.meetings import (
    book_room_for,
    follow_meeting,
)
from apps.resources.actions.offering import (
    Terms,
    change_offer,
    load_resources,
    note_translation,
    offer_again,
    offer_resource,
    withdraw_offer,
)
from apps.resources.actions.outcomes import (
    settle_job,
)
from apps.resources.actions.provisioning import (
    claim_job,
    provision,
    retry_jobs,
)
from apps.resources.actions.reconciling import (
    reconcile,
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
    end_use,
    give_back,
    give_back_after_silence,
    keep_using,
    let_wish_lapse,
)
from apps.resources.actions.wanting import (
    say_still_wanted,
    take_off_the_board,
)

__all__ = [
    "CHANGEABLE",
    "LONGEST_WAIT",
    "Changed",
    "State",
    "Terms",
    "accept_stewardship",
    "add_links",
    "answer_after_silence",
    "book_room_for",
    "change_booking",
    "change_offer",
    "change_series",
    "claim_job",
    "decline_request",
    "decline_stewardship",
    "do_by_hand",
    "end_use",
    "extend_use",
    "follow_meeting",
    "follow_members",
    "follow_times",
    "give_back",
    "give_back_after_silence",
    "give_back_series",
    "give_resource",
    "invite_steward",
    "join_list",
    "keep_using",
    "leave_list",
    "leave_stewards",
    "let_stewardship_lapse",
    "let_wish_lapse",
    "load_resources",
    "name_steward",
    "note_translation",
    "note_use",
    "offer_again",
    "offer_resource",
    "provision",
    "reconcile",
    "request_dates",
    "request_resource",
    "retire_link",
    "retry_jobs",
    "say_still_wanted",
    "settle_job",
    "take_back_stewardship",
    "take_off_the_board",
    "try_again",
    "withdraw_offer",
]
