"""The translation room: paragraph by paragraph, outdated when the source changes, and nobody's words are lost."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils.translation import override

from apps.core.refused import Refused
from apps.deadlines.queries import broken_promises
from apps.guidelines import actions as guidelines
from apps.guidelines.kinds import GUIDELINES
from apps.guidelines.queries import current_version
from apps.initiatives.kinds import INITIATIVE
from apps.notifications.models import Letter
from apps.record.models import Act
from apps.resources.kinds import RESOURCE
from apps.resources.models import Resource
from apps.translations.actions import take_in, translate
from apps.translations.kinds import Typed, target_languages
from apps.translations.models import Translation
from apps.translations.queries import lost_links, unit_of, units_in
from tests.conftest import NOW as EARLIER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
DAY = timedelta(days=1)
NOW = EARLIER + 70 * DAY


def room(initiative):
    initiative.refresh_from_db()
    return unit_of(INITIATIVE, initiative, "ar")


def typed_for(unit, **texts):
    """What the form of a unit sends when these parts are written anew."""
    return [Typed(p.part, p.version, texts.get(p.part, p.text)) for p in unit.paragraphs]


def write(initiative, *, by, now=NOW, unit=None, language="ar", **texts):
    typed = typed_for(unit or room(initiative), **texts)
    return translate(INITIATIVE, initiative, language=language, typed=typed, by=by, now=now)


def change_source(initiative, **texts):
    for name, text in texts.items():
        setattr(initiative, name, getattr(initiative, name) | {"en": text})
    initiative.save()


def test_what_came_with_the_catalogue_is_known_and_done():
    units = units_in("ar")
    assert {unit.kind.name for unit in units} == {"guidelines", "initiative", "resource"}
    assert sum(unit.left for unit in units) == 0
    assert Translation.objects.exclude(translated_by=None).count() == 0


def test_a_translation_is_shown_where_the_pages_read_it_and_kept_with_who_made_it(initiative, volunteer):
    saved = write(initiative, by=volunteer, title="عنوان جديد")
    assert (saved.count, saved.clashes) == (1, {})
    initiative.refresh_from_db()
    with override("ar"):
        assert initiative.title == "عنوان جديد"
    assert [row.translated_by for row in Translation.objects.filter(text="عنوان جديد")] == [volunteer]
    old = Translation.objects.get(kind="initiative", object_id=initiative.pk, part="title", replaced_at=NOW)
    assert old.text != "عنوان جديد"
    assert Act.objects.filter(verb="translations.translated", by=volunteer).count() == 1


def test_what_is_left_as_it_is_is_no_act_and_the_second_click_neither(initiative, volunteer, client):
    unit = room(initiative)
    assert write(initiative, by=volunteer, unit=unit).count == 0
    write(initiative, by=volunteer, unit=unit, title="عنوان")
    again = write(initiative, by=volunteer, unit=unit, title="عنوان")
    assert (again.count, again.clashes) == (0, {})
    assert Act.objects.filter(verb="translations.translated").count() == 1


@pytest.mark.parametrize("language", ["en", "fr", "xx"])
def test_the_official_title_and_languages_without_readers_are_refused(initiative, volunteer, language):
    before = dict(initiative.titles)
    with pytest.raises(Refused):
        write(initiative, by=volunteer, language=language, title="Another title")
    initiative.refresh_from_db()
    assert initiative.titles == before


def test_a_changed_source_marks_just_its_paragraphs_and_what_was_there_is_still_shown(initiative):
    change_source(initiative, summaries="First words.\n\nSecond words.\n\nThird words.")
    Translation.objects.filter(object_id=initiative.pk, part="summary").delete()
    unit = room(initiative)
    texts = ["واحد", "اثنان", "ثلاثة"]
    places = [p for p in unit.paragraphs if p.part == "summary"]
    for paragraph, text in zip(places, texts, strict=True):
        Translation.objects.create(kind="initiative", object_id=initiative.pk, part="summary", language="ar",
                                   position=paragraph.position, digest=paragraph.digest, source=paragraph.source,
                                   text=text)  # fmt: skip
    change_source(initiative, summaries="A new beginning.\n\nFirst words.\n\nSecond, other words.\n\nThird words.")
    states = [(p.source, p.state, p.text) for p in room(initiative).paragraphs if p.part == "summary"]
    assert states == [
        ("A new beginning.", "missing", ""),
        ("First words.", "done", "واحد"),
        ("Second, other words.", "outdated", "اثنان"),
        ("Third words.", "done", "ثلاثة"),
    ]
    assert room(initiative).texts()["summary"] == "A new beginning.\n\nواحد\n\nاثنان\n\nثلاثة"


def test_a_part_whose_source_is_empty_has_no_words_in_any_language(initiative, volunteer):
    change_source(initiative, summaries="")
    write(initiative, by=volunteer, title="عنوان")
    initiative.refresh_from_db()
    assert initiative.summaries == {"en": ""}
    assert initiative.titles["ar"] == "عنوان"


def test_an_outdated_paragraph_is_done_again_once_it_is_written_anew_or_found_right(initiative, volunteer):
    change_source(initiative, titles="Another title")
    assert (room(initiative).outdated, room(initiative).left) == (1, 1)
    assert units_in("ar")[0].subject == initiative
    old = Translation.objects.get(object_id=initiative.pk, kind="initiative", part="title")
    typed = [Typed(p.part, p.version, p.text, is_still_right=True) for p in room(initiative).paragraphs]
    assert translate(INITIATIVE, initiative, language="ar", typed=typed, by=volunteer, now=NOW).count == 1
    assert room(initiative).left == 0
    old.refresh_from_db()
    assert old.replaced_at == NOW
    change_source(initiative, titles="A third title")
    write(initiative, by=volunteer, title="ثالث")
    assert room(initiative).left == 0


def test_who_saves_second_is_told_the_other_text_and_nothing_is_written_over(initiative, volunteer, stranger):
    unit = room(initiative)
    write(initiative, by=volunteer, unit=unit, title="الأول")
    saved = write(initiative, by=stranger, unit=unit, title="الثاني", summary="ملخص")
    assert (saved.count, list(saved.clashes)) == (1, [0])
    assert "الأول" in saved.clashes[0]
    initiative.refresh_from_db()
    assert (initiative.titles["ar"], initiative.summaries["ar"]) == ("الأول", "ملخص")


def test_a_source_that_changed_meanwhile_is_not_written_over(initiative, volunteer):
    unit = room(initiative)
    change_source(initiative, titles="Another title")
    saved = write(initiative, by=volunteer, unit=unit, title="قديم")
    assert "The original changed" in saved.clashes[0]
    assert room(initiative).outdated == 1


def test_a_translation_that_is_emptied_shows_the_original_again(initiative, volunteer):
    write(initiative, by=volunteer, title="")
    initiative.refresh_from_db()
    with override("ar"):
        assert initiative.title == initiative.titles["en"]
    assert room(initiative).missing == 1


def test_a_lost_link_is_told_and_saved_all_the_same(initiative, volunteer):
    change_source(initiative, summaries="Read [this](https://meta.wikimedia.org/wiki/A).")
    saved = write(initiative, by=volunteer, summary="اقرأ هذا.")
    assert saved.lost_links == ["https://meta.wikimedia.org/wiki/A"]
    assert room(initiative).paragraphs[1].lost_links == saved.lost_links
    assert lost_links("no link", "") == []


def test_loading_the_catalogue_again_keeps_what_people_translated(initiative, volunteer):
    write(initiative, by=volunteer, title="عنوان من الموقع")
    resource = Resource.objects.first()
    unit = unit_of(RESOURCE, resource, "ar")
    translate(RESOURCE, resource, language="ar", typed=typed_for(unit, name="غرفة", **{"text:1": "بيانات"}),
              by=volunteer, now=NOW)  # fmt: skip
    rows = Translation.objects.count()
    call_command("catalogue", verbosity=0)
    initiative.refresh_from_db()
    resource.refresh_from_db()
    assert initiative.titles["ar"] == "عنوان من الموقع"
    assert resource.names["ar"] == "غرفة"
    assert resource.good_to_know[1]["texts"]["ar"] == "بيانات"
    assert Translation.objects.count() == rows


def test_a_file_that_changes_the_original_alone_leaves_its_translation_outdated(initiative):
    title = initiative.titles["ar"]
    change_source(initiative, titles="Another title")
    take_in(INITIATIVE, [initiative])
    assert [p.state for p in room(initiative).paragraphs] == ["outdated", "done"]
    initiative.titles = {"en": "A third title", "ar": "ثالث"}
    initiative.save()
    take_in(INITIATIVE, [initiative])
    assert room(initiative).paragraphs[0].state == "done"
    assert room(initiative).paragraphs[0].text == "ثالث"
    assert not Translation.objects.filter(text=title).exists()


def test_guidelines_that_were_published_before_there_was_a_room_are_taken_in():
    Translation.objects.filter(kind="guidelines").delete()
    body = current_version().bodies["ar"]
    call_command("catalogue", verbosity=0)
    assert unit_of(GUIDELINES, current_version(), "ar").left == 0
    assert current_version().bodies["ar"] == body


def test_a_file_with_more_paragraphs_than_the_original_loses_none(initiative, volunteer):
    Translation.objects.filter(kind="initiative", object_id=initiative.pk).delete()
    initiative.summaries = {"en": "One.\n\nTwo.", "ar": "واحد\n\nاثنان\n\nثلاثة"}
    initiative.save()
    take_in(INITIATIVE, [initiative])
    assert [p.text for p in room(initiative).paragraphs][1:] == ["واحد", "اثنان\n\nثلاثة"]


def test_there_is_one_translation_of_a_paragraph_at_a_time(initiative):
    row = Translation.objects.filter(object_id=initiative.pk, part="title", kind="initiative").get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


# --- Guidelines -----------------------------------------------------------------------------------


@pytest.fixture
def published(reviewer, volunteer):
    """Guidelines 1.1, which change one paragraph and add one; the volunteer has translated guidelines before."""
    version = current_version()
    unit = unit_of(GUIDELINES, version, "ar")
    translate(GUIDELINES, version, language="ar", typed=typed_for(unit, title="إرشادات"), by=volunteer, now=NOW)
    draft = guidelines.start_draft(by=reviewer, now=NOW)
    body = draft.body.replace("You need nobody's permission.", "You need nobody's leave.") + "\n\nBe kind."
    draft = guidelines.save_draft(draft, seen=0, number="1.1", title=draft.title, body=body, steps=draft.steps,
                                  by=reviewer, now=NOW)  # fmt: skip
    guidelines.announce_draft(draft, comments_url="https://meta.wikimedia.org/wiki/T", by=reviewer, now=NOW)
    return guidelines.publish_draft(draft, by=reviewer, now=NOW + 14 * DAY)


def test_a_new_version_keeps_the_translation_of_what_stayed_and_its_translators_are_told(published, volunteer):
    unit = unit_of(GUIDELINES, published, "ar")
    assert (unit.outdated, unit.missing) == (1, 1)
    assert published.titles["ar"] == "إرشادات" or unit.paragraphs[0].text == "إرشادات"
    [letter] = Letter.objects.filter(notice__kind="translations.new_text")
    assert letter.recipient == volunteer


def test_it_is_in_force_once_it_is_translated_into_all_languages(published, volunteer):
    unit = unit_of(GUIDELINES, published, "ar")
    one = [Typed(p.part, p.version, p.text or "كن لطيفًا.", False) for p in unit.paragraphs]
    translate(GUIDELINES, published, language="ar", typed=one, by=volunteer, now=NOW + 15 * DAY)
    assert current_version().number == "1.0"
    unit = unit_of(GUIDELINES, published, "ar")
    both = [Typed(p.part, p.version, p.text, is_still_right=True) for p in unit.paragraphs]
    translate(GUIDELINES, published, language="ar", typed=both, by=volunteer, now=NOW + 16 * DAY)
    assert current_version() == published
    assert current_version().in_force_at == NOW + 16 * DAY
    assert current_version().bodies["ar"].endswith("كن لطيفًا.")
    assert broken_promises() == []


def test_it_waits_for_every_language_of_the_site(published, volunteer, settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("fr", "French")]
    assert target_languages() == ["ar", "fr"]
    typed = [Typed(p.part, p.version, p.text or "كن", True) for p in unit_of(GUIDELINES, published, "ar").paragraphs]
    translate(GUIDELINES, published, language="ar", typed=typed, by=volunteer, now=NOW + 16 * DAY)
    assert current_version().number == "1.0"


# --- Pages ----------------------------------------------------------------------------------------


def address(initiative):
    return f"/translations/initiative/{initiative.pk}/ar/"


def sent(initiative, **changed):
    unit = room(initiative)
    data = {f"text_{place}": p.text for place, p in enumerate(unit.paragraphs)}
    data |= {f"was_{place}": p.version for place, p in enumerate(unit.paragraphs)}
    return data | changed


def test_the_room_says_what_is_to_do_outdated_first_and_with_nothing_to_do(client, initiative):
    assert "Everything is there in <bdi>العربية</bdi>" in client.get("/translations/").content.decode()
    change_source(initiative, titles="Another title")
    page = client.get("/translations/").content.decode()
    assert "1 of 59 texts is waiting to be translated into <bdi>العربية</bdi>" in page
    assert "The original of 1 paragraph has changed" in page


def test_somebody_translates_on_the_page_and_sees_what_changed(client, sign_in, volunteer, initiative):
    change_source(initiative, titles=initiative.titles["en"] + " everywhere")
    sign_in(volunteer)
    page = client.get(address(initiative)).content.decode()
    assert "<ins> everywhere</ins>" in page
    assert 'dir="rtl"' in page
    assert "It is still right as it is" in page
    page = client.post(address(initiative), sent(initiative, text_0="عنوان"), follow=True).content.decode()
    assert "1 paragraph is saved." in page
    assert "All of it is there" in page
    assert "<bdi>Ada</bdi>" in page


def test_on_the_page_both_texts_are_shown_and_saving_again_keeps_mine(client, sign_in, volunteer, stranger, initiative):
    mine = sent(initiative, text_0="لي")
    write(initiative, by=stranger, title="له <b>")
    sign_in(volunteer)
    page = client.post(address(initiative), mine).content.decode()
    assert "له &lt;b&gt;" in page
    assert ">\nلي</textarea>" in page
    assert "data-error-summary" in page
    client.post(address(initiative), sent(initiative, text_0="لي"))
    initiative.refresh_from_db()
    assert initiative.titles["ar"] == "لي"


def test_what_nobody_can_read_is_not_there(client, sign_in, volunteer, initiative):
    assert client.get(address(initiative)).status_code == 302
    sign_in(volunteer)
    for wrong in ("initiative/99999/ar", f"nothing/{initiative.pk}/ar", f"initiative/{initiative.pk}/en"):
        assert client.get(f"/translations/{wrong}/").status_code == 404


def test_signs_that_turn_the_text_around_are_refused_beside_their_field(client, sign_in, volunteer, initiative):
    sign_in(volunteer)
    page = client.post(address(initiative), sent(initiative, text_0="a\u202eb")).content.decode()
    assert "turn the direction of text around" in page
    assert room(initiative).paragraphs[0].text != "a\u202eb"


def test_readers_of_guidelines_see_that_their_language_is_behind(client, published):
    client.cookies["django_language"] = "ar"
    page = client.get("/guidelines/1.1/").content.decode()
    assert f"/translations/guidelines/{published.pk}/ar/" in page
    assert f"/translations/guidelines/{published.pk}/ar/" not in client.get("/guidelines/1.0/").content.decode()
