from django.urls import path

from apps.home import feeds, views

app_name = "home"
urlpatterns = [
    path("", views.town_square, name="town_square"),
    path("recommendations/<int:number>/", views.recommendation, name="recommendation"),
    path("initiatives/<int:number>-<slug:words>/", views.initiative, name="initiative"),
    path("initiatives/<int:number>/", views.initiative_by_number, name="initiative_by_number"),
    path("groups/<name:slug>/", views.group, name="group"),
    path("me/", views.me, name="me"),
    path("me/calendar/", views.my_calendar, name="my_calendar"),
    path("feeds/calendar/<slug:key>.ics", feeds.calendar_of_person, name="calendar_of_person"),
    path("feeds/meetings/<int:pk>.ics", feeds.calendar_of_meeting, name="calendar_of_meeting"),
    path("feeds/initiatives/<int:number>.ics", feeds.calendar_of_initiative, name="calendar_of_initiative"),
]
