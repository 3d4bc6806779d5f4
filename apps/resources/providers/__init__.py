"""What makes a resource. One adapter a file behind one small protocol; none of them knows the database."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.resources.providers.jitsi import Jitsi
from apps.resources.providers.protocol import Provider, ProviderError, Server

ADAPTERS = {
    "jitsi": "apps.resources.providers.jitsi.Jitsi",
    "bigbluebutton": "apps.resources.providers.bigbluebutton.BigBlueButton",
    "etherpad": "apps.resources.providers.etherpad.Etherpad",
    "discourse": "apps.resources.providers.discourse.Discourse",
    "mailman": "apps.resources.providers.mailman.Mailman",
}


def server_named(name: str) -> Server:
    """A server of the setting RESOURCE_SERVERS; one that is no longer there is a ProviderError."""
    server = settings.RESOURCE_SERVERS.get(name)
    if server is None:
        raise ProviderError(f"The settings of this site name no server {name}.", is_final=True)
    return server


def provider_for(server: Server) -> Provider:
    """The adapter that speaks with this kind of server."""
    return import_string(ADAPTERS[server.kind])(server)


# --- Until requests are made by provider_for ---------------------------------------------------


class Addressed(Protocol):
    """`address` returns where the use happens; the same key always gives the same address."""

    def address(self, key: str) -> str: ...


class _Jitsi:
    def address(self, key: str) -> str:
        return Jitsi(server_named("jitsi")).address(key)


class _Etherpad:
    def address(self, key: str) -> str:
        return f"{server_named('etherpad').url}/p/movement-strategy-{key}"


MACHINES: dict[str, Addressed] = {"jitsi": _Jitsi(), "etherpad": _Etherpad()}
