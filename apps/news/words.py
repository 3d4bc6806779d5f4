from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

# Of what nobody has published the record tells that it was, and not what it says.
SUBMITTED = Verb("news.submitted", _("%(by)s submitted an item for Strategy News"))
PUBLISHED = Verb("news.published", _("%(by)s published in Strategy News: %(item)s"))
DECLINED = Verb("news.declined", _("An item for Strategy News was declined"))
LAPSED = Verb("news.lapsed", _("Nobody answered for 10 working days: an item for Strategy News lapsed"))
WITHDRAWN = Verb("news.withdrawn", _("%(by)s withdrew an item for Strategy News"))
CORRECTED = Verb("news.corrected", _("%(by)s corrected in Strategy News: %(item)s"))

topic("news", _("Strategy News"))
SUBMITTED_LETTER = LetterKind(
    "news.submitted",
    title=_("Items for Strategy News that I can publish"),
    subject=_("By %(due_at)s: an item for Strategy News"),
    happened=_("Somebody submitted an item for Strategy News."),
    asked=_("Publish it with one click by %(due_at)s, or decline it with a reason; any one of you is enough."),
    silence=_("If nobody answers, it lapses after 10 working days: silence publishes nothing."),
    link_words=_("Read it and answer"),
    why=_("You get this because you are an editor of Strategy News."),
)
PUBLISHED_LETTER = LetterKind(
    "news.published",
    title=_("Items of mine that are published"),
    subject=_("Your item is in Strategy News"),
    happened=_("An editor has published your item in Strategy News. Thank you for writing it."),
    link_words=_("See it there"),
    why=_("You get this because you submitted it."),
)
DECLINED_LETTER = LetterKind(
    "news.declined",
    title=_("Items of mine that are declined"),
    subject=_("Your item for Strategy News was declined"),
    happened=_(
        "An editor declined your item for Strategy News, with a reason. You can write it anew and submit it again."
    ),
    quote=_("The reason, in the words of the editor: %(quote)s"),
    link_words=_("Open your item"),
    why=_("You get this because you submitted it."),
)
LAPSED_LETTER = LetterKind(
    "news.lapsed",
    title=_("Items of mine that nobody answered"),
    subject=_("Nobody answered your item for Strategy News"),
    happened=_(
        "No editor answered your item for Strategy News in 10 working days, and silence publishes nothing. Thank you "
        "for writing it. You can submit it again as it is."
    ),
    link_words=_("Open your item"),
    why=_("You get this because you submitted it."),
)
CORRECTED_LETTER = LetterKind(
    "news.corrected",
    title=_("Items of mine that are corrected"),
    subject=_("Your item in Strategy News was corrected"),
    happened=_("An editor has corrected your item in Strategy News, and says why on its page."),
    link_words=_("See what it says now"),
    why=_("You get this because you submitted it."),
)
