from django.urls import path

from encours.backoffice.bank_notices import views

app_name = "bank_notices"
urlpatterns = [path("<int:company_id>/<str:hook_key>/", views.receive, name="receive")]
