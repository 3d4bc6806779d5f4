"""What views share: forms that lose nothing, refusals in their place, signing in first."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from apps.core.refused import Refused


class HtmxRequest(HttpRequest):
    """A request as django-htmx's middleware leaves it."""

    htmx: HtmxDetails


T = TypeVar("T")
View = Callable[..., HttpResponse]
DRAFTS = "drafts"
MOST_DRAFTS = 3


def signed_in(view: View) -> View:
    """Ask a visitor to sign in first; what they had typed waits for them on the same page."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            response = view(request, *args, **kwargs)
            # A button that can only be posted: what was sent before signing in waits to be sent again.
            draft = take_draft(request) if response.status_code == 405 else None
            return response if draft is None else send_again(request, draft)
        if request.method == "POST":
            keep_draft(request)
        address = f"{resolve_url('accounts:sign_in')}?{urlencode({'next': request.get_full_path()})}"
        if getattr(request, "htmx", False):
            response = HttpResponse(status=204)
            response["HX-Redirect"] = address
            return response
        return redirect(address)

    return wrapped


def keep_draft(request: HttpRequest) -> None:
    """Keep what was posted to this address in the session, for the form that is shown there next."""
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    drafts = request.session.get(DRAFTS, {})
    drafts.pop(request.path, None)
    drafts[request.path] = typed.urlencode()
    request.session[DRAFTS] = dict(list(drafts.items())[-MOST_DRAFTS:])


def take_draft(request: HttpRequest) -> QueryDict | None:
    drafts = request.session.get(DRAFTS, {})
    if request.path not in drafts:
        return None
    draft = QueryDict(drafts.pop(request.path))
    request.session[DRAFTS] = drafts
    return draft


def typed_texts(posted: QueryDict) -> list[tuple[str, str]]:
    """What was posted, with the names of the fields."""
    values = [(name, value) for name, found in posted.lists() for value in found]
    return [(name, str(value)) for name, value in values if name != "csrfmiddlewaretoken"]


def send_again(request: HttpRequest, posted: QueryDict, *, ours: bool = True, status: int = 200) -> HttpResponse:
    """What was posted, to read and, if it came from a page of this site, to send again with one click."""
    shown = {"typed": typed_texts(posted), "ours": ours, "action": request.get_full_path()}
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


def not_allowed(request: HttpRequest, sentence: str = "") -> HttpResponse:
    """A page that says why this person may not do this, and shows what they typed, so that it is not lost."""
    context = {
        "headline": _("This is not yours to do"),
        "sentence": sentence or _("Only some people may open this page."),
        "typed": typed_texts(request.POST),
    }
    return render(request, "message.html", context, status=403)
