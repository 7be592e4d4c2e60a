from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from .database.grants import grant
from .database.history import plan_for_many_rows


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("tasks")  # of every app, so that `queue` knows them by name
        post_migrate.connect(grant, dispatch_uid="accounts.database.grants")
        post_migrate.connect(plan_for_many_rows, dispatch_uid="accounts.database.history")
