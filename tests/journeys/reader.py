"""A browser without scripts: reads a page, follows its links and presses its buttons, with what the forms hold."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client

VOID_INPUTS = {"submit", "button", "image", "reset", "file"}


@dataclass
class Form:
    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def has(self, words: str) -> bool:
        return any(words in text for text, _name, _value in self.buttons)


class Page(HTMLParser):
    def __init__(self, response: HttpResponse, address: str) -> None:
        super().__init__()
        self.status, self.address = response.status_code, address
        self.html = response.content.decode()
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.text = ""
        self._open: list[str] = []
        self._form: Form | None = None
        self._textarea = self._select = ""
        self._link: tuple[str, str] | None = None
        self._button: tuple[str, str, str] | None = None
        self._hides = 0
        self.feed(self.html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attrs}
        if tag in {"script", "style", "title"}:
            self._hides += 1
        elif tag == "a":
            self._link = ("", given.get("href", ""))
        elif tag == "form":
            action = urldefrag(urljoin(self.address, given.get("action", ""))).url
            self._form = Form(action, given.get("method", "get").lower())
        elif self._form is not None:
            self._read_control(tag, given, self._form)

    def _read_control(self, tag: str, given: dict[str, str], form: Form) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "button":
            self._button = ("", name, given.get("value", ""))
        elif tag == "textarea":
            self._textarea, form.values[name] = name, [""]
        elif tag == "select":
            self._select, form.values[name] = name, []
        elif tag == "option" and self._select:
            # As browsers do: what is selected, else the first.
            if "selected" in given or not form.values[self._select]:
                form.values[self._select] = [given.get("value", "")]
        elif tag == "input" and name and kind not in VOID_INPUTS:
            if kind not in {"checkbox", "radio"}:
                form.values[name] = [given.get("value", "")]
            elif "checked" in given:
                form.values.setdefault(name, []).append(given.get("value", "on"))

    def handle_data(self, data: str) -> None:
        if self._hides:
            return
        self.text += data
        if self._textarea and self._form is not None:
            self._form.values[self._textarea][0] += data
        if self._link:
            self._link = (self._link[0] + data, self._link[1])
        if self._button:
            self._button = (self._button[0] + data, *self._button[1:])

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "title"}:
            self._hides -= 1
        elif tag == "a" and self._link:
            self.links.append((" ".join(self._link[0].split()), self._link[1]))
            self._link = None
        elif tag == "textarea" and self._form is not None:
            [typed] = self._form.values[self._textarea]
            self._form.values[self._textarea] = [typed.replace("\r\n", "\n").removeprefix("\n")]
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag == "button" and self._button and self._form is not None:
            self._form.buttons.append((" ".join(self._button[0].split()), *self._button[1:]))
            self._button = None
        elif tag == "form" and self._form is not None:
            self.forms.append(self._form)
            self._form = None
        else:
            self.text += " "

    def link(self, words: str) -> str:
        found = [href for text, href in self.links if words in text]
        assert found, f"No link “{words}” on {self.address}: {[text for text, _href in self.links]}"
        return found[0]

    def form(self, button: str) -> Form:
        found = [form for form in self.forms if form.has(button)]
        assert found, f"No button “{button}” on {self.address}: {[form.buttons for form in self.forms]}\n{self.text}"
        return found[0]


class Reader:
    """One person with a browser. Every form has to carry its token."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.page: Page = None  # type: ignore[assignment]
        self.posted: list[tuple[str, dict[str, Any]]] = []

    def open(self, address: str) -> Page:
        return self._arrive(self.client.get(address), address)

    def follow(self, words: str) -> Page:
        return self.open(urljoin(self.page.address, self.page.link(words)))

    def press(self, button: str, **typed: Any) -> Page:
        """Fill in the form that has this button, and press it."""
        form = self.page.form(button)
        data: dict[str, Any] = {**form.values, **typed}
        for text, name, value in form.buttons:
            if button in text and name:
                data[name] = value
        if form.method == "get":
            return self._arrive(self.client.get(form.action, data), form.action)
        self.posted.append((form.action, data))
        return self._arrive(self.client.post(form.action, data), form.action)

    def press_again(self) -> Page:
        """The second click: the same data to the same address."""
        action, data = self.posted[-1]
        return self._arrive(self.client.post(action, data), action)

    def _arrive(self, response: HttpResponse, address: str) -> Page:
        hops = 0
        while response.status_code in {301, 302} and not urlsplit(response["Location"]).netloc.startswith("127."):
            hops += 1
            assert hops < 6, "The page sends the reader round in circles."
            address = urljoin(address, response["Location"])
            response = self.client.get(address)
        self.elsewhere = response["Location"] if response.status_code in {301, 302} else ""
        self.page = Page(response, address)
        return self.page
