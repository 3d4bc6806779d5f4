"""Pages under gunicorn with two workers, each beside a bare view that shows as many rows.

Both servers run on the same machine, with the same options, against the same database, and are asked by the same
client in turn. The site runs with production settings and answers as it would to a browser: compressed, with every
header. The bare view has no middleware and sends plain text.

`engagement` is answered from what was counted at most five minutes before; `engagement-count` is that count, over every
entry of the movement, with an empty cache each time. Its floor is one GROUP BY of the same rows in plain SQL, on the
same connection: the difference is what adding up and putting in order costs.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import django

django.setup()

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from apps.engagement.queries.coverage import Coverage, Where, coverage
from bench import world
from bench.figures import in_turn, show, show_rates
from bench.load import Answer, Server, serving

ROUNDS = 5
SECONDS = 1.0
FIRST_VIEW_LIMIT = 60_000
WAITS = 1_000_000


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    cookie: str = ""


def main() -> None:
    world.timed("an empty site", world.prepare)
    with serving("msplatform.wsgi") as site, serving("bench.floor:application") as floor:
        measure_first_view(site, "first-view-47")
        measure(Page("town-square-47", "/"), site, floor)
        measure(Page("initiatives-47", "/initiatives/"), site, floor)
        made = world.timed("a big world", lambda: world.fill(timezone.now()))
        measure_first_view(site, f"first-view-{world.INITIATIVES}")
        for page in pages_of(made):
            measure(page, site, floor)
        measure_counting()
        world.timed(f"{WAITS:,} deadlines", lambda: world.make_waits(made, WAITS, timezone.now()))
        for page in board_of(made):
            measure(page, site, floor)


def pages_of(made: world.World) -> Iterator[Page]:
    member, reviewer = world.session_of(made.coordinator), world.session_of(made.reviewers[0])
    open_to_all = {
        "town-square": "/",
        "initiatives": "/initiatives/",
        "initiatives-search": "/initiatives/?q=knowledge&state=led",
        "initiative": made.shown.get_absolute_url(),
    }
    for name, path in open_to_all.items():
        yield Page(name, path)
        yield Page(f"{name}-in", path, member)
    yield Page("review-in", "/review/", reviewer)
    yield Page("me-in", "/me/", member)
    # Counted once in five minutes; the first reader waits for that, which measure_counting measures.
    yield Page("engagement", "/engagement/")


def board_of(made: world.World) -> Iterator[Page]:
    """The waiting board. Its answer times are counted once in five minutes; the first reader waits for that."""
    yield Page("waiting", "/waiting/")
    yield Page("waiting-in", "/waiting/", world.session_of(made.coordinator))
    yield Page("waiting-filtered", f"/waiting/?owner=group:{made.groups[0].pk}")
    yield Page("waiting-answers", "/waiting/answers.json")


def measure(page: Page, site: Server, floor: Server) -> None:
    answer = warm(site, page.path, page.cookie)
    rows = rows_in(answer)
    bare = f"/{rows}/"
    warm(floor, bare)
    found = in_turn(
        ROUNDS,
        ours=lambda: site.pages_a_second(page.path, page.cookie, seconds=SECONDS),
        floor=lambda: floor.pages_a_second(bare, seconds=SECONDS),
    )
    note = f"{rows} rows, {len(answer.text) / 1000:.0f} kB of HTML, {len(answer.body) / 1000:.0f} kB sent"
    show_rates(page.name, found, note)


COUNTED = """
    SELECT regions, languages, community, count(*), sum(people), max(happened_on) FROM engagement_entry
    WHERE state IN ('counts', 'doubted') GROUP BY regions, languages, community
"""


def measure_counting() -> None:
    """What the first reader of /engagement/ waits for."""
    connection.ensure_connection()
    found = in_turn(ROUNDS, ours=lambda: 1 / seconds_of(count), floor=lambda: 1 / seconds_of(group_by))
    entries, groups = count().total.entries, len(group_by())
    took = [1000 / found.median(name) for name in ("ours", "floor")]
    note = f"{entries:,} entries in {groups:,} groups, {took[0]:.0f} ms; the floor is one GROUP BY, {took[1]:.0f} ms"
    show_rates("engagement-count", found, note)


def count() -> Coverage:
    cache.clear()
    return coverage(Where(), timezone.now())


def group_by() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        return cursor.fetchall()


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def warm(server: Server, path: str, cookie: str = "") -> Answer:
    """Both workers have compiled their templates and opened their connection."""
    for _ in range(6):
        answer = server.get(path, cookie)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {answer.text[:500]}")
    return answer


def rows_in(answer: Answer) -> int:
    """What a reader would call a line: items of lists, rows of tables and foldable blocks, in the page's own part."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return len(re.findall(r"<(?:li|tr|details)\b", main))


def measure_first_view(site: Server, name: str) -> None:
    """What a browser fetches for the town square with nothing in its cache, in compressed bytes without headers."""
    page = warm(site, "/")
    parts = {"html": len(page.body)}
    for address in sorted(fetched_by(page.text)):
        part = warm(site, address)
        parts[address.rpartition(".")[2]] = parts.get(address.rpartition(".")[2], 0) + len(part.body)
        if address.endswith(".css"):
            for image in sorted(pictures_of(part.text, address)):
                parts["css images"] = parts.get("css images", 0) + len(warm(site, image).body)
    total = sum(parts.values())
    note = "limit instead of floor; " + ", ".join(f"{kind} {size / 1000:.1f}" for kind, size in parts.items())
    show(name, f"{total / 1000:.1f}kB", f"{FIRST_VIEW_LIMIT / 1000:.0f}kB", total / FIRST_VIEW_LIMIT, note)


def fetched_by(html: str) -> set[str]:
    """Style sheets, scripts, icons and the sprite; a link that only leads somewhere is not fetched."""
    fetched = re.findall(r"<link\b[^>]*\brel=\"(?:icon|stylesheet)\"[^>]*\bhref=\"([^\"]+)\"", html)
    fetched += re.findall(r"<(?:script|img)\b[^>]*\bsrc=\"([^\"]+)\"", html)
    fetched += re.findall(r"<use\b[^>]*\bhref=\"([^\"#]+)#", html)
    if abroad := [address for address in fetched if urlsplit(address).netloc]:
        raise RuntimeError(f"The page asks another host: {abroad}")
    return set(fetched)


def pictures_of(css: str, address: str) -> set[str]:
    """Everything that a style sheet could ask for, whether or not this page shows it."""
    found = re.findall(r"url\(['\"]?([^'\")]+)['\"]?\)", css)
    return {urljoin(address, picture).partition("#")[0] for picture in found if not picture.startswith("data:")}


if __name__ == "__main__":
    main()
