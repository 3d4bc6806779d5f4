"""`manage.py check --database default` compares what waits with the rows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.groups.actions import ask_to_join
from apps.groups.models import Membership
from tests.conftest import NOW

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def asked(group, volunteer):
    return ask_to_join(group, message="", by=volunteer, now=NOW)


def test_what_waits_for_nothing_is_told(asked):
    assert broken_promises() == []
    Deadline.objects.filter(rule="groups.answer_join").delete()
    assert broken_promises() == [
        f"groups.Membership {asked.pk} is asked and waits for nothing, not groups.answer_join."
    ]


def test_what_rests_with_a_deadline_open_is_told(asked):
    Membership.objects.filter(pk=asked.pk).update(state="active", joined_at=NOW)
    assert broken_promises() == [
        f"groups.Membership {asked.pk} is active and waits for groups.answer_join, not nothing."
    ]


def test_what_is_gone_with_a_deadline_open_is_told(asked):
    pk = asked.pk
    Membership.objects.filter(pk=pk).delete()
    assert broken_promises() == [f"groups.Membership {pk} is gone, but still waits for groups.answer_join."]


def test_the_check_of_the_database_fails_then(asked):
    call_command("check", databases=["default"])
    Deadline.objects.all().delete()
    with pytest.raises(CommandError, match=r"deadlines\.E004"):
        call_command("check", databases=["default"])


@pytest.mark.slow
def test_an_empty_database_is_migrated_all_the_same(tmp_path):
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    answer = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=kept | {"DEMO": "1", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr
