"""What would be lost, what was known when, and what is asked twice."""

from django.urls import URLPattern, path

from .views import continuity

urlpatterns: list[URLPattern] = [
    path("people/if-anybody-left/", continuity.team_if_left, name="team_if_left"),
    path("people/<int:pk>/if-they-left/", continuity.person_if_left, name="person_if_left"),
]
