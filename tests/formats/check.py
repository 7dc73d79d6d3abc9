"""Archives and tables that other programs write, read by ours, and ours read by them.

    python check.py PROGRAM FOLDER

Needs what requirements.txt names; ends with an error at the first thing that is not as it should be.
"""

import csv
import datetime
import gzip
import io
import json
import pathlib
import random
import subprocess
import sys
import tarfile
import zipfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PROGRAM = sys.argv[1]
FOLDER = pathlib.Path(sys.argv[2])


def notice(n):
    return f"第{n}号通知。\n请各单位遵照执行。"


def page(n, charset=None):
    meta = f'<meta charset="{charset}">' if charset else ""
    lines = "".join(f"<p>{line}</p>" for line in notice(n).split("\n"))
    return f"<html><head>{meta}</head><body>{lines}</body></html>"


def run(*args, codes=(0,)):
    done = subprocess.run([PROGRAM, *map(str, args)], cwd=FOLDER, capture_output=True, timeout=120)
    said = done.stderr.decode()
    assert done.returncode in codes, f"{args}: exit {done.returncode}: {said}"
    assert "panicked" not in said and "fault of this program" not in said, f"{args}: {said}"
    return done.returncode, said


def rows(name):
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def clean(name, *args, codes=(0,)):
    run("clean", name, "-o", "out.jsonl", "--overwrite", *args, codes=codes)
    return rows("out.jsonl")


def equal(got, want, what):
    assert got == want, f"{what}:\n got {got!r}\nwant {want!r}"


def chunked(body):
    parts = [body[at : at + 50] for at in range(0, len(body), 50)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def write_warc(out, packed):
    writer = WARCWriter(out, gzip=packed)

    def record(n, kind, body=b"", headers=None, status="200 OK", **more):
        http = StatusAndHeaders(status, headers, protocol="HTTP/1.1") if headers is not None else None
        uri = f"http://qingshan.example/{n}.html"
        fields = {"WARC-Record-ID": f"<urn:uuid:{n}>", "WARC-Date": "2024-05-01T08:00:00Z"}
        writer.write_record(
            writer.create_warc_record(
                uri, kind, payload=io.BytesIO(body), http_headers=http, warc_headers_dict=fields, **more
            )
        )

    html = ("Content-Type", "text/html")
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "warcio"}))
    record(1, "response", page(1, "gb2312").encode("gbk"), [("Content-Type", "text/html; charset=gb2312")])
    record(2, "request", headers=[("Host", "qingshan.example")], status="GET / HTTP/1.1")
    record(3, "response", page(3).encode(), [html])
    record(4, "response", chunked(page(4).encode()), [html, ("Transfer-Encoding", "chunked")])
    record(5, "response", gzip.compress(page(5).encode()), [html, ("Content-Encoding", "gzip")])
    both = [html, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
    record(6, "response", chunked(gzip.compress(page(6).encode("gbk"))), both)
    record(7, "metadata", b"fetchTimeMs: 12\r\n", warc_content_type="application/warc-fields")
    writer.write_record(
        writer.create_revisit_record("http://qingshan.example/8.html", digest="sha1:AAAA",
                                     refers_to_uri="http://qingshan.example/3.html",
                                     refers_to_date="2024-05-01T08:00:00Z",
                                     http_headers=StatusAndHeaders("200 OK", [html], protocol="HTTP/1.1"))
    )
    record(9, "resource", page(9).encode(), warc_content_type="text/html")
    record(10, "response", b"<p>404</p>", [html], status="404 Not Found")
    record(11, "response", b"\x89PNG\r\n", [("Content-Type", "image/png")])
    record(12, "response", page(12).encode(), [html])


def check_warc():
    good = [1, 3, 4, 5, 6, 9]
    for name, packed in [("a.warc", False), ("b.warc.gz", True)]:
        out = io.BytesIO()
        write_warc(out, packed)
        whole = out.getvalue()
        for cut in (0, 30 if packed else 60):
            (FOLDER / name).write_bytes(whole[: len(whole) - cut])
            run("run", name, "-o", "kept", "--overwrite", codes=(3,) if cut else (0,))
            kept = rows("kept/kept-00000.jsonl")
            want = good if cut else good + [12]
            equal([row["id"] for row in kept], [f"<urn:uuid:{n}>" for n in want], f"{name} cut by {cut}")
            equal([row["text"] for row in kept], [notice(n) for n in want], f"{name} cut by {cut}")
            equal(kept[0]["url"], "http://qingshan.example/1.html", name)
            equal(kept[0]["date"], "2024-05-01T08:00:00Z", name)
            report = json.loads((FOLDER / "kept/report.json").read_text())
            equal((report["kept"], report["quarantined"]), (len(want), 1 if cut else 0), name)
            others = {"image/png": 1, "404": 1, "metadata": 1, "request": 1, "revisit": 1, "warcinfo": 1}
            equal({sort.split(" ")[-1]: n for sort, n in report["not_documents"].items()}, others, name)


def table():
    n = 1000
    ids = list(range(n))
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "text": pa.array([notice(i) for i in ids]),
            "site": pa.array(["青山", "绿水", None, "石桥"] * (n // 4)).dictionary_encode(),
            "score": pa.array([None if i % 7 == 0 else i / 4 for i in ids], pa.float64()),
            "day": pa.array([datetime.date(2024, 1, 1)] * n),
            "at": pa.array([datetime.datetime(2024, 1, 1, 8, 30)] * n, pa.timestamp("us")),
            "good": pa.array([i % 2 == 0 for i in ids]),
            "tags": pa.array([["甲", "乙"], [], None, ["丙"]] * (n // 4)),
            "meta": pa.array([{"body": notice(i), "no": str(i)} for i in ids]),
        }
    )


def check_parquet_in():
    source = table()
    kinds = {
        "string": source,
        "large": source.set_column(1, "text", source["text"].cast(pa.large_string())),
        "binary": source.set_column(1, "text", source["text"].cast(pa.binary())),
        "dictionary": source.set_column(1, "text", source["text"].dictionary_encode()),
        "view": source.set_column(1, "text", source["text"].cast(pa.string_view())),
    }
    for kind, data in kinds.items():
        for packing in ("none", "snappy", "zstd", "gzip", "brotli", "lz4"):
            if kind != "string" and packing not in ("snappy", "zstd"):
                continue
            for version in ("1.0", "2.0"):
                pq.write_table(data, FOLDER / "a.parquet", compression=packing, row_group_size=300,
                               data_page_version=version)
                got = clean("a.parquet")
                what = f"{kind} {packing} {version}"
                equal([row["text"] for row in got], [notice(i) for i in range(1000)], what)
                equal([row["id"] for row in got], list(range(1000)), what)
                row = dict(got[5])
                row.pop("jingwen", None)
                want = {"id": 5, "text": notice(5), "site": "绿水", "score": 1.25, "day": "2024-01-01",
                        "at": row["at"], "good": False, "tags": [],
                        "meta": {"body": notice(5), "no": "5"}, "source": "a.parquet#6"}
                equal(row, want, what)
                assert row["at"].startswith("2024-01-01 08:30:00"), row["at"]
                equal((got[2]["site"], got[0]["score"], got[2]["tags"]), (None, None, None), what)
    got = clean("a.parquet", "--text-field", "meta.body", "--id-field", "meta.no")
    equal([(row["id"], row["text"]) for row in got[:2]], [("0", notice(0)), ("1", notice(1))], "nested names")
    packed = gzip.compress((FOLDER / "a.parquet").read_bytes())
    (FOLDER / "a.parquet.gz").write_bytes(packed)
    equal(len(clean("a.parquet.gz")), 1000, "a packed table")
    for packing in ("snappy", "zstd", "uncompressed", "gzip"):
        duckdb.sql(
            f"""COPY (SELECT i AS id, '第' || i || '号通知。' AS text, CASE WHEN i % 3 > 0 THEN '青山' END AS site,
                [i, i + 1] AS pair, {{'a': i}} AS inner FROM range(5000) t(i))
                TO '{FOLDER}/d.parquet' (FORMAT parquet, COMPRESSION {packing}, ROW_GROUP_SIZE 2048)"""
        )
        got = clean("d.parquet")
        equal([row["text"] for row in got], [f"第{i}号通知。" for i in range(5000)], f"duckdb {packing}")
        equal([got[1][name] for name in ("id", "site", "pair", "inner")], [1, "青山", [1, 2], {"a": 1}], packing)
        equal(got[0]["site"], None, packing)
    bad = pa.table({"id": ["a", "b", "c"], "text": pa.array([b"\xe7\x94\xb2", b"\xff\xfe", b"\xe4\xb9\x99"])})
    pq.write_table(bad, FOLDER / "bad.parquet")
    equal([row["id"] for row in clean("bad.parquet", codes=(3,))], ["a", "c"], "a text that is no UTF-8")
    equal(rows("out.jsonl.quarantine.jsonl")[0]["source"], "bad.parquet#2", "and where it stands")
    pq.write_table(pa.table({"id": ["a", None], "text": [None, "乙"]}), FOLDER / "null.parquet")
    equal([row["id"] for row in clean("null.parquet", codes=(3,))], ["null.parquet#2"], "nulls")
    _, said = run("clean", "a.parquet", "-o", "x", "--text-field", "body", codes=(3,))
    assert "meta" in said and "site" in said, said


def check_damaged_parquet():
    pq.write_table(table().slice(0, 200), FOLDER / "a.parquet", compression="zstd", row_group_size=50)
    whole = (FOLDER / "a.parquet").read_bytes()
    n = random.Random(7)
    for cut in [0, 4, 7, 8, 12, len(whole) // 2, len(whole) - 9, len(whole) - 1]:
        (FOLDER / "x.parquet").write_bytes(whole[:cut])
        run("clean", "x.parquet", "-o", "out.jsonl", "--overwrite", codes=(0, 3) if cut < 4 else (3,))
    for trial in range(120):
        bytes_ = bytearray(whole)
        # The footer is what most claims stand in.
        low = 0 if trial % 2 else len(whole) - 3000
        for _ in range(n.choice([1, 1, 4])):
            bytes_[n.randrange(low, len(whole))] = n.randrange(256)
        (FOLDER / "x.parquet").write_bytes(bytes_)
        run("clean", "x.parquet", "-o", "out.jsonl", "--overwrite", codes=(0, 3))


    # Columns that nest 20,000 deep; a list that says it has 2^31 groups; no rows where many are said.
    element = b"\x35\x00\x18\x01x\x15\x02\x00"
    deep = b"\x15\x02\x19\xfc\xa1\x9c\x01" + element * 20_000 + b"\x15\x0c\x25\x00\x18\x01x\x00"
    flat = b"\x15\x02\x19\x2c\x48\x01r\x15\x02\x00\x15\x0c\x25\x00\x18\x04text\x00"
    for footer in (
        deep + b"\x16\x00\x19\x0c\x00",
        flat + b"\x16\x02\x19\xfc\xff\xff\xff\xff\x07",
        flat + b"\x16\x80\x80\x9a\xa6\xea\xaf\xe3\x01\x19\x1c\x19\x0c\x16\x02\x16\x80\x80\x9a\xa6\xea\xaf\xe3\x01\x00\x00",
        b"\xff" * 100,
    ):
        (FOLDER / "x.parquet").write_bytes(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
        run("clean", "x.parquet", "-o", "out.jsonl", "--overwrite", codes=(3,))
    (FOLDER / "x.parquet").write_bytes(b"PAR1\xff\xff\xff\xffPAR1")
    run("clean", "x.parquet", "-o", "out.jsonl", "--overwrite", codes=(3,))
    for size, reason in ((20 << 20, "too-large"), (150 << 20, "damaged")):
        bomb = pa.table({"id": ["a", "b"], "text": ["a" * size, "乙"]})
        pq.write_table(bomb, FOLDER / "x.parquet", compression="gzip", use_dictionary=False)
        _, said = run("clean", "x.parquet", "-o", "out.jsonl", "--overwrite", codes=(3,))
        assert reason in said, said


def check_damaged_archives():
    out = io.BytesIO()
    write_warc(out, False)
    warc = out.getvalue()
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for n in range(6):
            info = tarfile.TarInfo(("长" * 60 if n == 3 else "短") + f"{n}.txt")
            text = notice(n).encode()
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(6):
            archive.writestr(f"{n}.txt", notice(n) * 20)
    table_ = "id,text\n" + "".join(f'{n},"第{n}号，通知。\n甲"\n' for n in range(50))
    n = random.Random(11)
    for name, whole in [("x.warc", warc), ("x.warc.gz", gzip.compress(warc)), ("x.tar", tar.getvalue()),
                        ("x.tar.gz", gzip.compress(tar.getvalue())), ("x.zip", packed.getvalue()),
                        ("x.csv", table_.encode("gbk"))]:
        for trial in range(60):
            bytes_ = bytearray(whole)
            if trial % 3 == 0:
                del bytes_[n.randrange(len(bytes_)) :]
            for _ in range(n.choice([1, 2, 8])):
                if bytes_:
                    bytes_[n.randrange(len(bytes_))] = n.randrange(256)
            (FOLDER / name).write_bytes(bytes_)
            run("clean", name, "-o", "out.jsonl", "--overwrite", codes=(0, 3))


def check_parquet_out():
    lines = [
        {"id": i, "text": notice(i), "site": "青山", "n": i, "share": i / 4, "good": i % 2 == 0,
         "meta": {"a": [i]}, "mixed": i if i % 2 else "x", "rare": None}
        for i in range(3000)
    ]
    lines[2500]["n"] = "二千五百"
    lines[2600]["late"] = 1
    (FOLDER / "a.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    plain = clean("a.jsonl")
    run("run", "a.jsonl", "-o", "columns", "--output-format", "parquet", "--overwrite")
    run("run", "a.jsonl", "-o", "rows", "--overwrite")
    run("clean", "a.jsonl", "-o", "out.parquet", "--overwrite")
    kept = rows("rows/kept-00000.jsonl")
    for name, want in [("out.parquet", plain), ("columns/kept-00000.parquet", kept)]:
        path = FOLDER / name
        by_arrow = pq.read_table(path)
        by_duck = duckdb.sql(f"SELECT * FROM '{path}'").fetchall()
        equal(by_arrow.num_rows, len(want), name)
        equal(len(by_duck), len(want), name)
        column = by_arrow.to_pydict()
        equal(column["id"], [str(row["id"]) for row in want], name)
        equal(column["text"], [row["text"] for row in want], name)
        equal(column["source"], [row["source"] for row in want], name)
        equal([json.loads(meta) for meta in column["meta"]], [row["meta"] for row in want], name)
        equal(column["share"][:8], [row["share"] for row in want[:8]], name)
        equal(column["good"], [row["good"] for row in want], name)
        texts = duckdb.sql(f"SELECT id, text FROM '{path}' ORDER BY id::INT").fetchall()
        by_id = sorted(((str(row["id"]), row["text"]) for row in want), key=lambda pair: int(pair[0]))
        equal(texts, by_id, name)
        # Again through our own reader.
        again = clean(name)
        equal([(row["id"], row["text"]) for row in again], [(str(r["id"]), r["text"]) for r in want], name)
    dropped = pq.read_table(FOLDER / "columns/dropped-00000.parquet")
    equal(dropped.num_rows, len(rows("rows/dropped-00000.jsonl")), "dropped")
    equal((FOLDER / "columns/decisions.jsonl").read_bytes(), (FOLDER / "rows/decisions.jsonl").read_bytes(), "decisions")
    run("run", "a.jsonl", "-o", "texts", "--output-format", "txt", "--overwrite")
    texts = (FOLDER / "texts/kept-00000.txt").read_text(encoding="utf-8")
    equal(texts, "".join(row["text"] + "\n\n" for row in kept), "texts")


def check_csv():
    n = random.Random(3)
    cells = ["通知", "", "a,b", 'x"y"', "两\n行", " 空 ", "tab\there", "；", "1,000"]
    data = [[str(i), notice(i), *(n.choice(cells) for _ in range(3))] for i in range(500)]
    for name, kind, quoting, encoding in [
        ("a.csv", "excel", csv.QUOTE_MINIMAL, "utf-8"),
        ("b.csv", "excel", csv.QUOTE_ALL, "utf-8-sig"),
        ("c.csv", "unix", csv.QUOTE_NONNUMERIC, "gb18030"),
        ("d.tsv", "excel-tab", csv.QUOTE_MINIMAL, "utf-16"),
    ]:
        with open(FOLDER / name, "w", encoding=encoding, newline="") as out:
            writer = csv.writer(out, dialect=kind, quoting=quoting)
            writer.writerow(["id", "text", "甲", "乙", "丙"])
            writer.writerows(data)
        got = clean(name)
        equal([[row[key] for key in ("id", "text", "甲", "乙", "丙")] for row in got], data, name)


def check_archives():
    texts = {f"目录/{n}.txt": notice(n).encode("gbk" if n % 2 else "utf-8") for n in range(20)}
    texts["长" * 120 + ".txt"] = notice(20).encode()
    want = [notice(n) for n in range(21)]
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        for mode in ("w", "w:gz", "w:bz2"):
            with tarfile.open(FOLDER / "a.tar", mode, format=form) as tar:
                folder = tarfile.TarInfo("目录")
                folder.type = tarfile.DIRTYPE
                tar.addfile(folder)
                for name, text in texts.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(text)
                    tar.addfile(info, io.BytesIO(text))
            got = clean("a.tar")
            equal([row["text"] for row in got], want, f"tar {form} {mode}")
            equal([row["source"] for row in got], [f"a.tar!{name}" for name in texts], f"tar {form} {mode}")
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        with zipfile.ZipFile(FOLDER / "a.zip", "w", method) as archive:
            archive.comment = "注释".encode()
            for name, text in texts.items():
                with archive.open(name, "w", force_zip64=True) as member:
                    member.write(text)
        got = clean("a.zip")
        equal([row["text"] for row in got], want, f"zip {method}")
        equal([row["source"] for row in got], [f"a.zip!{name}" for name in texts], f"zip {method}")
    stream = io.BytesIO()

    class Pipe(io.RawIOBase):
        """What cannot seek makes zipfile write the sizes behind the data."""

        def writable(self):
            return True

        def write(self, data):
            return stream.write(data)

    with zipfile.ZipFile(io.BufferedWriter(Pipe()), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    (FOLDER / "b.zip").write_bytes(stream.getvalue())
    equal([row["text"] for row in clean("b.zip")], want, "zip with sizes behind the data")



if __name__ == "__main__":
    for name, check in list(globals().items()):
        if name.startswith("check_"):
            check()
            print("ok", name)
