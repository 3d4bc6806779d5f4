from django.urls import path

from apps.questions import views

app_name = "questions"
urlpatterns = [
    path("initiatives/<int:number>-<slug:words>/questions/", views.index, name="index"),
    path("initiatives/<int:number>-<slug:words>/questions/ask/", views.ask, name="ask"),
    path("questions/<int:pk>/", views.page, name="page"),
    path("questions/<int:pk>/me-too/", views.me_too, name="me_too"),
    path("questions/<int:pk>/answer/", views.answer, name="answer"),
    path("questions/<int:pk>/split/", views.split, name="split"),
]
