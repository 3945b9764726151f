"""Database triggers shared by the tables of history."""

import pgtrigger


def append_only() -> list[pgtrigger.Trigger]:
    """Rows may be inserted and read; UPDATE, DELETE and TRUNCATE are refused by PostgreSQL itself."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="never_truncated",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'append-only: % cannot be truncated', TG_TABLE_NAME;",
        ),
    ]
