from django.urls import path

from apps.engagement.views import entries, review

app_name = "engagement"
urlpatterns = [
    path("review/", review.review, name="review"),
    path("review/<int:pk>/", review.decide, name="decide"),
    path("review/replies/", review.replies, name="replies"),
    path("review/replies/<int:pk>/", review.reply, name="reply"),
    path("review/replies/<int:pk>/remove/", review.remove_reply, name="remove_reply"),
    path("review/decisions/<int:pk>/take-back/", review.take_back, name="take_back"),
    path("initiatives/<int:number>-<slug:words>/checklist/", entries.checklist_page, name="checklist"),
    path("initiatives/<int:number>-<slug:words>/checklist/hand-in/", entries.hand_in, name="hand_in"),
    path("initiatives/<int:number>-<slug:words>/checklist/<slug:code>/", entries.step_page, name="step"),
    path("initiatives/<int:number>-<slug:words>/checklist/<slug:code>/early/", entries.hand_in_early, name="early"),
    path("initiatives/<int:number>-<slug:words>/checklist/<slug:code>/answer/", entries.answer, name="answer"),
    path(
        "initiatives/<int:number>-<slug:words>/checklist/<slug:code>/neighbours/",
        entries.neighbours,
        name="neighbours",
    ),
    path("entries/<int:pk>/withdraw/", entries.withdraw, name="withdraw"),
]
