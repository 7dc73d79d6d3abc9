"""The compiled half of the package."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal, final, overload

from jingwen.types import (
    ArrowArrayExportable,
    ArrowStreamExportable,
    Fields,
    IndexStats,
    Kind,
    Profile,
)

__all__ = [
    "Array",
    "ChunkedArray",
    "Cleaner",
    "Decision",
    "Decisions",
    "Decoded",
    "Edit",
    "Evidence",
    "Explained",
    "Index",
    "Page",
    "Resolved",
    "Verdict",
    "__version__",
    "decode",
    "dedup",
    "fields",
]

__version__: str

@final
class Array:
    """One Arrow array, which any library that speaks Arrow takes over without a copy."""

    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def to_pyarrow(self) -> Any:
        """A pyarrow.Array, or a pyarrow.RecordBatch where there are columns."""
    def to_pylist(self) -> list[Any]:
        """A list of str and None, or of dicts where there are columns."""

@final
class ChunkedArray:
    """Arrow arrays of one type that belong together: a long column, or a table."""

    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def to_pyarrow(self) -> Any:
        """A pyarrow.ChunkedArray, or a pyarrow.Table where there are columns."""
    def to_pylist(self) -> list[Any]:
        """A list of str and None, or of dicts where there are columns."""

@final
class Edit:
    """One change: `was` became `now` in the step `step`, by the wish of `rule`.

    `start` and `end` say where in the decoded text (`Explained.source`) it came from, in code
    points: `source[start:end]`."""

    @property
    def step(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def was(self) -> str: ...
    @property
    def now(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...

@final
class Explained:
    """A clean text and the way it came about."""

    @property
    def text(self) -> str:
        """The clean text."""
    @property
    def source(self) -> str:
        """The decoded text."""
    @property
    def edits(self) -> list[Edit]:
        """Every change, step by step, in reading order within a step."""
    @property
    def trail(self) -> str:
        """The edits as a row of a trail file, under the first line `Cleaner.trail_header`."""
    def restore(self) -> str:
        """The decoded text, made again from the clean one and the trail."""
    def origin(self, at: int) -> int:
        """The code point of `source` from which code point `at` of `text` came."""

@final
class Decoded:
    """A text, and how it was read."""

    @property
    def text(self) -> str: ...
    @property
    def encoding(self) -> str:
        """UTF-8, GB18030, Big5, UTF-16LE …; UTF-8+GB18030 where both alternate."""
    @property
    def reversible(self) -> bool:
        """`encode` gives the very bytes again."""
    @property
    def n_malformed(self) -> int:
        """How many places could not be read and became U+FFFD."""
    @property
    def malformed(self) -> list[tuple[int, int]]:
        """The first 64 of these, as (start, end) in the bytes."""
    def encode(self) -> bytes:
        """The text as bytes of its encoding."""

@final
class Page:
    """The document that a page carries."""

    @property
    def text(self) -> str:
        """The clean text."""
    @property
    def fields(self) -> Fields:
        """What it says of itself, and what its page says of it (docs/fields.md)."""
    @property
    def encoding(self) -> str: ...
    @property
    def reversible(self) -> bool: ...
    @property
    def n_malformed(self) -> int: ...
    @property
    def is_html(self) -> bool: ...

@final
class Cleaner:
    """Cleans by one choice of rules. Build it once; use it from many threads; pickle it."""

    def __new__(
        cls,
        profile: Profile = "standard",
        *,
        enable: Sequence[str] = ...,
        disable: Sequence[str] = ...,
        rules: str | PathLike[str] | None = None,
    ) -> Cleaner: ...
    @property
    def profile(self) -> str: ...
    @property
    def rules_hash(self) -> str: ...
    @property
    def trail_header(self) -> str: ...
    def clean(self, text: str) -> str:
        """The clean text; the same object where there is nothing to do."""
    @overload
    def clean_batch(
        self, data: ArrowArrayExportable, *, column: str | None = None, jobs: int | None = None
    ) -> Array: ...
    @overload
    def clean_batch(
        self, data: ArrowStreamExportable, *, column: str | None = None, jobs: int | None = None
    ) -> ChunkedArray: ...
    @overload
    def clean_batch(
        self, data: Iterable[str], *, column: None = None, jobs: int | None = None
    ) -> list[str]: ...
    @overload
    def clean_batch(
        self, data: Iterable[str | None], *, column: None = None, jobs: int | None = None
    ) -> list[str | None]: ...
    def explain(self, text: str, *, page: bool = False) -> Explained:
        """The clean text with its edits; `page=True` takes HTML as `clean_page` does."""
    def clean_page(self, data: bytes | bytearray | str, *, declared: str | None = None) -> Page:
        """The document that an HTML page carries; other text is cleaned as it is."""

@final
class Decision:
    """What becomes of one document, and why. docs/copies.md says how to read the evidence."""

    @property
    def row(self) -> int: ...
    @property
    def id(self) -> str: ...
    @property
    def verdict(self) -> Literal["kept", "dropped"]: ...
    @property
    def kind(self) -> Kind | None: ...
    @property
    def of(self) -> str | None: ...
    @property
    def variant_of(self) -> str | None: ...
    @property
    def part_of(self) -> str | None: ...
    @property
    def contains(self) -> str | None: ...
    @property
    def jaccard(self) -> float | None: ...
    @property
    def containment(self) -> float | None: ...
    @property
    def containment_of(self) -> float | None: ...
    @property
    def differences(self) -> int | None: ...
    @property
    def differs(self) -> list[tuple[str, str, str]]: ...
    @property
    def matched(self) -> list[tuple[int, int, int]]: ...
    def to_dict(self) -> dict[str, Any]:
        """The members as they stand in a row of decisions.jsonl."""

@final
class Decisions:
    """One decision for each document, in the order of the data."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Decision]: ...
    @overload
    def __getitem__(self, at: int) -> Decision: ...
    @overload
    def __getitem__(self, at: slice) -> list[Decision]: ...
    @property
    def kept(self) -> list[int]:
        """The rows that stay, in order."""
    def to_arrow(self) -> Array:
        """A table of the decisions."""

@final
class Evidence:
    """What was found when two documents were compared (docs/copies.md)."""

    @property
    def jaccard(self) -> float: ...
    @property
    def containment(self) -> float: ...
    @property
    def containment_of(self) -> float: ...
    @property
    def differences(self) -> int: ...
    @property
    def differs(self) -> list[tuple[str, str, str]]: ...

@final
class Verdict:
    """What a document is among those that are known (docs/index.md)."""

    @property
    def kind(self) -> Literal["new", "copy", "supersedes", "variant", "empty"]: ...
    @property
    def is_kept(self) -> bool:
        """It is new, a variant, or better than what was there."""
    @property
    def of(self) -> str | None:
        """The id of the document of which it is a copy, or a variant."""
    @property
    def how(self) -> Literal["exact", "same", "near", "contained"] | None: ...
    @property
    def ids(self) -> list[str]:
        """The ids of documents that stayed until now and are copies of this one."""
    @property
    def restored(self) -> list[str]:
        """The ids of documents that stay again, for what stood in their place is gone."""
    @property
    def evidence(self) -> Evidence | None: ...

@final
class Resolved:
    """What became of one document when all were decided about at once."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> Literal["exact", "same", "near", "contained"] | None:
        """How it is a copy; None for one that stays."""
    @property
    def of(self) -> str | None: ...
    @property
    def variant_of(self) -> str | None: ...

@final
class Index:
    """Documents that are known, in a folder: one process writes, any number read.

    An index does not cross a fork: open it in the process that uses it."""

    @classmethod
    def create(
        cls,
        path: str | PathLike[str],
        *,
        profile: Profile = "standard",
        enable: Sequence[str] = ...,
        disable: Sequence[str] = ...,
        rules: str | PathLike[str] | None = None,
        clean: bool = True,
        key: int | None = None,
    ) -> Index:
        """Makes an empty index and opens it. It will always clean by these rules (`clean=False`: not at
        all). `key` is a secret number that keeps strangers from forging sketches."""
    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        read_only: bool = False,
        rules: str | PathLike[str] | None = None,
        sync: Literal["each", "batch"] = "batch",
        jobs: int | None = None,
        memory: int = 268435456,
        key: int | None = None,
        accept_rules: bool = False,
    ) -> Index:
        """Opens an index. With `sync="each"` a call returns when the disk has it; with "batch" that is so
        behind each thousand documents, `sync`, `add_batch` and `close`."""
    @property
    def path(self) -> Path: ...
    def __enter__(self) -> Index: ...
    def __exit__(self, _kind: object, _error: object, _trace: object) -> None: ...
    def close(self) -> None:
        """Makes everything durable and lets the folder go."""
    def check_and_add(
        self,
        id: str,
        text: str | bytes | bytearray,
        *,
        published: str | None = None,
        issuer: str | None = None,
        number: str | None = None,
    ) -> Verdict:
        """Says what a document is among those that are known, and adds it. It may be HTML.

        The same id with the same text is told what it was told before; with another text it is a
        new revision. `published` (2024-05-06), `issuer` and `number` count where the text says nothing."""
    def add_batch(
        self,
        data: ArrowArrayExportable
        | ArrowStreamExportable
        | Sequence[str | None]
        | Sequence[tuple[object, str | None]]
        | Sequence[Mapping[str, Any]],
        *,
        ids: Iterable[object] | None = None,
        column: str | None = None,
        id_column: str | None = None,
    ) -> list[Verdict]:
        """As `check_and_add` for many documents, on all threads, and durable when it returns."""
    def query(
        self,
        text: str | bytes | bytearray,
        *,
        published: str | None = None,
        issuer: str | None = None,
        number: str | None = None,
    ) -> Verdict:
        """What a document would be; it is not added."""
    def sync(self) -> None:
        """Makes everything durable that was added."""
    def stats(self) -> IndexStats:
        """What the index holds. One look at all texts."""
    def verify(self) -> list[str]:
        """What is wrong with what is stored, a sentence each. Reads everything."""
    def compact(self) -> None:
        """Merges all postings into one run."""
    def resolve(self) -> list[Resolved]:
        """Decides about all documents as one run over them would, in the order in which they were added."""

def decode(data: bytes | bytearray, declared: str | None = None) -> Decoded:
    """Reads bytes as text: the bytes decide, and what is declared only where they leave it open."""

def fields(text: str) -> Fields:
    """Title, issuer, number, date and the other parts of a clean text; what is not sure is not there."""

def dedup(
    data: ArrowArrayExportable
    | ArrowStreamExportable
    | Sequence[str | None]
    | Sequence[tuple[object, str | None]]
    | Sequence[Mapping[str, Any]],
    *,
    ids: Iterable[object] | None = None,
    column: str | None = None,
    id_column: str | None = None,
    clean: bool | Cleaner = True,
    near: float = 0.0,
    keep: Literal["best", "first"] = "best",
    drop_variants: bool = False,
    drop_forwards: bool = False,
    jobs: int | None = None,
) -> Decisions:
    """Decides which texts are copies of others, as `jingwen run` does with files."""
