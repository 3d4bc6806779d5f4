from django.urls import path

from apps.engagement import views

app_name = "engagement"
urlpatterns = [
    path("review/", views.review, name="review"),
    path("review/<int:pk>/", views.decide, name="decide"),
    path("initiatives/<int:number>-<slug:words>/checklist/", views.checklist_page, name="checklist"),
    path("initiatives/<int:number>-<slug:words>/checklist/hand-in/", views.hand_in, name="hand_in"),
    path("initiatives/<int:number>-<slug:words>/checklist/<slug:code>/", views.step_page, name="step"),
    path("initiatives/<int:number>-<slug:words>/checklist/<slug:code>/early/", views.hand_in_early, name="early"),
    path(
        "initiatives/<int:number>-<slug:words>/checklist/<slug:code>/neighbours/", views.neighbours, name="neighbours"
    ),
    path("entries/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
]
