from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    """In which role somebody serves an account."""

    OWNER = "owner", "Owner"
    SUCCESS = "success", "Success"
    SUPPORT = "support", "Support"
    ENGINEER = "engineer", "Engineer"
    SPONSOR = "sponsor", "Executive sponsor"
    INCOMING = "incoming", "Incoming"
    BACK_UP = "back_up", "Back-up"
    PAST = "past", "Served before our records"


#: Who answers for something, and so may hold what is owed.
HOLDING_ROLES = [Role.OWNER, Role.SUCCESS, Role.SUPPORT, Role.ENGINEER, Role.SPONSOR]
