from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

TRANSLATED = Verb("translations.translated", _("%(by)s worked on the translation of %(thing)s"))

topic("translations", _("Translations"))
NEW_TEXT = LetterKind(
    "translations.new_text",
    title=_("New texts of a kind that I have translated"),
    subject=_("To translate: %(sort)s “%(what)s”"),
    happened=_("There is a new text: %(sort)s “%(what)s”. What stayed as it was keeps its translation."),
    asked=_("Translate what is new or changed, as many paragraphs as you like."),
    link_words=_("Open the translation room"),
    why=_("You get this because you have translated texts of this kind."),
)
