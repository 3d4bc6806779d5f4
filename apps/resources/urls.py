from django.urls import path

from apps.resources.views import catalogue, places, requests

app_name = "resources"
urlpatterns = [
    path("", catalogue.index, name="index"),
    path("requests/<int:pk>/", requests.request_page, name="request"),
    path("requests/<int:pk>/give/", requests.give, name="give"),
    path("requests/<int:pk>/decline/", requests.decline, name="decline"),
    path("requests/<int:pk>/end/", requests.end, name="end"),
    path("requests/<int:pk>/back/", requests.give_back, name="give_back"),
    path("requests/<int:pk>/keep/", requests.keep, name="keep"),
    path("requests/<int:pk>/enter/", places.enter, name="enter"),
    path("requests/<int:pk>/list/", places.be_on_list, name="be_on_list"),
    path("jobs/<int:pk>/again/", places.try_again, name="try_again"),
    path("jobs/<int:pk>/by-hand/", places.do_by_hand, name="do_by_hand"),
    path("<slug:slug>/", catalogue.resource_page, name="resource"),
]
