#!/usr/bin/env python
"""Django's command line. Commands that change tables run as the tables' owner, all others as the site.

Without DATABASE_URL they work beside the demo that is running from this folder, if one is.
"""

import os
import sys

NEEDS_OWNER = {"migrate", "pgtrigger"}
STARTS_NOTHING = {"check"}  # it lists what stands in the way


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if NEEDS_OWNER & set(sys.argv[1:2]):
        os.environ.setdefault("AS_OWNER", "1")
    if not os.environ.get("DATABASE_URL"):
        from config.demo.running import settings_of_the_demo

        for name, value in settings_of_the_demo().items():
            os.environ.setdefault(name, value)
    from django.core.management import execute_from_command_line

    from config.starting import refuse

    if not STARTS_NOTHING & set(sys.argv[1:2]):
        refuse()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
