"""Rules of the house that a machine can check. The storeys are held by import-linter (`make check`)."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from apps.deadlines.apps import refuse_undeclared_states
from apps.deadlines.rules import RULES
from apps.deadlines.states import STATES, States
from apps.engagement.models import Submission
from apps.notifications.kinds import KINDS
from apps.record.verbs import VERBS

ROOT = Path(__file__).parent.parent
SOURCES = [path for path in (ROOT / "apps").rglob("*.py") if "migrations" not in path.parts]


def test_every_state_of_every_model_waits_or_rests():
    assert refuse_undeclared_states(None) == []


def test_a_model_with_states_that_says_nothing_about_them_is_refused(monkeypatch):
    monkeypatch.delitem(STATES, Submission)
    assert [error.id for error in refuse_undeclared_states(None)] == ["deadlines.E002"]


def test_a_state_in_neither_list_or_in_both_is_refused(monkeypatch):
    declared = STATES[Submission]
    for waiting, resting in (({}, {"settled"}), (declared.waiting, {"open", "settled"})):
        monkeypatch.setitem(STATES, Submission, States(Submission, "state", waiting, resting))
        assert [error.id for error in refuse_undeclared_states(None)] == ["deadlines.E003"]


def test_whatever_waits_has_a_rule_for_its_own_model():
    for states in STATES.values():
        assert {RULES[name].model for name in states.rules} <= {states.model}
    assert {name for states in STATES.values() for name in states.rules} == set(RULES)


def test_every_rule_says_what_silence_means_and_has_somebody_who_owes():
    for rule in RULES.values():
        assert rule.consequence
        assert rule.silence_means
        assert rule.ladder[-1].kind == "silence"


def room_of(path: Path) -> str:
    """The file's name, or that of its package: apps/resources/views/requests.py is a view."""
    _app, *rooms = path.relative_to(ROOT / "apps").with_suffix("").parts
    return rooms[0] if rooms else ""


def test_views_never_write():
    writes = re.compile(r"\.(save|create|delete|bulk_create|get_or_create|update_or_create|update)\(")
    for path in SOURCES:
        if room_of(path) == "views":
            found = [line for line in path.read_text().splitlines() if writes.search(line)]
            assert not found, f"{path}: {found}"


@pytest.mark.parametrize("room", ["models", "queries", "calendar", "policy", "actions", "deadlines"])
def test_inner_rooms_never_ask_the_clock_nor_know_requests(room):
    for path in SOURCES:
        if room_of(path) == room:
            text = path.read_text()
            assert "timezone.now(" not in text, path
            assert "HttpRequest" not in text, path


def test_nobody_starts_tasks_but_beat():
    for path in SOURCES:
        assert not re.search(r"\.(delay|apply_async)\(", path.read_text()), path


def test_refusals_are_caught_in_one_room_and_by_commands():
    catchers = {
        path.relative_to(ROOT / "apps").as_posix()
        for path in SOURCES
        if "except Refused" in path.read_text() and "management" not in path.parts
    }
    assert catchers == {"core/web.py"}


def test_no_file_is_longer_than_a_file_should_be():
    for path in SOURCES:
        assert len(path.read_text().splitlines()) <= 450, f"{path} is long enough for a package"


TELLS = {"write_letters", "meet_deadline", "cancel_deadline"}


def test_whoever_acts_can_recall_the_letters():
    """An act of a person says whose it is wherever it tells somebody, so that its letters are counted together."""
    for path in SOURCES:
        for act in ast.walk(ast.parse(path.read_text())):
            if not isinstance(act, ast.FunctionDef):
                continue
            by = next((each.annotation for each in act.args.kwonlyargs if each.arg == "by"), None)
            for call in ast.walk(act) if by and ast.unparse(by).startswith("User") else ():
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TELLS:
                    passed = {keyword.arg for keyword in call.keywords}
                    assert passed & {"by", None}, f"{path}:{call.lineno} does not say whose act it is"


def test_gettext_goes_by_no_other_name():
    """Sentences are collected by the names of the functions around them: under another one they stay English."""
    for path in SOURCES:
        for line in ast.walk(ast.parse(path.read_text())):
            if isinstance(line, ast.ImportFrom) and line.module == "django.utils.translation":
                assert {name.asname for name in line.names} <= {None, "_"}, f"{path}:{line.lineno}"


def test_no_inline_script_or_style_in_pages():
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=\"|\son[a-z]+=\"")
    for path in (ROOT / "templates").rglob("*.html"):
        if path.name not in {"letter.html"}:  # a letter is no page: mail programs know no stylesheets
            assert not inline.search(path.read_text()), path


# How many of the arguments of each are words.
TRANSLATES = {"_": 1, "gettext": 1, "gettext_lazy": 1, "pgettext": 2, "pgettext_lazy": 2, "ngettext": 2}


def test_words_stand_where_they_are_translated_or_nobody_collects_them():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATES:
                words = node.args[: TRANSLATES[node.func.id]]
                assert all(isinstance(word, ast.Constant) for word in words), f"{path}:{node.lineno}"


def test_names_of_verbs_letters_and_rules_begin_with_their_app():
    labels = {config.label for config in apps.get_app_configs()}
    for name in [*VERBS, *KINDS, *RULES]:
        assert name.partition(".")[0] in labels


def test_every_letter_says_what_happened_and_why_one_gets_it():
    for kind in KINDS.values():
        assert kind.subject
        assert kind.happened
        assert kind.why
        assert kind.link_words
        if kind.silence:
            assert kind.asked, f"{kind.name} says what silence does but not what is asked"


def test_times_people_and_days_are_named_as_such():
    for model in apps.get_models():
        if not model.__module__.startswith("apps."):
            continue
        for field in model._meta.local_fields:
            if isinstance(field, models.DateTimeField):
                assert field.name.endswith("_at") or field.name in {"at", "last_login"}, (
                    f"{model.__name__}.{field.name}"
                )
            elif isinstance(field, models.DateField):
                assert field.name.endswith("_on"), f"{model.__name__}.{field.name}"
