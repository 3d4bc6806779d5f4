"""Reads of the catalogue of resources, their seats and their requests."""

from apps.resources.queries.offers import (
    Offer,
    next_offer,
    offers,
    stewarded_by,
    stewards_of,
    stewards_of_each,
    wanted,
)
from apps.resources.queries.requests import (
    asked_just_now,
    bookings_of,
    can_be_kept,
    requests_of,
    requests_to_answer,
    waiting_list,
)
from apps.resources.queries.seats import Slot, free_slots, seats_taken, uses_this_month

__all__ = [
    "Offer",
    "Slot",
    "asked_just_now",
    "bookings_of",
    "can_be_kept",
    "free_slots",
    "next_offer",
    "offers",
    "requests_of",
    "requests_to_answer",
    "seats_taken",
    "stewarded_by",
    "stewards_of",
    "stewards_of_each",
    "uses_this_month",
    "waiting_list",
    "wanted",
]
