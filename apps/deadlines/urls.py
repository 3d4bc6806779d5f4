from django.urls import path

from apps.deadlines import views

app_name = "deadlines"
urlpatterns = [
    path("waiting/", views.waiting_page, name="waiting"),
    path("me/absence/", views.absence_page, name="absence"),
    path("me/absence/end/", views.end_absence, name="end_absence"),
]
