from django.urls import path

from apps.resources.views import bookings, catalogue, requests

app_name = "resources"
urlpatterns = [
    path("", catalogue.index, name="index"),
    path("requests/<int:pk>/", requests.request_page, name="request"),
    path("requests/<int:pk>/give/", requests.give, name="give"),
    path("requests/<int:pk>/decline/", requests.decline, name="decline"),
    path("requests/<int:pk>/end/", requests.end, name="end"),
    path("requests/<int:pk>/back/", requests.give_back, name="give_back"),
    path("requests/<int:pk>/keep/", requests.keep, name="keep"),
    path("requests/<int:pk>/change/", bookings.change, name="change"),
    path("requests/<int:pk>/extend/", bookings.extend, name="extend"),
    path("requests/<int:pk>/back/series/", bookings.give_back_series, name="give_back_series"),
    path("requests/<int:pk>/used/", bookings.note_use, name="note_use"),
    path("meetings/<int:pk>/room/", bookings.room_for_meeting, name="room_for_meeting"),
    path("of-kind/<slug:kind>/", catalogue.of_kind, name="of_kind"),
    path("<slug:slug>/", catalogue.resource_page, name="resource"),
]
