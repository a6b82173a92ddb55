from django.urls import path

from encours.backoffice.payment_notices import views

app_name = "payment_notices"
urlpatterns = [path("<int:company_id>/<str:hook_key>/", views.receive, name="receive")]
