from django.urls import path

from encours.backoffice.mail_notices import views

app_name = "mail_notices"
urlpatterns = [
    path("<int:company_id>/<str:hook_key>/", views.receive, name="receive"),
    # Mailgun posts a mail as it came to addresses that end so
    path("<int:company_id>/<str:hook_key>/mime", views.receive, name="receive_mime"),
]
