#!/usr/bin/env python
"""Django's command line. Commands that change tables run as the tables' owner, all others as the site."""

import os
import sys

NEEDS_OWNER = {"migrate", "pgtrigger"}
STARTS_NOTHING = {"check"}  # it lists what stands in the way


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if NEEDS_OWNER & set(sys.argv[1:2]):
        os.environ.setdefault("AS_OWNER", "1")
    from django.core.management import execute_from_command_line

    from config.starting import refuse

    if not STARTS_NOTHING & set(sys.argv[1:2]):
        refuse()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
