from collections.abc import Iterator

import pytest

from tests.servers.staff import REVIEWERS, StaffProvider
from tests.servers.walk import Visit
from tests.servers.wikimedia import Wikimedia


@pytest.fixture
def visit() -> Visit:
    return Visit()


@pytest.fixture
def wikimedia(settings, db) -> Iterator[Wikimedia]:
    with Wikimedia(redirect_uri="http://testserver/accounts/mediawiki/login/callback/") as server:
        settings.WIKIMEDIA_CLIENT_ID = server.client_id
        settings.WIKIMEDIA_CLIENT_SECRET = server.client_secret
        settings.WIKIMEDIA_REST_API = server.rest_api
        settings.WIKIMEDIA_API = server.api
        yield server


@pytest.fixture
def staff_provider(settings, db) -> Iterator[StaffProvider]:
    with StaffProvider(redirect_uri="http://testserver/accounts/staff/callback/") as server:
        settings.STAFF_SIGN_IN = True
        settings.OIDC_ISSUER = server.issuer
        settings.OIDC_RP_CLIENT_ID = server.client_id
        settings.OIDC_RP_CLIENT_SECRET = server.client_secret
        settings.OIDC_REVIEWER_GROUPS = [REVIEWERS]
        yield server
