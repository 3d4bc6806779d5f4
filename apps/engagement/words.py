from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core.text import Words, listed
from apps.engagement.models import Reply
from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

LOGGED = Verb("engagement.logged", _("%(group)s logged “%(step)s” for %(initiative)s"), counts=True)
LOGGED_SEVERAL = Verb(
    "engagement.logged_several", _("%(group)s logged several entries of “%(step)s” for %(initiative)s"), counts=True
)
CONFIRMED = Verb("engagement.confirmed", _("Somebody outside %(group)s who was there confirmed “%(entry)s”"))
CONFIRMATION_TAKEN_BACK = Verb(
    "engagement.confirmation_taken_back", _("Somebody took back that they were there: “%(entry)s” of %(group)s")
)
NOT_CONFIRMED = Verb(
    "engagement.not_confirmed", _("Nobody who was there confirmed “%(entry)s” of %(group)s: it does not count")
)
CORRECTED = Verb("engagement.corrected", _("%(group)s corrected “%(entry)s” for %(initiative)s"))
DOUBTED = Verb("engagement.doubted", _("Somebody doubted “%(entry)s” of %(group)s"))
DOUBT_TAKEN_BACK = Verb("engagement.doubt_taken_back", _("A doubt about “%(entry)s” of %(group)s was taken back"))
DOUBT_ANSWERED = Verb(
    "engagement.doubt_answered", _("%(group)s answered a doubt about “%(entry)s” for %(initiative)s"), counts=True
)
DOUBT_UPHELD = Verb("engagement.doubt_upheld", _("A reviewer upheld a doubt: “%(entry)s” of %(group)s does not count"))
DOUBT_DISMISSED = Verb("engagement.doubt_dismissed", _("A reviewer dismissed a doubt: “%(entry)s” of %(group)s counts"))
DOUBT_UNANSWERED = Verb(
    "engagement.doubt_unanswered", _("Nobody answered a doubt in time: “%(entry)s” of %(group)s does not count")
)
DOUBT_FELL = Verb("engagement.doubt_fell", _("An answered doubt fell: “%(entry)s” of %(group)s counts"))
WITHDRAWN = Verb("engagement.withdrawn", _("%(group)s withdrew an entry for %(initiative)s"))
NAMED = Verb("engagement.named", _("%(group)s named those whom it tells about %(initiative)s"))
HANDED_IN = Verb("engagement.handed_in", _("%(group)s handed in steps of %(initiative)s for review"))
ACCEPTED = Verb("engagement.accepted", _("A reviewer accepted “%(step)s” of %(group)s"))
MORE_ASKED = Verb("engagement.more_asked", _("A reviewer asked %(group)s for more on “%(step)s”"))
WAIVED = Verb("engagement.waived", _("A reviewer waived “%(step)s” for %(group)s"))
REFUSED = Verb("engagement.refused", _("A reviewer refused “%(step)s” of %(group)s"))
CONFIRMED_BY_SILENCE = Verb(
    "engagement.confirmed_by_silence", _("Nobody reviewed it in time: “%(step)s” of %(group)s is confirmed by silence")
)
NOT_REVIEWED = Verb(
    "engagement.not_reviewed", _("Nobody reviewed it in time: “%(step)s” of %(group)s reads “not reviewed”")
)
TAKEN_BACK = Verb("engagement.taken_back", _("A reviewer took back an answer on “%(step)s” of %(group)s"))
PASSED = Verb(
    "engagement.passed", _("A reviewer passed steps of %(group)s for %(initiative)s to reviewers who read the language")
)

MOVED = Verb("engagement.moved", _("%(group)s moved %(initiative)s to guidelines %(version)s"))

topic("engagement", _("Engagement and its reviews"))
REVIEW_ASKED = LetterKind(
    "engagement.review_asked",
    title=_("Steps that I am asked to review"),
    subject=_("By %(due_at)s: review %(what)s"),
    happened=_(
        "%(group)s handed in %(what)s for “%(initiative)s”. You have no part in it and are asked first; any other "
        "reviewer may answer too."
    ),
    asked=_("Accept, ask for more or waive by %(due_at)s."),
    silence=_("If nobody answers by %(silence_at)s: %(silence)s. The group works on meanwhile."),
    link_words=_("Open the review queue"),
    why=_("You get this because you are a reviewer."),
)
PASSED_TO_YOU = LetterKind(
    "engagement.passed_to_you",
    title=_("Steps that a reviewer passes to me, since I read the language"),
    subject=_("By %(due_at)s, in %(language)s: review %(what)s"),
    happened=_(
        "Another reviewer passed %(what)s for “%(initiative)s” to those who read %(language)s. You do, and have no "
        "part in it, so you are asked now. The date stands."
    ),
    asked=_("Accept, ask for more or waive by %(due_at)s."),
    silence=_("If nobody answers by %(silence_at)s: %(silence)s. The group works on meanwhile."),
    link_words=_("Open the review queue"),
    why=_("You get this because you are a reviewer and read %(language)s."),
)
DECIDED = LetterKind(
    "engagement.decided",
    title=_("What a reviewer decided for my groups"),
    subject=_("%(what)s: %(decision)s"),
    happened=_("A reviewer answered for “%(initiative)s”. %(decision)s: %(steps)s. %(note)s %(next)s"),
    link_words=_("Open the checklist"),
    why=_("You get this because you are a member of the group."),
)
SETTLED_BY_SILENCE = LetterKind(
    "engagement.settled_by_silence",
    title=_("Reviews of my groups that silence settled"),
    subject=_("Settled by silence: %(outcome)s"),
    happened=_(
        "Nobody reviewed for 20 working days what was handed in for “%(initiative)s”, so it is settled: "
        "%(outcome)s. You have nothing to wait for."
    ),
    link_words=_("Open the checklist"),
    why=_("You get this because you are a member of the group."),
)

NOTE_NOT_CONFIRMED = LetterKind(
    "engagement.note_not_confirmed",
    title=_("Notes of my groups that nobody confirmed"),
    subject=_("It does not count yet: “%(entry)s”"),
    happened=_(
        "For 30 days nobody outside the group said that they were there, so the note “%(entry)s” does not count. It "
        "counts as soon as somebody does, or when you correct it and give a link."
    ),
    link_words=_("Open the entry"),
    why=_("You get this because you are a member of the group."),
)

DOUBT_TO_ANSWER = LetterKind(
    "engagement.doubt_to_answer",
    title=_("Doubts about entries of my groups"),
    subject=_("By %(due_at)s: answer a doubt about “%(entry)s”"),
    happened=_("Somebody doubts the entry “%(entry)s” for “%(initiative)s”, with a reason that stands on its page."),
    asked=_("Answer it, or correct the entry, by %(due_at)s. Any member can."),
    silence=_("If nobody answers by %(silence_at)s: %(silence)s."),
    link_words=_("Read the doubt"),
    why=_("You get this because you are a member of the group."),
)
DOUBT_TO_JUDGE = LetterKind(
    "engagement.doubt_to_judge",
    title=_("Answered doubts that I may judge"),
    subject=_("By %(silence_at)s, if you like: judge a doubt about “%(entry)s”"),
    happened=_("%(group)s answered a doubt about the entry “%(entry)s”. You have no part in it and are asked first."),
    asked=_("Uphold the doubt or dismiss it, if you think that somebody has to. Any other reviewer may, too."),
    silence=_("If nobody does by %(silence_at)s: %(silence)s."),
    link_words=_("Read doubt and answer"),
    why=_("You get this because you are a reviewer."),
)
DOUBT_NEWS = LetterKind(
    "engagement.doubt_news",
    title=_("What became of doubts about entries"),
    subject=_("A doubt about “%(entry)s”: %(outcome)s"),
    happened=_("What became of the doubt about “%(entry)s” of %(group)s: %(outcome)s. %(counts)s"),
    link_words=_("Open the entry"),
    why=_("You get this because you doubted the entry, or are a member of the group."),
)


MOVED_LETTER = LetterKind(
    "engagement.moved",
    title=_("An adoption of my groups moves to newer guidelines"),
    subject=_("“%(initiative)s” is under guidelines %(number)s now"),
    happened=_(
        "A coordinator moved your adoption of “%(initiative)s” to guidelines %(number)s. Steps that are still there "
        "keep their entries and decisions; new ones are open."
    ),
    link_words=_("Open the checklist"),
    why=_("You get this because you are a member of the group."),
)
CAN_MOVE = LetterKind(
    "engagement.can_move",
    title=_("Newer guidelines that my adoptions can move to"),
    subject=_("Guidelines %(number)s are in force; yours for “%(initiative)s” stay %(before)s"),
    happened=_(
        "Guidelines %(number)s are in force. Your adoption of “%(initiative)s” keeps guidelines %(before)s as long as "
        "you like."
    ),
    asked=_("If you want to move on, read what changes in the checklist, then move with one click."),
    link_words=_("See what changes"),
    why=_("You get this because you coordinate a group that leads it."),
)
# What reviewers often write, by the answer for which they write it.
REPLIES: dict[str, tuple[str, Words, Words]] = {
    "link": (
        Reply.Answer.MORE,
        _("A link is missing"),
        _("Please add a link for each entry that everybody can open without signing in."),
    ),
    "where": (
        Reply.Answer.MORE,
        _("Where and until when"),
        _("Please say where people could answer and until when, with a link to what they said."),
    ),
    "languages": (
        Reply.Answer.MORE,
        _("Each language by its own link"),
        _("Please show where it can be read in each of the languages that you name, one link for each."),
    ),
    "small": (
        Reply.Answer.WAIVE,
        _("A small community"),
        _("The community is so small that everybody could be asked directly. The measure expects more than there is."),
    ),
    "before": (
        Reply.Answer.WAIVE,
        _("Done before this term"),
        _("This was done before the term began, and it is linked. It need not be done again."),
    ),
    "unchanged": (
        Reply.Answer.REFUSE,
        _("What was asked for is missing"),
        _("More was asked for, and what came does not show it. Hand it in again when it is there."),
    ),
}


def settled_words(*, confirmed: int, not_reviewed: int) -> str:
    """ "3 steps confirmed by silence, 1 step not reviewed": the outcomes that there are."""
    outcomes = {
        ngettext("%(count)d step confirmed by silence", "%(count)d steps confirmed by silence", confirmed): confirmed,
        ngettext("%(count)d step not reviewed", "%(count)d steps not reviewed", not_reviewed): not_reviewed,
    }
    return listed(words % {"count": count} for words, count in outcomes.items() if count)


def counts_words(*, counts: bool) -> str:
    return gettext("The entry counts.") if counts else gettext("The entry does not count.")


def steps_named(titles: list[str]) -> str:
    """ "“Announce it”" for one, "4 steps" for several."""
    if len(titles) == 1:
        return f"“{titles[0]}”"
    return ngettext("%(count)d step", "%(count)d steps", len(titles)) % {"count": len(titles)}
