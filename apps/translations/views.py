from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from apps.core import languages
from apps.core.text import listed
from apps.core.web import attempt, form_for, signed_in
from apps.translations import actions, queries
from apps.translations.forms import TranslationForm
from apps.translations.kinds import KINDS, target_languages


def index(request: HttpRequest) -> HttpResponse:
    """What there is to translate into one language, and how far it is."""
    targets = target_languages()
    code = _language_for(request, targets)
    units = queries.units_in(code) if code else []
    context = {
        "target": languages.language(code),
        "languages": [languages.language(target) for target in targets],
        "left": [unit for unit in units if unit.left],
        "finished": [unit for unit in units if not unit.left],
        "outdated": sum(unit.outdated for unit in units),
        "total": len(units),
    }
    return render(request, "translations/index.html", context)


def _language_for(request: HttpRequest, targets: list[str]) -> str:
    """The language that was asked for, or the one that is read, or else the first of one's own that there is."""
    mine = [*request.user.languages, *request.user.fallbacks] if request.user.is_authenticated else []
    wanted = [request.GET.get("language", ""), get_language() or "", *mine]
    return next((code for code in wanted if code in targets), targets[0] if targets else "")


@signed_in
def unit_page(request: HttpRequest, kind: str, pk: int, language: str) -> HttpResponse:
    """A thing side by side with its translation; anybody who is signed in saves as much of it as they like."""
    if kind not in KINDS or language not in target_languages():
        raise Http404
    content = KINDS[kind]
    subject = get_object_or_404(content.subjects(), pk=pk)
    form = form_for(request, TranslationForm, unit=queries.unit_of(content, subject, language))
    if request.method == "POST" and form.is_valid():
        saved = attempt(
            form, actions.translate, content, subject, language=language, typed=form.typed, by=request.user,
            now=timezone.now(),
        )  # fmt: skip
        if saved is not None:
            _tell(request, saved)
            if not saved.clashes:
                return redirect("translations:unit", kind, pk, language)
            subject = content.subjects().get(pk=pk)
            form = form.after_clashes(queries.unit_of(content, subject, language), saved.clashes)
    context = {
        "unit": form.unit,
        "form": form,
        "history": queries.history_of(form.unit),
        "source": languages.language("en"),
        "now": timezone.now(),
    }
    return render(request, "translations/unit.html", context)


def _tell(request: HttpRequest, saved: actions.Saved) -> None:
    if saved.count:
        words = ngettext("%(count)d paragraph is saved.", "%(count)d paragraphs are saved.", saved.count)
        messages.success(request, words % {"count": saved.count})
    elif not saved.clashes:
        messages.success(request, _("Nothing was changed."))
    if saved.lost_links:
        words = _("A link of the original is not in your translation: %(links)s. It is saved all the same.")
        messages.warning(request, words % {"links": listed(saved.lost_links)})
