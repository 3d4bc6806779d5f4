"""The movement's catalogue, who leads what, who would, and who would help."""

from apps.initiatives.models.bids import Bid, Objection
from apps.initiatives.models.catalogue import Hint, Initiative, Interest, Place, Recommendation
from apps.initiatives.models.leading import Adoption, Ending, Hold, Lead, Obstacle, Update

__all__ = [
    "Adoption",
    "Bid",
    "Ending",
    "Hint",
    "Hold",
    "Initiative",
    "Interest",
    "Lead",
    "Objection",
    "Obstacle",
    "Place",
    "Recommendation",
    "Update",
]
