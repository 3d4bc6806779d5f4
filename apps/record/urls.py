from django.urls import path

from apps.record import views

app_name = "record"
urlpatterns = [path("", views.record_page, name="index")]
