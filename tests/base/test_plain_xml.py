import pytest

from quinze.base import plain_xml

LAUGHS = '<!DOCTYPE a [<!ENTITY b "haha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


def test_a_tree_is_read() -> None:
    assert [child.text for child in plain_xml.parse("<a><b>été</b><b/></a>".encode())] == ["été", None]


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS.encode(),
        f"<!--{' ' * 5000}-->{LAUGHS}".encode(),
        f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}'.encode("utf-16"),
        b"<a><b></a>",
        b"",
        b"\xff\xfe\xfa",
        "<a>\N{GRINNING FACE}".encode(),
    ],
)
def test_a_document_type_wherever_it_hides_and_garbage_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        plain_xml.parse(content)
