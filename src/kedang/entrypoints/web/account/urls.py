"""Signing in and one's own account: allauth's pages in our layout, and of those only what this door needs.

There is no way to sign up, and none to be sent a password: whoever keeps the accounts gives a new one.
"""

from __future__ import annotations

from allauth.account import views as entrance
from allauth.mfa.base import views as factors
from django.urls import include, path

from kedang.entrypoints.web.account import linking, views

urlpatterns = [
    path("", views.account, name="account"),
    path("sessions/end/", views.end_one, name="account_end_session"),
    path("sessions/end-all/", views.end_all, name="account_end_sessions"),
    path("login/", entrance.login, name="account_login"),
    path("logout/", entrance.logout, name="account_logout"),
    path("inactive/", entrance.account_inactive, name="account_inactive"),
    path("reauthenticate/", entrance.reauthenticate, name="account_reauthenticate"),
    path("password/change/", entrance.password_change, name="account_change_password"),
    path("2fa/", views.factors, name="mfa_index"),
    path("2fa/authenticate/", factors.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/", include("allauth.mfa.totp.urls")),
    path("2fa/recovery-codes/", include("allauth.mfa.recovery_codes.urls")),
    path("2fa/webauthn/", include("allauth.mfa.webauthn.urls")),
    path("sso/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("sso/links/", include(linking.OF_ALLAUTH)),
    path("sso/invited/", linking.invited, name="invited"),
]
