"""Ready links, as stewards write them into a form."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.forms import Link, Text
from apps.core.text import listed

MOST_LINKS = 200
LONGEST_LINK = 1000
# Endings of names that lead to no public host.
PRIVATE_NAMES = (
    "localhost",
    ".local",
    ".localhost",
    ".internal",
    ".lan",
    ".home",
    ".corp",
    ".test",
    ".invalid",
    ".onion",
)


class LinksForm(forms.Form):
    links = Text(
        most=MOST_LINKS * LONGEST_LINK,
        label=gettext_lazy("More ready links, one a line"),
        help_text=gettext_lazy(
            "They begin with https://. Written once: stored encrypted, and shown to nobody but the group that has one."
        ),
        error_messages={"required": gettext_lazy("Write at least one link.")},
    )

    def clean_links(self) -> list[str]:
        return links_in(self.cleaned_data["links"])


def links_in(text: str) -> list[str]:
    """The links of a text, one a line; refuses what is none, or would lead a group into a private network."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINKS:
        words = ngettext("At most %(most)d link at once.", "At most %(most)d links at once.", MOST_LINKS)
        raise forms.ValidationError(words % {"most": MOST_LINKS})
    bad = [number for number, line in enumerate(lines, start=1) if not is_ready_link(line)]
    if bad:
        # By its number: a link that is refused is a secret, too.
        raise forms.ValidationError(
            _(
                "No public link that begins with https://, in line: %(numbers)s. Leave names and passwords before an "
                "“@” out."
            )
            % {"numbers": listed(bad)}
        )
    return list(dict.fromkeys(lines))


def is_ready_link(line: str) -> bool:
    """Whether it is a whole https address at a public host, without a name or a password in it."""
    try:
        Link(assume_scheme="https").clean(line)
        parts = urlsplit(line)
        host = (parts.hostname or "").rstrip(".").lower()
    except (forms.ValidationError, ValueError):
        return False
    return parts.scheme == "https" and "@" not in parts.netloc and _is_public(host)


def _is_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        is_name = "." in host and not host.endswith(PRIVATE_NAMES)
        # 127.1 and 0x7f.1 are addresses to a browser, though not to Python.
        return is_name and not host.rpartition(".")[2][0].isdigit()
