"""How one form field becomes markup: classes, described-by ids and the template that lays it out."""

from typing import Any

from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    HiddenInput,
    RadioSelect,
    Select,
    Widget,
)
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join

# Options of the tag that are not attributes of the control.
MARKS = ("P0", "P1", "P2", "P3")
LAYOUT = ("label", "hint", "css", "layout", "hide_label", "key")


def component(bound: BoundField, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The template name and its context for this kind of control."""
    layout = {name: options.pop(name) for name in LAYOUT if name in options}
    widget = bound.field.widget
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return "choices", _choices(bound, layout, options)
    context = _common(bound, layout) | {"control": _control(bound, layout, options)}
    if isinstance(widget, HiddenInput):
        return "hidden", context
    return ("checkbox" if isinstance(widget, CheckboxInput) else "field"), context


def combobox(bound: BoundField, url: str, options: dict[str, Any]) -> dict[str, Any]:
    layout = {name: options.pop(name) for name in LAYOUT if name in options}
    for name in ("min", "include", "fills"):
        options[f"data_{name}"] = options.pop(name, None)
    list_id = f"{bound.id_for_label}_list"
    options |= {
        "role": "combobox",
        "aria_expanded": "false",
        "aria_controls": list_id,
        "aria_autocomplete": "list",
        "autocomplete": "off",
        "data_combobox": True,
        "data_url": url,
    }
    context = _common(bound, layout)
    return context | {"control": _control(bound, layout, options), "list_id": list_id}


def _common(bound: BoundField, layout: dict[str, Any]) -> dict[str, Any]:
    named = bound.id_for_label or bound.auto_id or bound.html_name  # a group of choices has no label of its own
    return {
        "field": bound,
        "label": layout.get("label", bound.label),
        "hint": layout.get("hint", bound.help_text),
        "css": layout.get("css", ""),
        "hide_label": layout.get("hide_label", False),
        "key": layout.get("key", ""),
        "errors": list(bound.errors),
        "required": bound.field.required,
        "hint_id": f"{named}_hint",
        "error_id": f"{named}_error",
    }


def _choices(bound: BoundField, layout: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Radios in segments unless asked in a list; checkboxes in a row."""
    many = isinstance(bound.field.widget, CheckboxSelectMultiple)
    default = "inline" if many else "seg"
    attrs = _names(options) | {"class": "form-check-input"}
    group = layout.get("layout", default)
    if group == "seg":
        attrs.pop("class")
    subwidgets = bound.subwidgets
    for sub in subwidgets:
        sub.data["attrs"] = sub.data["attrs"] | attrs
    return _common(bound, layout) | {
        "group": group,
        "subwidgets": subwidgets,
        "group_id": bound.auto_id or bound.name,
        "marks": MARKS,
    }


def _control(bound: BoundField, layout: dict[str, Any], options: dict[str, Any]) -> str:
    attrs = _names(options)
    described = [attrs["aria-describedby"]] if attrs.get("aria-describedby") else []
    if layout.get("hint", bound.help_text):
        described.append(f"{bound.id_for_label}_hint")
    if bound.errors:
        described.append(f"{bound.id_for_label}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if layout.get("key"):
        attrs["data-key"] = layout["key"]
    attrs["class"] = _class(bound.field.widget, attrs.get("class", ""), invalid=bool(bound.errors))
    return _draw(bound, attrs)


PLAIN = {f"django/forms/widgets/{name}.html" for name in ("text", "hidden", "checkbox", "select", "textarea")}


def _draw(bound: BoundField, attrs: dict[str, Any]) -> str:
    """As Django draws it; the commonest controls without its templates, which cost a desk of 60 fields 50 ms."""
    widget = bound.field.widget
    if getattr(widget, "template_name", "") not in PLAIN or bound.field.localize:
        return bound.as_widget(attrs=attrs)
    given = bound.build_widget_attrs(attrs, widget)
    given.setdefault("id", bound.auto_id)
    drawn = widget.get_context(bound.html_name, bound.value(), given)["widget"]
    if "optgroups" in drawn:
        options = format_html_join("", "{}", ((_group(name, items),) for name, items, _ in drawn["optgroups"]))
        return format_html('<select name="{}"{}>{}</select>', drawn["name"], flatatt(drawn["attrs"]), options)
    value = "" if drawn["value"] is None else drawn["value"]
    if "type" not in drawn:
        return format_html('<textarea name="{}"{}>\n{}</textarea>', drawn["name"], flatatt(drawn["attrs"]), value)
    said = format_html(' value="{}"', value) if value != "" else ""
    return format_html('<input type="{}" name="{}"{}{}>', drawn["type"], drawn["name"], said, flatatt(drawn["attrs"]))


def _group(name: str | None, items: list[dict[str, Any]]) -> str:
    options = format_html_join(
        "", '<option value="{}"{}>{}</option>', ((i["value"], flatatt(i["attrs"]), i["label"]) for i in items)
    )
    return format_html('<optgroup label="{}">{}</optgroup>', name, options) if name else options


def _class(widget: Widget, extra: str, *, invalid: bool) -> str:
    own = str(widget.attrs.get("class", ""))
    return " ".join(filter(None, [_base_class(widget), "is-invalid" if invalid else "", own, extra]))


def _base_class(widget: Widget) -> str:
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


def _names(options: dict[str, Any]) -> dict[str, Any]:
    """hx_get → hx-get; what is None or False is left out."""
    return {name.replace("_", "-"): value for name, value in options.items() if value not in (None, False)}
