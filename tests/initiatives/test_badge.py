"""The badge, computed when it is read: first match wins (product.md, State of an initiative)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engagement.queries import checklist_of
from apps.initiatives.actions import post_update, step_down
from apps.initiatives.badge import State, quiet_at, running_state
from apps.initiatives.models import Adoption, Lead
from apps.initiatives.queries import all_initiatives
from tests.conftest import NOW, meet_early_steps


def state_at(initiative, days):
    shown = {row.initiative.pk: row for row in all_initiatives(NOW + timedelta(days=days))}
    return shown[initiative.pk].badge.state


def test_nobody_leads_it_yet(initiative):
    assert state_at(initiative, 0) == "open"


@pytest.mark.parametrize(
    ("days", "state"), [(0, "proposed"), (13.9, "proposed"), (14, "led"), (59.9, "led"), (60, "quiet"), (89, "quiet")]
)
def test_time_alone_changes_it(adoption, initiative, days, state):
    assert state_at(initiative, days) == state


def test_an_act_keeps_it_led(adoption, initiative, group, coordinator):
    meet_early_steps(adoption, by=coordinator, group=group)
    post_update(adoption, group=group, text="On.", link="", by=coordinator, now=NOW + timedelta(days=50))
    assert state_at(initiative, 109) == "led"
    assert state_at(initiative, 110) == "quiet"


def test_without_the_first_four_steps_it_is_quiet_on_day_90_whatever_the_updates_say(
    adoption, initiative, group, coordinator
):
    post_update(adoption, group=group, text="On.", link="", by=coordinator, now=NOW + timedelta(days=85))
    assert state_at(initiative, 89) == "led"
    assert state_at(initiative, 90) == "quiet"
    adoption.refresh_from_db()
    meet_early_steps(adoption, by=coordinator, group=group, now=NOW + timedelta(days=91))
    assert checklist_of(adoption).musts_met == 4
    assert state_at(initiative, 92) == "led"


def test_it_says_why_it_is_quiet(adoption, initiative, group, coordinator):
    def sentence(days):
        shown = {row.initiative.pk: row for row in all_initiatives(NOW + timedelta(days=days))}
        return shown[initiative.pk].badge.sentence

    assert sentence(64) == "No counted act for 64 days."
    post_update(adoption, group=group, text="On.", link="", by=coordinator, now=NOW + timedelta(days=85))
    assert "first four must-steps" in sentence(91)


def test_it_is_released_when_the_lead_stepped_down_and_open_when_it_lapsed(adoption, initiative, coordinator):
    step_down(Lead.objects.get(), notes="", by=coordinator, now=NOW)
    assert state_at(initiative, 1) == "released"
    Adoption.objects.update(ending="lapsed")
    assert state_at(initiative, 1) == "open"


def test_a_foundation_group_follows_the_same_rules(adoption, initiative, group):
    group.kind = "foundation"
    group.save()
    assert state_at(initiative, 60) == "quiet"


@given(adopted=st.integers(0, 300), act=st.integers(0, 300), early=st.booleans(), at=st.integers(0, 500))
def test_a_running_adoption_is_proposed_quiet_or_led_and_turns_quiet_when_it_says(adopted, act, early, at):
    begun = NOW + timedelta(days=adopted)
    row = Adoption(
        adopted_at=begun,
        notice_ends_at=begun + timedelta(days=14),
        last_act_at=begun + timedelta(days=act),
        early_steps_met_at=begun if early else None,
    )
    now = begun + timedelta(days=at)
    state = running_state(row, now)
    assert state in {State.PROPOSED, State.QUIET, State.LED}
    if state is State.LED:
        assert now < quiet_at(row)
    if state is State.QUIET:
        assert now >= quiet_at(row)
