from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules


class DeadlinesConfig(AppConfig):
    name = "apps.deadlines"

    def ready(self) -> None:
        autodiscover_modules("words", "deadlines", "actions")
        checks.register(refuse_rules_without_consequence)


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
