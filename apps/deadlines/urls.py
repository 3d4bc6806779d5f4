from django.urls import path

from apps.deadlines import views

app_name = "deadlines"
urlpatterns = [
    path("waiting/", views.waiting_page, name="waiting"),
    path("waiting/open.json", views.open_json, name="open_json"),
    path("waiting/open.csv", views.open_csv, name="open_csv"),
    path("waiting/answers.json", views.answers_json, name="answers_json"),
    path("waiting/answers.csv", views.answers_csv, name="answers_csv"),
    path("waiting/silence/", views.silence, name="silence"),
    path("waiting/<int:pk>/", views.wait_page, name="wait"),
    path("waiting/<int:pk>/me-too/", views.me_too, name="me_too"),
    path("waiting/<int:pk>/ask-again/", views.ask_again, name="ask_again"),
    path("me/absence/", views.absence_page, name="absence"),
    path("me/absence/end/", views.end_absence, name="end_absence"),
]
