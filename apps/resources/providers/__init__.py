"""What makes a resource. One adapter a file behind one small protocol; none of them knows the database."""

from typing import Protocol

from apps.resources.providers import etherpad, jitsi


class Provider(Protocol):
    """`address` returns where the use happens; the same key always gives the same address."""

    def address(self, key: str) -> str: ...


MACHINES: dict[str, Provider] = {"jitsi": jitsi.Jitsi(), "etherpad": etherpad.Etherpad()}
