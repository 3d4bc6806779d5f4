"""The two addresses of allauth that are in use, under the names it looks for.

Its own list (passwords, e-mail addresses, connections, sign-up forms) is left out: none of it is offered here.
`/accounts/mediawiki/login/callback/` is the redirect address to register with Wikimedia.
"""

from django.urls import path

from apps.accounts import views

urlpatterns = [
    path("mediawiki/login/", views.wikimedia_login, name="mediawiki_login"),
    path("mediawiki/login/callback/", views.wikimedia_callback, name="mediawiki_callback"),
]
