"""What the site's own database role may do to each table, granted anew after every migration.

The role owns nothing. It may read and insert everywhere; it may update and delete only where a model does
not say otherwise: `frozen` rows never change, and `columns_that_change` names the only columns that may
(`columns_that_stay` the only ones that may not).
Nobody but the owner may truncate.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections, models
from django.db.backends.utils import CursorWrapper

from .row_security import secure

FROZEN_TABLES = {"django_migrations", "django_content_type"}
#: Who did what: history points to it.
KEPT_TABLES = {"pghistory_context"}


def privileges(model: type[models.Model]) -> str:
    """The GRANT list for a model's table."""
    if getattr(model, "frozen", False) or getattr(model, "pgh_tracked_model", None) is not None:
        return "SELECT, INSERT"
    columns = getattr(model, "columns_that_change", ())
    if stay := getattr(model, "columns_that_stay", ()):
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        columns = [field.column for field in fields if field.column not in stay]
    if columns:
        return f"SELECT, INSERT, UPDATE ({', '.join(columns)})"
    if getattr(model, "never_deleted", False):
        return "SELECT, INSERT, UPDATE"
    return "SELECT, INSERT, UPDATE, DELETE"


def grant(sender: AppConfig | None = None, using: str = "default", **kwargs: Any) -> None:
    """Give the site's role its rights. Does nothing when the site's role is itself the migrating one."""
    role = settings.SITE_ROLE
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_user")
        if not role or cursor.fetchone()[0] == role:
            return
        _ensure_role(cursor, role)
        cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
        cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{role}"')
        cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
        existing = set(connections[using].introspection.table_names(cursor))
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if not model._meta.managed or model._meta.proxy or table not in existing:
                continue
            rights = "SELECT" if table in FROZEN_TABLES else privileges(model)
            if table in KEPT_TABLES:
                rights = "SELECT, INSERT, UPDATE"
            cursor.execute(f'GRANT {rights} ON "{table}" TO "{role}"')
        if "django_migrations" in existing:
            cursor.execute(f'GRANT SELECT ON django_migrations TO "{role}"')
        if sender and sender.name == "accounts" and "accounts_confirmation" in existing:
            secure(cursor, role)


def _ensure_role(cursor: CursorWrapper, role: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if cursor.fetchone() is None:
        cursor.execute(f'CREATE ROLE "{role}" NOLOGIN')
