"""Rows given to a statement as one parameter; on PostgreSQL and on the embedded default."""

import pytest
from django.db.models import F

from apps.core.given import AnyOf, as_parameter
from apps.people.models import Affiliate

pytestmark = pytest.mark.django_db


def test_any_of_finds_what_in_finds():
    ids = list(Affiliate.objects.order_by("pk").values_list("pk", flat=True)[:5])
    assert len(ids) == 5
    for wanted in (ids, ids[:1], [], [*ids, ids[0], -1]):
        found = Affiliate.objects.filter(AnyOf(F("pk"), wanted)).values_list("pk", flat=True)
        assert set(found) == set(wanted) & set(ids)


def test_any_of_is_one_parameter_however_many():
    _statement, parameters = Affiliate.objects.filter(AnyOf(F("pk"), range(3_000))).query.sql_with_params()
    assert len(parameters) == 1


def test_what_is_nothing_for_a_database_is_refused():
    with pytest.raises(TypeError, match="nothing for the database"):
        as_parameter([[object()]])
