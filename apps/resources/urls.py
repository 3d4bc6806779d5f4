from django.urls import path

from apps.resources.views import bookings, catalogue, offering, places, requests

app_name = "resources"
urlpatterns = [
    path("", catalogue.index, name="index"),
    path("requests/<int:pk>/", requests.request_page, name="request"),
    path("requests/<int:pk>/give/", requests.give, name="give"),
    path("requests/<int:pk>/decline/", requests.decline, name="decline"),
    path("requests/<int:pk>/end/", requests.end, name="end"),
    path("requests/<int:pk>/back/", requests.give_back, name="give_back"),
    path("requests/<int:pk>/keep/", requests.keep, name="keep"),
    path("requests/<int:pk>/enter/", places.enter, name="enter"),
    path("requests/<int:pk>/list/", places.be_on_list, name="be_on_list"),
    path("jobs/<int:pk>/again/", places.try_again, name="try_again"),
    path("jobs/<int:pk>/by-hand/", places.do_by_hand, name="do_by_hand"),
    path("requests/<int:pk>/still-wanted/", offering.still_wanted, name="still_wanted"),
    path("offer/", offering.offer, name="offer"),
    path("invitations/<int:pk>/", offering.invitation, name="invitation"),
    path("invitations/<int:pk>/take-back/", offering.take_back_invitation, name="take_back_invitation"),
    path("links/<int:pk>/retire/", offering.retire_link, name="retire_link"),
    path("<slug:slug>/change/", offering.change, name="change"),
    path("<slug:slug>/withdraw/", offering.withdraw, name="withdraw"),
    path("<slug:slug>/offer-again/", offering.offer_again, name="offer_again"),
    path("<slug:slug>/stewards/", offering.stewards, name="stewards"),
    path("<slug:slug>/stewards/invite/", offering.invite, name="invite_steward"),
    path("<slug:slug>/stewards/leave/", offering.leave, name="leave_stewards"),
    path("<slug:slug>/links/", offering.add_links, name="add_links"),
    path("requests/<int:pk>/change/", bookings.change, name="change"),
    path("requests/<int:pk>/extend/", bookings.extend, name="extend"),
    path("requests/<int:pk>/back/series/", bookings.give_back_series, name="give_back_series"),
    path("requests/<int:pk>/used/", bookings.note_use, name="note_use"),
    path("meetings/<int:pk>/room/", bookings.room_for_meeting, name="room_for_meeting"),
    path("of-kind/<slug:kind>/", catalogue.of_kind, name="of_kind"),
    path("<slug:slug>/", catalogue.resource_page, name="resource"),
]
