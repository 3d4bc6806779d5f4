from django.urls import path

from apps.people.views import people, roles

app_name = "people"
urlpatterns = [
    path("", people.index, name="index"),
    path("affiliates/<int:pk>/", people.affiliate, name="affiliate"),
    path("affiliates/<int:pk>/contact/", people.say_contact, name="say_contact"),
    path("contacts/<int:pk>/confirm/", people.confirm_contact, name="confirm_contact"),
    path("contacts/<int:pk>/take-off/", people.refuse_contact, name="refuse_contact"),
    path("contacts/<int:pk>/take-back/", people.take_back_contact, name="take_back_contact"),
    path("grant/", roles.grant, name="grant"),
    path("ask/<slug:role>/", roles.ask, name="ask"),
    path("roles/<int:pk>/", roles.role_page, name="role"),
    path("roles/<int:pk>/confirm/", roles.confirm, name="confirm_role"),
    path("roles/<int:pk>/decline/", roles.decline, name="decline_role"),
    path("roles/<int:pk>/take-back/", roles.take_back, name="take_back_role"),
    path("roles/<int:pk>/renew/", roles.renew, name="renew_role"),
    path("roles/<int:pk>/give-back/", roles.give_back, name="give_role_back"),
    path("roles/<int:pk>/end/", roles.end, name="end_role"),
]
