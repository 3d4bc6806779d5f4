from django.urls import path

from apps.groups import views

app_name = "groups"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<name:slug>/change/", views.change, name="change"),
    path("<name:slug>/join/", views.join, name="join"),
    path("<name:slug>/leave/", views.leave, name="leave"),
    path("<name:slug>/invite/", views.invite, name="invite"),
    path("<name:slug>/confirm/", views.confirm, name="confirm"),
    path("<name:slug>/members/<int:pk>/answer/", views.answer, name="answer"),
    path("<name:slug>/members/<int:pk>/coordinate/", views.coordinate, name="coordinate"),
    path("<name:slug>/invitation/", views.answer_invitation, name="answer_invitation"),
    path("<name:slug>/facilitators/", views.facilitators, name="facilitators"),
    path("<name:slug>/facilitators/<int:pk>/accept/", views.accept_facilitator, name="accept_facilitator"),
    path("<name:slug>/facilitators/<int:pk>/end/", views.end_facilitation, name="end_facilitation"),
]
