from dataclasses import asdict

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from apps.core.web import HtmxRequest, attempt, attempt_click, csv_response, form_for, signed_in
from apps.deadlines import actions, answers, board, queries
from apps.deadlines.forms import AbsenceForm, WaitsForm
from apps.deadlines.models import Deadline
from apps.notifications.web import offer_recall

WAITS_A_PAGE = 25
WAITS_A_FILE = 1_000


@vary_on_headers("HX-Request")
def waiting_page(request: HtmxRequest) -> HttpResponse:
    now = timezone.now()
    form = WaitsForm(request.GET)
    chosen = form.chosen
    found = board.chosen_waits(chosen, now)
    count, late = board.counted(found, now)
    paginator = Paginator(found, WAITS_A_PAGE)
    paginator.count = min(count, board.MOST_COUNTED)
    page = paginator.get_page(request.GET.get("page"))
    times = answers.answer_times(chosen, now)
    context = {
        "form": form,
        "chosen": chosen,
        "page": page,
        "rows": board.board_rows(page.object_list, now),
        "most": board.MOST_COUNTED,
        "roles": answers.answer_table(times.kinds),
        "owners": answers.answer_table(times.owners),
        "counted_at": times.counted_at,
        "filters": urlencode({name: value for name, value in asdict(chosen).items() if value}),
        "now": now,
    }
    if request.htmx:
        return render(request, "deadlines/waiting.html#waits", context)
    if chosen != board.Chosen():
        count, late = board.counted(board.chosen_waits(board.Chosen(), now), now)
    return render(request, "deadlines/waiting.html", context | {"total": count, "late": late})


def silence(request: HttpRequest) -> HttpResponse:
    """The report of what silence decided, while nobody answered."""
    now = timezone.now()
    settled = board.settled_by_silence(now)
    page = Paginator(settled, WAITS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "total": page.paginator.count,
        "rows": queries.waits(page.object_list),
        "kinds": board.silence_by_kind(settled),
        "now": now,
    }
    return render(request, "deadlines/silence.html", context)


def wait_page(request: HttpRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    shown = board.wait_shown(public_wait(pk), request.user, now)
    if shown is None:
        raise Http404
    return render(request, "deadlines/wait.html", {"shown": shown, "ladder": shown.wait.ladder(now), "now": now})


@signed_in
@require_POST
def me_too(request: HttpRequest, pk: int) -> HttpResponse:
    deadline = public_wait(pk)
    if request.POST.get("say") == "no":
        actions.take_back_me_too(deadline, by=request.user)
    else:
        done = _("Noted: you are told when it is answered.")
        attempt_click(request, actions.say_me_too, deadline, by=request.user, now=timezone.now(), done=done)
    return redirect(deadline)


@signed_in
@require_POST
def ask_again(request: HttpRequest, pk: int) -> HttpResponse:
    deadline = public_wait(pk)
    done = _("Asked again. Everybody who can answer now is told, and the record says so.")
    now = timezone.now()
    for wait in queries.waits([deadline]):
        attempt_click(request, actions.ask_again, wait, by=request.user, now=now, done=done)
        offer_recall(request, by=request.user, now=now)
    return redirect(deadline)


def public_wait(pk: int) -> Deadline:
    return get_object_or_404(Deadline, pk=pk, rule__in=queries.public_rules())


# --- The same as data ------------------------------------------------------------------------


def open_json(request: HttpRequest) -> HttpResponse:
    form = WaitsForm(request.GET)
    rows, following = _open_data(request, form.chosen)
    return JsonResponse({"waits": rows, "next": following, "left_out": list(form.errors)})


def open_csv(request: HttpRequest) -> HttpResponse:
    rows, following = _open_data(request, WaitsForm(request.GET).chosen)
    response = csv_response("waiting-open", board.OPEN_FIELDS, rows)
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


def answers_json(request: HttpRequest) -> HttpResponse:
    form = WaitsForm(request.GET)
    times = answers.answer_times(form.chosen, timezone.now())
    counted_at = board.in_utc(times.counted_at)
    rows = answers.answers_as_data(times)
    return JsonResponse({"counted_at": counted_at, "answers": rows, "left_out": list(form.errors)})


def answers_csv(request: HttpRequest) -> HttpResponse:
    times = answers.answer_times(WaitsForm(request.GET).chosen, timezone.now())
    return csv_response("waiting-answers", answers.ANSWER_FIELDS, answers.answers_as_data(times))


def _open_data(request: HttpRequest, chosen: board.Chosen) -> tuple[list[board.Data], str | None]:
    """A thousand rows, and the address of the next thousand."""
    now = timezone.now()
    found = board.after(board.chosen_waits(chosen, now), request.GET.get("after", ""))
    deadlines = list(found[: WAITS_A_FILE + 1])
    rows = [board.as_data(row) for row in board.board_rows(deadlines[:WAITS_A_FILE], now)]
    for row in rows:
        row["url"] = request.build_absolute_uri(row["url"])
    if len(deadlines) <= WAITS_A_FILE:
        return rows, None
    filters = request.GET.copy()
    filters["after"] = str(deadlines[WAITS_A_FILE - 1].pk)
    return rows, request.build_absolute_uri(f"{request.path}?{filters.urlencode()}")


# --- Being away ------------------------------------------------------------------------------


@signed_in
def absence_page(request: HttpRequest) -> HttpResponse:
    form = form_for(request, AbsenceForm)
    if request.method == "POST" and form.is_valid():
        begins_at, ends_at = form.cleaned_data["begins_at"], form.cleaned_data["ends_at"]
        declared = attempt(
            form, actions.declare_absence, begins_at=begins_at, ends_at=ends_at, by=request.user, now=timezone.now()
        )
        if declared:
            messages.success(request, _("Noted. Only you can see it."))
            return redirect("deadlines:absence")
    return render(request, "deadlines/absence.html", {"form": form, "absence": queries.absence_of(request.user)})


@signed_in
@require_POST
def end_absence(request: HttpRequest) -> HttpResponse:
    attempt_click(request, actions.come_back, by=request.user, now=timezone.now(), done=_("Welcome back."))
    return redirect("deadlines:absence")
