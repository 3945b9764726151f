import pytest
from django.apps import apps
from django.db import IntegrityError, connection
from django.db.models import Model

from quinze.accounts.models import Sas, User
from quinze.base.constraints import refuse_violations, sentence
from quinze.base.errors import Refusal
from tests.factories.regulation import AT


def named_constraints() -> list[str]:
    ours = (model for model in apps.get_models() if model.__module__.startswith("quinze."))
    return [constraint.name for model in ours for constraint in model._meta.constraints]


@pytest.mark.parametrize("name", named_constraints())
def test_every_named_constraint_has_its_french_sentence(name: str) -> None:
    said = sentence(name)
    assert said, f"Declare a French message for {name} in the constraints.py of its folder."
    assert said.text[0].isupper()
    assert said.text.endswith(".")


def test_names_of_constraints_are_unique_in_the_whole_project() -> None:
    names = named_constraints()
    assert sorted(names) == sorted(set(names))


@pytest.mark.django_db
def test_every_constraint_index_and_trigger_of_a_model_is_in_the_database() -> None:
    """Django, when a foreign key leaves its index, also drops the partial unique constraint of that one column."""
    ours = (model for model in apps.get_models() if model.__module__.startswith("quinze.") and model._meta.managed)
    missing = [f"{model._meta.label}: {name}" for model in ours for name in absent(model)]
    assert not missing


def absent(model: type[Model]) -> set[str]:
    with connection.cursor() as cursor:
        there = set(connection.introspection.get_constraints(cursor, model._meta.db_table))
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", [f'"{model._meta.db_table}"'])
        there |= {name for (name,) in cursor.fetchall()}
    triggers = {trigger.get_pgid(model) for trigger in getattr(model._meta, "triggers", ())}
    declared = {each.name for each in (*model._meta.constraints, *model._meta.indexes)} | triggers
    return declared - there


@pytest.mark.django_db
def test_a_violation_becomes_a_refusal_beside_its_field_and_leaves_the_transaction_usable() -> None:
    anne = {"given_name": "Anne", "family_name": "Clain", "created_at": AT}
    User.objects.create_user("anne@sas.invalid", **anne)
    with pytest.raises(Refusal) as refused, refuse_violations():
        User.objects.bulk_create([User(email="ANNE@sas.invalid", **anne)])
    assert (refused.value.code, refused.value.field) == ("user_email_any_case_unique", "email")
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_an_unknown_violation_is_not_hidden() -> None:
    Sas.objects.create(code="86", name="Vienne")
    with pytest.raises(IntegrityError), refuse_violations():
        Sas.objects.bulk_create([Sas(pk=Sas.objects.get().pk, code="21", name="Même clé")])
