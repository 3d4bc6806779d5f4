"""What makes a resource. One adapter a file behind one small protocol; none of them knows the database."""

from django.conf import settings
from django.utils.module_loading import import_string

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
