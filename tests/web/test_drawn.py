"""A field kept from an earlier drawing is the field that would be drawn now; what a person typed is never kept."""

from typing import Any

import pytest
from django import forms
from django.template.loader import render_to_string

from quinze.web import drawn, fields

CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"data": {"name": "", "stream": "AMU"}}, {}),
    ({"data": {"name": "", "stream": "SNP"}}, {}),
    ({"data": {"name": "", "stream": "ailleurs"}}, {}),
    ({"initial": {"stream": "SNP", "flags": ["isole"]}}, {}),
    ({"initial": {"stream": "SNP", "flags": ["isole", "langue"]}}, {}),
    ({}, {"css": "c4", "key": "F4"}),
    ({}, {"hide_label": True, "label": "Filière"}),
    ({"auto_id": "autre_%s"}, {}),
    ({"prefix": "b"}, {}),
]


class Request(forms.Form):
    name = forms.CharField(label="Nom", max_length=40)
    stream = forms.ChoiceField(label="Filière", choices=[("AMU", "AMU"), ("SNP", "SNP")])
    flags = forms.MultipleChoiceField(choices=[("isole", "Isolé"), ("langue", "Langue")], required=False)
    sent = forms.BooleanField(label="Envoyé", required=False)


def afresh(bound: forms.BoundField, options: dict[str, Any]) -> str:
    name, context = fields.component(bound, dict(options))
    return render_to_string(f"web/components/{name}.html", context)


@pytest.mark.parametrize(("given", "options"), CASES)
def test_a_kept_field_is_the_field_drawn_now(given: dict[str, Any], options: dict[str, Any]) -> None:
    for _ in range(2):  # drawn, then kept
        form = Request(**given)
        for bound in form:
            assert drawn.field(bound, dict(options)) == afresh(bound, options)


def test_choices_of_the_moment_are_part_of_what_is_drawn() -> None:
    first, second = Request(), Request()
    second.fields["stream"] = forms.ChoiceField(label="Filière", choices=[("12", "Dr Aubépine")])
    assert "AMU" in drawn.field(first["stream"], {})
    assert "Aubépine" in drawn.field(second["stream"], {})


def test_what_is_typed_is_never_kept() -> None:
    drawn.field(Request(initial={"name": "PINSON"})["name"], {})
    for bound in Request({"name": "PINSON", "stream": "PINSON"}):
        drawn.field(bound, {})
    assert "PINSON" not in repr(drawn._kept)


def test_no_more_is_kept_than_a_bounded_number() -> None:
    for number in range(drawn.MOST + 50):
        drawn.field(Request(auto_id=f"n{number}_%s")["sent"], {})
    assert len(drawn._kept) <= drawn.MOST
