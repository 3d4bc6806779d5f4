"""What people paste, understood: a part of a spreadsheet, a table of a wiki, or one link a line.

Pure functions from text to fields, each in one plain writing that a person can correct. What is not understood is
kept beside them, so that nothing is lost.
"""

import csv
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from io import StringIO

from django.conf import settings
from django.utils import timezone
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import override

from apps.core.languages import code_of, language, regions

META = "https://meta.wikimedia.org/wiki/"
Row = list[str]
Headings = Mapping[str, Collection[str]]


@dataclass
class Read:
    """One line: its fields as text, what was guessed, and what was not understood."""

    fields: dict[str, str] = field(default_factory=dict)
    guessed: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)


def read_lines(pasted: str, headings: Headings | None = None) -> list[Read]:
    """Every line with something on it; a heading names the columns, or else what stands in them does.

    `headings` are the fields that can be read, each with what its column may be called.
    """
    headings = headings or HEADINGS
    rows = [row for row in _rows(pasted) if any(row)]
    if not rows:
        return []
    columns = _named(rows[0], headings)
    if columns:
        return [_read(row, columns) for row in rows[1:]]
    columns = _guessed(rows, headings)
    return [_read(row, columns) for row in rows]


# --- Rows ------------------------------------------------------------------------------------


def _rows(pasted: str) -> list[Row]:
    if "{|" in pasted or re.search(r"^\s*[|!].*(\|\||!!)", pasted, re.MULTILINE):
        return _rows_of_wiki(pasted)
    if "\t" in pasted:
        return [[cell.strip() for cell in row] for row in csv.reader(StringIO(pasted), delimiter="\t")]
    return [_cells_of_line(line) for line in pasted.splitlines()]


def _cells_of_line(line: str) -> Row:
    """A link with whatever stands beside it, such as the bullets of a list."""
    link, rest = _link_and_rest(line)
    return [rest.strip(" *#-–—:•\t"), link] if link else [line.strip(" *#•\t")]


def _rows_of_wiki(pasted: str) -> list[Row]:
    rows: list[Row] = [[]]
    for line in (line.strip() for line in pasted.splitlines()):
        if line.startswith(("{|", "|}", "|+")):
            continue
        if line.startswith("|-"):
            rows.append([])
        elif line.startswith(("|", "!")):
            cells = [_without_attributes(cell) for cell in re.split(r"\|\||!!", line[1:])]
            if len(cells) > 1 and rows[-1]:
                rows.append([])
            rows[-1] += cells
        elif rows[-1]:
            rows[-1][-1] = f"{rows[-1][-1]} {line}".strip()
    return rows


def _without_attributes(cell: str) -> str:
    """`style="…" | text` is the text; the bar of a link is none."""
    before, bar, after = cell.partition("|")
    return (after if bar and "=" in before and "[" not in before else cell).strip()


# --- Columns ---------------------------------------------------------------------------------

HEADINGS = {
    "title": ("title", "what", "name", "venue", "place", "event", "page"),
    "url": ("url", "link", "address", "evidence"),
    "happened_on": ("date", "day", "when", "on", "opened", "opened on", "published", "published on"),
    "starts_at": ("start", "starts", "began", "start time", "time"),
    "closed_on": ("closed", "closed on", "until", "end", "ended"),
    "languages": ("language", "languages", "lang", "in"),
    "regions": ("region", "regions", "reached"),
    "community": ("community", "communities"),
    "told": ("told", "who", "group"),
    "people": ("people", "participants", "attendees", "how many"),
    "note": ("note", "notes"),
}


def _named(row: Row, headings: Headings) -> dict[int, str] | None:
    """The columns as a heading names them; None if this row is none."""
    names = {_plain(name): field for field, known in headings.items() for name in known}
    found = {number: names[key] for number, cell in enumerate(row) if (key := _plain(cell)) in names}
    filled = sum(bool(cell) for cell in row)
    return found if found and len(found) * 2 >= filled and not _link_and_rest(" ".join(row))[0] else None


def _plain(cell: str) -> str:
    return re.sub(r"[':?؟\s]+", " ", cell).strip().casefold()


def _guessed(rows: list[Row], headings: Headings) -> dict[int, str]:
    """Each column is what at least half of its cells can be read as; the first that is none of these is the title."""
    columns: dict[int, str] = {}
    for number in range(max(map(len, rows))):
        cells = [row[number] for row in rows if len(row) > number and row[number]]
        left = [name for name in GUESSED if name in headings and name not in columns.values()]
        kinds = (name for name in left if _mostly(READERS[name], cells))
        name = next(kinds, "" if "title" in columns.values() else "title")
        if name:
            columns[number] = name
    return columns


def _mostly(read: Callable[[str], str], cells: list[str]) -> bool:
    return bool(cells) and sum(bool(read(cell)) for cell in cells) * 2 >= len(cells)


# --- Cells -----------------------------------------------------------------------------------


def _read(row: Row, columns: dict[int, str]) -> Read:
    found = Read()
    for name, cell in _cells(row, columns):
        text = READERS[name](cell) if name in READERS else _text(cell) if name else ""
        if not text:
            found.rest.append(_text(cell))
            continue
        found.fields[name] = text
        if name in DAYS and _is_ambiguous(cell):
            found.guessed.append(cell)
    _take_title_and_link(found, row, columns)
    return found


def _cells(row: Row, columns: dict[int, str]) -> list[tuple[str, str]]:
    """What is filled in, with the field it is for; a day and a time in two columns are one moment."""
    cells = [(columns.get(number, ""), cell) for number, cell in enumerate(row) if cell]
    moment = " ".join(cell for name, cell in cells if name == "starts_at")
    return [(name, cell) for name, cell in cells if name != "starts_at"] + ([("starts_at", moment)] if moment else [])


def _take_title_and_link(found: Read, row: Row, columns: dict[int, str]) -> None:
    """A link that stands in a title, as on wikis, is the link; a link's words are the title; else its end is."""
    for number, name in columns.items():
        if number < len(row) and name in {"title", "url"}:
            link, words = _link_and_rest(row[number])
            if link:
                found.fields.setdefault("url", link)
            if words and (name == "url" or link) and (name == "title" or not found.fields.get("title")):
                found.fields["title"] = words
    if not found.fields.get("title") and found.fields.get("url"):
        found.fields["title"] = re.split(r"[/#?=]", found.fields["url"].rstrip("/"))[-1].replace("_", " ")


LINK = re.compile(r"\[?(https?://[^\s\]|<>\"]+)\s*([^\]]*?)\]|(https?://[^\s\]|<>\"]+)")
WIKI_LINK = re.compile(r"\[\[:?([^\]|]+)(?:\|([^\]]*))?\]\]")


def _link_and_rest(cell: str) -> tuple[str, str]:
    """The first link of a cell and the words beside it. A link of a wiki is read as one of Meta-Wiki."""
    if found := LINK.search(cell):
        link, words = (found[1] or found[3]).rstrip(".,;"), found[2] or ""
    elif found := WIKI_LINK.search(cell):
        link, words = META + found[1].strip().replace(" ", "_"), found[2] or found[1]
    else:
        return "", ""
    return link, _text(f"{cell[: found.start()]} {words} {cell[found.end() :]}")


def _text(cell: str) -> str:
    """Without the marks of a wiki."""
    cell = re.sub(r"<ref.*?(/>|</ref>)|<!--.*?-->|'{2,}|<br ?/?>", " ", cell)
    cell = WIKI_LINK.sub(lambda found: found[2] or found[1], cell)
    return re.sub(r"\s+", " ", cell).strip()


def read_url(cell: str) -> str:
    return _link_and_rest(cell)[0]


def _parts(cell: str) -> Iterable[str]:
    return [part.strip() for part in re.split(r"[,;،؛/·]| and | & ", _text(cell)) if part.strip()]


def read_languages(cell: str) -> str:
    """ "العربية, Hausa" for "ar, Hausa"; nothing unless all of them are known."""
    codes = [code_of(part) for part in _parts(cell)]
    return ", ".join(language(code).autonym for code in codes if code) if codes and all(codes) else ""


def read_regions(cell: str) -> str:
    """By code, short or full name, in English or the reader's language; nothing unless all of them are known."""
    known = _region_names()
    # A full name holds "and" itself.
    if whole := known.get(_plain(_text(cell))):
        return regions()[whole].short
    codes = [known.get(_plain(part)) for part in _parts(cell)]
    return ", ".join(regions()[code].short for code in codes if code) if codes and all(codes) else ""


def region_codes(text: str) -> list[str]:
    known = _region_names()
    whole = known.get(_plain(text))
    return [whole] if whole else [known.get(_plain(part), part) for part in _parts(text)]


def _region_names() -> dict[str, str]:
    return {
        _plain(name): code
        for code, region in regions().items()
        for name in (code, *region.names.values(), *region.shorts.values())
    }


def read_people(cell: str) -> str:
    """ "20" for "about 20", "~20" and "20 people"."""
    found = re.fullmatch(r"[^\d-]{0,10}(\d{1,3}(?:[,. ]\d{3})+|\d{1,7})[^\d]{0,15}", _text(cell))
    return re.sub(r"\D", "", found[1]) if found else ""


def read_day(cell: str) -> str:
    """2026-09-07 for "7 September 2026", "Sept 7, 2026", "7.9.2026", "07/09/2026", "20260907"; a time is left out."""
    text = _without_time(_text(cell).casefold())
    if found := YEAR_FIRST.match(text):
        return _day(found[1], found[3], found[4])
    if found := NUMBERS.fullmatch(text):
        is_month_first = int(found[2]) > 12
        return _day(found[3], *((found[1], found[2]) if is_month_first else (found[2], found[1])))
    return _day_with_month_name(text)


YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?!\d)")
NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


def _is_ambiguous(cell: str) -> bool:
    """Whether the day may be the month, as some write it."""
    found = NUMBERS.fullmatch(_without_time(_text(cell).casefold()))
    return found is not None and int(found[1]) <= 12 and int(found[2]) <= 12 and found[1] != found[2]


def _day_with_month_name(text: str) -> str:
    numbers = re.findall(r"\d+", text)
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    months = {_months().get(word) for word in re.findall(r"[^\W\d_]+", text)} - {None}
    if len(years) == len(days) == len(months) == 1 and len(numbers) == 2 and len(text) <= 40:
        return _day(years[0], str(months.pop()), days[0])
    return ""


@cache
def _months() -> dict[str, int]:
    """The names of the months in every language of the interface."""
    names = {"sept": 9}
    for code, _name in settings.LANGUAGES:
        with override(code):
            for months in (MONTHS, MONTHS_3):
                names |= {str(name).casefold().strip("."): number for number, name in months.items()}
    return names


def _day(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def read_moment(cell: str) -> str:
    """ "2026-09-07 14:30" for "7 September 2026, 2:30 pm", in the reader's zone; nothing if it names one not known."""
    text = _text(cell).casefold()
    found = TIME.search(text)
    day = read_day(text)
    if not found or not day or _names_a_zone(text[found.end() :]):
        return ""
    hour, zone = _hour(int(found[1]), found[3] or ""), found[4] or ""
    try:
        moment = datetime.fromisoformat(f"{day} {hour:02}:{int(found[2]):02}{'+00:00' if zone in AT_UTC else zone}")
        return f"{timezone.localtime(moment) if zone else moment:%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return ""


AT_UTC = ("z", "utc", "gmt")
# The hour, the minute, which half of the day, and how far ahead of UTC; what follows a minus may be the end of it.
TIME = re.compile(
    r"(?:(?<=\d)t|\b(?:at|à|um|الساعة)\s+|(?<![\d:]))(\d{1,2})[:h](\d{2})(?::\d{2}(?:\.\d+)?)?(?!\d)"
    r"(?:\s*(am|pm|a\.m\.|p\.m\.|ص|م)(?!\w))?(?:\s*(z|utc|gmt|\+\d{2}:?\d{2})(?![\w+-]))?"
)


def _without_time(text: str) -> str:
    return TIME.sub(" ", text).strip(" ,،;–-")


def _names_a_zone(after: str) -> bool:
    """ "CET", "UTC+3" or "-05:00" beside a time; not "on" nor the name of a month."""
    found = re.match(r"\s*([+-]\d|[a-z]{3,5}\b)", after)
    return found is not None and found[1] not in _months()


def _hour(hour: int, half: str) -> int:
    """From 0 to 23; 12 am is 0, and 12 pm is 12."""
    if not half or hour > 12:
        return hour
    return hour % 12 + (12 if half[0] in "pم" else 0)


READERS: dict[str, Callable[[str], str]] = {
    "url": read_url,
    "starts_at": read_moment,
    "happened_on": read_day,
    "closed_on": read_day,
    "people": read_people,
    "regions": read_regions,
    "languages": read_languages,
}
DAYS = ("starts_at", "happened_on", "closed_on")
# What a column without a name can be known by; a second day is when it closed.
GUESSED = tuple(READERS)
