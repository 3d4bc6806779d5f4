import pytest
from django.test import Client

from tests.notifications.post import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def mail_program():
    """It posts what RFC 8058 says: signed out, without cookies, without our form."""
    program = Client(enforce_csrf_checks=True)

    def one_click(link):
        return program.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

    return one_click
