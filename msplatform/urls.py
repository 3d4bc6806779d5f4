from django.urls import include, path, register_converter

from apps.core.converters import Name
from msplatform import health, metrics

# Before the addresses of the apps, which use it.
register_converter(Name, "name")

urlpatterns = [
    path("initiatives/", include("apps.initiatives.urls")),
    path("groups/", include("apps.groups.urls")),
    path("guidelines/", include("apps.guidelines.urls")),
    path("translations/", include("apps.translations.urls")),
    path("resources/", include("apps.resources.urls")),
    path("feedback/", include("apps.feedback.urls")),
    path("news/", include("apps.news.urls")),
    path("", include("apps.engagement.urls")),
    path("", include("apps.questions.urls")),
    path("", include("apps.deadlines.urls")),
    path("people/", include("apps.people.urls")),
    path("record/", include("apps.record.urls")),
    path("notices/", include("apps.notifications.urls")),
    path("accounts/", include("apps.accounts.urls")),
    path("accounts/", include("apps.accounts.provider_urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("operations/", include("apps.operations.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    # The last, since /groups/<slug>/ would take /groups/new/ for a group.
    path("", include("apps.home.urls")),
]

handler400 = "apps.core.views.bad_request"
handler403 = "apps.core.views.forbidden"
handler404 = "apps.core.views.not_found"
handler500 = "apps.core.views.server_error"
