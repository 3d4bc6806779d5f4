from django.urls import path

from apps.deadlines import views

app_name = "deadlines"
urlpatterns = [path("", views.waiting_page, name="waiting")]
