from django.urls import path

from .views import imports

urlpatterns = [
    path("", imports.import_list, name="import_list"),
    path("new/", imports.import_new, name="import_new"),
    path("<int:pk>/", imports.import_batch, name="import_batch"),
    path("<int:pk>/answers/", imports.import_answers, name="import_answers"),
    path("<int:pk>/encoding/<int:position>/", imports.import_encoding, name="import_encoding"),
    path("<int:pk>/apply/", imports.import_apply, name="import_apply"),
    path("<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("<int:pk>/tray/", imports.import_tray, name="import_tray"),
    path("<int:pk>/tray.csv", imports.import_tray_file, name="import_tray_file"),
]
