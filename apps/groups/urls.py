from django.urls import path

from apps.groups import views

app_name = "groups"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<str:slug>/change/", views.change, name="change"),
    path("<str:slug>/join/", views.join, name="join"),
    path("<str:slug>/leave/", views.leave, name="leave"),
    path("<str:slug>/invite/", views.invite, name="invite"),
    path("<str:slug>/confirm/", views.confirm, name="confirm"),
    path("<str:slug>/members/<int:pk>/answer/", views.answer, name="answer"),
    path("<str:slug>/members/<int:pk>/coordinate/", views.coordinate, name="coordinate"),
    path("<str:slug>/invitation/", views.answer_invitation, name="answer_invitation"),
]
