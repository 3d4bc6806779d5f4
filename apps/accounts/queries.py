"""Reading people. Apps above add to two of these answers by registering a function; accounts knows none of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from apps.accounts.models import StaffIdentity, User
from apps.record.models import Act

RoleWords = Callable[[list[User]], dict[int, list[str]]]
PersonalData = Callable[[User], Any]

ROLE_WORDS: list[RoleWords] = []
PERSONAL_DATA: dict[str, PersonalData] = {}


def role_words(find: RoleWords) -> RoleWords:
    """Register a function that says in words what people are, for the page of example people."""
    ROLE_WORDS.append(find)
    return find


def personal_data(name: str) -> Callable[[PersonalData], PersonalData]:
    """Register a function that answers with what an app holds about a person, for their download."""

    def register(find: PersonalData) -> PersonalData:
        if name in PERSONAL_DATA:
            raise ValueError(f"Personal data of {name} is registered twice.")
        PERSONAL_DATA[name] = find
        return find

    return register


def person_with_wikimedia_id(wikimedia_id: str) -> User | None:
    return User.objects.filter(wikimedia_id=wikimedia_id).first()


def person_with_calendar_key(key: str) -> User | None:
    """Whose calendar has this secret in its address; nobody's while they are blocked."""
    return User.objects.filter(calendar_key=key, blocked_at=None).first()


def staff_identity_of(user: User) -> StaffIdentity | None:
    return StaffIdentity.objects.filter(user=user).first()


def linked_staff_identity(issuer: str, subject: str) -> StaffIdentity | None:
    """The identity with this issuer and subject. An e-mail address never matches anybody."""
    return StaffIdentity.objects.filter(issuer=issuer, subject=subject).select_related("user").first()


def example_people() -> QuerySet[User]:
    return User.objects.filter(is_example=True).order_by("pk")


def words_for_roles(people: Iterable[User]) -> dict[int, list[str]]:
    """What each person is, in words of the apps that registered; by the person's id."""
    people = list(people)
    words: dict[int, list[str]] = defaultdict(list)
    for find in ROLE_WORDS:
        for pk, found in find(people).items():
            words[pk] += found
    return dict(words)


def data_about(user: User) -> dict[str, Any]:
    """Everything the site holds about a person, ready for JSON."""
    return {name: find(user) for name, find in PERSONAL_DATA.items()}


@personal_data("record")
def _acts_of(user: User) -> list[dict[str, Any]]:
    acts = Act.objects.filter(by=user).order_by("at", "pk").prefetch_related("mentions")
    return [
        {
            "verb": act.verb,
            "at": act.at,
            "about": {mention.name: f"{mention.model} {mention.object_id}" for mention in act.mentions.all()},
        }
        for act in acts
    ]


@personal_data("account")
def _account_data(user: User) -> dict[str, Any]:
    staff = staff_identity_of(user)
    return {
        "id": user.pk,
        "wikimedia_id": user.wikimedia_id,
        "username": user.username,
        "email": user.email,
        "letters": user.mail,
        "mail_by_kind": user.mail_by_kind,
        "mail_paused_at": user.mail_paused_at,
        "mail_paused_why": user.mail_paused_why,
        "interface_language": user.language,
        "fallbacks": user.fallbacks,
        "languages": user.languages,
        "region": user.region,
        "time_zone": user.time_zone,
        "theme": user.theme,
        # That there is one, never the secret: whoever reads the download could read the calendar for ever.
        "calendar_feed": user.calendar_key is not None,
        "blocked_at": user.blocked_at,
        "joined_at": user.joined_at,
        "last_signed_in_at": user.last_login,
        "is_example": user.is_example,
        "staff_sign_in": {
            "issuer": staff.issuer,
            "subject": staff.subject,
            "is_reviewer": staff.is_reviewer,
            "linked_at": staff.linked_at,
            "last_signed_in_at": staff.last_signed_in_at,
        }
        if staff
        else None,
    }
