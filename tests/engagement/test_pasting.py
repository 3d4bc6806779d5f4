"""Pasting several entries: what is understood, what is not, and that nothing is lost or logged twice."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from apps.core.refused import Refused
from apps.engagement import actions
from apps.engagement.forms.pasted import (
    read_day,
    read_languages,
    read_lines,
    read_moment,
    read_people,
    read_regions,
    region_codes,
)
from apps.engagement.forms.pasting import headings_of
from apps.engagement.models import Entry
from apps.record.models import Act
from tests.conftest import NOW, step_called
from tests.engagement.test_pages import checklist, open_as, reader_as
from tests.world import World


@pytest.mark.parametrize(
    "written",
    ["2026-09-07", "2026/9/7", "7 September 2026", "September 7, 2026", "Sept. 7 2026", "7 Sep 2026", "7.9.2026",
     "07/09/2026", "20260907", "7 سبتمبر 2026", "2026-09-07T10:00"],
)  # fmt: skip
def test_a_day_in_many_writings(written):
    assert read_day(written) == "2026-09-07"


def test_what_is_no_day_is_not_made_one():
    for text in ("", "yesterday", "2026", "31 February 2026", "99.99.2026", "May", "12 of 40", "7 September"):
        assert read_day(text) == "", text
    assert read_day("12/25/2026") == "2026-12-25"


@pytest.mark.parametrize(
    "written",
    ["2026-09-07T14:30", "2026-09-07 14:30:00", "7 September 2026, 14:30", "7.9.2026 2:30 pm", "14h30, 7 Sep 2026",
     "07/09/2026 at 2:30 p.m.", "2026-09-07T14:30:00.000", "7 سبتمبر 2026 2:30 م", "٧ سبتمبر ٢٠٢٦ ١٤:٣٠",
     "14:30 on 7 September 2026", "2026-09-07T12:30Z", "7 September 2026, 12:30 UTC", "2026-09-07 15:30+03:00"],
)  # fmt: skip
def test_a_day_and_time_in_many_writings(written):
    with timezone.override("Africa/Maputo"):  # two hours ahead of UTC
        assert read_moment(written) == "2026-09-07 14:30"


def test_what_is_no_moment_is_not_made_one():
    """A time in a zone that is not known, or a range that may be one, is left to the person."""
    for text in (
        "", "7 September 2026", "14:30", "2026-09-07 25:00", "2026-09-07 14:61", "7 September 2026 14:30 CET",
        "2026-09-07 14:30 UTC+3", "2026-09-07 14:30-05:00",
    ):  # fmt: skip
        assert read_moment(text) == "", text
    assert read_moment("7 Sep 2026 12:05 am") == "2026-09-07 00:05"
    assert read_day("7 September 2026, 14:30") == "2026-09-07"


def test_languages_by_code_own_name_or_english_name():
    assert read_languages("ar, Hausa; French") == "العربية, Hausa, français"
    assert read_languages("Yoruba / sw") == "Yorùbá, Kiswahili"
    assert read_languages("ar, Klingonish") == ""


def test_regions_by_code_short_or_full_name():
    assert read_regions("mena, SSA") == "MENA, SSA"
    assert read_regions("Middle East and North Africa") == "MENA"
    assert region_codes("MENA, ssa") == ["mena", "ssa"]
    assert read_regions("Atlantis") == ""


def test_people_as_one_writes_them():
    assert [read_people(text) for text in ("20", "about 20", "~1,200", "35 people", "many", "2026-01-01")] == [
        "20", "20", "1200", "35", "", "",
    ]  # fmt: skip


def test_a_spreadsheet_with_a_heading():
    found = read_lines(
        "Venue\tDate\tLanguage\tRegion\tLink\tPeople\tMood\n"
        "Village pump\t7 September 2026\tHausa\tSSA\thttps://ha.wikipedia.org/wiki/Pump\t20\tgood\n"
    )
    [line] = found
    assert line.fields == {
        "title": "Village pump", "happened_on": "2026-09-07", "languages": "Hausa", "regions": "SSA",
        "url": "https://ha.wikipedia.org/wiki/Pump", "people": "20",
    }  # fmt: skip
    assert line.rest == ["good"]


ARABIC_HEADINGS = {
    "title": "ما الذي جرى؟",
    "url": "الرابط",
    "note": "أو ملاحظة",
    "happened_on": "اليوم",
    "closed_on": "تاريخ الإغلاق",
    "languages": "اللغات",
    "regions": "المناطق",
    "community": "المجتمع",
    "people": "عدد الأشخاص، تقريبًا",
}
ARABIC_LINE = {
    "title": "نداء", "url": "https://ar.wikipedia.org/wiki/P", "note": "كنا هناك", "happened_on": "7 سبتمبر 2026",
    "closed_on": "8 أكتوبر 2026", "languages": "العربية", "regions": "MENA", "community": "الأمازيغ", "people": "20",
}  # fmt: skip


@pytest.mark.django_db
def test_headings_are_read_in_the_readers_language_for_every_field(catalogue):
    with override("ar"):
        pasted = "\t".join(ARABIC_HEADINGS.values()) + "\n" + "\t".join(ARABIC_LINE.values())
        [line] = read_lines(pasted, headings_of(step_called("feedback")))
        regions = read_regions("MENA")
        calls, told, summary = (headings_of(step_called(code)) for code in ("calls", "neighbours", "summary"))
        [call] = read_lines("اليوم\tوقت البدء\tالعنوان\n7 سبتمبر 2026\t14:30\tنداء", calls)
        [tells] = read_lines("العنوان\tمن الذي أُبلغ؟\nرسالة\tOld Mentors", told)
        [published] = read_lines("تاريخ النشر\tمفتوح للتصحيح حتى\n2026-09-07\t8 أكتوبر 2026", summary)
    assert line.fields == ARABIC_LINE | {"happened_on": "2026-09-07", "closed_on": "2026-10-08", "regions": regions}
    assert line.rest == []
    assert (call.fields, call.rest) == ({"title": "نداء", "starts_at": "2026-09-07 14:30"}, [])
    assert tells.fields == {"title": "رسالة", "told": "Old Mentors"}
    assert published.fields == {"happened_on": "2026-09-07", "closed_on": "2026-10-08"}


@pytest.mark.django_db
def test_what_a_step_has_no_field_for_is_kept_as_not_understood(catalogue):
    [line] = read_lines("Venue\tTold\tLink\nPump\tOld Mentors\thttps://x.org/p", headings_of(step_called("announce")))
    assert (line.fields, line.rest) == ({"title": "Pump", "url": "https://x.org/p"}, ["Old Mentors"])


def test_a_spreadsheet_without_a_heading_and_in_another_order():
    first, second = read_lines(
        "https://ha.wikipedia.org/wiki/Pump\tHausa\tVillage pump\t07/08/2026\n"
        "https://ar.wikipedia.org/wiki/Pump\tArabic\tالميدان\tsoon"
    )
    assert first.fields["title"] == "Village pump"
    assert (first.fields["happened_on"], first.guessed) == ("2026-08-07", ["07/08/2026"])
    assert (second.fields["languages"], second.rest) == ("العربية", ["soon"])


@pytest.mark.parametrize(
    "table",
    [
        '{| class="wikitable"\n! Venue !! Date\n|-\n| [https://ha.wikipedia.org/wiki/P Pump] || 2026-09-07\n|}',
        "{|\n|+ Our list\n! Venue\n! Date\n|-\n| style=\"a\" | [https://ha.wikipedia.org/wiki/P '''Pump''']\n"
        "| 7 September 2026\n|}",
        "| [https://ha.wikipedia.org/wiki/P Pump] || 2026-09-07",
    ],
)
def test_a_table_of_a_wiki(table):
    [line] = read_lines(table)
    assert line.fields == {"title": "Pump", "url": "https://ha.wikipedia.org/wiki/P", "happened_on": "2026-09-07"}


def test_several_rows_of_a_wiki_without_row_marks_and_links_of_the_wiki():
    found = read_lines("| [[:Talk:Hubs|Hubs]] || 2026-09-07\n| [[Talk:Charter]] || 2026-09-08")
    assert [line.fields["url"] for line in found] == [
        "https://meta.wikimedia.org/wiki/Talk:Hubs", "https://meta.wikimedia.org/wiki/Talk:Charter",
    ]  # fmt: skip
    assert [line.fields["title"] for line in found] == ["Hubs", "Talk:Charter"]


def test_one_link_a_line():
    found = read_lines(
        "* https://meta.wikimedia.org/wiki/Talk:Some_page\nMailing list: https://lists.example.org/x\n\n"
    )
    assert [(line.fields["title"], line.fields["url"]) for line in found] == [
        ("Talk:Some page", "https://meta.wikimedia.org/wiki/Talk:Some_page"),
        ("Mailing list", "https://lists.example.org/x"),
    ]


# --- Logging ---------------------------------------------------------------------------------


def what(n, **more):
    url = f"https://meta.wikimedia.org/wiki/{n}"
    return {"title": f"Venue {n}", "url": url, "happened_on": NOW.date(), "languages": ["en"], "regions": [], **more}


@pytest.mark.django_db
def test_many_are_logged_in_one_act_without_what_is_there_already(adoption, group, coordinator):
    act = {"step": step_called("announce"), "group": group, "by": coordinator, "now": NOW}
    actions.log_entries(adoption, lines=[what(1), what(2)], **act)
    assert len(actions.log_entries(adoption, lines=[what(2), what(3), what(3)], **act)) == 1
    assert Entry.objects.count() == 3
    assert Act.objects.filter(verb="engagement.logged_several").count() == 2
    adoption.refresh_from_db()
    assert adoption.musts_met == 1
    with pytest.raises(Refused, match="All of these are logged already"):
        actions.log_entries(adoption, lines=[what(1)], **act)


@pytest.mark.django_db
def test_more_than_fifty_are_refused_and_one_bad_line_logs_none(adoption, group, coordinator):
    act = {"step": step_called("conversations"), "group": group, "by": coordinator, "now": NOW}
    with pytest.raises(Refused, match="At most 50"):
        actions.log_entries(adoption, lines=[what(n) for n in range(51)], **act)
    with pytest.raises(Refused, match="needs one"):
        actions.log_entries(adoption, lines=[what(1), what(2, url="", note="We met.")], **act)
    assert not Entry.objects.exists()


# --- The page --------------------------------------------------------------------------------


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


@pytest.mark.django_db
def test_two_posts_of_the_page_show_what_is_understood_and_then_log_it(world):
    member = reader_as(world, "member")
    member.open(f"{checklist(world)}announce/paste/")
    day = timezone.localdate() - timedelta(days=1)
    member.press(
        "Show what is understood",
        pasted=f"Pump\tHausa\thttps://ha.wikipedia.org/wiki/P\t{day:%d.%m.%Y}\tgood mood\n"
        f"Café\tFrench\thttps://fr.wikipedia.org/wiki/P\t\tbad mood",
    )
    before = Entry.objects.count()
    assert "1 of 2 lines can be logged as it is." in member.page.text
    assert "Say on which day." in member.page.text
    assert "bad mood" in member.page.text
    member.press("Log these lines", **{"line-1-title": "Café <3"})
    assert Entry.objects.count() == before
    typed = member.page.form("Log these lines").values
    assert (typed["line-1-title"], typed["line-0-languages"]) == (["Café <3"], ["Hausa"])
    assert "good mood" in typed["pasted"][0]
    member.press("Log these lines", **{"line-1-happened_on": day.strftime("%d %B %Y")})
    assert "2 entries are logged." in member.page.text
    assert set(Entry.objects.filter(languages=["ha"]).values_list("title", "happened_on")) == {("Pump", day)}
    assert Entry.objects.get(title="Café <3").languages == ["fr"]


@pytest.mark.django_db
def test_calls_are_pasted_with_a_day_and_a_time_in_plain_writing(world):
    member = reader_as(world, "member")
    member.open(f"{checklist(world)}calls/paste/")
    day = timezone.localdate() - timedelta(days=1)
    pasted = f"Date\tStart\tWhat\tLink\tLanguage\n{day:%d %B %Y}\t9:05 pm\tCall\thttps://x.org/c\ten"
    member.press("Show what is understood", pasted=pasted)
    typed = member.page.form("Log these lines").values
    assert typed["line-0-starts_at"] == [f"{day:%Y-%m-%d} 21:05"]
    member.press("Log these lines", **{"line-0-starts_at": f"{day:%d.%m.%Y}, 21:10"})
    assert "1 entry is logged." in member.page.text
    entry = Entry.objects.get(title="Call")
    assert (f"{entry.starts_at:%d.%m. %H:%M}", entry.happened_on) == (f"{day:%d.%m.} 21:10", day)


@pytest.mark.django_db
def test_what_is_logged_already_is_named_and_left_out(world):
    entry = Entry.objects.filter(step__code="announce").first()
    member = reader_as(world, "member")
    member.open(f"{checklist(world)}announce/paste/")
    day = entry.happened_on.isoformat()
    member.press(
        "Show what is understood",
        pasted=f"{entry.title}\t{entry.url}\t{day}\ten\nNew\thttps://meta.wikimedia.org/wiki/New\t{day}\ten\n"
        f"Wrong\tno link\t{day}\ten",
    )
    assert "1 line is logged already and left out." in member.page.text
    member.press("Log these lines", **{"line-2-left_out": "on"})
    assert "1 entry is logged. 2 lines were left out." in member.page.text


@pytest.mark.django_db
def test_fifty_one_lines_are_too_many_and_stay_in_the_box(world):
    member = reader_as(world, "member")
    member.open(f"{checklist(world)}announce/paste/")
    pasted = "\n".join(f"https://meta.wikimedia.org/wiki/{n}" for n in range(51))
    member.press("Show what is understood", pasted=pasted)
    assert "These are 51 lines; at most 50 at once." in member.page.text
    assert "wiki/50" in member.page.form("Show what is understood").values["pasted"][0]
    assert open_as(world, "participant", f"{checklist(world)}announce/paste/").status == 403


def test_a_title_alone_is_no_date():
    [line] = read_lines("Village pump of 2026")
    assert (line.fields, line.rest) == ({"title": "Village pump of 2026"}, [])
    assert date(2026, 9, 7).isoformat() == read_day("2026-09-07")
