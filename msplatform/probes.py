"""The addresses that machines ask: they are answered whatever is dead."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from msplatform.health import healthz
from msplatform.metrics import metrics

PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/healthz": healthz, "/metrics": metrics}


def answer_first(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware that answers before the others ask who is there, which a dead database cannot say."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path, get_response)(request)

    return middleware
