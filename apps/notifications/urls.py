from django.urls import path

from apps.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.letters_page, name="index"),
    path("read/", views.read_all, name="read_all"),
    path("choices/", views.choices_page, name="choices"),
    path("again/", views.try_again, name="try_again"),
    path("sent/", views.sent_page, name="sent"),
    path("sent/<int:pk>/recall/", views.recall, name="recall"),
    path("example/", views.example_letters_page, name="example"),
    path("<int:pk>/", views.letter_page, name="letter"),
    path("unsubscribe/<str:token>/", views.unsubscribe_page, name="unsubscribe"),
]
