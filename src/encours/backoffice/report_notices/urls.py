from django.urls import path

from encours.backoffice.report_notices import views

app_name = "report_notices"
urlpatterns = [path("<int:company_id>/<str:hook_key>/", views.receive, name="receive")]
