from django.urls import path

from apps.translations import views

app_name = "translations"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:kind>/<int:pk>/<slug:language>/", views.unit_page, name="unit"),
]
