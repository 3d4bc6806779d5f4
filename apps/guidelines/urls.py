from django.urls import path

from apps.guidelines import views

app_name = "guidelines"
urlpatterns = [
    path("", views.current_page, name="index"),
    path("<name:number>/", views.version_page, name="version"),
]
