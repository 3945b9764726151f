from django.db import migrations

COUNT = """
CREATE OR REPLACE FUNCTION orientation_count_duty() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    live CONSTANT text[] := ARRAY['held', 'booked', 'confirmed', 'fulfilled', 'no_show'];
    found_turn bigint; quota smallint; counted_day date;
BEGIN
    IF NEW.status = ANY (live) THEN
        IF TG_OP = 'UPDATE' AND OLD.status = ANY (live) THEN
            RETURN NULL;
        END IF;
        -- Nearly no doctor has a turn of duty with a quota at this instant: one small table says so.
        PERFORM FROM orientation_dutyturn turn WHERE turn.professional_id = NEW.professional_id
            AND turn.per_day IS NOT NULL AND turn.during @> NEW.status_at;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        SELECT turn.id, turn.per_day, (NEW.status_at AT TIME ZONE sas.zone)::date
            INTO found_turn, quota, counted_day
            FROM orientation_dutyturn turn
            JOIN orientation_orientationrequest asked ON asked.id = NEW.request_id
            JOIN directory_structurecommune zone
                ON zone.structure_id = turn.structure_id AND zone.commune_id = asked.commune_id
            JOIN accounts_sas sas ON sas.id = NEW.sas_id
            WHERE turn.professional_id = NEW.professional_id AND turn.per_day IS NOT NULL
                AND turn.during @> NEW.status_at
                AND (NOT EXISTS (SELECT FROM orientation_dutyturn_communes c WHERE c.dutyturn_id = turn.id)
                    OR EXISTS (SELECT FROM orientation_dutyturn_communes c
                        WHERE c.dutyturn_id = turn.id AND c.commune_id = asked.commune_id))
            ORDER BY turn.id LIMIT 1;
        IF FOUND THEN
            INSERT INTO orientation_dutytally (turn_id, day, per_day, taken) VALUES (found_turn, counted_day, quota, 1)
                ON CONFLICT (turn_id, day) DO UPDATE SET taken = orientation_dutytally.taken + 1;
            INSERT INTO orientation_dutyseat (booking_id, turn_id, day) VALUES (NEW.id, found_turn, counted_day);
        END IF;
    ELSIF TG_OP = 'UPDATE' AND OLD.status = ANY (live) THEN
        DELETE FROM orientation_dutyseat WHERE booking_id = NEW.id RETURNING turn_id, day INTO found_turn, counted_day;
        IF FOUND THEN
            UPDATE orientation_dutytally SET taken = taken - 1 WHERE turn_id = found_turn AND day = counted_day;
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""
AS_BEFORE = """
CREATE OR REPLACE FUNCTION orientation_count_duty() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    live CONSTANT text[] := ARRAY['held', 'booked', 'confirmed', 'fulfilled', 'no_show'];
    found_turn bigint; quota smallint; counted_day date;
BEGIN
    IF NEW.status = ANY (live) THEN
        IF TG_OP = 'UPDATE' AND OLD.status = ANY (live) THEN
            RETURN NULL;
        END IF;
        SELECT turn.id, turn.per_day, (NEW.status_at AT TIME ZONE sas.zone)::date
            INTO found_turn, quota, counted_day
            FROM orientation_dutyturn turn
            JOIN orientation_orientationrequest asked ON asked.id = NEW.request_id
            JOIN directory_structurecommune zone
                ON zone.structure_id = turn.structure_id AND zone.commune_id = asked.commune_id
            JOIN accounts_sas sas ON sas.id = NEW.sas_id
            WHERE turn.professional_id = NEW.professional_id AND turn.per_day IS NOT NULL
                AND turn.during @> NEW.status_at
                AND (NOT EXISTS (SELECT FROM orientation_dutyturn_communes c WHERE c.dutyturn_id = turn.id)
                    OR EXISTS (SELECT FROM orientation_dutyturn_communes c
                        WHERE c.dutyturn_id = turn.id AND c.commune_id = asked.commune_id))
            ORDER BY turn.id LIMIT 1;
        IF FOUND THEN
            INSERT INTO orientation_dutytally (turn_id, day, per_day, taken) VALUES (found_turn, counted_day, quota, 1)
                ON CONFLICT (turn_id, day) DO UPDATE SET taken = orientation_dutytally.taken + 1;
            INSERT INTO orientation_dutyseat (booking_id, turn_id, day) VALUES (NEW.id, found_turn, counted_day);
        END IF;
    ELSIF TG_OP = 'UPDATE' AND OLD.status = ANY (live) THEN
        DELETE FROM orientation_dutyseat WHERE booking_id = NEW.id RETURNING turn_id, day INTO found_turn, counted_day;
        IF FOUND THEN
            UPDATE orientation_dutytally SET taken = taken - 1 WHERE turn_id = found_turn AND day = counted_day;
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("orientation", "0014_fewer_index_entries_a_booking")]

    operations = [migrations.RunSQL(COUNT, AS_BEFORE)]
