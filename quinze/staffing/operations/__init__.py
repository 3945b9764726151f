from quinze.staffing.operations.absences import declare_absence, withdraw_absence
from quinze.staffing.operations.facts import add_fact
from quinze.staffing.operations.forecasts import bring_school_calendar, forecast_counts
from quinze.staffing.operations.national import LoadedYear, load_sae
from quinze.staffing.operations.planning import add_kind, adopt_kinds, plan_cover, remove_kind, set_rules, shifts_of
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
from quinze.staffing.operations.wishes import add_wish, withdraw_wish

__all__ = [
    "LoadedYear",
    "add_fact",
    "add_kind",
    "add_wish",
    "adopt_kinds",
    "answer_swap",
    "ask_swap",
    "assign",
    "bring_school_calendar",
    "copy_week",
    "declare_absence",
    "fill_week",
    "forecast_counts",
    "import_lines",
    "load_sae",
    "open_post",
    "plan_cover",
    "plan_shifts",
    "publish",
    "remove_kind",
    "remove_shift",
    "save_member",
    "set_rules",
    "shifts_of",
    "told",
    "unassign",
    "withdraw_absence",
    "withdraw_swap",
    "withdraw_wish",
]
