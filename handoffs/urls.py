from django.urls import URLPattern, URLResolver, include, path

from .views import approvals, checklists, departures, jobs, reorgs, sales, transitions

urlpatterns: list[URLPattern | URLResolver] = [
    path("handoffs/", transitions.transition_list, name="transition_list"),
    # Opening a change
    path("handoffs/new/", departures.transition_new, name="transition_new"),
    path("people/<int:pk>/departure/", departures.departure_new, name="departure_new"),
    path("people/<int:pk>/leave/", departures.leave_new, name="leave_new"),
    path("accounts/<int:pk>/handover/", departures.handover_new, name="handover_new"),
    path("deals/<int:pk>/to-success/", sales.sale_to_success_new, name="sale_to_success_new"),
    path("reorgs/new/", reorgs.reorg_new, name="reorg_new"),
    # The desk
    path("transitions/<int:pk>/", transitions.transition, name="transition"),
    path("transitions/<int:pk>/choose/", transitions.transition_choose, name="transition_choose"),
    path("transitions/<int:pk>/suggest/", transitions.transition_suggest, name="transition_suggest"),
    path("transitions/<int:pk>/dates/", transitions.transition_dates, name="transition_dates"),
    path("transitions/<int:pk>/start/", transitions.transition_start, name="transition_start"),
    path("transitions/<int:pk>/cancel/", transitions.transition_cancel, name="transition_cancel"),
    path("transitions/<int:pk>/undo/", transitions.transition_undo, name="transition_undo"),
    path("moves/<int:pk>/", transitions.move_edit, name="move_edit"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    # Approval of a whole plan
    path("transitions/<int:pk>/submit/", approvals.transition_submit, name="transition_submit"),
    path("transitions/<int:pk>/approve/", approvals.transition_approve, name="transition_approve"),
    path("transitions/<int:pk>/return/", approvals.transition_return, name="transition_return"),
    path("approvals/", approvals.approval_list, name="approval_list"),
    # What must survive: the templates that operations keep
    path("checklists/", checklists.checklist_list, name="checklist_list"),
    path("checklists/new/", checklists.checklist_new, name="checklist_new"),
    path("checklists/<int:pk>/", checklists.checklist_edit, name="checklist_edit"),
    path("checklists/<int:pk>/retire/", checklists.checklist_retire, name="checklist_retire"),
    path("", include("handoffs.room_urls")),
]
