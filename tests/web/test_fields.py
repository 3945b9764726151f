"""Controls drawn without Django's templates are the same controls, attribute for attribute."""

import re

import pytest
from django import forms

from quinze.web.fields import _draw


class Sample(forms.Form):
    text = forms.CharField(required=False, max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    story = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    one = forms.ChoiceField(choices=[("a", "A"), ("Groupe", [("b", "B <i>"), ("c", "C & D")])])
    number = forms.IntegerField(required=False)
    many = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], required=False)
    kept = forms.FloatField(required=False, widget=forms.HiddenInput)
    yes = forms.BooleanField(required=False)
    agreed = forms.BooleanField()


ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


def _tags(markup: str) -> list[tuple[str, list[tuple[str, str]], str]]:
    found = re.findall(r"<(/?\w+)([^>]*)>([^<]*)", markup)
    return [(name, sorted(ATTRIBUTE.findall(attrs)), text.strip()) for name, attrs, text in found]


@pytest.mark.parametrize("name", list(Sample.base_fields))
@pytest.mark.parametrize(
    "data",
    [
        None,
        {
            "text": 'l’"eau" <b>',
            "story": "a\n<b>",
            "one": "b",
            "number": "x",
            "many": ["b"],
            "kept": "4,6",
            "yes": "on",
        },
    ],
)
def test_a_control_is_the_one_that_django_draws(name: str, data: dict[str, object] | None) -> None:
    form = Sample(data) if data else Sample(initial={"text": "é", "one": "c", "kept": 46.5, "yes": True})
    bound, attrs = form[name], {"class": "form-control", "aria-describedby": "x", "hx-get": "/a?b=1&c=2"}
    assert _tags(_draw(bound, dict(attrs))) == _tags(bound.as_widget(attrs=dict(attrs)))
