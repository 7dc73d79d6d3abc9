"""Columns and tables, of everybody who speaks Arrow."""

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import CLEAN, DIRTY, notice, spoilt

import jingwen

TYPES = [pa.string(), pa.large_string(), pa.string_view()]
TEXTS = [DIRTY, None, "", CLEAN, "短,文", spoilt(notice(1)), None, "12字节,以内"]


def expected(texts):
    return [None if text is None else jingwen.clean(text) for text in texts]


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_arrays(kind):
    array = pa.array(TEXTS, kind)
    for data in (array, array.slice(1), array.slice(2, 4), array.slice(3, 0), pa.array([], kind), pa.array([None], kind)):
        clean = jingwen.clean_batch(data)
        assert isinstance(clean, jingwen.Array)
        again = clean.to_pyarrow()
        again.validate(full=True)
        assert again.type == kind
        assert again.to_pylist() == clean.to_pylist() == expected(data.to_pylist())
        assert len(clean) == len(data)


@pytest.mark.parametrize("kind", TYPES, ids=str)
@pytest.mark.parametrize("jobs", [1, 2, None])
def test_chunks_stay_as_they_are(kind, jobs):
    texts = (TEXTS + [spoilt(notice(n)) for n in range(50)]) * 30
    chunks = pa.chunked_array([texts[:7], [], texts[7:900], texts[900:]], kind)
    clean = jingwen.clean_batch(chunks, jobs=jobs)
    assert isinstance(clean, jingwen.ChunkedArray)
    again = clean.to_pyarrow()
    again.validate(full=True)
    assert [len(chunk) for chunk in again.chunks] == [len(chunk) for chunk in chunks.chunks]
    assert (again.type, again.to_pylist(), len(clean)) == (kind, expected(texts), len(texts))


def test_tables_keep_their_other_columns():
    table = pa.table({"id": list(range(len(TEXTS))), "text": TEXTS, "note": TEXTS}).replace_schema_metadata({"a": "b"})
    clean = jingwen.clean_batch(table).to_pyarrow()
    assert isinstance(clean, pa.Table)
    assert clean.schema.equals(table.schema)
    assert clean.schema.metadata == {b"a": b"b"}
    assert clean.to_pydict() == {"id": list(range(len(TEXTS))), "text": expected(TEXTS), "note": TEXTS}
    other = jingwen.clean_batch(table, column="note").to_pyarrow()
    assert other.to_pydict()["text"] == TEXTS and other.to_pydict()["note"] == expected(TEXTS)
    batch = table.to_batches()[0].slice(2, 3)
    clean = jingwen.clean_batch(batch).to_pyarrow()
    assert isinstance(clean, pa.RecordBatch)
    assert clean.to_pydict() == {"id": [2, 3, 4], "text": expected(TEXTS[2:5]), "note": TEXTS[2:5]}


def test_a_stream_is_read_once():
    table = pa.table({"text": TEXTS})
    reader = pa.RecordBatchReader.from_batches(table.schema, iter(table.to_batches(max_chunksize=3)))
    clean = jingwen.clean_batch(reader)
    assert clean.to_pyarrow().to_pydict() == {"text": expected(TEXTS)}
    # Ours may be read as often as one likes.
    assert pa.table(clean).equals(pa.table(clean))
    assert pl.DataFrame(clean)["text"].to_list() == expected(TEXTS)


def test_a_stream_that_fails_says_why():
    def batches():
        yield pa.record_batch({"text": [DIRTY]})
        raise OSError("the cable is cut")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"text": pa.string()}), batches())
    with pytest.raises(jingwen.UsageError, match="the cable is cut"):
        jingwen.clean_batch(reader)


def test_polars():
    series = pl.Series("text", TEXTS)
    clean = pl.Series(jingwen.clean_batch(series))
    assert (clean.dtype, clean.name, clean.to_list()) == (pl.String, "text", expected(TEXTS))
    frame = pl.DataFrame({"id": range(len(TEXTS)), "text": TEXTS})
    clean = pl.DataFrame(jingwen.clean_batch(frame))
    assert clean.schema == frame.schema
    assert clean["text"].to_list() == expected(TEXTS)
    by_batches = frame.with_columns(pl.col("text").map_batches(lambda s: pl.Series(jingwen.clean_batch(s)), return_dtype=pl.String))
    assert by_batches.equals(clean)


@pytest.mark.parametrize("kind", ["str", "object", "string", pd.ArrowDtype(pa.large_string())], ids=str)
def test_pandas(kind):
    series = pd.Series(TEXTS, dtype=kind, index=range(10, 10 + len(TEXTS)))
    clean = jingwen.clean_batch(series)
    assert clean.to_pylist() == expected(TEXTS)
    frame = pd.DataFrame({"id": range(len(TEXTS)), "text": series.array})
    frame["text"] = jingwen.clean_batch(frame["text"]).to_pyarrow().to_pandas()
    assert [None if pd.isna(text) else text for text in frame["text"]] == expected(TEXTS)


def test_duckdb():
    with duckdb.connect() as base:
        base.execute("create table pages (id int, text varchar)")
        base.executemany("insert into pages values (?, ?)", list(enumerate(TEXTS)))
        clean = jingwen.clean_batch(base.sql("from pages order by id"))
        assert clean.to_pylist() == [{"id": n, "text": text} for n, text in enumerate(expected(TEXTS))]
        column = jingwen.clean_batch(base.sql("select text from pages order by id"))
        assert [row["text"] for row in column.to_pylist()] == expected(TEXTS)
        assert base.sql("select count(*) from clean where text like '%，%'").fetchall() == [(sum("，" in (text or "") for text in expected(TEXTS)),)]


def test_all_null_columns():
    assert jingwen.clean_batch(pa.nulls(3)).to_pylist() == [None] * 3


@pytest.mark.parametrize(
    ("data", "column", "kind", "said"),
    [
        (pa.array([1, 2]), None, TypeError, "expected strings, got Int64"),
        (pa.array([b"a"]), None, TypeError, "got Binary"),
        (pa.array(["a"]).dictionary_encode(), None, TypeError, "cast the column"),
        (pa.array(["a"]), "text", ValueError, "is no table"),
        (pa.table({"a": ["a"], "b": ["b"]}), None, ValueError, 'no column "text"; it has a, b'),
        (pa.table({"a": ["a"]}), "c", ValueError, 'no column "c"; it has a'),
        (pa.table({"a": [1]}), "a", TypeError, "got Int64"),
    ],
)
def test_what_does_not_fit_is_refused(data, column, kind, said):
    with pytest.raises(kind, match=said):
        jingwen.clean_batch(data, column=column)


def test_broken_producers_raise_and_break_nothing():
    offsets = pa.array([0, 1, 2], pa.int32()).buffers()[1]
    bad_bytes = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"\xff\xfe"))
    with pytest.raises(jingwen.UsageError, match="row 0: its bytes are no UTF-8"):
        jingwen.clean_batch(bad_bytes)
    wild = pa.array([0, 1000, 2], pa.int32()).buffers()[1]
    # A panic inside is an exception outside, and the interpreter goes on.
    with pytest.raises(jingwen.FaultError, match="range end index 1000 out of range"):
        jingwen.clean_batch(pa.StringArray.from_buffers(2, wild, pa.py_buffer(b"ab")))
    assert jingwen.clean(DIRTY) == CLEAN


class Released:
    def __init__(self, data):
        self.pair = data.__arrow_c_array__()

    def __arrow_c_array__(self, requested_schema=None):
        return self.pair


def test_a_capsule_is_taken_once():
    data = Released(pa.array([DIRTY]))
    assert jingwen.clean_batch(data).to_pylist() == [CLEAN]
    with pytest.raises(jingwen.UsageError, match="taken already"):
        jingwen.clean_batch(data)


class Impostor:
    def __arrow_c_stream__(self, requested_schema=None):
        return pa.array(["字"]).__arrow_c_schema__() if hasattr(pa.array([]), "__arrow_c_schema__") else pa.string().__arrow_c_schema__()


def test_a_capsule_of_another_name_is_refused():
    with pytest.raises(ValueError, match="PyCapsule"):
        jingwen.clean_batch(Impostor())


def test_memory_goes_back():
    resource = pytest.importorskip("resource")
    column = pa.array([spoilt(notice(n)) for n in range(200)] * 20)
    for _ in range(3):
        pa.array(jingwen.clean_batch(column))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(12):
        pa.array(jingwen.clean_batch(column))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 4 * column.nbytes, f"{grown} bytes more after twelve rounds over {column.nbytes}"
