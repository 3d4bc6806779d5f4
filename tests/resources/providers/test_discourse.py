"""Discourse against a stand-in that follows its published API."""

from datetime import timedelta

import pytest

from apps.resources.providers import provider_for, server_named
from apps.resources.providers.discourse import Discourse
from apps.resources.providers.naming import named
from apps.resources.providers.protocol import Condition, ProviderError
from tests.resources.providers.conftest import NOW
from tests.servers.web import Answer

KEY = "0123456789abcdef01234567"


@pytest.fixture
def forum(discourse):
    return provider_for(server_named("discourse"))


def refused(act, *about) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        act(*about)
    return caught.value


def test_a_topic_from_opening_to_closing(discourse, forum, order):
    place = forum.create(order())
    [topic] = discourse.topics
    assert topic.title == "First Steps: Open call"
    assert topic.category == 5
    assert "Newcomers on five wikis" in topic.raw
    assert place.address == f"{discourse.url}/t/{topic.id}"
    assert forum.address_for(order(), place, name="Ada", is_host=True, now=NOW) == place.address
    assert forum.check(order(), place) == Condition.READY
    topic.posts_count = 3
    assert forum.check(order(), place) == Condition.RUNNING
    assert list(forum.made()) == [KEY]
    assert forum.text_to_keep(order(), place) == ""
    forum.end(order(), place)
    assert (topic.closed, topic.is_deleted, topic.raw != "") == (True, False, True)
    assert forum.check(order(), place) == Condition.MISSING
    assert list(forum.made()) == []
    forum.end(order(), place)  # what is closed is ended


def test_a_repeat_finds_the_topic(discourse, forum, order):
    assert forum.create(order()) == forum.create(order(title="Another title"))
    assert len(discourse.topics) == 1


@pytest.mark.parametrize("trouble", ["late", "dead", "slow"])
@pytest.mark.usefixtures("impatient")
def test_a_connection_that_breaks_never_opens_a_second_topic(discourse, forum, order, trouble):
    discourse.failures = [Answer.json({"errors": []}, 404), trouble]
    assert not refused(forum.create, order()).is_final
    assert len(discourse.topics) == (1 if trouble == "late" else 0)
    forum.create(order())
    assert len(discourse.topics) == 1


def test_who_is_slower_finds_the_topic_of_who_was_faster(discourse, forum, order):
    """Both have looked, and found nothing; then both ask for it."""
    faster = forum.create(order())
    discourse.fail_next(Answer.json({"errors": []}, 404))
    assert forum.create(order()) == faster
    assert len(discourse.topics) == 1


def test_titles_that_are_taken_or_too_short_get_something_of_the_key(discourse, forum, order):
    forum.create(order())
    forum.create(order(key="f" * 24))
    forum.create(order(key="e" * 24, group="G", title="T"))
    titles = [topic.title for topic in discourse.topics]
    assert titles == ["First Steps: Open call", "First Steps: Open call (ffffffff)", "G: T (eeeeeeee)"]


def test_what_the_forum_will_not_have_is_told_in_its_own_words(discourse, forum, order):
    discourse.categories = frozenset({7})
    why = refused(forum.create, order())
    assert why.is_final
    assert str(why) == "discourse answered with an error (422). It says: Category can't be blank"


def test_a_topic_that_waits_for_approval_is_for_a_person(discourse, forum, order):
    discourse.wants_approval = True
    why = refused(forum.create, order())
    assert why.is_final
    assert "approve" in str(why)
    assert discourse.waiting_for_approval == 1


def test_the_forums_moderators_have_the_last_word(discourse, forum, order):
    place = forum.create(order())
    discourse.topics[0].closed = True
    assert forum.check(order(), place) == Condition.MISSING
    assert refused(forum.create, order()).is_final
    assert discourse.topics[0].closed
    discourse.topics[0].is_deleted = True
    assert forum.check(order(), place) == Condition.MISSING
    assert forum.text_to_keep(order(), place) == ""
    forum.end(order(), place)


def test_the_wait_that_discourse_names_is_kept(discourse, forum, order):
    discourse.limit_next(12)
    why = refused(forum.create, order())
    assert why.retry_in == timedelta(seconds=12)
    assert not why.is_final
    assert "too many times" in str(why)
    discourse.fail_next(Answer(429, "Slow down", {"Retry-After": "7"}))
    assert refused(forum.create, order()).retry_in == timedelta(seconds=7)
    for strange in ("soon", -3, True, None, 10**400):
        discourse.fail_next(Answer.json({"extras": {"wait_seconds": strange}}, 429))
        wait = refused(forum.create, order()).retry_in
        assert wait in {None, timedelta(days=1)}
    assert forum.create(order())


def test_a_wrong_key_is_for_a_person_and_not_told(discourse, order):
    forum = Discourse(discourse.server(secret="another-key"))
    for act in (forum.create, lambda wanted: forum.end(wanted, None)):
        why = refused(act, order())
        assert why.is_final
        assert "another-key" not in str(why)


def test_more_topics_than_a_page_are_found_and_those_of_other_sites_are_not(discourse, forum, order, settings):
    keys = [f"{number:024x}" for number in range(23)]
    for number, key in enumerate(keys):
        forum.create(order(key=key, title=f"Call number {number}"))
    here, settings.SITE_URL = settings.SITE_URL, "https://trial.example.org"
    forum.create(order(key="f" * 24, title="Of another site"))
    settings.SITE_URL = here
    discourse.topics[3].closed = True
    assert sorted(forum.made()) == sorted(set(keys) - {keys[3]})


def test_a_list_without_an_end_has_one(discourse, forum, order):
    forum.create(order())
    page = {"user_actions": [{"topic_id": 101, "excerpt": named(KEY)}, "nonsense", {"excerpt": None}]}
    discourse.fail_next(Answer.json(page), 300)
    assert list(forum.made()) == [KEY]
    assert len(discourse.failures) > 290


@pytest.mark.parametrize(
    "answer",
    [
        Answer.html("<script>alert(1)</script>"),
        Answer.json([1, 2]),
        Answer.to("http://169.254.169.254/latest/meta-data/"),
        Answer(301, "", {"Location": "javascript:alert(1)"}),
        Answer(301, ""),
    ],
    ids=["html", "list", "inner address", "script", "nowhere"],
)
def test_hostile_answers_lead_nowhere(discourse, forum, order, answer):
    for act in (forum.create, lambda wanted: forum.check(wanted, None), lambda _wanted: list(forum.made())):
        discourse.fail_next(answer)
        before = len(discourse.asked)
        why = refused(act, order())
        assert "<" not in str(why)
        assert len(discourse.asked) == before + 1
    assert discourse.topics == []


def test_an_error_of_the_forum_is_quoted_without_what_it_echoes(discourse, forum, order):
    discourse.fail_next(Answer.json({"errors": [f"Bad key {discourse.secret}\n" + "x" * 1000]}, 400))
    why = refused(forum.create, order())
    assert discourse.secret not in str(why)
    assert len(str(why)) < 300


def test_a_group_can_call_nobody_by_its_name(discourse, forum, order):
    forum.create(order(group="@admins", about="Ask @everyone"))
    assert "@admins" not in discourse.topics[0].raw
    assert "@everyone" not in discourse.topics[0].raw


def test_the_first_words_are_in_the_groups_language_and_hold_the_key(discourse, forum, order):
    forum.create(order(group="G" * 300, language="ar"))
    assert named(KEY) in discourse.topics[0].raw[:300]
    assert list(forum.made()) == [KEY]
