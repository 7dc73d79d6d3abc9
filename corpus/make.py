#!/usr/bin/env python3
"""Makes corpus/bulletins and corpus/golden from the plain texts in corpus/originals.

    make.py            writes both folders anew, and made.tsv, which says how each document was spoilt
    make.py --check    writes nothing; tells whether the committed files are what this script makes

Every defect is one short function below. The same script gives the same bytes on every machine:
randomness comes from seeded generators only, and gzip members are compared by their content.
"""
import bz2
import gzip
import html
import json
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).parent
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
MARKS = "，。、；：？！”）》"
FOLDED = str.maketrans("，；：？！（）", ",;:?!()")
RADICALS = str.maketrans(
    "一人工大小山心手文方日月木水火白目石立米老耳行见言车金长门风马",
    "⼀⼈⼯⼤⼩⼭⼼⼿⽂⽅⽇⽉⽊⽔⽕⽩⽬⽯⽴⽶⽼⽿⾏⻅⾔⻋⾦⻓⻔⻛⻢",
)
WIDE = str.maketrans("0123456789%", "０１２３４５６７８９％")
INVISIBLE = ["\u200b", "\ufeff", "\u00ad", "\u2060", "\u200e"]
LINE_WIDTH = 28  # characters a printed line holds, GB/T 9704-2012 5.2.3


# The defects. Each takes a text and a generator, and gives the spoilt text.

def clean(text, rng):
    return text


def fold(text, rng):
    """Full-width marks folded to ASCII, as a careless 全角转半角 leaves them."""
    return text.translate(FOLDED)


def stars(text, rng, mark="★", share=0.4):
    """A mark strewn before punctuation, after Han or a percent sign, never into 密级 lines."""
    out = []
    for i, c in enumerate(text):
        if c in MARKS and i and (HAN.match(text[i - 1]) or text[i - 1] == "%") and rng.random() < share:
            out.append(mark)
        out.append(c)
    return "".join(out)


def squares(text, rng):
    return stars(text, rng, "■")


def flat(text, rng=None):
    """Line ends turned to one space each."""
    return " ".join(text.split("\n"))


def seed_shape(text, rng):
    """Folded, starred, and the flattened copy first."""
    text = fold(stars(text, rng), rng)
    return flat(text) + "\n" + text


def flat_first(text, rng):
    return flat(text) + "\n" + text


def twice_noisy(text, rng):
    return fold(stars(text, rng), rng) + "\n" + text


def lost_line(text, rng):
    """One paragraph from the middle is gone."""
    lines = text.split("\n")
    del lines[len(lines) // 2]
    return "\n".join(lines)


def invisible(text, rng):
    return "".join(c + (INVISIBLE[int(rng.random() * 5)] if HAN.match(c) and rng.random() < 0.02 else "") for c in text)


def radicals(text, rng):
    return "".join(c.translate(RADICALS) if rng.random() < 0.3 else c for c in text)


def wide(text, rng):
    """Full-width digits and percent signs."""
    return text.translate(WIDE)


def straight(text, rng):
    """Curly quotes made straight in paragraphs that pair them plainly."""
    plain = re.compile("[^“”]*(“[^“”]+”[^“”]*)+")
    return "\n".join(
        p.replace("“", '"').replace("”", '"') if plain.fullmatch(p) and "‘" not in p else p for p in text.split("\n")
    )


def ascii_marks(text, rng):
    """《》 typed as << >>, —— as --, …… as ... between Han."""
    text = re.sub("《([^《》〈〉<>\n]{1,40})》", r"<<\1>>", text)
    text = re.sub("(?<=[\u4e00-\u9fff])——(?=[\u4e00-\u9fff])", "--", text)
    return re.sub("(?<=[\u4e00-\u9fff])……(?=[\u4e00-\u9fff])", "...", text)


def year_zero(text, rng):
    return re.sub("(?<=[一二三四五六七八九])〇|〇(?=[一二三四五六七八九])", "○", text)


def brackets(text, rng):
    """Document numbers with square brackets."""
    return re.sub("(?<=[\u4e00-\u9fff])〔((?:19|20)\\d\\d)〕(?=\\d+号)", r"[\1]", text)


def indent(text, rng):
    return "\n".join("\u3000\u3000" + p for p in text.split("\n"))


def crlf(text, rng):
    return text.replace("\n", "\r\n")


def blank_lines(text, rng):
    return text.replace("\n", "\n \n\u3000\n")


def entities(text, rng):
    """Escaped by the editor, and in part once more by the database."""
    for char, name in (("“", "&ldquo;"), ("”", "&amp;rdquo;"), ("—", "&mdash;"), ("…", "&hellip;"), ("≥", "&#8805;")):
        text = text.replace(char, name)
    return text


def bare_tags(text, rng):
    """Paragraph tags that a crawler took for text."""
    return "".join(f"<p>{p}</p>" for p in text.split("\n"))


def printed(text, rng):
    """Lines of 28 characters; paragraphs keep their indent of two."""
    out = []
    for p in text.split("\n"):
        p = "\u3000\u3000" + p
        while p:
            n = LINE_WIDTH
            while n < len(p) and p[n] in "，。、；：！？”）》%":
                n += 1
            m = n
            while 0 < m < len(p) and (p[m - 1] in "“（《" or (p[m - 1].isascii() and p[m].isascii())):
                m -= 1
            n = m if p[:m].strip("\u3000") else n
            out.append(p[:n])
            p = p[n:]
    return "\n".join(out)


def pages(text, rng):
    """A page number after every sixth paragraph."""
    out = []
    for n, p in enumerate(text.split("\n"), 1):
        out.append(p)
        if n % 6 == 0:
            out.append(f"— {n // 6} —")
    return "\n".join(out)


def page_cuts(text, rng):
    """A page number between the halves of a sentence."""
    lines = text.split("\n")
    for n, line in enumerate(lines):
        cut = re.search("(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", line[len(line) // 2:])
        if n % 3 == 2 and len(line) >= 60 and cut:
            at = len(line) // 2 + cut.start()
            lines[n] = f"{line[:at]}\n- {n + 1} -\n{line[at:]}"
    return "\n".join(lines)


def page(title, text, charset):
    """A page as a small government CMS serves it; `charset` is what the page claims."""
    body = "".join(f'<p style="text-indent:2em">{html.escape(p, quote=False)}</p>\n' for p in text.split("\n"))
    return f"""<!DOCTYPE html>
<html><head><meta charset="{charset}"><title>{title}-云岭市人民政府门户网站</title>
<style>.nav a{{color:#333}}</style><script>var page={{id:1,next:function(){{return 1<2}}}};</script></head>
<body><div class="nav"><a href="/">首页</a><a href="/zwgk/">政务公开</a><a href="/bsfw/">办事服务</a></div>
<div class="info">发布时间：2024-05-06 浏览次数：<span id="hits">12</span> 【字体：<a>大</a> <a>中</a> <a>小</a>】</div>
<div class="TRS_Editor">{body}</div>
<div class="tools">【打印本页】 【关闭窗口】</div>
<div class="footer">主办单位：云岭市人民政府办公室 版权所有 ICP备00000000号 网站标识码：0000000000</div>
</body></html>
"""


# What lies where: file, original, defects in their order, encoding, and what a reader of the
# cleaned text may expect of it: `equal` to the original, a `near` copy of it, or a `page`.

TEXTS = [
    ("briefs/reform.txt", "reform", [seed_shape], "utf-8", "equal"),
    ("briefs/reform-archive.txt", "reform", [clean], "gbk", "equal"),
    ("briefs/secrecy.txt", "secrecy", [stars], "utf-8", "equal"),
    ("briefs/minutes.txt", "minutes", [twice_noisy], "gb18030", "equal"),
    ("briefs/work.txt", "work", [printed], "utf-8", "equal"),
    ("briefs/work-web.txt", "work", [clean], "utf-16", "equal"),
    ("laws/greening.txt", "greening", [radicals], "gb18030", "equal"),
    ("laws/greening-pages.txt", "greening", [page_cuts], "utf-8", "equal"),
    ("notices/heating.txt", "heating", [clean], "utf-8", "equal"),
    ("notices/heating-station.txt", "heating", [stars, fold], "gbk", "equal"),
    ("notices/forwarded.txt", "forwarded", [crlf], "utf-8", "equal"),
    ("notices/appointment.txt", "appointment", [brackets, indent], "gbk", "equal"),
    ("notices/holiday.txt", "holiday", [blank_lines], "utf-16", "equal"),
    ("notices/holiday-mail.txt", "holiday", [invisible], "utf-8-sig", "equal"),
    ("notices/traditional.txt", "traditional", [clean], "big5", "equal"),
    ("prices/table.txt", "prices", [clean], "gbk", "equal"),
    ("prices/table-flat.txt", "prices", [flat], "gbk", "near"),
    ("prices/market.txt", "market", [wide], "utf-8", "equal"),
    ("tenders/devices.txt", "tender", [fold], "gb18030", "equal"),
    ("tenders/award.txt", "award", [entities], "utf-8", "equal"),
    ("tenders/land.txt", "land", [bare_tags], "utf-8", "equal"),
    ("old/penalty.txt.bz2", "penalty", [squares], "gb18030", "equal"),
    ("old/court.txt.zst", "court", [year_zero], "utf-8", "equal"),
]
PAGES = [
    ("pages/interview.html", "interview", [clean], "utf-8", "utf-8"),
    ("pages/answers.html", "answers", [clean], "gb18030", "gb2312"),
    ("pages/recruitment.html", "recruitment", [clean], "gb18030", "utf-8"),
    ("pages/air.html", "air", [clean], "utf-8", "gb2312"),
    ("pages/form.html", "form", [fold], "gb18030", "gbk"),
]
ROWS = [
    ("feed.jsonl", "statistics-2022", [clean], "equal"),
    ("feed.jsonl", "statistics-2023", [clean], "equal"),
    ("feed.jsonl", "storm", [clean], "equal"),
    ("feed.jsonl", "roster", [clean], "equal"),
    ("feed.jsonl", "policy", [ascii_marks, brackets], "equal"),
    ("feed.jsonl", "heating", [lost_line], "near"),
    ("backlog.jsonl.gz", "letter", [straight], "equal"),
    ("backlog.jsonl.gz", "storm", [stars, fold, flat_first], "equal"),
    ("backlog.jsonl.gz", "statistics-2023", [stars, fold], "equal"),
    ("backlog.jsonl.gz", "air", [pages], "equal"),
]
GOLDEN = [
    ("seed-shape", "reform", [seed_shape]),
    ("noise-beside-secrecy", "secrecy", [stars, fold]),
    ("tender-legend", "tender", [fold, indent]),
    ("printed-lines", "work", [printed]),
    ("page-cuts", "greening", [page_cuts]),
    ("wide-digits-radicals", "statistics-2022", [radicals, wide, invisible]),
    ("typewriter-marks", "policy", [ascii_marks, brackets, year_zero]),
    ("entities-and-tags", "letter", [entities, bare_tags]),
]


def original(name):
    return (HERE / "originals" / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")


def spoil(where, name, defects):
    rng, text = random.Random(where + name), original(name)
    for defect in defects:
        text = defect(text, rng)
    return text


def encode(text, encoding):
    # Python's "utf-16" follows the machine's byte order; the file shall not.
    return b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16" else text.encode(encoding)


def zstd_stored(data):
    """A zstd frame of one raw block: readable by every decoder, made without one (RFC 8878)."""
    assert 256 <= len(data) < 65792
    header = b"\x28\xb5\x2f\xfd\x60" + (len(data) - 256).to_bytes(2, "little")
    return header + (len(data) << 3 | 1).to_bytes(3, "little") + data


def files():
    """Every file as {path below corpus/: bytes}, and the table of how it was made."""
    out, made, rows = {}, [], {}

    def note(file, row, name, defects, encoding, expect):
        made.append("\t".join([file, row, name, "+".join(d.__name__ for d in defects), encoding, expect]))

    for file, name, defects, encoding, expect in TEXTS:
        data = encode(spoil(file, name, defects) + "\n", encoding)
        pack = {".bz2": bz2.compress, ".zst": zstd_stored}.get(pathlib.Path(file).suffix, lambda plain: plain)
        out["bulletins/" + file] = pack(data)
        note(file, "-", name, defects, encoding, expect)
    for file, name, defects, encoding, claim in PAGES:
        text = spoil(file, name, defects)
        out["bulletins/" + file] = encode(page(original(name).split("\n")[0], text, claim), encoding)
        note(file, "-", name, defects, f"{encoding} ({claim})", "page")
    for n, (file, name, defects, expect) in enumerate(ROWS):
        row = {"id": f"{name}-{n}", "column": "通知公告", "text": spoil(file, name, defects)}
        rows.setdefault(file, []).append(json.dumps(row, ensure_ascii=False) + "\n")
        note(file, row["id"], name, defects, "utf-8", expect)
    for file, lines in rows.items():
        data = "".join(lines).encode()
        out["bulletins/" + file] = gzip.compress(data, mtime=0) if file.endswith(".gz") else data
    for file, name, defects in GOLDEN:
        out[f"golden/{file}.before.txt"] = spoil(file, name, defects).encode() + b"\n"
        out[f"golden/{file}.after.txt"] = original(name).encode() + b"\n"
    head = "# Made by make.py: how each document of bulletins/ was spoilt, and what to expect of the cleaned one.\n"
    head += "# file\trow\toriginal\tdefects\tencoding\texpect\n"
    out["made.tsv"] = (head + "\n".join(made) + "\n").encode()
    return out


def content(path, data):
    return gzip.decompress(data) if path.endswith(".gz") else data


def main():
    wanted = files()
    there = {
        p.relative_to(HERE).as_posix()
        for folder in ("bulletins", "golden")
        for p in (HERE / folder).rglob("*")
        if p.is_file() and not p.name.endswith(".trail.txt")  # written by the golden test
    }
    if "--check" in sys.argv[1:]:
        wrong = [f"{p}: not made by this script" for p in sorted(there - wanted.keys())]
        for path, data in wanted.items():
            file = HERE / path
            if not file.exists():
                wrong.append(f"{path}: missing")
            elif content(path, file.read_bytes()) != content(path, data):
                wrong.append(f"{path}: differs from what this script makes")
        print("\n".join(wrong) or f"{len(wanted)} files as made")
        sys.exit(1 if wrong else 0)
    for path in there - wanted.keys():
        (HERE / path).unlink()
    for path, data in wanted.items():
        file = HERE / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not (path.endswith(".gz") and file.exists() and content(path, file.read_bytes()) == content(path, data)):
            file.write_bytes(data)
    print(f"{len(wanted)} files made")


main()
