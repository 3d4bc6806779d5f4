"""What the record says of resources."""

from django.utils.translation import gettext_lazy as _

from apps.record.verbs import Verb

ASKED = Verb("resources.asked", _("%(group)s asked for “%(resource)s”"))
GIVEN = Verb("resources.given", _("%(group)s was given “%(resource)s”"))
DECLINED = Verb("resources.declined", _("The stewards of “%(resource)s” declined a request of %(group)s"))
RETURNED = Verb("resources.returned", _("%(group)s gave “%(resource)s” back"))
ENDED = Verb("resources.ended", _("A steward ended the use of “%(resource)s” by %(group)s"))
RETURNED_BY_SILENCE = Verb("resources.returned_by_silence", _("The use of “%(resource)s” by %(group)s ended"))
PASSED_ON = Verb("resources.passed_on", _("A wish of %(group)s went on to “%(resource)s”"))
WANTED = Verb("resources.wanted", _("Nobody offers “%(resource)s” yet: %(group)s wants it"))
STILL_WANTED = Verb("resources.still_wanted", _("%(group)s still wants “%(resource)s”"))
UNMET = Verb("resources.unmet", _("Nobody offered “%(resource)s” in time: the wish of %(group)s is off the board"))
TAKEN_ON = Verb("resources.taken_on", _("Somebody offers what %(group)s wanted: “%(resource)s”"))
OFFERED = Verb("resources.offered", _("%(by)s offered “%(resource)s”"))
CHANGED = Verb("resources.changed", _("%(by)s changed what “%(resource)s” offers"))
WITHDRAWN = Verb("resources.withdrawn", _("%(by)s withdrew “%(resource)s”"))
OFFERED_AGAIN = Verb("resources.offered_again", _("%(by)s offers “%(resource)s” again"))
STEWARD_INVITED = Verb("resources.steward_invited", _("%(by)s invited somebody to become a steward of “%(resource)s”"))
STEWARD_LEFT = Verb("resources.steward_left", _("%(by)s is no steward of “%(resource)s” any more"))
LINKS_ADDED = Verb("resources.links_added", _("%(by)s added ready links to “%(resource)s”"))
LINK_RETIRED = Verb("resources.link_retired", _("%(by)s retired a ready link of “%(resource)s”"))
CHANGED_BOOKING = Verb("resources.booking_changed", _("%(group)s changed the time of its booking of “%(resource)s”"))
TOOK_PLACE = Verb("resources.took_place", _("A booking of “%(resource)s” by %(group)s took place"))
NOBODY_CAME = Verb("resources.nobody_came", _("Nobody came to a booking of “%(resource)s” by %(group)s"))
STEWARD_NAMED = Verb("resources.steward_named", _("%(by)s became a steward of “%(resource)s”"))
MADE = Verb("resources.made", _("“%(resource)s” is ready for %(group)s"))
MADE_BY_HAND = Verb("resources.made_by_hand", _("A steward made “%(resource)s” for %(group)s by hand"))
STUCK = Verb(
    "resources.stuck", _("The machine of “%(resource)s” did not do what %(group)s needs, and its stewards are asked")
)
NOT_MADE = Verb("resources.not_made", _("Nobody made “%(resource)s” for %(group)s, and the wish went on"))
YES_THAT_WAITS = Verb(
    "resources.yes_that_waits", _("The stewards of “%(resource)s” said yes to %(group)s, as soon as a place comes free")
)
