"""Answers of other servers are bounded in time and size, and come from where they were asked."""

from collections.abc import Iterator

import pytest
import requests

from apps.accounts import remote
from tests.servers.web import Answer, StandIn


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        stand_in.routes = {
            "/large": lambda asked: Answer.json({"words": "x" * remote.LARGEST_ANSWER}),
            "/fits": lambda asked: Answer.json({"words": "x" * (remote.LARGEST_ANSWER - 100)}),
            "/elsewhere": lambda asked: Answer.to(f"{stand_in.url}/fits"),
        }
        yield stand_in


def test_an_answer_within_the_limit_is_read_whole(server):
    assert len(remote.get_json(f"{server.url}/fits")["words"]) == remote.LARGEST_ANSWER - 100


def test_an_answer_that_is_too_large_is_given_up(server):
    with pytest.raises(requests.RequestException, match="more than"):
        remote.get_json(f"{server.url}/large")


def test_a_redirect_is_not_followed(server):
    with pytest.raises(requests.HTTPError, match="302"):
        remote.get_json(f"{server.url}/elsewhere")
    assert [asked.path for asked in server.asked] == ["/elsewhere"]
