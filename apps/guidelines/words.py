from django.utils.translation import gettext_lazy as _

from apps.core.text import Words
from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

PUBLISHED = Verb("guidelines.published", _("Guidelines %(version)s were published"))
ANNOUNCED = Verb("guidelines.announced", _("%(by)s announced a draft of the guidelines: %(draft)s"))
TAKEN_BACK = Verb("guidelines.taken_back", _("%(by)s took the announced guidelines %(draft)s back to work on them"))
NOTICE_LAPSED = Verb(
    "guidelines.notice_lapsed", _("Nobody published the announced guidelines %(draft)s in time; they are a draft again")
)
DROPPED = Verb("guidelines.dropped", _("%(by)s dropped the announced guidelines %(draft)s"))
IN_FORCE = Verb("guidelines.in_force", _("Guidelines %(version)s are in force"))

topic("guidelines", _("Guidelines"))
DRAFT_ANNOUNCED = LetterKind(
    "guidelines.draft_announced",
    title=_("Drafts of the guidelines that are announced"),
    subject=_("Guidelines %(number)s are announced; from %(due_at)s any of you can publish them"),
    happened=_("A draft of guidelines %(number)s is announced, with what it changes and where to comment."),
    asked=_("Read the comments. From %(due_at)s any one of you can publish it, or take it back to work on it."),
    silence=_("If nobody does by %(silence_at)s: %(silence)s."),
    link_words=_("Open the draft"),
    why=_("You get this because you can draft the guidelines, as a reviewer or an administrator."),
)
NOTICE_BEGINS = LetterKind(
    "guidelines.notice_begins",
    title=_("New guidelines that one can comment on"),
    subject=_("New guidelines %(number)s: comment until %(notice_ends_at)s"),
    happened=_(
        "A draft of guidelines %(number)s is announced, with what it changes and where to comment. Your adoption keeps "
        "the version that it was made under, whatever comes of it."
    ),
    asked=_("If you like, read what changes and comment until %(notice_ends_at)s."),
    silence=_("Nothing is owed: without a comment the draft goes its way."),
    link_words=_("Read what it changes"),
    why=_("You get this because you coordinate a group that leads an initiative."),
)
NOTICE_LAPSED_LETTER = LetterKind(
    "guidelines.notice_lapsed",
    title=_("Announced guidelines that nobody published"),
    subject=_("Nobody published guidelines %(number)s: a draft again"),
    happened=_("The notice of guidelines %(number)s is over, and nobody published them. They are a draft again."),
    asked=_("Work on it and announce it once more, or drop it, so that another draft can begin."),
    link_words=_("Open the draft"),
    why=_("You get this because you can draft the guidelines, as a reviewer or an administrator."),
)

# What the site counts for a step, in words.
MEASURES: dict[str, Words] = {
    "links": _("links"),
    "page": _("the address of a page"),
    "told": _("groups that were told"),
    "venues": _("venues"),
    "languages": _("languages"),
    "open_days": _("days open for feedback"),
    "calls": _("calls"),
    "reach": _("regions and communities"),
    "summary": _("a summary and its corrections"),
}
# The numbers of the measures, in words; in a comparison the number reads “5 → 6”.
NUMBERS: dict[str, Words] = {
    "links": _("links: at least %(number)s"),
    "pages": _("pages: at least %(number)s"),
    "told": _("groups told: at least %(number)s"),
    "venues": _("venues: at least %(number)s"),
    "languages": _("languages: at least %(number)s"),
    "not_latin": _("languages that are not in Latin script: at least %(number)s"),
    "days": _("days open for feedback: at least %(number)s"),
    "calls": _("calls: at least %(number)s"),
    "hours_apart": _("hours between their start times on the clock: at least %(number)s"),
    "regions": _("regions: at least %(number)s"),
    "communities": _("under-represented communities: at least %(number)s"),
    "within_days": _("days from closing to the summary: at most %(number)s"),
    "correction_days": _("days for corrections: at least %(number)s"),
}
