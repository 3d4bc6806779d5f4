from django.urls import path

from apps.resources import views

app_name = "resources"
urlpatterns = [
    path("", views.index, name="index"),
    path("requests/<int:pk>/", views.request_page, name="request"),
    path("requests/<int:pk>/give/", views.give, name="give"),
    path("requests/<int:pk>/decline/", views.decline, name="decline"),
    path("requests/<int:pk>/end/", views.end, name="end"),
    path("requests/<int:pk>/back/", views.give_back, name="give_back"),
    path("requests/<int:pk>/keep/", views.keep, name="keep"),
    path("<slug:slug>/", views.resource_page, name="resource"),
]
