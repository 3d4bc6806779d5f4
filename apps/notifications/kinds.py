"""Kinds of letters. Features declare theirs in `words.py`; every letter has the same parts."""

from dataclasses import dataclass, replace
from typing import Any

from apps.core.text import Words

KINDS: dict[str, "LetterKind"] = {}
# What the letters of an app are about, in words, by its name.
TOPICS: dict[str, Words] = {}


def topic(app: str, title: Words) -> None:
    """Say what the letters of an app are about; under this heading people choose how they come."""
    TOPICS[app] = title


# Compared as objects: to compare their words would translate them.
@dataclass(frozen=True, eq=False)
class LetterKind:
    """The words of a letter (look.md, Letters): what happened, what is asked, by when, what silence will do.

    `title` names the kind where people choose how its letters reach them: "Reminders of what I owe".
    `%(name)s` in any other part is filled from the context of `write_letters`, in the recipient's language.
    Parts that do not apply stay empty: a letter of thanks asks for nothing. `quote` is what somebody wrote, or a
    machine said, in a paragraph of its own that names its author: `%(quote)s`; it is left out where they wrote
    nothing. One that is `urgent` leaves at once; all others leave in the recipient's morning.
    """

    name: str
    title: Words
    subject: Words
    happened: Words
    link_words: Words
    why: Words
    quote: Words = ""
    asked: Words = ""
    silence: Words = ""
    urgent: bool = False
    is_case: bool = False

    def __post_init__(self) -> None:
        if self.is_case:
            return
        if self.name in KINDS:
            raise ValueError(f"The letter {self.name} is declared twice.")
        if self.app not in TOPICS:
            raise ValueError(f"The letters of {self.app} have no topic.")
        KINDS[self.name] = self

    def case(self, **parts: Words) -> "LetterKind":
        """The same kind in other words, for one of its cases; people choose how all of them come at once."""
        changed: dict[str, Any] = {"is_case": True, **parts}
        return replace(self, **changed)

    @property
    def app(self) -> str:
        return self.name.partition(".")[0]
