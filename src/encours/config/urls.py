"""Routes of every face."""

from django.urls import include, path

from encours.portal.look import robots

urlpatterns = [
    path("compte/", include("allauth.account.urls")),
    path("compte/mfa/", include("allauth.mfa.urls")),
    path("api/", include("encours.api.urls")),
    path("p/", include("encours.portal.urls")),
    path("robots.txt", robots),
    path("", include("encours.backoffice.urls")),
]

handler400 = "encours.backoffice.errors.bad_request"
handler403 = "encours.backoffice.errors.forbidden"
handler404 = "encours.backoffice.errors.not_found"
handler500 = "encours.backoffice.errors.server_error"
