from django.urls import path

from apps.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("settings/", views.settings_page, name="settings"),
    path("export/", views.export, name="export"),
    path("calendar/make/", views.make_calendar, name="make_calendar"),
    path("calendar/renew/", views.renew_calendar, name="renew_calendar"),
    path("calendar/drop/", views.drop_calendar, name="drop_calendar"),
    path("demo/", views.demo, name="demo"),
    path("staff/", views.staff_start, name="staff"),
    path("staff/callback/", views.staff_callback, name="staff_callback"),
    path("staff/link/", views.staff_link, name="staff_link"),
]
