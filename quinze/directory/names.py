"""How names of communes and people are folded, stored and looked for."""

import re

from quinze.base.codes import fold

_SAINT = re.compile(r"\bst(e?)\b")


def commune_key(text: str) -> str:
    """« St-Benoît » and « saint benoit » meet."""
    return _SAINT.sub(r"saint\1", fold(text))


def person_key(family_name: str, given_name: str) -> str:
    return fold(f"{family_name} {given_name}")
