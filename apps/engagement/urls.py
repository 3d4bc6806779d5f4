from django.urls import path

from apps.engagement.views import coverage, entries, entry, moving, pasting, review

app_name = "engagement"
urlpatterns = [
    path("engagement/", coverage.coverage_page, name="coverage"),
    path("engagement/coverage.json", coverage.coverage_json, name="coverage_json"),
    path("engagement/coverage.csv", coverage.coverage_csv, name="coverage_csv"),
    path("review/", review.review, name="review"),
    path("review/<int:pk>/", review.decide, name="decide"),
    path("review/replies/", review.replies, name="replies"),
    path("review/replies/<int:pk>/", review.reply, name="reply"),
    path("review/replies/<int:pk>/remove/", review.remove_reply, name="remove_reply"),
    path("review/decisions/<int:pk>/take-back/", review.take_back, name="take_back"),
    path("initiatives/<int:number>-<slug:words>/checklist/", entries.checklist_page, name="checklist"),
    path("initiatives/<int:number>-<slug:words>/checklist/hand-in/", entries.hand_in, name="hand_in"),
    path("initiatives/<int:number>-<slug:words>/guidelines/", moving.move, name="move"),
    path("initiatives/<int:number>-<slug:words>/checklist/<slug:code>/", entries.step_page, name="step"),
    path("initiatives/<int:number>-<slug:words>/checklist/<slug:code>/paste/", pasting.paste, name="paste"),
    path("initiatives/<int:number>-<slug:words>/checklist/<slug:code>/early/", entries.hand_in_early, name="early"),
    path("initiatives/<int:number>-<slug:words>/checklist/<slug:code>/answer/", entries.answer, name="answer"),
    path(
        "initiatives/<int:number>-<slug:words>/checklist/<slug:code>/neighbours/",
        entries.neighbours,
        name="neighbours",
    ),
    path("entries/<int:pk>/", entry.entry_page, name="entry"),
    path("entries/<int:pk>/confirm/", entry.confirm, name="confirm"),
    path("entries/<int:pk>/correct/", entry.correct, name="correct"),
    path("entries/<int:pk>/doubt/", entry.doubt, name="doubt"),
    path("doubts/<int:pk>/answer/", entry.answer_doubt, name="answer_doubt"),
    path("doubts/<int:pk>/judge/", entry.judge_doubt, name="judge_doubt"),
    path("doubts/<int:pk>/take-back/", entry.take_back_doubt, name="take_back_doubt"),
    path("entries/<int:pk>/withdraw/", entries.withdraw, name="withdraw"),
]
