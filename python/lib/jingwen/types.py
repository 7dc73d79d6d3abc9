"""Types for those who check theirs."""

from __future__ import annotations

from typing import Literal, Protocol, TypedDict

Profile = Literal["archive", "standard", "corpus"]
Kind = Literal["exact", "same", "near", "contained", "variant", "empty"]


class ArrowArrayExportable(Protocol):
    """Whatever exports one Arrow array or record batch."""

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...


class ArrowStreamExportable(Protocol):
    """Whatever exports a stream of Arrow arrays: a chunked column, a table, a query."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


# What a document says of itself: docs/fields.md. `from` is no name for a member of a class.
Fields = TypedDict(
    "Fields",
    {
        "title": str,
        "issuer": str,
        "number": str,
        "date": str,
        "secrecy": str,
        "urgency": str,
        "addressee": str,
        "attachment": str,
        "sent_by": str,
        "sent_on": str,
        "period": str,
        "published": str,
        "from": str,
        "author": str,
        "editor": str,
        "views": str,
        "index": str,
        "column": str,
        "site": str,
        "url": str,
        "forward": str,
    },
    total=False,
)


class IndexStats(TypedDict):
    """What an index holds; sizes in bytes."""

    documents: int
    kept: int
    texts: int
    candidates_capped: int
    bytes: int
    bytes_documents: int
    bytes_postings: int
    runs: int
    memory: int
    made_by: str
    rules: str
