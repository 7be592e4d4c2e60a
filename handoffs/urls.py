from django.urls import URLPattern, path

from .customer import views as customer
from .views import checklists, handoffs, inquiries, openings, telling, transitions

urlpatterns: list[URLPattern] = [
    path("handoffs/", transitions.transition_list, name="transition_list"),
    # Opening a change
    path("handoffs/new/", openings.transition_new, name="transition_new"),
    path("people/<int:pk>/departure/", openings.departure_new, name="departure_new"),
    path("people/<int:pk>/leave/", openings.leave_new, name="leave_new"),
    path("accounts/<int:pk>/handover/", openings.handover_new, name="handover_new"),
    path("deals/<int:pk>/to-success/", openings.sale_to_success_new, name="sale_to_success_new"),
    path("deals/<int:pk>/give-to-success/", openings.deal_give_to_success, name="deal_give_to_success"),
    path("reorgs/new/", openings.reorg_new, name="reorg_new"),
    # Planning it, its start, and undoing it
    path("transitions/<int:pk>/", transitions.transition, name="transition"),
    path("transitions/<int:pk>/choose/", transitions.transition_choose, name="transition_choose"),
    path("transitions/<int:pk>/suggest/", transitions.transition_suggest, name="transition_suggest"),
    path("transitions/<int:pk>/dates/", transitions.transition_dates, name="transition_dates"),
    path("transitions/<int:pk>/start/", transitions.transition_start, name="transition_start"),
    path("transitions/<int:pk>/cancel/", transitions.transition_cancel, name="transition_cancel"),
    path("transitions/<int:pk>/undo/", transitions.transition_undo, name="transition_undo"),
    path("moves/<int:pk>/", transitions.move_edit, name="move_edit"),
    path("jobs/<int:pk>/", transitions.job, name="job"),
    # Approval of a whole plan
    path("transitions/<int:pk>/submit/", transitions.transition_submit, name="transition_submit"),
    path("transitions/<int:pk>/approve/", transitions.transition_approve, name="transition_approve"),
    path("transitions/<int:pk>/return/", transitions.transition_return, name="transition_return"),
    path("approvals/", transitions.approval_list, name="approval_list"),
    # What must survive: the templates that operations keep
    path("checklists/", checklists.checklist_list, name="checklist_list"),
    path("checklists/new/", checklists.checklist_new, name="checklist_new"),
    path("checklists/<int:pk>/", checklists.checklist_edit, name="checklist_edit"),
    path("checklists/<int:pk>/retire/", checklists.checklist_retire, name="checklist_retire"),
    # The handoff room
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
    # Whom at the customer we tell
    path("handoffs/<int:pk>/recipients/new/", telling.handoff_recipient_new, name="handoff_recipient_new"),
    path("handoffs/<int:pk>/recipients/<int:contact>/", telling.handoff_recipient, name="handoff_recipient"),
    path("handoffs/<int:pk>/recipients/<int:contact>/call/", telling.handoff_call, name="handoff_call"),
    # Asking a colleague about a line of the brief
    path("handoffs/<int:pk>/ask/", inquiries.handoff_ask, name="handoff_ask"),
    path("inquiries/<int:pk>/answer/", inquiries.inquiry_answer, name="inquiry_answer"),
    # Another course
    path("handoffs/<int:pk>/refuse/", handoffs.handoff_refuse, name="handoff_refuse"),
    path("handoffs/<int:pk>/override/", handoffs.handoff_override, name="handoff_override"),
    path("handoffs/<int:pk>/hold-out/", handoffs.handoff_hold_out, name="handoff_hold_out"),
    path("handoffs/<int:pk>/reschedule/", handoffs.handoff_reschedule, name="handoff_reschedule"),
    path("handoffs/<int:pk>/replace/", handoffs.handoff_replace, name="handoff_replace"),
    path("handoffs/<int:pk>/cancel/", handoffs.handoff_cancel, name="handoff_cancel"),
    # One thing that must survive
    path("checklist/<int:pk>/tick/", checklists.item_tick, name="item_tick"),
    path("checklist/<int:pk>/untick/", checklists.item_untick, name="item_untick"),
    path("checklist/<int:pk>/waive/", checklists.item_waive, name="item_waive"),
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
    path("our/account/name/", customer.customer_name, name="customer_name"),
    path("our/account/asks/<int:pk>/asked-before/", customer.customer_ask_again, name="customer_ask_again"),
    path("our/account/owed/<int:pk>/agree/", customer.customer_agree, name="customer_agree"),
    path("our/account/owed/<int:pk>/reopen/", customer.customer_reopen, name="customer_reopen"),
    path("our/account/owed/<int:pk>/escalate/", customer.customer_escalate, name="customer_escalate"),
    path("accounts/<int:pk>/as-customer/", customer.customer_preview, name="customer_preview"),
]
