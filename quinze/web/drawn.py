"""Fields drawn once: an empty field, or one with a choice among constants, looks the same for everybody.

A desk shows sixty of them at each reading, half of the page's time. What a person typed is never kept here.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from django.forms import BoundField, ChoiceField
from django.forms.models import ModelChoiceField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from quinze.web import fields

MOST = 4096
_kept: OrderedDict[Hashable, SafeString] = OrderedDict()


def field(bound: BoundField, options: dict[str, Any]) -> SafeString:
    key = _identity(bound, options)
    found = _kept.get(key) if key else None
    if found is not None:
        return found
    name, context = fields.component(bound, options)
    markup = render_to_string(f"web/components/{name}.html", context)
    if key:
        _keep(key, markup)
    return markup


def _keep(key: Hashable, markup: SafeString) -> None:
    _kept[key] = markup
    if len(_kept) > MOST:  # the oldest leaves; another thread may have taken it first
        try:
            _kept.popitem(last=False)
        except KeyError:
            return


def _identity(bound: BoundField, options: dict[str, Any]) -> Hashable | None:
    """All that the markup depends on; None for what is typed freely, refused, or chosen among the rows of a table."""
    field, widget, value = bound.field, bound.field.widget, bound.value()
    choices = field.choices if isinstance(field, ChoiceField) else None
    if isinstance(field, ModelChoiceField) or bound.errors or (value and choices is None):
        return None
    form = bound.form
    try:
        key = (
            type(form), type(field), type(widget), bound.html_name, bound.auto_id, form.is_bound,
            form.use_required_attribute, field.required, field.disabled, field.localize, _text(bound.label),
            _text(bound.help_text), _value(value), tuple(sorted(options.items())),
            tuple(sorted(widget.attrs.items())), _choices(choices),
        )  # fmt: skip
        hash(key)
    except TypeError:  # an attribute that is not a plain value
        return None
    return key


def _text(text: object) -> tuple[str, bool]:
    """The same words are drawn otherwise when they are markup."""
    return str(text or ""), isinstance(text, SafeString)


def _value(value: object) -> Hashable:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (type(value), str(value or ""))


def _choices(choices: Any) -> Hashable | None:
    """Values and words; a group has choices of its own in place of words."""
    if choices is None:
        return None
    return tuple((value, _choices(words) if isinstance(words, (list, tuple)) else words) for value, words in choices)
