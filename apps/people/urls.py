from django.urls import path

from apps.people import views

app_name = "people"
urlpatterns = [
    path("", views.people_page, name="index"),
    path("roles/<int:pk>/end/", views.end_role, name="end_role"),
]
