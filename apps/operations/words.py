"""How the parts of the site are called, and what is wrong, in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

PARTS = {
    "worker": _("Worker of the clock and of personal letters"),
    "mailings": _("Worker of mailings"),
    "machines": _("Worker that asks the machines of others"),
    "beat": _("Beat, which asks for every round"),
    "sweep": _("Sweep of the deadlines"),
    "deliver": _("Delivery of personal letters"),
    "deliver_mailings": _("Delivery of mailings"),
    "deliver_digests": _("Delivery of digests"),
    "provision": _("Making and ending what groups are given"),
    "reconcile": _("Daily comparison with the machines of others"),
}

SORTS = {
    "deadlines": _("Open deadlines"),
    "letters": _("Personal letters"),
    "mailings": _("Letters of mailings"),
    "digests": _("Letters that wait for a digest"),
    "jobs": _("What the machines of others have to do"),
}

ALL_WELL = _("Everything runs; nothing is late.")
NOBODY_KNOWS = _("The cache does not answer, so nobody knows what runs.")
DEAD = ngettext_lazy("%(count)d process does not run.", "%(count)d processes do not run.", "count")
DEADLINES_PUT_OFF = ngettext_lazy(
    "%(count)d deadline could not be acted on.", "%(count)d deadlines could not be acted on.", "count"
)
LETTERS_PUT_OFF = ngettext_lazy("%(count)d letter could not be sent.", "%(count)d letters could not be sent.", "count")
GIVEN_UP = ngettext_lazy("%(count)d letter is given up.", "%(count)d letters are given up.", "count")
JOBS_PUT_OFF = ngettext_lazy(
    "%(count)d thing could not be done by its machine.",
    "%(count)d things could not be done by their machines.",
    "count",
)
NEXT_TRY = _("The next try is at %(time)s.")
NEXT_TRY_SOON = _("The next try is within seconds.")
CLOCK_LATE = _("The clock is late.")
DELIVERY_LATE = _("Letters are late.")
MACHINES_LATE = _("What machines have to do is late.")

RETRIED_DEADLINES = ngettext_lazy(
    "%(count)d deadline is brought forward to now.", "%(count)d deadlines are brought forward to now.", "count"
)
RETRIED_LETTERS = ngettext_lazy(
    "%(count)d letter is brought forward to now.", "%(count)d letters are brought forward to now.", "count"
)
RETRIED_JOBS = ngettext_lazy(
    "%(count)d thing that a machine has to do is brought forward to now.",
    "%(count)d things that machines have to do are brought forward to now.",
    "count",
)
RETRIED_NOTHING = _("Nothing of this is put off: it is done, or being tried right now.")
TRIED_SOON = _("The next round tries them, within seconds.")
NOBODY_TRIES = _("But the processes that try them do not run. Start them first.")
