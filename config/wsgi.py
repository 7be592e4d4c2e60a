import os

from django.core.wsgi import get_wsgi_application

from config.starting import refuse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Only the site keeps a pool: its threads share connections. Workers and commands hold one each.
os.environ.setdefault("DATABASE_POOL_SIZE", "8")

refuse()
application = get_wsgi_application()
