"""Strategy News over HTTP: from the form to the page, in the translation room and in Arabic."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.refused import Refused
from apps.initiatives.models import Initiative
from apps.news import actions
from apps.news.models import Item
from apps.notifications.models import Letter
from tests.conftest import granted
from tests.journeys.reader import Reader

pytestmark = pytest.mark.django_db

TEXT = "Two hubs have begun. They meet on Monday."
LINK = "https://meta.wikimedia.org/wiki/Hubs"
ARABIC = "بدأ مركزان."


def reader_as(person=None) -> Reader:
    reader = Reader()
    if person:
        reader.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return reader


@pytest.fixture
def editor(person):
    return granted(person("Edda"), "editor")


def submit(by, *, text=TEXT, link=LINK, now=None) -> Item:
    about = Initiative.objects.get(number=13)
    return actions.submit_item(
        text=text, link=link, initiative=about, regions=["mena"], by=by, now=now or timezone.now()
    )


def publish(by, editor, **what) -> Item:
    return actions.publish_item(submit(by, **what), by=editor, now=what.get("now") or timezone.now())


def test_an_item_goes_from_the_form_to_the_page_with_one_click(volunteer, stranger, editor):
    reader = reader_as(volunteer)
    reader.open("/news/")
    assert "nothing is published yet" in reader.page.text
    assert "Nobody is an editor" not in reader.page.text
    reader.follow("Submit an item")
    reader.press("Submit it", text=f"{TEXT} Really! Yes?", link="http://a.org")
    assert "These are 4 sentences." in reader.page.text
    assert f"{TEXT} Really! Yes?" in reader.page.form("Submit it").values["text"]
    reader.press("Submit it", text=TEXT)
    assert "so that nobody on the way reads along" in reader.page.text
    reader.press("Submit it", link=LINK, initiative=Initiative.objects.get(number=13).pk, regions=["ssa", "mena"])
    assert "An answer is owed by" in reader.page.text
    assert TEXT in reader.page.text
    address = reader.page.address
    reader.press_again()
    assert "An item with this link waits" in reader.page.text
    others = reader_as(stranger).open(address)
    assert "What it says is read by whoever submitted it" in others.text
    assert "hubs" not in others.html.casefold()
    answering = reader_as(editor)
    assert TEXT in answering.open(address).text
    answering.press("Publish it")
    assert "Published. Whoever submitted it is told." in answering.page.text
    answering.press_again()
    assert "settled before you: Published" in answering.page.text
    shown = reader_as().open("/news/")
    assert "Strategy News: 1 item." in shown.text
    assert TEXT in shown.text
    assert "Middle East" in shown.text
    assert shown.link("meta.wikimedia.org/wiki/Hubs") == LINK
    assert "/initiatives/13-" in shown.html


def test_declining_keeps_a_reason_that_comes_too_late(volunteer, editor, stranger):
    item = submit(volunteer)
    declining, late = reader_as(editor), reader_as(editor)
    declining.open(item.get_absolute_url())
    late.open(item.get_absolute_url())
    declining.press("Decline", reason="")
    assert "Say why." in declining.page.text
    declining.press("Decline", reason="It is old.")
    assert "It is old." in declining.page.text
    late.press("Decline", reason="Nobody reads it.")
    assert "settled before you: Declined" in late.page.text
    assert "Nobody reads it." in late.page.text
    page = reader_as(stranger).open(item.get_absolute_url())
    assert "It is old." not in page.text
    assert "hubs" not in page.html.casefold()
    mine = reader_as(volunteer)
    mine.open(item.get_absolute_url())
    assert "It is old." in mine.page.text
    mine.follow("Submit it again")
    assert mine.page.form("Submit it").values["text"] == [TEXT]
    mine.press("Submit it")
    assert "An answer is owed by" in mine.page.text
    assert reader_as(stranger).open(f"/news/submit/?again={item.pk}").form("Submit it").values["text"] == [""]


def test_whoever_submitted_it_withdraws_it_and_nobody_else(volunteer, stranger, editor):
    item = submit(volunteer)
    token = reader_as(stranger)
    token.client.handler.enforce_csrf_checks = False
    assert token.client.post(f"/news/{item.pk}/withdraw/").status_code == 403
    mine = reader_as(volunteer)
    mine.open(item.get_absolute_url())
    mine.press("Withdraw it")
    assert "Withdrawn." in mine.page.text
    mine.press_again()
    assert "settled before you: Withdrawn" in mine.page.text


def test_without_an_editor_every_page_says_so_and_invites(volunteer):
    item = submit(volunteer)
    visitor, mine = reader_as(), reader_as(volunteer)
    assert "Nobody is an editor at the moment" in visitor.open("/news/").text
    for reader, address in ((visitor, item.get_absolute_url()), (mine, "/news/submit/")):
        page = reader.open(address)
        assert "Nobody can answer at the moment; the date stands." in page.text
        assert page.link("Become an editor") == "/people/ask/editor/"
    assert "Nobody can answer at the moment; the date stands." in visitor.open("/waiting/").text
    assert "hubs" not in visitor.page.html.casefold()


def test_months_and_pages_the_newest_first(volunteer, editor):
    now = timezone.now()
    for days in range(30):
        publish(volunteer, editor, link=f"{LINK}/{days}", text=f"News {days}.", now=now - timedelta(days=days * 5))
    page = reader_as().open("/news/")
    found = [int(number) for number in re.findall(r">News (\d+)\.<", page.html)]
    assert found == list(range(25))
    months = re.findall(r'id="month-(\d{4}-\d\d)"', page.html)
    assert months == sorted(set(months), reverse=True)
    assert len(months) >= 4
    assert "News 29." in reader_as().open("/news/?page=2").text


def test_translated_in_the_room_shown_in_arabic_and_outdated_by_a_correction(volunteer, editor, stranger):
    item = publish(volunteer, editor)
    arabic = reader_as()
    arabic.client.cookies["django_language"] = "ar"
    page = arabic.open("/news/")
    assert f'<p lang="en" dir="ltr">{TEXT}</p>' in page.html
    room = f"/translations/news/{item.pk}/ar/"
    assert f'href="{room}"' in page.html
    translating = reader_as(stranger)
    assert "0 of 1 paragraphs are there" in translating.open(room).text
    translating.press("Save what I translated", text_0=ARABIC)
    assert "All of it is there" in translating.page.text
    assert f'<p lang="ar" dir="rtl">{ARABIC}</p>' in arabic.open("/news/").html
    assert f'href="{room}"' not in arabic.page.html

    correcting = reader_as(editor)
    correcting.open(item.get_absolute_url())
    correcting.follow("Correct it")
    correcting.press("Correct it", text="Three hubs have begun.", why="There are three.")
    assert "Three hubs have begun." in correcting.page.text
    assert "There are three." in reader_as().open(item.get_absolute_url()).text
    outdated = translating.open(room)
    assert "The original changed here since it was translated." in outdated.text
    assert "The original of 1 paragraph has changed" in translating.open("/translations/").text
    page = arabic.open("/news/")
    assert ARABIC in page.html, "What was there is still shown, and marked."
    assert '<span class="warn">' in page.html
    assert f'href="{room}"' in page.html
    translating.open(room)
    translating.press("Save what I translated", text_0="بدأت ثلاثة مراكز.")
    page = arabic.open("/news/")
    assert "بدأت ثلاثة مراكز." in page.html
    assert '<span class="warn">' not in page.html
    assert "Three hubs have begun." in reader_as().open("/news/").text


def test_whoever_translated_news_is_told_of_the_next_item(volunteer, editor, stranger):
    first = publish(volunteer, editor)
    translating = reader_as(stranger)
    translating.open(f"/translations/news/{first.pk}/ar/")
    translating.press("Save what I translated", text_0=ARABIC)
    publish(volunteer, editor, text="Maps are needed.", link=f"{LINK}/2")
    [letter] = Letter.objects.filter(notice__kind="translations.new_text").select_related("notice")
    assert letter.recipient == stranger
    assert letter.subject == "To translate: News “Maps are needed.”"


def test_two_corrections_at_once_show_both_texts(volunteer, editor, person):
    item = publish(volunteer, editor)
    other = granted(person("Eike"), "editor")
    first, second = reader_as(editor), reader_as(other)
    for reader in (first, second):
        reader.open(f"/news/{item.pk}/correct/")
    first.press("Correct it", text="Three hubs.", why="Three.")
    second.press("Correct it", text="Four hubs.", why="Four.")
    assert "Somebody has corrected it meanwhile: “Three hubs.”" in second.page.text
    second.press("Correct it")
    assert "Four hubs." in reader_as().open("/news/").text


def test_what_is_not_published_is_not_in_the_room(volunteer, editor, stranger):
    item = submit(volunteer)
    assert reader_as(stranger).open(f"/translations/news/{item.pk}/ar/").status == 404
    assert "hubs have begun" not in reader_as(stranger).open("/translations/?language=ar").text
    with pytest.raises(Refused):
        actions.correct_item(item, text="A.", link=LINK, why="B.", seen=0, by=editor, now=timezone.now())
