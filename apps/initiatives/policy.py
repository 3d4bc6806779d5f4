from apps.accounts.models import User
from apps.groups import policy as groups
from apps.initiatives.models import Lead


def may_act_for(person: User, lead: Lead | None) -> bool:
    """Members of a leading group post updates and log entries."""
    return lead is not None and groups.is_member(person, lead.group)


def may_end(person: User, lead: Lead | None) -> bool:
    """Coordinators of the leading group renew its term or step down."""
    return lead is not None and groups.coordinates(person, lead.group)
