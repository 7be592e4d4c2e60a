"""Addresses of the handoff room and of the customer's page."""

from django.urls import URLPattern, path

from .views import checklist_items, customer, handoffs

urlpatterns: list[URLPattern] = [
    path("handoffs/<int:pk>/", handoffs.handoff, name="handoff"),
    # Filling what is missing
    path("handoffs/<int:pk>/rate/", handoffs.handoff_rate, name="handoff_rate"),
    path("handoffs/<int:pk>/know/", handoffs.handoff_know, name="handoff_know"),
    path("handoffs/<int:pk>/if-then/", handoffs.handoff_if_then, name="handoff_if_then"),
    path("handoffs/<int:pk>/champion/", handoffs.handoff_champion, name="handoff_champion"),
    # The steps of the rail
    path("handoffs/<int:pk>/write/", handoffs.handoff_write, name="handoff_write"),
    path("handoffs/<int:pk>/approve/", handoffs.handoff_approve, name="handoff_approve"),
    path("handoffs/<int:pk>/return/", handoffs.handoff_return, name="handoff_return"),
    path("handoffs/<int:pk>/read-back/", handoffs.handoff_read_back, name="handoff_read_back"),
    path("handoffs/<int:pk>/accept/", handoffs.handoff_accept, name="handoff_accept"),
    path(
        "handoffs/<int:pk>/return-read-back/",
        handoffs.handoff_return_read_back,
        name="handoff_return_read_back",
    ),
    # Another course
    path("handoffs/<int:pk>/refuse/", handoffs.handoff_refuse, name="handoff_refuse"),
    path("handoffs/<int:pk>/override/", handoffs.handoff_override, name="handoff_override"),
    path("handoffs/<int:pk>/hold-out/", handoffs.handoff_hold_out, name="handoff_hold_out"),
    path("handoffs/<int:pk>/reschedule/", handoffs.handoff_reschedule, name="handoff_reschedule"),
    path("handoffs/<int:pk>/replace/", handoffs.handoff_replace, name="handoff_replace"),
    path("handoffs/<int:pk>/cancel/", handoffs.handoff_cancel, name="handoff_cancel"),
    # One thing that must survive
    path("checklist/<int:pk>/tick/", checklist_items.item_tick, name="item_tick"),
    path("checklist/<int:pk>/untick/", checklist_items.item_untick, name="item_untick"),
    path("checklist/<int:pk>/waive/", checklist_items.item_waive, name="item_waive"),
    # The customer's own page
    path("our/account/", customer.customer_page, name="customer_page"),
    path("our/account/take-away/", customer.customer_take_away, name="customer_take_away"),
    path("our/account/ask/", customer.customer_ask, name="customer_ask"),
    path("our/account/changes/<int:pk>/confirm/", customer.customer_confirm, name="customer_confirm"),
    path("our/account/facts/<int:pk>/right/", customer.customer_right, name="customer_right"),
    path("our/account/facts/<int:pk>/correct/", customer.customer_correct, name="customer_correct"),
    path(
        "our/account/facts/<int:pk>/asked-before/",
        customer.customer_asked_before,
        name="customer_asked_before",
    ),
    path("our/account/choices/<int:pk>/", customer.customer_choose, name="customer_choose"),
    path("our/account/name/", customer.customer_spell, name="customer_spell"),
    path("our/account/asks/<int:pk>/asked-before/", customer.customer_ask_again, name="customer_ask_again"),
    path("our/account/owed/<int:pk>/agree/", customer.customer_agree, name="customer_agree"),
    path("our/account/owed/<int:pk>/reopen/", customer.customer_reopen, name="customer_reopen"),
    path("our/account/owed/<int:pk>/escalate/", customer.customer_escalate, name="customer_escalate"),
    path("accounts/<int:pk>/as-customer/", customer.customer_preview, name="customer_preview"),
]
