from quinze.staffing.operations.absences import declare_absence, withdraw_absence
from quinze.staffing.operations.national import LoadedYear, load_sae
from quinze.staffing.operations.rosters import (
    assign,
    copy_week,
    fill_week,
    import_lines,
    open_post,
    plan_shifts,
    publish,
    remove_shift,
    save_member,
    told,
    unassign,
)
from quinze.staffing.operations.swaps import answer_swap, ask_swap, withdraw_swap

__all__ = [
    "LoadedYear",
    "answer_swap",
    "ask_swap",
    "assign",
    "copy_week",
    "declare_absence",
    "fill_week",
    "import_lines",
    "load_sae",
    "open_post",
    "plan_shifts",
    "publish",
    "remove_shift",
    "save_member",
    "told",
    "unassign",
    "withdraw_absence",
    "withdraw_swap",
]
