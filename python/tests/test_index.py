"""The persistent index."""

import json
import subprocess
import sys
import threading

import polars as pl
import pyarrow as pa
import pytest
from conftest import notice, spoilt

import jingwen


@pytest.fixture
def place(tmp_path):
    return tmp_path / "seen"


def test_a_crawler_asks_page_by_page(place):
    with jingwen.Index.create(place) as index:
        assert repr(index) == f"<jingwen.Index '{place}'>" and index.path == place
        new = index.check_and_add("a/1", spoilt(notice(1)).encode("gbk"))
        assert (new.kind, new.is_kept, new.of, new.how, new.evidence) == ("new", True, None, None, None)
        copy = index.check_and_add("b/1", spoilt(notice(1)) + "★")
        assert (copy.kind, copy.is_kept, copy.of, copy.how) == ("copy", False, "a/1", "same")
        assert (copy.evidence.jaccard, copy.evidence.differences, copy.evidence.differs) == (1.0, 0, [])
        assert repr(copy) == "Verdict(copy, same, of='a/1')"
        better = index.check_and_add("c/1", notice(1))
        assert (better.kind, better.ids, better.is_kept) == ("supersedes", ["a/1"], True)
        other = index.check_and_add("d/1", notice(1).replace("个村", "0个村", 1))
        assert (other.kind, other.of, other.is_kept) == ("variant", "c/1", True)
        assert index.check_and_add("e/1", "\u200b").kind == "empty"
        page = "".join(f"<p>{line}</p>" for line in notice(2).split("\n"))
        assert index.check_and_add("f/1", f"<html><body>{page}</body></html>").kind == "new"
        assert index.query(notice(2)).of == "f/1"
        stats = index.stats()
        assert (stats["documents"], stats["kept"]) == (5, 3)
        assert index.verify() == []
        index.compact()
        resolved = {one.id: one for one in index.resolve()}
        assert {name for name, one in resolved.items() if one.kind is None} == {"c/1", "d/1", "f/1"}
        assert (resolved["a/1"].kind, resolved["a/1"].of) == ("same", "c/1")


def test_what_was_added_stays(place):
    with jingwen.Index.create(place) as index:
        index.check_and_add("a", notice(1))
    with jingwen.Index.open(place, sync="each") as index:
        # The same again is told the same again: a killed crawler sends its last pages twice.
        assert index.check_and_add("a", notice(1)).kind == "new"
        assert index.check_and_add("b", notice(1)).of == "a"
        assert index.stats()["documents"] == 2
    index.close()
    with pytest.raises(jingwen.UsageError, match="is closed"):
        index.query("字")


def test_batches_of_all_forms(place, notices):
    rows = [(f"d{n}", text) for n, text in enumerate(notices)]
    again = [(f"e{n}", spoilt(text)) for n, text in enumerate(notices)]
    with jingwen.Index.create(place) as index:
        assert {verdict.kind for verdict in index.add_batch(rows)} == {"new"}
        table = pa.table({"id": [name for name, _ in again], "text": [text for _, text in again]})
        for data, more in (
            (again, {}),
            ([{"id": name, "text": text} for name, text in again], {}),
            (table, {}),
            (pl.DataFrame(table), {}),
            (table["text"], {"ids": table["id"]}),
        ):
            verdicts = index.add_batch(data, **more)
            assert [verdict.of for verdict in verdicts] == [name for name, _ in rows]
        assert index.stats()["documents"] == 2 * len(rows)
        with pytest.raises(jingwen.UsageError, match="row 0 has no id"):
            index.add_batch(["字"])


def test_one_writes_and_many_read(place):
    with jingwen.Index.create(place) as index:
        index.check_and_add("a", notice(1))
        index.sync()
        with pytest.raises(jingwen.LockedError):
            jingwen.Index.open(place)
        script = f"""
import json, jingwen
with jingwen.Index.open({str(place)!r}, read_only=True) as index:
    print(json.dumps([index.query({notice(1)!r}).of, index.stats()["documents"]]))
    try:
        index.check_and_add("b", "字")
    except jingwen.UsageError as error:
        print(json.dumps(str(error)))
try:
    jingwen.Index.open({str(place)!r})
except jingwen.LockedError as error:
    print(json.dumps(isinstance(error, OSError)))
"""
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        said = [json.loads(line) for line in done.stdout.splitlines()]
        assert said[0] == ["a", 1] and "read_only" in said[1] and said[2] is True


def test_many_threads_share_an_index(place, notices):
    with jingwen.Index.create(place) as index:
        kinds = []

        def add(n):
            kinds.extend(index.check_and_add(f"{n}-{k}", text).kind for k, text in enumerate(notices))

        threads = [threading.Thread(target=add, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (kinds.count("new"), len(kinds)) == (len(notices), 4 * len(notices))


def test_labels_beside_a_text_count(place):
    with jingwen.Index.create(place) as index:
        standing = notice(4)
        index.check_and_add("2023", standing, published="2023-05-01")
        assert index.check_and_add("2024", standing, published="2024-05-01").kind == "variant"
        assert index.query(standing, published="2023-05-01").of == "2023"


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda place: jingwen.Index.open(place / "nowhere"), jingwen.JingwenError),
        (lambda place: jingwen.Index.create(place), FileExistsError),
        (lambda place: jingwen.Index.create(place / "new", profile="best"), ValueError),
        (lambda place: jingwen.Index.create(place / "new", disable=["none.such"]), ValueError),
        (lambda place: jingwen.Index.open(place, sync="never"), ValueError),
        (lambda place: jingwen.Index.open(place, key=7), ValueError),
    ],
)
def test_refusals(place, call, kind):
    with jingwen.Index.create(place):
        pass
    with pytest.raises(kind) as caught:
        call(place)
    assert str(caught.value)


def test_a_damaged_header_is_named(place):
    jingwen.Index.create(place).close()
    (place / "index.json").write_text('{"jingwen_index": 99, "version": "9.9"}')
    with pytest.raises(jingwen.DamagedError, match="format 99"):
        jingwen.Index.open(place)
