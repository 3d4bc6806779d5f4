"""What people fill in about resources."""

from apps.resources.forms.links import LinksForm
from apps.resources.forms.offering import (
    AcceptForm,
    CatalogueForm,
    ChangeOfferForm,
    InviteStewardForm,
    OfferForm,
    TermsForm,
    WithdrawForm,
    names_of,
)
from apps.resources.forms.requests import (
    ChangeForm,
    GiveForm,
    HandForm,
    ReasonForm,
    RequestForm,
    answer_forms,
    hours_words,
)

__all__ = [
    "AcceptForm",
    "CatalogueForm",
    "ChangeForm",
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
    "answer_forms",
    "hours_words",
    "names_of",
]
