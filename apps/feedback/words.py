from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

# The words name what pages of the record have at hand; the round is mentioned, so that its acts are found.
DRAFTED = Verb("feedback.drafted", _("%(by)s drafted a feedback round of %(group)s"))
DISCARDED = Verb("feedback.discarded", _("%(group)s put the draft of a feedback round away"))
OPENED = Verb("feedback.opened", _("%(group)s asks for feedback on %(initiative)s"))
OPENED_BY_LEAD = Verb("feedback.opened_by_lead", _("%(group)s asks for feedback on %(initiative)s"), counts=True)
CHANGED = Verb("feedback.changed", _("%(group)s changed what it asks on %(initiative)s"))
CANCELLED = Verb("feedback.cancelled", _("%(group)s cancelled a feedback round on %(initiative)s, with a reason"))
CLOSED = Verb("feedback.closed", _("A feedback round of %(group)s on %(initiative)s closed"))
SUMMARISED = Verb("feedback.summarised", _("%(group)s summarised its feedback round on %(initiative)s"))
SUMMARISED_BY_LEAD = Verb(
    "feedback.summarised_by_lead",
    _("%(group)s summarised its feedback round on %(initiative)s"),
    counts=True,
)
SUMMARY_CHANGED = Verb("feedback.summary_changed", _("%(group)s changed the summary of its feedback on %(initiative)s"))
UNSUMMARISED = Verb("feedback.unsummarised", _("%(group)s left its feedback round on %(initiative)s without a summary"))
CORRECTED = Verb("feedback.corrected", _("Somebody who answered corrected a summary on %(initiative)s"))
ASKED_LIAISON = Verb("feedback.asked_liaison", _("A liaison was asked to carry a feedback round on %(initiative)s"))
CARRIED = Verb("feedback.carried", _("A liaison carries to communities what %(group)s asks on %(initiative)s"))
DECLINED = Verb("feedback.declined", _("A liaison declined to carry a feedback round on %(initiative)s"))
LAPSED = Verb("feedback.lapsed", _("A liaison did not answer whether they carry a feedback round on %(initiative)s"))
REPORTED = Verb("feedback.reported", _("A liaison reported what communities say to a feedback round on %(initiative)s"))
UNREPORTED = Verb("feedback.unreported", _("A liaison carried a feedback round on %(initiative)s, and no report came"))
ANSWERED = Verb("feedback.answered", _("Somebody answered a feedback round on %(initiative)s"))
TRANSLATED = Verb("feedback.translated", _("%(by)s translated what %(group)s asks on %(initiative)s"))
TRANSLATION_CORRECTED = Verb(
    "feedback.translation_corrected", _("%(by)s corrected a translation of what is asked on %(initiative)s")
)

topic("feedback", _("Feedback rounds"))
DRAFT_READY = LetterKind(
    "feedback.draft_ready",
    title=_("Drafts of feedback rounds that I can open"),
    subject=_("By %(due_at)s: open the feedback round “%(round)s”?"),
    happened=_("A member of %(group)s drafted the feedback round “%(round)s”."),
    asked=_("Any coordinator opens it, changes it or puts it away by %(due_at)s."),
    silence=_("If nobody does, the draft is put away."),
    link_words=_("Read the draft"),
    why=_("You get this because you coordinate the group."),
)
TRANSLATION_WANTED = LetterKind(
    "feedback.translation_wanted",
    title=_("Translations that are wanted of what interests me"),
    subject=_("Wanted in %(language)s: %(round)s"),
    happened=_("%(group)s asks for feedback: “%(round)s”. It would like to ask in %(language)s, too."),
    asked=_("Translate it in place: a title, a short text, a few questions. It is there at once."),
    link_words=_("Translate it"),
    why=_("You get this because you said that you would translate this initiative."),
)
TRANSLATION_THERE = LetterKind(
    "feedback.translation_there",
    title=_("Translations of what my groups ask"),
    subject=_("Translated into %(language)s: %(round)s"),
    happened=_("Somebody translated “%(round)s” into %(language)s. It is there already."),
    asked=_("Read it if you can, and correct it in place."),
    link_words=_("Open the translation"),
    why=_("You get this because you coordinate the group."),
)
CANCELLED_LETTER = LetterKind(
    "feedback.cancelled",
    title=_("A feedback round that I take part in is cancelled"),
    subject=_("Cancelled: %(round)s"),
    happened=_("%(group)s cancelled its feedback round “%(round)s” and says why on its page."),
    link_words=_("Read why"),
    why=_("You get this because you take part in it."),
)
SUMMARY_OWED = LetterKind(
    "feedback.summary_owed",
    title=_("Summaries that my groups owe"),
    subject=_("By %(due_at)s: the summary of “%(round)s”"),
    happened=_("The feedback round “%(round)s” of %(group)s has closed."),
    asked=_("Say by %(due_at)s what you heard, also if that is nothing, and what you do with it."),
    silence=_("If no summary comes, the round reads “no summary”, in public and for ever."),
    link_words=_("Write the summary"),
    why=_("You get this because you coordinate the group."),
)
SUMMARY_THERE = LetterKind(
    "feedback.summary_there",
    title=_("Summaries of feedback rounds that I answered"),
    subject=_("The summary is there: %(round)s"),
    happened=_("%(group)s published the summary of “%(round)s”, which you answered."),
    asked=_("If it does not say what you said, correct it by %(until)s."),
    link_words=_("Read the summary"),
    why=_("You get this because you answered and asked to be told."),
)
NO_SUMMARY = LetterKind(
    "feedback.no_summary",
    title=_("A summary that did not come"),
    subject=_("No summary came: %(round)s"),
    happened=_("%(group)s owed a summary of “%(round)s”, which you answered. None came, and the round says so."),
    link_words=_("Open the round"),
    why=_("You get this because you answered and asked to be told."),
)
CORRECTION_THERE = LetterKind(
    "feedback.correction_there",
    title=_("Corrections of summaries that my groups wrote"),
    subject=_("Somebody corrects your summary: %(round)s"),
    happened=_("Somebody who answered “%(round)s” says what the summary should say differently. It stands beside it."),
    asked=_("You can change the summary until %(until)s."),
    link_words=_("Read the correction"),
    why=_("You get this because you coordinate the group."),
)
ASKED_TO_CARRY = LetterKind(
    "feedback.asked_to_carry",
    title=_("Feedback rounds that I am asked to carry"),
    subject=_("By %(due_at)s: will you carry “%(round)s”?"),
    happened=_("%(group)s asks for feedback: “%(round)s”. It would like to hear from %(wanted)s."),
    asked=_("Accept or decline with one click by %(due_at)s. A report is then due %(days)s days after the closing."),
    silence=_("If you do not answer, the round reads “nobody answered” there. Your name is not shown."),
    link_words=_("Answer"),
    why=_("You get this because you are a liaison for it."),
)
MORE_TO_CARRY = LetterKind(
    "feedback.more_to_carry",
    title=_("A feedback round that I am asked to carry would hear more people"),
    subject=_("Also wanted: %(wanted)s, on “%(round)s”"),
    happened=_("%(group)s would now like to hear more on “%(round)s”: %(wanted)s. You cover that, too."),
    asked=_("Your dates stay as they are, and one report is enough. Say in it whom you could not reach."),
    link_words=_("Open the round"),
    why=_("You get this because you were asked to carry this round, or carry it."),
)
NOT_NEEDED = LetterKind(
    "feedback.not_needed",
    title=_("A feedback round that I was asked to carry ended"),
    subject=_("Not needed any more: “%(round)s”"),
    happened=_("The feedback round “%(round)s” of %(group)s has ended. You owe nothing for it any more. Thank you."),
    link_words=_("Open the round"),
    why=_("You get this because you were asked to carry it."),
)
REPORT_THERE = LetterKind(
    "feedback.report_there",
    title=_("Reports of liaisons on what my groups ask"),
    subject=_("A liaison reports: “%(round)s”"),
    happened=_("A liaison reports what communities say to “%(round)s”."),
    asked=_("Take it up in your summary."),
    link_words=_("Read the report"),
    why=_("You get this because you coordinate the group."),
)
