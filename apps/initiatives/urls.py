from django.urls import path

from apps.initiatives import views

app_name = "initiatives"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:number>-<slug:words>/adopt/", views.adopt, name="adopt"),
    path("<int:number>-<slug:words>/interest/", views.interest, name="interest"),
    path("<int:number>-<slug:words>/interest/end/", views.end_interest, name="end_interest"),
    path("<int:number>-<slug:words>/update/", views.update, name="update"),
    path("<int:number>-<slug:words>/renew/", views.renew, name="renew"),
    path("<int:number>-<slug:words>/step-down/", views.step_down, name="step_down"),
    path("<int:number>-<slug:words>/places/", views.add_place, name="add_place"),
]
