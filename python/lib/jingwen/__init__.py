"""净文: cleans and deduplicates scraped archives of Chinese official texts, and loses nothing.

>>> import jingwen
>>> jingwen.clean("达60%,1-11月增长5.6%")
'达60%，1-11月增长5.6%'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, overload

from jingwen._jingwen import (
    Array,
    ChunkedArray,
    Cleaner,
    Decision,
    Decisions,
    Decoded,
    Edit,
    Evidence,
    Explained,
    Index,
    Page,
    Resolved,
    Verdict,
    __version__,
    decode,
    dedup,
    fields,
)
from jingwen.errors import (
    DamagedError,
    DiskError,
    ExistsError,
    FaultError,
    JingwenError,
    LockedError,
    MissingFileError,
    NotTextError,
    UsageError,
)

if TYPE_CHECKING:
    from os import PathLike

    from jingwen.types import ArrowArrayExportable, ArrowStreamExportable, Profile

__all__ = [
    "Array",
    "ChunkedArray",
    "Cleaner",
    "DamagedError",
    "Decision",
    "Decisions",
    "Decoded",
    "DiskError",
    "Edit",
    "Evidence",
    "ExistsError",
    "Explained",
    "FaultError",
    "Index",
    "JingwenError",
    "LockedError",
    "MissingFileError",
    "NotTextError",
    "Page",
    "Resolved",
    "UsageError",
    "Verdict",
    "__version__",
    "clean",
    "clean_batch",
    "clean_page",
    "decode",
    "dedup",
    "explain",
    "fields",
]


def _build(
    profile: Profile, enable: Sequence[str], disable: Sequence[str], rules: str | PathLike[str] | None
) -> Cleaner:
    """A cleaner of its choice; unpickling calls this."""
    return Cleaner(profile, enable=enable, disable=disable, rules=rules)


@lru_cache(maxsize=16)
def _kept(profile: Profile, enable: tuple[str, ...], disable: tuple[str, ...]) -> Cleaner:
    return Cleaner(profile, enable=enable, disable=disable)


def _standard() -> Cleaner:
    return _kept("standard", (), ())


def _cleaner(
    profile: Profile, enable: Sequence[str], disable: Sequence[str], rules: str | PathLike[str] | None
) -> Cleaner:
    if rules is not None:
        # A table may have changed since the last call.
        return Cleaner(profile, enable=enable, disable=disable, rules=rules)
    for name, chosen in (("enable", enable), ("disable", disable)):
        if isinstance(chosen, str):
            raise TypeError(f"{name} is a list of rules, and not one str")
    return _kept(profile, tuple(enable), tuple(disable))


def clean(
    text: str,
    *,
    profile: Profile = "standard",
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    rules: str | PathLike[str] | None = None,
) -> str:
    """The clean text.

    >>> clean("二○二四年,全县", disable=["punct.comma"])
    '二〇二四年,全县'
    """
    return _cleaner(profile, enable, disable, rules).clean(text)


@overload
def clean_batch(
    data: ArrowArrayExportable,
    *,
    column: str | None = None,
    profile: Profile = "standard",
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    rules: str | PathLike[str] | None = None,
    jobs: int | None = None,
) -> Array: ...
@overload
def clean_batch(
    data: ArrowStreamExportable,
    *,
    column: str | None = None,
    profile: Profile = "standard",
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    rules: str | PathLike[str] | None = None,
    jobs: int | None = None,
) -> ChunkedArray: ...
@overload
def clean_batch(
    data: Iterable[str],
    *,
    column: None = None,
    profile: Profile = "standard",
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    rules: str | PathLike[str] | None = None,
    jobs: int | None = None,
) -> list[str]: ...
@overload
def clean_batch(
    data: Iterable[str | None],
    *,
    column: None = None,
    profile: Profile = "standard",
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    rules: str | PathLike[str] | None = None,
    jobs: int | None = None,
) -> list[str | None]: ...
def clean_batch(
    data: Any,
    *,
    column: str | None = None,
    profile: Profile = "standard",
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    rules: str | PathLike[str] | None = None,
    jobs: int | None = None,
) -> Any:
    """Cleans many texts with `jobs` threads (all cores) and answers in kind.

    A list of str gives a list. A column of strings that speaks Arrow (pyarrow, Polars, pandas,
    DuckDB …) gives an `Array` or `ChunkedArray`; a table gives a table with `column` cleaned
    (`text` unless it has only one) and the others as they were. None and null stay.

    >>> clean_batch(["编者按:近期", None])
    ['编者按：近期', None]
    """
    return _cleaner(profile, enable, disable, rules).clean_batch(data, column=column, jobs=jobs)


def clean_page(
    data: bytes | bytearray | str,
    *,
    declared: str | None = None,
    profile: Profile = "standard",
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    rules: str | PathLike[str] | None = None,
) -> Page:
    """The document that an HTML page carries, as bytes or str, with its fields.

    >>> clean_page("<html><body><p>关于放假的通知</p><p>各单位:</p></body></html>".encode("gbk")).text
    '关于放假的通知\\n各单位：'
    """
    return _cleaner(profile, enable, disable, rules).clean_page(data, declared=declared)


def explain(
    text: str,
    *,
    page: bool = False,
    profile: Profile = "standard",
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    rules: str | PathLike[str] | None = None,
) -> Explained:
    """The clean text with every edit that led to it.

    >>> explain("编者按:近期").edits
    [Edit(step='width', rule='punct.colon', was=':', now='：', start=3, end=4)]
    """
    return _cleaner(profile, enable, disable, rules).explain(text, page=page)
