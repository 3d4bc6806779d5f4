"""What the example people do beside adopting and logging: ask and answer, decide, meet, object, pause, hand over."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from apps.accounts.models import User
from apps.feedback import actions as feedback
from apps.groups import actions as groups
from apps.groups.models import Group, Position
from apps.guidelines.queries import current_version
from apps.initiatives import actions as initiatives
from apps.initiatives.models import Adoption, Initiative, Lead
from apps.news import actions as news
from apps.news.kinds import NEWS
from apps.people import actions as people
from apps.people.models import Affiliate
from apps.questions import actions as questions
from apps.resources import actions as resources
from apps.translations.actions import translate
from apps.translations.kinds import Typed
from apps.translations.queries import unit_of

Row = dict[str, Any]
# What an offer of the example says beside its name, where it says it.
TERMS = ("description", "data_place", "languages", "max_hours", "max_per_month", "opens_hour", "closes_hour")


class Stories:
    """Does one act of the example file at a time; what an act makes is known to later ones by its key."""

    def __init__(
        self, *, people: Mapping[str, User], groups: Mapping[str, Group], adoptions: Mapping[str, Adoption]
    ) -> None:
        self.people, self.groups, self.adoptions = people, groups, adoptions
        self.made: dict[str, Any] = {}

    def do(self, row: Row, *, now: datetime) -> None:
        self.made[row.get("key", "")] = getattr(self, row["does"])(row, self.people[row["by"]], now)

    # Roles

    def asks_for_role(self, row: Row, by: User, now: datetime) -> object:
        covers = {kind: row.get(kind, []) for kind in ("languages", "regions", "recommendations")}
        return people.ask_for_role(role=row["role"], why=row["why"], **covers, by=by, now=now)

    def confirms_role(self, row: Row, by: User, now: datetime) -> object:
        return people.confirm_role(self.made[row["of"]], by=by, now=now)

    # A feedback round

    def opens_round(self, row: Row, by: User, now: datetime) -> object:
        adoption = self.adoptions[row["group"]]
        asked = {name: row[name] for name in ("title", "text", "questions", "language", "languages", "regions")}
        closes_at = _end_of_day(now, row["open_for_days"])
        draft = feedback.draft_round(
            group=self.groups[row["group"]],
            initiative=adoption.initiative,
            closes_at=closes_at,
            by=by,
            now=now,
            **asked,
        )
        return feedback.open_round(draft, by=by, now=now)

    def translates_round(self, row: Row, by: User, now: datetime) -> object:
        text = {name: row[name] for name in ("title", "text", "questions")}
        return feedback.write_translation(self.made[row["of"]], into=row["into"], version=1, **text, by=by, now=now)

    def carries_round(self, row: Row, by: User, now: datetime) -> object:
        return feedback.carry_round(self.made[row["of"]], by=by, now=now)

    def answers_round(self, row: Row, by: User, now: datetime) -> object:
        said = {name: row[name] for name in ("language", "replies", "text", "is_named")}
        return feedback.give_answer(self.made[row["of"]], **said, wants_news=True, by=by, now=now)

    # Questions

    def asks_question(self, row: Row, by: User, now: datetime) -> object:
        initiative = Initiative.objects.get(number=row["initiative"])
        return questions.ask_question(initiative, title=row["title"], details=row["details"], by=by, now=now)

    def answers_question(self, row: Row, by: User, now: datetime) -> object:
        return questions.answer_question(
            self.made[row["of"]], answer=row["answer"], lead=self._lead(row), by=by, now=now
        )

    # Strategy News

    def submits_news(self, row: Row, by: User, now: datetime) -> object:
        return news.submit_item(
            text=row["text"],
            link=row["link"],
            initiative=Initiative.objects.get(number=row["initiative"]),
            regions=row["regions"],
            by=by,
            now=now,
        )

    def publishes_news(self, row: Row, by: User, now: datetime) -> object:
        return news.publish_item(self.made[row["of"]], by=by, now=now)

    def translates_news(self, row: Row, by: User, now: datetime) -> object:
        item = self.made[row["of"]]
        [line] = unit_of(NEWS, item, row["into"]).paragraphs
        typed = [Typed(line.part, line.version, row["text"])]
        return translate(NEWS, item, language=row["into"], typed=typed, by=by, now=now)

    # Proposals

    def proposes(self, row: Row, by: User, now: datetime) -> object:
        return groups.open_proposal(
            self.groups[row["group"]],
            title=row["title"],
            text=row["text"],
            closes_at=_end_of_day(now, row["open_for_days"]),
            initiative_number=self.adoptions[row["group"]].initiative.number,
            by=by,
            now=now,
        )

    def takes_position(self, row: Row, by: User, now: datetime) -> object:
        stance = Position.Stance(row["stance"])
        return groups.take_position(self.made[row["of"]], stance=stance, reason=row.get("reason", ""), by=by, now=now)

    def answers_objection(self, row: Row, by: User, now: datetime) -> object:
        return groups.answer_objection(self.made[row["of"]], answer=row["answer"], by=by, now=now)

    # Meetings

    def plans_meeting(self, row: Row, by: User, now: datetime) -> object:
        day = (now + timedelta(days=row["in_days"])).date()
        return groups.plan_meeting(
            self.groups[row["group"]],
            title=row["title"],
            agenda=row["agenda"],
            starts_at=datetime.combine(day, time.fromisoformat(row["starts_at"]), UTC),
            minutes=row["minutes"],
            languages=row["languages"],
            place=row["place"],
            is_open=True,
            initiative_number=self.adoptions[row["group"]].initiative.number,
            by=by,
            now=now,
        )

    def publishes_notes(self, row: Row, by: User, now: datetime) -> object:
        what = {name: row[name] for name in ("text", "attendance", "languages")}
        return groups.publish_notes(self.made[row["of"]], link="", **what, by=by, now=now)

    # Resources

    def is_contact(self, row: Row, by: User, now: datetime) -> object:
        return people.say_contact(Affiliate.objects.get(name=row["affiliate"]), by=by, now=now)

    def confirms_contact(self, row: Row, by: User, now: datetime) -> object:
        return people.confirm_contact(self.made[row["of"]], by=by, now=now)

    def offers_resource(self, row: Row, by: User, now: datetime) -> object:
        terms = resources.Terms(
            name=row["name"],
            line=row["line"],
            policy=row["policy"],
            affiliate=Affiliate.objects.get(name=row["affiliate"]),
            **{name: row[name] for name in TERMS if name in row},
        )
        links = row.get("links", [])
        provider = "pool" if links else "by_hand"
        return resources.offer_resource(terms, kind=row["kind"], provider=provider, links=links, by=by, now=now)

    def invites_steward(self, row: Row, by: User, now: datetime) -> object:
        person = self.people[row["person"]]
        return resources.invite_steward(self.made[row["of"]], person=person, by=by, now=now)

    def accepts_stewardship(self, row: Row, by: User, now: datetime) -> object:
        return resources.accept_stewardship(self.made[row["of"]], by=by, now=now)

    def gives(self, row: Row, by: User, now: datetime) -> object:
        return resources.give_resource(self.made[row["of"]], address="", answer=row["answer"], by=by, now=now)

    def gets_room(self, row: Row, by: User, now: datetime) -> object:
        return resources.book_room_for(self.made[row["of"]], by=by, now=now)

    # The lead

    def objects(self, row: Row, by: User, now: datetime) -> object:
        return initiatives.object_to(self.adoptions[row["to"]], reason=row["reason"], by=by, now=now)

    def adopts_quiet(self, row: Row, by: User, now: datetime) -> object:
        quiet = self.adoptions[row["of"]].initiative
        proposal = initiatives.Proposal(current_version(), row["plan"], row["first_steps"], self.groups[row["group"]])
        return initiatives.bid_for_lead(quiet, proposal, kind="quiet", by=by, now=now)

    def pauses(self, row: Row, by: User, now: datetime) -> object:
        review_at = now + timedelta(days=row["for_days"])
        return initiatives.put_on_hold(
            self._lead(row), reason=row["reason"], waits_for=row["waits_for"], review_at=review_at, by=by, now=now
        )

    def seeks_successor(self, row: Row, by: User, now: datetime) -> object:
        return initiatives.seek_successor(self._lead(row), by=by, now=now)

    def _lead(self, row: Row) -> Lead:
        return Lead.objects.get(adoption=self.adoptions[row["group"]], group=self.groups[row["group"]], ended_at=None)


def _end_of_day(now: datetime, days: int) -> datetime:
    return datetime.combine((now + timedelta(days=days)).date(), time(23, 59, 59), UTC)
