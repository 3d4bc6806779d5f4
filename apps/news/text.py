"""What an item of Strategy News is made of: short sentences, and one link."""

import re

MOST_LETTERS, MOST_SENTENCES = 400, 3

# A run of end marks is one end, with the quotes and brackets that close behind it; what follows is looked at only.
_END = re.compile(r"(\w*)([.!?…؟。]+)[\"'”’»)\]]*(\s*)(?=(\S?))")
# With a scheme or without: meta.wikimedia.org/wiki/News is one as well.
_LINK = re.compile(r"https?://|\bwww\.|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S", re.IGNORECASE)
# A dot behind these, or behind a single letter as in “e.g.”, ends nothing while more follows.
ABBREVIATIONS = {"approx", "cf", "dr", "etc", "incl", "mr", "mrs", "ms", "prof", "st", "vs"}


def sentences_in(text: str) -> int:
    """How many sentences a text has: those that an end mark closes, and what stands behind the last one.

    A mark closes one where a new one begins behind it: not inside a word or a number, nor before a small letter, nor
    the dot of an abbreviation. In doubt there is one sentence less.
    """
    text, count, closed = text.strip(), 0, 0
    for end in _END.finditer(text):
        if _closes(*end.groups()):
            count, closed = count + 1, end.end()
    return count + bool(text[closed:].strip())


def _closes(before: str, marks: str, space: str, following: str) -> bool:
    if not following or "。" in marks:
        return True
    is_short = marks == "." and (len(before) == 1 or before.casefold() in ABBREVIATIONS)
    return bool(space) and not following.islower() and not is_short


def holds_a_link(text: str) -> bool:
    return _LINK.search(text) is not None
