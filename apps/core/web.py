"""What views share: forms that lose nothing, refusals in their place, signing in first."""

import csv
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from apps.core.refused import Refused
from apps.core.sealed import seal, unseal
from apps.core.text import Words

# A cell that begins with one of these would be a formula in a table.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class HtmxRequest(HttpRequest):
    """A request as django-htmx's middleware leaves it."""

    htmx: HtmxDetails


T = TypeVar("T")
View = Callable[..., HttpResponse]
DRAFTS = "drafts"
MOST_DRAFTS = 3
LARGEST_DRAFT = 200_000


def signed_in(view: View) -> View:
    """Ask a visitor to sign in first; what they had typed waits for them on the same page."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            response = view(request, *args, **kwargs)
            # A button that can only be posted: what was sent before signing in waits to be sent again.
            draft = take_draft(request) if response.status_code == 405 else None
            return response if draft is None else send_again(request, draft)
        address = f"{resolve_url('accounts:sign_in')}?{urlencode({'next': request.get_full_path()})}"
        if request.method == "POST" and not keep_draft(request):
            return _too_much_to_keep(request, address)
        if getattr(request, "htmx", False):
            response = HttpResponse(status=204)
            response["HX-Redirect"] = address
            return response
        return redirect(address)

    return wrapped


def keep_draft(request: HttpRequest) -> bool:
    """Keep what was posted to this address in the session, sealed, for the form that is shown there next.

    Anybody can post, so what no form of this site could take is not kept; the answer is whether it was.
    """
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    draft = typed.urlencode()
    if len(draft) > LARGEST_DRAFT:
        return False
    drafts = request.session.get(DRAFTS, {})
    drafts.pop(request.path, None)
    drafts[request.path] = seal(f"?{draft}")  # also a button alone is something to keep
    request.session[DRAFTS] = dict(list(drafts.items())[-MOST_DRAFTS:])
    return True


def _too_much_to_keep(request: HttpRequest, sign_in: str) -> HttpResponse:
    context = {
        "headline": _("Sign in first, and keep a copy"),
        "sentence": _("This is too much to wait here while you sign in. Copy it from below, then sign in."),
        "link": sign_in,
        "link_words": _("Sign in"),
        "typed": typed_texts(request, request.POST),
    }
    return render(request, "message.html", context, status=413)


def take_draft(request: HttpRequest) -> QueryDict | None:
    drafts = request.session.get(DRAFTS, {})
    if request.path not in drafts:
        return None
    draft = unseal(drafts.pop(request.path))
    request.session[DRAFTS] = drafts
    return QueryDict(draft.removeprefix("?")) if draft else None


class Typed(NamedTuple):
    name: str
    value: str
    label: Words


def typed_texts(request: HttpRequest, posted: QueryDict) -> list[Typed]:
    """What was posted to this address, in the words of its form as far as they are known."""
    values = [(name, str(value)) for name, found in posted.lists() for value in found if name != "csrfmiddlewaretoken"]
    labels = _labels(request, {_unprefixed(name) for name in posted})
    return [Typed(name, value, labels.get(_unprefixed(name), "")) for name, value in values]


def _labels(request: HttpRequest, names: set[str]) -> dict[str, Words]:
    """The labels of that form, of those which the view knows, that has most of these fields and fewest others."""
    view = request.resolver_match.func if request.resolver_match else None
    known = vars(sys.modules[view.__module__]).values() if view else ()
    found = [thing for thing in known if isinstance(thing, type) and issubclass(thing, forms.Form)]
    fields = [form.base_fields for form in found]
    best = max(fields, key=lambda own: (len(names & own.keys()), -len(own)), default={})
    return {name: field.label for name, field in best.items() if field.label}


def _unprefixed(name: str) -> str:
    return name.rpartition("-")[2]


def send_again(request: HttpRequest, posted: QueryDict, *, ours: bool = True, status: int = 200) -> HttpResponse:
    """What was posted, to read and, if it came from a page of this site, to send again with one click."""
    shown = {"typed": typed_texts(request, posted), "ours": ours, "action": request.get_full_path()}
    return render(request, "form_expired.html", shown, status=status)


def form_for(request: HttpRequest, form_class: type[forms.Form], **kwargs: Any) -> Any:
    """The form of this page: posted, or with what was typed before signing in, or empty."""
    if request.method == "POST":
        return form_class(request.POST, **kwargs)
    draft = take_draft(request)
    return form_class(draft, **kwargs) if draft is not None else form_class(**kwargs)


def attempt(form: forms.Form, act: Callable[..., T], *args: Any, **kwargs: Any) -> T | None:
    """Run an action; its refusal becomes an error of the form and the answer is None."""
    try:
        return act(*args, **kwargs)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return None


def attempt_click(request: HttpRequest, act: Callable[..., T], *args: Any, done: str = "", **kwargs: Any) -> T | None:
    """Run the action of a button without fields; a refusal or `done` is said on the next page."""
    try:
        answer = act(*args, **kwargs)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return None
    if done:
        messages.success(request, done)
    return answer


def form_page(
    request: HttpRequest, form: forms.Form, *, headline: str, button: str, back: tuple[str, object], lede: str = ""
) -> HttpResponse:
    """A page with one form; `back` is the address and the name of the page that it belongs to."""
    way_back, name = back
    context = {
        "headline": headline,
        "lede": lede,
        "form": form,
        "button": button,
        "way_back": way_back,
        "way_back_words": name,
    }
    return render(request, "form_page.html", context)


def not_allowed(request: HttpRequest, sentence: str = "", back: tuple[str, Words] | None = None) -> HttpResponse:
    """A page that says why this person may not do this, and shows what they typed, so that it is not lost.

    `back` is the address and the words of a link to where they can go on.
    """
    link, link_words = back or ("", "")
    context = {
        "link": link,
        "link_words": link_words,
        "headline": _("This is not yours to do"),
        "sentence": sentence or _("Only some people may open this page."),
        "typed": typed_texts(request, request.POST or take_draft(request) or QueryDict()),
    }
    return render(request, "message.html", context, status=403)


def csv_response(name: str, fields: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """Rows as a table that people open in a spreadsheet."""
    fields = list(fields)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    table = csv.writer(response)
    table.writerow(fields)
    table.writerows([_cell(row[field]) for field in fields] for row in rows)
    return response


def _cell(value: Any) -> Any:
    """As it is read by a table: nothing for none, and no text as a formula."""
    if isinstance(value, dict):
        value = "; ".join(f"{name}={number}" for name, number in value.items())
    if isinstance(value, str) and value.lstrip().startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value
