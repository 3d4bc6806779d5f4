from django.urls import path

from apps.operations import views

app_name = "operations"
urlpatterns = [
    path("", views.operations_page, name="index"),
    path("retry/", views.retry_all, name="retry_all"),
    path("retry/<slug:what>/<int:pk>/", views.retry_one, name="retry_one"),
]
