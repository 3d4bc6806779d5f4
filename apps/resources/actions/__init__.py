"""Offering resources, asking for them, answering, using and giving back."""

from apps.resources.actions.by_hand import do_by_hand, try_again
from apps.resources.actions.lists import join_list, leave_list
from apps.resources.actions.making import follow_members, follow_times, note_use, retry_jobs, settle_job
from apps.resources.actions.offering import (
    load_resources,
    name_steward,
    note_translation,
)
from apps.resources.actions.provisioning import claim_job, provision
from apps.resources.actions.reconciling import reconcile
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

__all__ = [
    "LONGEST_WAIT",
    "State",
    "answer_after_silence",
    "claim_job",
    "decline_request",
    "do_by_hand",
    "end_use",
    "follow_members",
    "follow_times",
    "give_back",
    "give_back_after_silence",
    "give_resource",
    "join_list",
    "keep_using",
    "leave_list",
    "let_wish_lapse",
    "load_resources",
    "name_steward",
    "note_translation",
    "note_use",
    "provision",
    "reconcile",
    "request_resource",
    "retry_jobs",
    "settle_job",
    "try_again",
]
