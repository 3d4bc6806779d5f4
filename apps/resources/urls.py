from django.urls import path

from apps.resources.views import catalogue, requests

app_name = "resources"
urlpatterns = [
    path("", catalogue.index, name="index"),
    path("requests/<int:pk>/", requests.request_page, name="request"),
    path("requests/<int:pk>/give/", requests.give, name="give"),
    path("requests/<int:pk>/decline/", requests.decline, name="decline"),
    path("requests/<int:pk>/end/", requests.end, name="end"),
    path("requests/<int:pk>/back/", requests.give_back, name="give_back"),
    path("requests/<int:pk>/keep/", requests.keep, name="keep"),
    path("<slug:slug>/", catalogue.resource_page, name="resource"),
]
