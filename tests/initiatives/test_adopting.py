from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.groups.models import Group, Membership
from apps.initiatives import actions, queries, words
from apps.initiatives.models import Adoption, Initiative, Interest, Lead
from apps.notifications.models import Letter
from apps.record.models import Act
from tests.conftest import NOW, add_member, adopt, log, meet_early_steps


def lead_of(adoption):
    return Lead.objects.get(adoption=adoption, ended_at=None)


def test_the_group_leads_at_once_under_the_current_guidelines(adoption, group, initiative):
    assert [lead.group for lead in queries.running_leads(queries.running_adoption(initiative))] == [group]
    assert adoption.guidelines.number == "1.0"
    assert adoption.notice_ends_at == NOW + timedelta(days=14)
    assert Act.objects.filter(verb="initiatives.adopted").count() == 1


def test_a_new_group_is_formed_in_the_same_act(initiative, volunteer):
    adoption = adopt(initiative, group=None, by=volunteer, new_group_name="Newcomers first")
    assert lead_of(adoption).group.name == "Newcomers first"


def test_a_led_initiative_is_not_adopted_again(adoption, initiative, volunteer):
    with pytest.raises(Refused, match="First Steps adopted this initiative before you"):
        adopt(initiative, group=None, by=volunteer, new_group_name="Too late")
    assert not Group.objects.filter(name="Too late").exists()


def test_guidelines_that_changed_meanwhile_are_read_first(initiative, group, coordinator):
    with pytest.raises(Refused, match="new version"):
        adopt(initiative, group=group, by=coordinator, guidelines=None)


def test_a_young_group_leads_one_initiative(adoption, group, coordinator):
    other = Initiative.objects.get(number=14)
    with pytest.raises(Refused, match="second one once three must-steps"):
        adopt(other, group=group, by=coordinator)


def test_a_person_coordinates_one_young_group(adoption, coordinator):
    with pytest.raises(Refused, match="You coordinate First Steps"):
        adopt(Initiative.objects.get(number=14), group=None, by=coordinator, new_group_name="Second")


def test_three_must_steps_lift_the_limits(adoption, group, coordinator):
    meet_early_steps(adoption, by=coordinator, group=group)
    assert adopt(Initiative.objects.get(number=14), group=group, by=coordinator).pk
    assert adopt(Initiative.objects.get(number=15), group=None, by=coordinator, new_group_name="Second").pk


def test_two_must_steps_do_not_lift_them(adoption, group, coordinator):
    log(adoption, "conversations", by=coordinator, group=group)
    log(adoption, "nutshell", by=coordinator, group=group)
    with pytest.raises(Refused):
        adopt(Initiative.objects.get(number=14), group=group, by=coordinator)


def test_people_beside_are_invited_and_shown_once_they_accept(initiative, coordinator, volunteer):
    adoption = adopt(initiative, group=None, by=coordinator, new_group_name="Together", beside=[volunteer])
    assert Membership.objects.get(user=volunteer).state == "invited"
    assert Letter.objects.filter(recipient=volunteer, notice__kind="groups.invitation").exists()
    assert lead_of(adoption).group.memberships.filter(state="active").count() == 1


def test_the_interested_who_asked_are_told_and_the_adopter_is_not(initiative, coordinator, volunteer, stranger, now):
    for someone, news in ((coordinator, True), (volunteer, True), (stranger, False)):
        Interest.objects.create(initiative=initiative, user=someone, would_join=True, wants_news=news, said_at=now)
    adopt(initiative, group=None, by=coordinator, new_group_name="Together")
    told = Letter.objects.filter(notice__kind="initiatives.adopted").values_list("recipient__username", flat=True)
    assert list(told) == ["Ada"]


@pytest.mark.parametrize("seeks_members", [True, False])
def test_a_group_that_exists_looks_for_people_if_it_says_so_and_the_letter_too(
    initiative, group, coordinator, volunteer, now, seeks_members
):
    Interest.objects.create(initiative=initiative, user=volunteer, would_join=True, wants_news=True, said_at=now)
    adopt(initiative, group=group, by=coordinator, seeks_members=seeks_members)
    group.refresh_from_db()
    assert group.seeks_members == seeks_members
    letter = Letter.objects.get(notice__kind="initiatives.adopted")
    assert ("It looks for people" in letter.body) == seeks_members
    assert "you can ask to join." in letter.body.casefold()


def test_stepping_down_releases_the_initiative_with_notes(adoption, initiative, coordinator, now):
    actions.step_down(lead_of(adoption), notes="Ask Bola.", by=coordinator, now=now)
    adoption.refresh_from_db()
    assert (adoption.ending, adoption.notes) == ("stepped_down", "Ask Bola.")
    assert not Deadline.objects.filter(rule__startswith="initiatives.", state="open").exists()
    assert adopt(initiative, group=None, by=coordinator, new_group_name="Again").pk


def test_stepping_down_twice_is_refused(adoption, coordinator, now):
    lead = lead_of(adoption)
    actions.step_down(lead, notes="", by=coordinator, now=now)
    with pytest.raises(Refused, match="ended"):
        actions.step_down(lead, notes="", by=coordinator, now=now)


def test_the_term_lapses_on_day_90_with_thanks(adoption, initiative, coordinator, volunteer, now):
    Interest.objects.create(initiative=initiative, user=volunteer, would_lead=True, wants_news=True, said_at=now)
    sweep(now=now + timedelta(days=90, seconds=-1))
    adoption.refresh_from_db()
    assert adoption.ended_at is None
    sweep(now=now + timedelta(days=90))
    adoption.refresh_from_db()
    assert adoption.ending == "lapsed"
    assert "Thank you" in Letter.objects.get(recipient=coordinator, notice__kind="initiatives.term_ended").subject
    assert Letter.objects.filter(recipient=volunteer, notice__kind="initiatives.free_again").exists()


def test_reminders_come_on_days_46_and_57(adoption, coordinator, now):
    def reminders():
        return Letter.objects.filter(recipient=coordinator, notice__kind="deadlines.reminder").count()

    counts = []
    for day in (45, 46, 56, 57, 58):
        sweep(now=now + timedelta(days=day))
        counts.append(reminders())
    assert counts == [0, 1, 1, 2, 2]


def test_an_update_counts_and_the_days_begin_again(adoption, group, coordinator, now):
    actions.post_update(
        adoption, group=group, text="Still here.", link="", by=coordinator, now=now + timedelta(days=80)
    )
    sweep(now=now + timedelta(days=169))
    adoption.refresh_from_db()
    assert adoption.ended_at is None
    sweep(now=now + timedelta(days=170))
    adoption.refresh_from_db()
    assert adoption.ending == "lapsed"


def test_an_act_of_a_group_that_does_not_lead_moves_nothing(adoption, volunteer, now):
    outsider = form_group(name="Outsiders", by=volunteer, now=now)
    actions.count_act(adoption, outsider, verb=words.UPDATED, now=now + timedelta(days=30))
    adoption.refresh_from_db()
    assert adoption.last_act_at == now


def test_nothing_is_posted_after_the_end(adoption, group, coordinator, now):
    actions.step_down(lead_of(adoption), notes="", by=coordinator, now=now)
    with pytest.raises(Refused, match="term has ended"):
        actions.post_update(adoption, group=group, text="x", link="", by=coordinator, now=now)


def test_a_term_ends_after_twelve_months_unless_it_is_renewed(adoption, group, coordinator, now):
    for month in range(1, 12):
        actions.post_update(
            adoption, group=group, text="On.", link="", by=coordinator, now=now + timedelta(days=30 * month)
        )
    with pytest.raises(Refused, match="last 30 days"):
        actions.renew_term(lead_of(adoption), summary="Good.", by=coordinator, now=now + timedelta(days=330))
    actions.renew_term(lead_of(adoption), summary="Good.", by=coordinator, now=now + timedelta(days=340))
    sweep(now=now + timedelta(days=366))
    adoption.refresh_from_db()
    assert adoption.ended_at is None


def test_a_term_that_nobody_renews_expires(adoption, group, coordinator, now):
    for month in range(1, 13):
        actions.post_update(
            adoption, group=group, text="On.", link="", by=coordinator, now=now + timedelta(days=30 * month)
        )
    sweep(now=now + timedelta(days=365))
    adoption.refresh_from_db()
    assert adoption.ending == "expired"


# --- Interest --------------------------------------------------------------------------------


def say(initiative, person, now=NOW, **more):
    chosen = {"ways": ["would_join"], "languages": ["en"], "region": "", "is_named": False, "wants_news": True} | more
    return actions.say_interest(initiative, **chosen, by=person, now=now)


def test_the_second_interested_person_makes_both_be_told_once(initiative, volunteer, stranger, coordinator):
    say(initiative, volunteer)
    assert not Letter.objects.exists()
    say(initiative, stranger)
    say(initiative, coordinator)
    told = sorted(Letter.objects.values_list("recipient__username", flat=True))
    assert told == ["Ada", "Sven"]


def test_saying_it_again_changes_it(initiative, volunteer):
    say(initiative, volunteer)
    say(initiative, volunteer, ways=["would_lead"], is_named=True)
    interest = Interest.objects.get()
    assert (interest.would_join, interest.would_lead, interest.is_named) == (False, True, True)


def test_interest_taken_back_leaves_no_name(initiative, volunteer):
    say(initiative, volunteer)
    actions.take_back_interest(initiative, by=volunteer)
    assert not Interest.objects.exists()


def test_cells_under_five_are_hidden_and_names_shown_only_on_consent(initiative, person):
    for n in range(6):
        say(initiative, person(f"P{n}"), languages=["en", "ha"] if n else ["en"], is_named=n == 0)
    shown = queries.interest_shown(initiative)
    assert shown.total == 6
    assert [str(interest.user) for interest in shown.named] == ["P0"]
    assert {cell.name: cell.shown for cell in shown.languages} == {"English": "6", "Hausa": "5"}
    actions.take_back_interest(initiative, by=initiative.interests.last().user)
    cells = {cell.name: cell.shown for cell in queries.interest_shown(initiative).languages}
    assert cells["Hausa"] == "<5"


def test_a_place_is_listed_once(initiative, volunteer, now):
    place = {"url": "https://meta.wikimedia.org/wiki/Talk", "title": "Talk", "language": "en"}
    actions.add_place(initiative, **place, by=volunteer, now=now)
    with pytest.raises(Refused, match="listed already"):
        actions.add_place(initiative, **place, by=volunteer, now=now)


# --- What the database keeps -----------------------------------------------------------------


def refused_by_database(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def copy_of(adoption, **changes):
    adoption.pk = None
    for name, value in changes.items():
        setattr(adoption, name, value)
    return adoption


def test_one_running_adoption_per_initiative(adoption):
    refused_by_database(lambda: copy_of(adoption).save())


def test_an_ended_adoption_says_how(adoption, now):
    refused_by_database(lambda: Adoption.objects.update(ended_at=now))
    refused_by_database(lambda: Adoption.objects.update(ending="lapsed"))


def test_notice_ends_after_adoption(adoption, now):
    refused_by_database(lambda: Adoption.objects.update(notice_ends_at=now - timedelta(days=1)))


def test_a_group_leads_once_in_an_adoption(adoption, group, now):
    refused_by_database(lambda: Lead.objects.create(adoption=adoption, group=group, began_at=now, last_act_at=now))


def test_interest_is_one_row_for_something(initiative, volunteer, now):
    refused_by_database(lambda: Interest.objects.create(initiative=initiative, user=volunteer, said_at=now))
    say(initiative, volunteer)
    refused_by_database(
        lambda: Interest.objects.create(initiative=initiative, user=volunteer, would_lead=True, said_at=now)
    )


def test_members_of_other_groups_are_no_members(adoption, group, stranger):
    assert queries.leads_of_members(stranger).count() == 0
    add_member(group, stranger)
    assert queries.leads_of_members(stranger).count() == 1


def test_a_second_click_posts_no_second_update(adoption, group, coordinator, now):
    say_it = {"group": group, "text": "We met.", "link": "", "by": coordinator}
    actions.post_update(adoption, **say_it, now=now)
    with pytest.raises(Refused, match="posted already"):
        actions.post_update(adoption, **say_it, now=now + timedelta(minutes=1))
    assert actions.post_update(adoption, **say_it, now=now + timedelta(days=7)).pk
