"""Which adapter speaks with which server of the settings."""

import pytest

from apps.resources.providers import ADAPTERS, provider_for, server_named
from apps.resources.providers.bigbluebutton import BigBlueButton
from apps.resources.providers.discourse import Discourse
from apps.resources.providers.jitsi import Jitsi
from apps.resources.providers.protocol import ProviderError, Server
from msplatform.environment import SERVER_KINDS


def test_every_kind_that_the_settings_take_has_an_adapter():
    assert set(ADAPTERS) == set(SERVER_KINDS)
    for kind, adapter in (("jitsi", Jitsi), ("bigbluebutton", BigBlueButton), ("discourse", Discourse)):
        assert isinstance(provider_for(Server("one", kind, "https://example.org")), adapter)


def test_a_server_is_found_by_its_name_and_a_missing_one_is_for_a_person(settings):
    settings.RESOURCE_SERVERS = {name: Server(name, "jitsi", f"https://{name}.example.org") for name in ("a", "b")}
    assert server_named("b").url == "https://b.example.org"
    with pytest.raises(ProviderError) as caught:
        server_named("c")
    assert caught.value.is_final
