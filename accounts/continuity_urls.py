"""What would be lost, what was known when, and what is asked twice."""

from django.urls import URLPattern, path

from .views import calls, continuity, remembering

urlpatterns: list[URLPattern] = [
    path("accounts/<int:pk>/as-of/", remembering.account_as_of, name="account_as_of"),
    path("accounts/<int:pk>/people/", continuity.account_people, name="account_people"),
    path("accounts/<int:pk>/call/", calls.account_call, name="account_call"),
    path("facts/<int:pk>/settle/", calls.fact_settle, name="fact_settle"),
    path("facts/<int:pk>/hold-both/", calls.fact_hold_both, name="fact_hold_both"),
    path("people/asked-before/", calls.asked_before, name="asked_before"),
    path("people/if-anybody-left/", continuity.team_if_left, name="team_if_left"),
    path("people/<int:pk>/if-they-left/", continuity.person_if_left, name="person_if_left"),
]
