from config import starting  # its check, and what keeps a worker from starting
from config.celery import app as celery_app

__all__ = ["celery_app", "starting"]
