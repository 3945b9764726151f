"""Judges a FHIR resource by the snapshots of a package: a second opinion that shares nothing with Quinze's own code.

Checks cardinalities, JSON shape, types, fixed values and patterns, required bindings, slices (value, pattern, type,
profile, extensions), profiles of contained resources and of Bundle entries, references, lengths and invariants.
Silent where a value set or a data type of another package is not given.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.interop.fhir import invariants
from tests.interop.fhir.definitions import ASKED_BY_TYPE, Definitions, Element, Json

_OFFSET = r"(Z|[+-]\d\d:\d\d)"
_CLOCK = r"\d\d:\d\d:\d\d(\.\d+)?"
PRIMITIVES = {
    "instant": rf"\d{{4}}-\d\d-\d\dT{_CLOCK}{_OFFSET}",
    "dateTime": rf"\d{{4}}(-\d\d(-\d\d(T{_CLOCK}{_OFFSET})?)?)?",
    "date": r"\d{4}(-\d\d(-\d\d)?)?",
    "time": _CLOCK,
    "code": r"\S+( \S+)*",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "uri": r"\S+",
    "url": r"\S+",
    "canonical": r"\S+",
    "oid": r"urn:oid:[0-2](\.(0|[1-9]\d*))+",
    "string": r"[\s\S]*\S[\s\S]*",
    "markdown": r"[\s\S]*\S[\s\S]*",
}
WHOLE_NUMBERS = {"integer", "positiveInt", "unsignedInt"}


@dataclass(frozen=True)
class Fault:
    code: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message} ({self.code})"


@dataclass(frozen=True)
class Value:
    """One value met under an element: its key in the JSON object, itself, the code of its type."""

    key: str
    content: Any
    code: str


def faults(definitions: Definitions, resource: Json, profile: str | None = None) -> list[Fault]:
    """What a resource breaks of a profile; without one, of those it declares, or of its base type."""
    return list(dict.fromkeys(Walk(definitions, resource).judged(profile)))


def contains(pattern: Any, value: Any) -> bool:
    """A pattern asks what it names and forbids nothing else."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(k in value and contains(v, value[k]) for k, v in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(contains(one, v) for v in value) for one in pattern)
    return bool(pattern == value)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _at(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


class Walk:
    """One resource being judged. Entries of a Bundle are judged once per profile, whatever asks."""

    def __init__(self, definitions: Definitions, resource: Json) -> None:
        self.known = definitions
        self.resource = resource
        self.contained: dict[str, Json] = {}
        self.bundled = {
            f"{one.get('resourceType')}/{one.get('id')}": one
            for one in (entry.get("resource", {}) for entry in _many(resource.get("entry")) if isinstance(entry, dict))
        }
        self._judged: dict[tuple[int, str], list[Fault]] = {}

    def judged(self, profile: str | None) -> Iterator[Fault]:
        kind = self.resource.get("resourceType", "")
        for url in [profile] if profile else self._declared(self.resource) or [self.known.base.get(kind, "")]:
            if url not in self.known.structures:
                yield Fault("profile", kind, f"{url} is not in the package")
            yield from self._resource(self.resource, url, kind)

    def _declared(self, resource: Json) -> list[str]:
        return [str(one).split("|")[0] for one in _many(_at(resource.get("meta"), "profile"))]

    # ---- resources

    def _resource(self, resource: Json, url: str, path: str) -> list[Fault]:
        """Faults of one resource against one profile, nothing where the profile is not given."""
        key = (id(resource), url)
        if url in self.known.structures and key not in self._judged:
            self._judged[key] = []  # a reference back to this resource does not judge it again
            self._judged[key] = list(self._against(resource, url))
        return [replace(fault, path=path + fault.path) for fault in self._judged.get(key, ())]

    def _against(self, resource: Json, url: str) -> Iterator[Fault]:
        expected = self.known.structures[url]["type"]
        if expected != resource.get("resourceType"):
            yield Fault("type", "", f"a {expected} is expected by {url}")
            return
        holder = self.contained
        self.contained = {one.get("id", ""): one for one in resource.get("contained", ())}
        yield from self._value(self.known.tree(url), Value("", resource, expected), "")
        self.contained = holder

    # ---- one value

    def _value(self, element: Element, value: Value, path: str) -> Iterator[Fault]:
        content = value.content
        if content in ({}, [], "", None):
            yield Fault("empty", path, "an element without a value is left out")
            return
        yield from self._asked(element, content, path)
        yield from self._bound(element, value, path)
        if isinstance(content, dict):
            yield from self._inside(element, value, path)
        else:
            yield from self._primitive(value, path)

    def _asked(self, element: Element, content: Any, path: str) -> Iterator[Fault]:
        if element.fixed is not None and content != element.fixed:
            yield Fault("fixed", path, f"must be {element.fixed!r}")
        if element.pattern is not None and not contains(element.pattern, content):
            yield Fault("pattern", path, f"must match {element.pattern!r}")
        longest = element.raw.get("maxLength")
        if longest and isinstance(content, str) and len(content) > longest:
            yield Fault("length", path, f"longer than {longest}")

    def _bound(self, element: Element, value: Value, path: str) -> Iterator[Fault]:
        content = value.content
        if element.value_set is None or not isinstance(content, str | dict):
            return
        if self.known.holds(element.value_set, content) is False:
            yield Fault("binding", path, f"not in {element.value_set}")
        elif value.code == "CodeableConcept" and "text" in content and "coding" not in content:
            yield Fault("binding", path, f"a coding is required, from {element.value_set}")

    def _primitive(self, value: Value, path: str) -> Iterator[Fault]:
        content, code = value.content, value.code
        if code == "boolean":
            right = isinstance(content, bool)
        elif code in WHOLE_NUMBERS:
            right = isinstance(content, int) and not isinstance(content, bool)
        elif code in PRIMITIVES:
            right = isinstance(content, str) and bool(re.fullmatch(PRIMITIVES[code], content))
        else:
            right = code not in self.known.base or code[:1].islower()
        if not right:
            yield Fault("datatype", path, f"{content!r} is not a valid {code}")

    def _inside(self, element: Element, value: Value, path: str) -> Iterator[Fault]:
        content: Json = value.content
        if value.code in PRIMITIVES or value.code in WHOLE_NUMBERS | {"boolean"}:
            yield Fault("datatype", path, f"an object is not a {value.code}")
            return
        for key in invariants.broken(element.invariants, content):
            yield Fault("invariant", path, key)
        if value.code == "Extension" and ("extension" in content) == any(key.startswith("value") for key in content):
            yield Fault("invariant", path, "ext-1")
        children = self.known.children(element, value.code)
        if not children:
            return
        named = {"resourceType"}
        for name, child in children.items():
            values = list(self._values(child, content))
            named.update({name, *(one.key for one in values)})
            yield from self._shape(child, content, f"{path}.{name}")
            yield from self._child(child, values, content, f"{path}.{name}")
        for key in content.keys() - named:
            if key.removeprefix("_") not in named | {"id", "extension"}:
                yield Fault("unknown", f"{path}.{key}", "not an element of this type")

    # ---- the values under one element

    def _values(self, element: Element, content: Json) -> Iterator[Value]:
        if element.name.endswith("[x]"):
            keys = {element.name[:-3] + kind.code[:1].upper() + kind.code[1:]: kind.code for kind in element.kinds}
        else:
            keys = {element.name: element.kinds[0].code if element.kinds else "BackboneElement"}
        for key, code in keys.items():
            if key in content:
                yield from (Value(key, one, code) for one in (_many(content[key]) or [content[key]]))

    def _shape(self, element: Element, content: Json, path: str) -> Iterator[Fault]:
        if element.name in content and isinstance(content[element.name], list) != element.repeats:
            yield Fault("shape", path, "a list is expected" if element.repeats else "a list is not expected")

    def _child(self, element: Element, values: list[Value], content: Json, path: str) -> Iterator[Fault]:
        yield from self._counted(element, max(len(values), f"_{element.name}" in content), path)
        met = dict.fromkeys(element.slices, 0)
        for rank, value in enumerate(values):
            here = f"{path}[{rank}]" if len(values) > 1 else path
            yield from self._typed(element, value, here)
            name = next((s for s, part in element.slices.items() if self._belongs(element, part, value)), None)
            if name is not None:
                met[name] += 1
                yield from self._typed(element.slices[name], value, f"{here}:{name}")
            elif element.closed and element.slices:
                yield Fault("slice", here, "belongs to none of the slices")
        for name, count in met.items():
            yield from self._counted(element.slices[name], count, f"{path}:{name}")

    def _counted(self, element: Element, count: int, path: str) -> Iterator[Fault]:
        if count < element.at_least:
            yield Fault("min", path, f"at least {element.at_least}, found {count}")
        if element.at_most is not None and count > element.at_most:
            yield Fault("max", path, f"at most {element.at_most}, found {count}")

    def _typed(self, element: Element, value: Value, path: str) -> Iterator[Fault]:
        """A value with the profiles of its type; a resource with those asked and those it declares."""
        content = value.content
        if isinstance(content, dict) and "resourceType" in content and path:
            asked = [url for kind in element.kinds for url in kind.profiles]
            own = [self.known.base.get(content["resourceType"], "")]
            for url in dict.fromkeys(asked + (self._declared(content) or own)):
                yield from self._resource(content, url, f"{path}/{content['resourceType']}")
            return
        yield from self._value(element, value, path)
        if isinstance(content, dict):
            yield from self._profiled(element, value, path)
            if value.code == "Reference":
                yield from self._referred(element, content, path)

    def _profiled(self, element: Element, value: Value, path: str) -> Iterator[Fault]:
        for url in (url for kind in element.kinds if kind.code == value.code for url in kind.profiles):
            for name in ASKED_BY_TYPE.get(url, ()):
                if name not in value.content:
                    yield Fault("min", f"{path}.{name}", f"required by {url}")
            if url in self.known.structures and (value.code != "Extension" or value.content.get("url") == url):
                yield from self._value(self.known.tree(url), value, path)

    # ---- references

    def _referred(self, element: Element, content: Json, path: str) -> Iterator[Fault]:
        reference = str(content.get("reference", ""))
        local = reference.startswith("#")
        target = self.contained.get(reference[1:]) if local else self.bundled.get("/".join(reference.split("/")[-2:]))
        if local and target is None:
            yield Fault("reference", path, f"{reference} is not contained")
        for kind in element.kinds:
            if reference and kind.aggregation and local != ("contained" in kind.aggregation):
                yield Fault("reference", path, f"must be {' or '.join(kind.aggregation)}")
        targets = [url for kind in element.kinds for url in kind.targets]
        if target is None or not targets or any(url not in self.known.structures for url in targets):
            return
        if not any(self._conforms(target, url) for url in targets):
            yield Fault("reference", path, f"{reference} conforms to none of {targets}")

    def _conforms(self, resource: Json, url: str) -> bool:
        if self.known.structures.get(url, {}).get("type") != resource.get("resourceType"):
            return False
        return url in self._declared(resource) or not self._resource(resource, url, "")

    # ---- slices

    def _belongs(self, whole: Element, part: Element, value: Value) -> bool:
        if whole.name in {"extension", "modifierExtension"}:
            urls = {url for kind in part.kinds for url in kind.profiles}
            return _at(value.content, "url") in urls | {_url(part)}
        return bool(whole.discriminators) and all(
            self._discriminated(how, steps, part, value) for how, steps in whole.discriminators
        )

    def _discriminated(self, how: str, steps: tuple[str, ...], part: Element, value: Value) -> bool:
        elements, contents = [part], [value.content]
        for step in steps:
            elements = [one.children[step] for one in elements if step in one.children]
            contents = [below for one in contents for below in _many(_at(one, step))]
        if not elements:
            return False
        element = elements[0]
        if how == "exists":
            return bool(contents) == (element.at_least > 0)
        if how == "type":
            return any(self._of_kind(element, one, value.code, deep=bool(steps)) for one in contents)
        if how == "profile":
            urls = [url for kind in element.kinds for url in kind.profiles]
            return any(isinstance(one, dict) and self._conforms(one, url) for one in contents for url in urls)
        return any(self._criteria(element, one) for one in contents)

    def _of_kind(self, element: Element, content: Any, code: str, *, deep: bool) -> bool:
        profiles = (url for kind in element.kinds for url in kind.profiles)
        codes = {kind.code for kind in element.kinds}
        codes |= {self.known.structures[url]["type"] for url in profiles if url in self.known.structures}
        return (_at(content, "resourceType") if deep else code) in codes

    def _criteria(self, element: Element, content: Any) -> bool:
        """Whether a value meets what a slice fixes on the element of its discriminator and below it."""
        own = _fixed_here(element)
        if element.fixed is not None and content != element.fixed:
            return False
        if element.pattern is not None and not contains(element.pattern, content):
            return False
        if element.value_set is not None and isinstance(content, str | dict):
            held = self.known.holds(element.value_set, content)
            if held is False:
                return False
            own = own or held is True
        below = [child for name, child in element.children.items() if name != "extension" and _fixed_below(child)]
        met = all(any(self._criteria(child, one) for one in _many(_at(content, child.name))) for child in below)
        return met and (own or bool(below))


def _url(part: Element) -> Any:
    return part.children["url"].fixed if "url" in part.children else None


def _fixed_here(element: Element) -> bool:
    return element.fixed is not None or element.pattern is not None


def _fixed_below(element: Element) -> bool:
    return _fixed_here(element) or any(_fixed_below(one) for key, one in element.children.items() if key != "extension")
