from django.urls import path

from apps.feedback.views import answers, carrying, rounds, summary

app_name = "feedback"
urlpatterns = [
    path("", rounds.index, name="index"),
    path("new/", rounds.new, name="new"),
    path("report/", carrying.report, name="report"),
    path("<int:pk>/", rounds.round_page, name="round"),
    path("<int:pk>/change/", rounds.change, name="change"),
    path("<int:pk>/open/", rounds.open_round, name="open"),
    path("<int:pk>/discard/", rounds.discard, name="discard"),
    path("<int:pk>/cancel/", rounds.cancel, name="cancel"),
    path("<int:pk>/answer/", answers.answer, name="answer"),
    path("<int:pk>/answer/take-back/", answers.take_back, name="take_back"),
    path("<int:pk>/in/<slug:into>/", answers.translate, name="translate"),
    path("<int:pk>/carry/", carrying.carry, name="carry"),
    path("<int:pk>/decline/", carrying.decline, name="decline"),
    path("<int:pk>/summary/", summary.summarise, name="summarise"),
    path("<int:pk>/summary/correct/", summary.correct, name="correct"),
]
