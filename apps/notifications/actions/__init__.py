"""Writing letters, and what people do with them: reading, choosing, recalling."""

from apps.notifications.actions.choosing import choose_mail, note_bounce, understand, unsubscribe
from apps.notifications.actions.many import Asking, put_into_words, write_about_deadlines
from apps.notifications.actions.reading import mark_all_read, mark_read, recall_letters, take_back_letters
from apps.notifications.actions.wording import render
from apps.notifications.actions.writing import write_letters

__all__ = [
    "Asking",
    "choose_mail",
    "mark_all_read",
    "mark_read",
    "note_bounce",
    "put_into_words",
    "recall_letters",
    "render",
    "take_back_letters",
    "understand",
    "unsubscribe",
    "write_about_deadlines",
    "write_letters",
]
