from django.apps import AppConfig, apps
from django.core import checks
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import autodiscover_modules


class DeadlinesConfig(AppConfig):
    name = "apps.deadlines"

    def ready(self) -> None:
        autodiscover_modules("words", "deadlines", "actions")
        checks.register(refuse_rules_without_consequence)
        checks.register(refuse_undeclared_states)
        checks.register(refuse_broken_promises, checks.Tags.database)


def refuse_rules_without_consequence(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    from apps.deadlines.rules import RULES

    return [
        checks.Error(
            f"The rule {rule.name} says what silence means, but nothing makes it come true.",
            hint="Decorate an action with the rule's when_silent.",
            id="deadlines.E001",
        )
        for rule in RULES.values()
        if rule.consequence is None
    ]


def refuse_undeclared_states(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    """Each state of each model waits or rests, and each rule is about a model that says so."""
    from apps.deadlines.rules import RULES
    from apps.deadlines.states import STATES

    undeclared = [
        checks.Error(
            f"{model._meta.label} has states or a rule, but does not say which of its states wait.",
            hint="Declare them in its app's deadlines.py.",
            id="deadlines.E002",
        )
        for model in {*_models_with_states(), *(rule.model for rule in RULES.values())} - set(STATES)
    ]
    wrong = [
        checks.Error(
            f"{states.model._meta.label}.{state} is declared as both waiting and resting, or as neither.",
            id="deadlines.E003",
        )
        for states in STATES.values()
        for state in _all_states(states.model) or {*states.waiting, *states.resting}
        if (state in states.waiting) == (state in states.resting)
    ]
    return [*undeclared, *wrong]


def refuse_broken_promises(
    app_configs: object, databases: object = None, **kwargs: object
) -> list[checks.CheckMessage]:
    """With --database: whatever waits has its open deadlines, and nothing at rest has one."""
    from apps.deadlines.queries import broken_promises

    if not databases or _migrations_are_pending():
        return []
    return [checks.Error(sentence, id="deadlines.E004") for sentence in broken_promises()]


def _migrations_are_pending() -> bool:
    """Then the tables are not there yet: `migrate` itself runs the checks first."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _models_with_states() -> "set[type[models.Model]]":
    """A deadline is the wait itself."""
    return {model for model in apps.get_models() if _all_states(model) and model._meta.label != "deadlines.Deadline"}


def _all_states(model: "type[models.Model]") -> set[str]:
    found = [field for field in model._meta.fields if field.name == "state" and field.choices]
    return {value for field in found for value, _label in field.flatchoices}
