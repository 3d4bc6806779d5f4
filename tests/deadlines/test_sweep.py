from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from apps.core.clock import add_working_days
from apps.deadlines import actions, queries
from apps.deadlines import sweep as clock
from apps.deadlines.models import Deadline
from apps.deadlines.rules import RULES, Rule, days, days_before_end, remind, silence, working_days
from apps.engagement.actions import accept_steps, hand_in_measured
from apps.groups.actions import ask_to_join
from apps.notifications.models import Letter
from tests.conftest import NOW, meet_early_steps


@pytest.fixture
def bundle(adoption, group, coordinator, reviewer, other_reviewer, now):
    meet_early_steps(adoption, by=coordinator, group=group)
    return hand_in_measured(adoption, group=group, by=coordinator, now=now)


def letters(kind, person=None):
    found = Letter.objects.filter(notice__kind=kind)
    return (found.filter(recipient=person) if person else found).count()


def test_the_ladder_of_a_review_each_rung_once(bundle, adoption, reviewer, other_reviewer):
    counts = []
    for day in (4, 5, 5, 8, 9, 9, 10, 10, 19):
        clock.sweep(now=add_working_days(NOW, day))
        counts.append((letters("deadlines.reminder"), letters("deadlines.all_told")))
    assert counts == [(0, 0), (1, 0), (1, 0), (1, 0), (2, 0), (2, 0), (2, 2), (2, 2), (2, 2)]
    assert letters("deadlines.reminder", reviewer) == 2
    assert letters("deadlines.all_told", other_reviewer) == 1
    assert bundle.steps.filter(state="in_review").count() == 4
    for _twice in range(2):
        clock.sweep(now=add_working_days(NOW, 20))
    assert bundle.steps.filter(state="confirmed_by_silence").count() == 4
    assert letters("engagement.settled_by_silence") == 1
    assert Deadline.objects.get(rule="engagement.review").state == "lapsed"


def test_a_met_deadline_never_reminds(bundle, reviewer):
    accept_steps(bundle, by=reviewer, now=NOW + timedelta(days=1))
    clock.sweep(now=add_working_days(NOW, 30))
    assert letters("deadlines.all_told") == 0
    reviews = Deadline.objects.filter(rule="engagement.review").values("pk")
    assert not Letter.objects.filter(notice__kind="deadlines.reminder", notice__deadline_id__in=reviews).exists()
    assert set(bundle.steps.values_list("state", flat=True)) == {"accepted"}


def test_after_a_long_stop_everything_happens_once(bundle):
    clock.sweep(now=add_working_days(NOW, 25))
    assert letters("deadlines.reminder") == 2
    assert letters("deadlines.all_told") == 2
    assert bundle.steps.filter(state="confirmed_by_silence").count() == 4


def test_one_row_that_fails_is_put_off_and_blocks_nobody(bundle, group, volunteer, monkeypatch):
    ask_to_join(group, message="", by=volunteer, now=NOW)
    rule = RULES["groups.answer_join"]
    works = rule.consequence

    def fail(subject, *, now):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(rule, "consequence", fail)
    late = add_working_days(NOW, 21)
    clock.sweep(now=late)
    failed = Deadline.objects.get(rule="groups.answer_join")
    assert (failed.state, failed.attempts, failed.last_error) == ("open", 1, "the disk is full")
    assert failed.wake_at == late + timedelta(minutes=2)
    assert bundle.steps.filter(state="confirmed_by_silence").count() == 4
    clock.sweep(now=late + timedelta(minutes=2))
    failed.refresh_from_db()
    assert (failed.attempts, failed.wake_at) == (2, late + timedelta(minutes=6))
    monkeypatch.setattr(rule, "consequence", works)
    clock.sweep(now=late + timedelta(minutes=6))
    failed.refresh_from_db()
    assert failed.state == "lapsed"


def test_a_reminder_that_fails_does_not_take_the_others_of_its_rung_with_it(group, person, monkeypatch):
    asked = [ask_to_join(group, message="", by=person(f"P{n}"), now=NOW) for n in range(3)]
    rule = RULES["groups.answer_join"]
    works = rule.answerers

    def fail_for_one(memberships, now):
        if asked[1] in memberships:
            raise RuntimeError("no such person")
        return works(memberships, now)

    monkeypatch.setattr(rule, "answerers", fail_for_one)
    clock.sweep(now=NOW + timedelta(days=7))
    assert letters("deadlines.reminder") == 2
    assert Deadline.objects.filter(attempts=1).count() == 1


def test_the_rehearsal_shows_what_would_happen_and_does_nothing(bundle, adoption, capsys):
    before = list(Deadline.objects.order_by("pk").values()), Letter.objects.count()
    call_command("sweep", now="2027-03-01")
    out = capsys.readouterr().out
    assert (list(Deadline.objects.order_by("pk").values()), Letter.objects.count()) == before
    lines = [line for line in out.splitlines() if "4 measured steps of First Steps" in line]
    assert [line.split()[2] for line in lines] == ["remind", "remind", "tell_all", "silence"]
    assert "2026-10-05 10:00  silence" in out
    assert "Nothing was done." in out


def test_a_future_time_is_committed_only_where_demo_is_on(bundle, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("sweep", now="2999-01-01", commit=True)
    assert bundle.steps.filter(state="in_review").count() == 4


def test_a_time_that_is_none_is_refused_with_a_sentence(db):
    with pytest.raises(CommandError, match="not a day or time"):
        call_command("sweep", now="soon")


# --- What is owed, and the ladder in words ---------------------------------------------------


def test_what_a_role_owes_counts_for_the_one_who_was_asked(bundle, reviewer, other_reviewer, coordinator):
    assert [d.rule for d in queries.deadlines_owed_by(reviewer, NOW)] == ["engagement.review"]
    assert list(queries.deadlines_owed_by(other_reviewer, NOW)) == []
    assert [d.rule for d in queries.deadlines_owed_by(coordinator, NOW)] == ["initiatives.keep_alive"]
    Deadline.objects.filter(rule="engagement.review").update(asked=None)
    for each in (reviewer, other_reviewer):
        assert [d.rule for d in queries.deadlines_owed_by(each, NOW)] == ["engagement.review"]
    in_a_year = {d.rule for d in queries.deadlines_owed_by(coordinator, NOW + timedelta(days=300))}
    assert in_a_year == {"initiatives.keep_alive", "initiatives.renew_term"}


def test_ladder_shows_dates_with_words_and_ticks_what_happened(bundle):
    clock.sweep(now=add_working_days(NOW, 6))
    [wait] = queries.waits(queries.open_waits())
    ladder = wait.ladder(add_working_days(NOW, 6))
    assert [(rung.at, rung.kind) for rung in ladder] == [
        (NOW, "past"),
        (add_working_days(NOW, 5), "past"),
        (add_working_days(NOW, 9), "now"),
        (add_working_days(NOW, 10), "future"),
        (add_working_days(NOW, 20), "silence"),
    ]
    assert "confirmed by silence" in ladder[-1].words
    assert wait.owner_name == "the reviewers, any one of them"


def test_the_board_names_roles_and_groups_and_never_persons(bundle, group, volunteer):
    ask_to_join(group, message="", by=volunteer, now=NOW)
    names = {wait.owner_name for wait in queries.waits(queries.open_waits())}
    assert names == {"First Steps", "the reviewers, any one of them"}


def test_waits_take_the_same_number_of_queries_for_one_and_three(group, person, django_assert_num_queries):
    ask_to_join(group, message="", by=person("P0"), now=NOW)
    with django_assert_num_queries(2):
        assert len(queries.waits(queries.open_waits())) == 1
    for n in (1, 2):
        ask_to_join(group, message="", by=person(f"P{n}"), now=NOW)
    with django_assert_num_queries(2):
        assert len(queries.waits(queries.open_waits())) == 3


# --- Rules -----------------------------------------------------------------------------------


def test_rungs_before_the_opening_fall_away():
    rule = RULES["resources.still_in_use"]
    ends = NOW + timedelta(days=2)
    assert [at for _n, _rung, at in rule.rung_times(NOW, ends)] == [ends - timedelta(days=1), ends]


def test_a_rule_ends_with_silence():
    with pytest.raises(ValueError, match="does not end with silence"):
        Rule(
            "x.y", title="", subject="groups.Group", owed_by=str, owner_name=str, answerers=lambda s, n: {}, what=str,
            silence_means="", ladder=[remind(days(1))],
        )  # fmt: skip
    assert "x.y" not in RULES


def test_a_rule_is_declared_once():
    known = RULES["groups.answer_join"]
    with pytest.raises(ValueError, match="declared twice"):
        Rule(
            known.name, title="", subject="groups.Group", owed_by=str, owner_name=str, answerers=lambda s, n: {},
            what=str,
            silence_means="", ladder=[silence(working_days(1))],
        )  # fmt: skip


def test_a_rule_that_counts_back_needs_an_end():
    with pytest.raises(ValueError, match="needs an end"):
        days_before_end(1)(NOW, None)


def test_the_check_refuses_a_rule_without_a_consequence(monkeypatch):
    from apps.deadlines.apps import refuse_rules_without_consequence

    assert refuse_rules_without_consequence(None) == []
    monkeypatch.setattr(RULES["groups.answer_join"], "consequence", None)
    [error] = refuse_rules_without_consequence(None)
    assert error.id == "deadlines.E001"


# --- What the database keeps -----------------------------------------------------------------


def refused_by_database(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_one_open_deadline_per_rule_and_subject(bundle):
    refused_by_database(lambda: actions.open_deadline(RULES["engagement.review"], bundle, now=NOW))


def test_a_closed_deadline_has_a_time(bundle):
    refused_by_database(lambda: Deadline.objects.update(state="met"))
    refused_by_database(lambda: Deadline.objects.update(closed_at=NOW))


def test_due_comes_after_opening(bundle):
    refused_by_database(lambda: Deadline.objects.update(due_at=NOW - timedelta(days=1)))
