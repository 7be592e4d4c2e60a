from django.apps import AppConfig
from django.db.models.signals import post_migrate

from .database.grants import grant


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(grant, dispatch_uid="accounts.database.grants")
