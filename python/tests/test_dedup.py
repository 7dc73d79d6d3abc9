"""Copies among many documents."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import CLEAN, DIRTY, notice, spoilt

import jingwen


@pytest.fixture(scope="module")
def documents():
    """Forty notices, ten of them twice, two without text."""
    rows = [(f"own-{n}", notice(n)) for n in range(40)]
    rows += [(f"copy-{n}", spoilt(notice(n))) for n in range(0, 40, 4)]
    return rows + [("none", None), ("blank", " \u200b ")]


def told(decisions):
    return {d.id: (d.verdict, d.kind, d.of) for d in decisions}


def expected():
    kept = {f"own-{n}": ("kept", None, None) for n in range(40)}
    dropped = {f"copy-{n}": ("dropped", "same", f"own-{n}") for n in range(0, 40, 4)}
    return kept | dropped | {name: ("dropped", "empty", None) for name in ("none", "blank")}


def test_all_forms_of_data_give_the_same(documents):
    ids, texts = zip(*documents, strict=True)
    table = pa.table({"id": ids, "text": texts})
    forms = [
        jingwen.dedup(documents),
        jingwen.dedup(list(texts), ids=ids),
        jingwen.dedup([{"id": i, "text": t} for i, t in documents]),
        jingwen.dedup([{"name": i, "body": t} for i, t in documents], column="body", id_column="name"),
        jingwen.dedup(table),
        jingwen.dedup(table.rename_columns(["name", "body"]), column="body", id_column="name"),
        jingwen.dedup(table["text"], ids=table["id"]),
        jingwen.dedup(pl.DataFrame(table)),
        jingwen.dedup(table.to_pandas()),
        jingwen.dedup(pd.Series(texts), ids=pd.Series(ids)),
        jingwen.dedup(documents[::-1], jobs=1),
        jingwen.dedup(documents, clean=jingwen.Cleaner()),
    ]
    for decisions in forms:
        assert told(decisions) == expected()


def test_decisions_as_a_list(documents):
    decisions = jingwen.dedup(documents)
    assert len(decisions) == len(documents) == 52
    assert decisions.kept == list(range(40))
    assert [d.row for d in decisions] == list(range(52))
    assert decisions[-1].id == "blank" and [d.id for d in decisions[38:41]] == ["own-38", "own-39", "copy-0"]
    with pytest.raises(IndexError):
        decisions[52]
    copy = decisions[40]
    assert repr(copy) == "Decision('copy-0', dropped, same, of='own-0')"
    assert (copy.jaccard, copy.containment, copy.differences, copy.differs) == (1.0, 1.0, 0, [])
    assert copy.to_dict()["of"] == "own-0"


def test_decisions_as_arrow(documents):
    decisions = jingwen.dedup(documents)
    table = pa.table(decisions.to_arrow())
    assert table.num_rows == 52
    assert table.to_pylist()[40] == {
        "id": "copy-0",
        "verdict": "dropped",
        "kind": "same",
        "of": "own-0",
        "variant_of": None,
        "part_of": None,
        "contains": None,
        "jaccard": 1.0,
        "containment": 1.0,
        "containment_of": 1.0,
        "differences": 0,
    }
    frame = pl.DataFrame(decisions.to_arrow())
    assert frame.filter(pl.col("verdict") == "kept").height == 40


def test_options():
    template = "青山县人民政府关于{}年度工作情况的报告\n" + notice(7).split("\n", 1)[1] + "\n全年完成{}项，投入{}万元。"
    serial = [template.format(year, year % 100 + 3, year * 7) for year in (2021, 2022)]
    kept = jingwen.dedup(serial)
    assert [d.verdict for d in kept] == ["kept", "kept"]
    assert sum(d.variant_of is not None for d in kept) == 1
    dropped = jingwen.dedup(serial, drop_variants=True)
    assert sorted(d.kind or "" for d in dropped) == ["", "variant"]
    twice = [spoilt(notice(5)), notice(5)]
    assert jingwen.dedup(twice).kept == [1]
    assert jingwen.dedup(twice, keep="first").kept == [0]
    assert [d.kind for d in jingwen.dedup([DIRTY, CLEAN, DIRTY], clean=False)].count("exact") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"near": 2.0}, "between 0 and 1"),
        ({"keep": "last"}, "best"),
        ({"ids": ["a"]}, "1 ids for 2 texts"),
        ({"jobs": 0}, "jobs"),
    ],
)
def test_wrong_options(options, said):
    with pytest.raises(jingwen.UsageError, match=said):
        jingwen.dedup(["甲", "乙"], **options)


def test_nothing_to_do():
    assert len(jingwen.dedup([])) == 0
    assert jingwen.dedup(["字"]).kept == [0]
