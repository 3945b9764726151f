"""Who practises where is read by every search and changes a few times a day: processes keep it, and are told.

Each statement that changes it leaves a stamp, in its own transaction. A process that keeps what it read under one
snapshot has to read again when a stamp can be seen now that could not be seen then: exact, with no lock and no clock.
"""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class PracticeStamp(models.Model):
    xid = models.BigIntegerField(db_index=True)  # of the transaction that wrote it
    sas_ids = ArrayField(models.BigIntegerField())
    at = models.DateTimeField(db_default=Now())


AFFECTED = {
    "professional": """SELECT part.sas_id FROM touched
        JOIN directory_participation part ON part.professional_id = touched.id""",
    "participation": "SELECT sas_id FROM touched",
    "place": """SELECT part.sas_id FROM touched
        JOIN directory_participation part ON part.professional_id = touched.professional_id
    UNION ALL SELECT part.sas_id FROM touched
        JOIN directory_participation part ON part.structure_id = touched.structure_id
    UNION ALL SELECT house.sas_id FROM touched JOIN directory_structure house ON house.id = touched.structure_id""",
    "structure": """SELECT sas_id FROM touched
    UNION ALL SELECT part.sas_id FROM touched JOIN directory_participation part ON part.structure_id = touched.id
    UNION ALL SELECT part.sas_id FROM touched JOIN directory_place place ON place.structure_id = touched.id
        JOIN directory_participation part ON part.professional_id = place.professional_id
    UNION ALL SELECT part.sas_id FROM touched JOIN directory_membership member ON member.structure_id = touched.id
        JOIN directory_participation part ON part.professional_id = member.professional_id""",
    "membership": """SELECT part.sas_id FROM touched
        JOIN directory_participation part ON part.professional_id = touched.professional_id""",
}
ROWS = {
    "insert": (pgtrigger.Insert, pgtrigger.Referencing(new="new_rows"), "SELECT * FROM new_rows"),
    "delete": (pgtrigger.Delete, pgtrigger.Referencing(old="old_rows"), "SELECT * FROM old_rows"),
    "update": (
        pgtrigger.Update,
        pgtrigger.Referencing(old="old_rows", new="new_rows"),
        "SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows",
    ),
}


def stamped(what: str) -> list[pgtrigger.Trigger]:
    """Triggers for a table of AFFECTED. PostgreSQL wants one for each kind of statement."""
    return [
        pgtrigger.Trigger(
            name=f"stamped_on_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            func=f"""
    INSERT INTO directory_practicestamp (xid, sas_ids)
    WITH touched AS ({rows})
    SELECT pg_current_xact_id()::text::bigint, array_agg(DISTINCT sas_id) FROM ({AFFECTED[what]}) found
    WHERE sas_id IS NOT NULL HAVING count(*) > 0;
    RETURN NULL;""",  # noqa: S608  (constants only)
        )
        for name, (operation, referencing, rows) in ROWS.items()
    ]
