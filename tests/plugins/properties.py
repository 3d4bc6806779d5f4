"""How hard properties are tried: `quick` by `make quick`, `whole` by `make test`, `search` to look for trouble.

The first two try the same examples every time, so that nobody's change is refused for what another change broke;
`make test ARGS="--hypothesis-profile search -k properties"` tries new ones.
"""

from hypothesis import HealthCheck, settings

# How long an example takes says more about the machine than about us; pytest-timeout ends what hangs.
COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}

settings.register_profile("quick", max_examples=15, derandomize=True, database=None, **COMMON)
settings.register_profile("whole", max_examples=40, derandomize=True, database=None, **COMMON)
settings.register_profile("search", max_examples=1_000, **COMMON)
settings.load_profile("whole")
