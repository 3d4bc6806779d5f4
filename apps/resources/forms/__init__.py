"""What people fill in about resources."""

from apps.resources.forms.offering import (
    AcceptForm,
    CatalogueForm,
    ChangeOfferForm,
    InviteStewardForm,
    LinksForm,
    OfferForm,
    TermsForm,
    WithdrawForm,
    names_of,
)
from apps.resources.forms.requests import (
    GiveForm,
    HandForm,
    ReasonForm,
    RequestForm,
    hours_words,
)

__all__ = [
    "AcceptForm",
    "CatalogueForm",
    "ChangeOfferForm",
    "GiveForm",
    "HandForm",
    "InviteStewardForm",
    "LinksForm",
    "OfferForm",
    "ReasonForm",
    "RequestForm",
    "TermsForm",
    "WithdrawForm",
    "hours_words",
    "names_of",
]
