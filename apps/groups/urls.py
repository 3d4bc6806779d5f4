from django.urls import path

from apps.groups.views import meetings, members, proposals

app_name = "groups"
urlpatterns = [
    path("", members.index, name="index"),
    path("new/", members.new, name="new"),
    path("<name:slug>/change/", members.change, name="change"),
    path("<name:slug>/join/", members.join, name="join"),
    path("<name:slug>/leave/", members.leave, name="leave"),
    path("<name:slug>/invite/", members.invite, name="invite"),
    path("<name:slug>/confirm/", members.confirm, name="confirm"),
    path("<name:slug>/members/<int:pk>/answer/", members.answer, name="answer"),
    path("<name:slug>/members/<int:pk>/coordinate/", members.coordinate, name="coordinate"),
    path("<name:slug>/succession/", members.succession, name="succession"),
    path("<name:slug>/invitation/", members.answer_invitation, name="answer_invitation"),
    path("<name:slug>/proposals/", proposals.index, name="proposals"),
    path("<name:slug>/proposals/new/", proposals.new, name="propose"),
    path("<name:slug>/proposals/<int:pk>/", proposals.page, name="proposal"),
    path("<name:slug>/proposals/<int:pk>/version/", proposals.version, name="version"),
    path("<name:slug>/proposals/<int:pk>/position/", proposals.position, name="position"),
    path("<name:slug>/proposals/<int:pk>/withdraw/", proposals.withdraw, name="withdraw"),
    path("<name:slug>/objections/<int:pk>/answer/", proposals.answer, name="answer_objection"),
    path("<name:slug>/objections/<int:pk>/settle/", proposals.settle, name="settle_objection"),
    path("<name:slug>/objections/<int:pk>/insist/", proposals.insist, name="insist"),
    path("<name:slug>/meetings/", meetings.index, name="meetings"),
    path("<name:slug>/meetings/new/", meetings.new, name="plan_meeting"),
    path("<name:slug>/meetings/<int:pk>/", meetings.page, name="meeting"),
    path("<name:slug>/meetings/<int:pk>/change/", meetings.change, name="change_meeting"),
    path("<name:slug>/meetings/<int:pk>/cancel/", meetings.cancel, name="cancel_meeting"),
    path("<name:slug>/meetings/<int:pk>/coming/", meetings.coming, name="coming"),
    path("<name:slug>/meetings/<int:pk>/notes/", meetings.notes, name="notes"),
    path("<name:slug>/facilitators/", members.facilitators, name="facilitators"),
    path("<name:slug>/facilitators/<int:pk>/accept/", members.accept_facilitator, name="accept_facilitator"),
    path("<name:slug>/facilitators/<int:pk>/end/", members.end_facilitation, name="end_facilitation"),
]
