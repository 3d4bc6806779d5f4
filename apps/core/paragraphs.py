"""Texts by paragraph, and what changed between two of them, word by word."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Passage:
    """A paragraph of a comparison: same, changed, added or dropped, with its marks."""

    kind: str
    html: SafeString


def paragraphs(text: str) -> list[str]:
    """A Markdown text by its paragraphs; a list is one of them."""
    return [part for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if part.strip()]


def compared(old: str, new: str) -> list[Passage]:
    """Two texts paragraph by paragraph, in the order of the new one; what was dropped stands where it was."""
    before, after = paragraphs(old), paragraphs(new)
    found: list[Passage] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [Passage("same", _lines(part)) for part in after[j1:j2]]
            continue
        both = min(i2 - i1, j2 - j1)
        pairs = zip(before[i1 : i1 + both], after[j1 : j1 + both], strict=True)
        found += [Passage("changed", marked(was, becomes)) for was, becomes in pairs]
        found += [Passage("dropped", marked(part, "")) for part in before[i1 + both : i2]]
        found += [Passage("added", marked("", part)) for part in after[j1 + both : j2]]
    return found


def marked(old: str, new: str) -> SafeString:
    """The new text with the words that came in <ins> and those that went in <del>; everything is escaped."""
    parts = []
    for is_same, was, becomes in _runs(_words(old), _words(new)):
        parts += [_lines(becomes)] if is_same else []
        parts += [format_html("<del>{}</del>", _lines(was))] if was and not is_same else []
        parts += [format_html("<ins>{}</ins>", _lines(becomes))] if becomes and not is_same else []
    return joined(parts)


def _runs(before: list[str], after: list[str]) -> list[tuple[bool, str, str]]:
    """Runs of words that stay and that change; a mere space between two changes belongs to them."""
    runs: list[tuple[bool, str, str]] = []
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (kind, i1, i2, j1, j2) in enumerate(codes):
        was, becomes = "".join(before[i1:i2]), "".join(after[j1:j2])
        is_same = kind == "equal" and (bool(becomes.strip()) or number in {0, len(codes) - 1})
        if runs and not runs[-1][0] and not is_same:
            was, becomes = runs[-1][1] + was, runs[-1][2] + becomes
            runs.pop()
        runs.append((is_same, was, becomes))
    return runs


def joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def _words(text: str) -> list[str]:
    return re.findall(r"\S+|\s+", text)


def _lines(text: str) -> SafeString:
    return mark_safe(escape(text).replace("\n", "<br>"))  # noqa: S308 - escaped just now
