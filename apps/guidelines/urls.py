from django.urls import path

from apps.guidelines import views

app_name = "guidelines"
urlpatterns = [
    path("", views.current_page, name="index"),
    path("draft/", views.draft_page, name="draft"),
    path("draft/start/", views.start_draft, name="start_draft"),
    path("draft/edit/", views.edit_draft, name="edit_draft"),
    path("draft/announce/", views.announce_draft, name="announce_draft"),
    path("draft/take-back/", views.take_draft_back, name="take_draft_back"),
    path("draft/publish/", views.publish_draft, name="publish_draft"),
    path("draft/drop/", views.drop_draft, name="drop_draft"),
    path("<name:number>/", views.version_page, name="version"),
    path("<name:number>/changes/", views.changes_page, name="changes"),
]
