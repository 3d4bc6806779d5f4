from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from apps.initiatives.models import Initiative
from apps.people.actions import grant_role
from apps.record import queries
from apps.record.models import Act, Mention
from tests.conftest import NOW, adopt


def test_an_act_is_told_in_words_with_links(adoption, group):
    line = queries.lines(queries.acts_about(adoption.initiative))[0]
    assert "First Steps" in line.words
    assert adoption.initiative.get_absolute_url() in line.words
    assert line.counts


def test_names_in_the_record_are_escaped(initiative, person):
    someone = person("Eve <script>")
    adopt(initiative, group=None, by=someone, new_group_name="<b>Bold</b>")
    words = " ".join(line.words for line in queries.lines(queries.newest_acts()))
    assert "<script>" not in words
    assert "<b>Bold" not in words
    assert "&lt;b&gt;Bold" in words


def test_the_row_holds_verb_and_ids_and_nothing_else(adoption):
    fields = {field.name for field in Act._meta.fields} | {field.name for field in Mention._meta.fields}
    assert fields == {"id", "verb", "at", "by", "act", "name", "model", "object_id"}


@pytest.mark.parametrize("table", [Act, Mention])
def test_the_database_refuses_to_change_the_record(adoption, table):
    change = {"verb": "x"} if table is Act else {"name": "x"}
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        table.objects.update(**change)


def test_an_act_that_is_undone_leaves_no_record(adoption, volunteer):
    before = Act.objects.count()
    with transaction.atomic():
        adopt(Initiative.objects.get(number=14), group=None, by=volunteer, new_group_name="Second")
        transaction.set_rollback(True)
    assert Act.objects.count() == before


def test_what_was_removed_is_said_without_a_name(adoption, group):
    Mention.objects.filter(model="groups.group").delete()
    words = queries.lines(queries.acts_about(adoption.initiative))[0].words
    assert "something removed" in words
    assert "First Steps" not in words


def test_lines_take_the_same_number_of_queries_for_one_and_many(
    adoption, coordinator, group, django_assert_num_queries
):
    from apps.initiatives.actions import post_update

    with django_assert_num_queries(4):
        queries.lines(queries.acts_about(adoption.initiative)[:1])
    for n in range(5):
        post_update(adoption, group=group, text=f"{n}", link="", by=coordinator, now=NOW)
    with django_assert_num_queries(4):
        queries.lines(queries.acts_about(adoption.initiative))


def acts_on_roles():
    return queries.newest_acts().filter(verb__startswith="people.")


def test_roles_of_many_people_take_no_more_queries_than_one(person, administrator, django_assert_num_queries):
    def grant_to(name):
        grant_role(person(name), role="reviewer", until=NOW + timedelta(days=90), by=administrator, now=NOW)

    grant_to("Uma")
    with django_assert_num_queries(3):
        assert len(queries.lines(acts_on_roles())) == 2
    for name in ("Vera", "Walid", "Xenia"):
        grant_to(name)
    with django_assert_num_queries(3):
        assert "Walid" in queries.lines(acts_on_roles())[1].words


def test_what_an_operator_granted_is_not_said_to_be_done_by_the_clock(reviewer):
    [line] = queries.lines(acts_on_roles())
    role = reviewer.role_terms.get().get_absolute_url()
    assert line.words == f'An operator granted a role: <a href="{role}"><bdi>Rhea, Reviewer</bdi></a>'
