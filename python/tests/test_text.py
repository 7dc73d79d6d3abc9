"""One text at a time."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import CLEAN, DIRTY, notice, spoilt

import jingwen

ODD = [
    "",
    " ",
    "★",
    "\ufeff各县,各部门\r\n",
    "𠮷野家★,全县😀,各部门:通知如下。",
    "😀😀★,各县😀,各部门\u200b:如下。\n\n\n",
    "第一,第二\n第一,第二",
    spoilt(notice(3)) + " " + notice(3),
    "a" * 5000 + "，全县,各部门" * 400,
]


@pytest.mark.parametrize(
    ("choice", "was", "now"),
    [
        ({}, DIRTY, CLEAN),
        ({}, CLEAN, CLEAN),
        ({"profile": "archive"}, "二○二四年,全县", "二○二四年，全县"),
        ({"disable": ["punct.comma"]}, "二○二四年,全县", "二〇二四年,全县"),
        ({"profile": "archive", "enable": ("fold.year-*",)}, "二○二四年,全县", "二〇二四年，全县"),
    ],
)
def test_clean(choice, was, now):
    assert jingwen.clean(was, **choice) == now
    assert jingwen.Cleaner(**choice).clean(was) == now


def test_a_clean_text_is_the_same_object():
    assert jingwen.clean(CLEAN) is CLEAN


@pytest.mark.parametrize("text", ODD)
def test_edits_stand_where_they_say(text):
    told = jingwen.explain(text)
    assert told.text == jingwen.clean(text)
    assert told.source == text
    assert told.restore() == text
    first = told.edits[0].step if told.edits else None
    for edit in told.edits:
        assert 0 <= edit.start <= edit.end <= len(text)
        if edit.step == first and told.edits[0].step == first:
            # Before the first step nothing has moved yet.
            assert text[edit.start : edit.end] == edit.was
    assert bool(told.edits) == (told.text != text)


def test_places_are_code_points_of_the_decoded_text():
    told = jingwen.explain("😀\u200b近期,全县")
    assert told.text == "😀近期，全县"
    assert [(e.was, e.now, told.source[e.start : e.end]) for e in told.edits] == [
        ("\u200b", "", "\u200b"),
        (",", "，", ","),
    ]
    assert (told.edits[1].start, told.edits[1].end) == (4, 5)
    assert [told.origin(n) for n in range(len(told.text) + 1)] == [0, 2, 3, 4, 5, 6, 7]


def test_a_trail_is_a_row_of_a_trail_file():
    cleaner = jingwen.Cleaner()
    assert cleaner.trail_header.startswith('{"jingwen_trail":1,')
    assert '["width",' in cleaner.explain("编者按:近期").trail


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "utf-16"])
def test_decode(encoding):
    text = "各省、直轄市政府：本條例所稱主管機關，在中央為交通部。" if encoding == "big5" else CLEAN
    data = text.encode(encoding)
    for form in (data, bytearray(data)):
        decoded = jingwen.decode(form, "iso-8859-1")
        assert decoded.text.lstrip("\ufeff") == text
        assert (decoded.reversible, decoded.n_malformed, decoded.malformed) == (True, 0, [])
        assert decoded.encode() == data


def test_bad_bytes_are_counted():
    decoded = jingwen.decode(CLEAN.encode() + b"\xff" + CLEAN.encode())
    assert decoded.n_malformed == len(decoded.malformed) == 1
    assert not decoded.reversible
    (start, end), *_ = decoded.malformed
    assert (start, end) == (len(CLEAN.encode()), len(CLEAN.encode()) + 1)


def test_what_is_no_text_says_what_it_is():
    with pytest.raises(jingwen.NotTextError, match="PNG image") as caught:
        jingwen.decode(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, jingwen.JingwenError)


PAGE = f"""<html><head><title>通知</title><meta charset="gb2312"></head><body>
<div class="nav"><a href="/">首页</a> &gt; <a href="/tz/">通知公告</a></div><h1>青山县人民政府关于做好防汛工作的通知</h1>
<div>发布时间：2024-05-06 10:30 来源：青山日报</div>
<div id="content"><p>青政发〔2024〕5号</p><p>各乡镇人民政府:</p>
<p>{DIRTY}</p><p>{DIRTY.replace("防汛", "抗旱")}</p><p>青山县人民政府</p><p>2024年5月5日</p></div></body></html>"""


@pytest.mark.parametrize("form", [PAGE, PAGE.encode(), PAGE.encode("gbk"), bytearray(PAGE.encode("utf-16"))])
def test_a_page_becomes_its_document(form):
    page = jingwen.clean_page(form)
    assert page.is_html
    assert CLEAN in page.text.split("\n")
    assert "首页" not in page.text and "<p>" not in page.text
    assert page.fields["number"] == "青政发〔2024〕5号"
    assert page.fields["published"] == "2024-05-06T10:30"
    assert page.fields["from"] == "青山日报"
    assert page.encoding == ("GB18030" if form == PAGE.encode("gbk") else page.encoding)


def test_a_page_may_be_explained():
    told = jingwen.explain(PAGE, page=True)
    assert told.text == jingwen.clean_page(PAGE).text
    assert told.edits[0].step == "page"
    assert told.restore() == PAGE


def test_fields():
    text = "青政办发〔2024〕12号\n关于转发县水务局防汛方案的通知\n各乡镇：\n请照办。\n来源：青山日报\n"
    assert jingwen.fields(text) == {
        "title": "关于转发县水务局防汛方案的通知",
        "number": "青政办发〔2024〕12号",
        "addressee": "各乡镇",
        "forward": "source",
    }
    assert jingwen.fields("今日停水。") == {}


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: jingwen.clean("字", profile="best"), ValueError, "archive, standard, corpus"),
        (lambda: jingwen.clean("字", enable=["punct.none"]), ValueError, "punct.none"),
        (lambda: jingwen.clean("字", rules="/nowhere"), ValueError, "/nowhere"),
        (lambda: jingwen.clean("字", enable="punct.comma"), TypeError, "enable"),
        (lambda: jingwen.clean(b"a"), TypeError, "str"),
        (lambda: jingwen.clean("\ud800"), ValueError, "surrogates"),
        (lambda: jingwen.clean_page(5), TypeError, "expected bytes or str"),
        (lambda: jingwen.clean_batch("字"), TypeError, "got str"),
        (lambda: jingwen.clean_batch({"a": "字"}), TypeError, "got dict"),
        (lambda: jingwen.clean_batch(["字", 5]), TypeError, "row 1: expected str or None"),
        (lambda: jingwen.clean_batch(["字", "\ud800"]), ValueError, "row 1: "),
        (lambda: jingwen.clean_batch(["字"], jobs=0), ValueError, "jobs"),
        (lambda: jingwen.Cleaner(rules=5), TypeError, "int"),
    ],
)
def test_errors_say_what_is_wrong(call, kind, said):
    with pytest.raises(kind, match=said):
        call()


def test_rules_of_ones_own(tmp_path):
    bundled = jingwen.Cleaner()
    table = tmp_path / "marks.tsv"
    table.write_text("mark.own\tT2\tarchive\t◈\t{∅}\tanywhere\t全县◈各部门 → 全县各部门\t◇\tours\n", encoding="utf-8")
    own = jingwen.Cleaner("archive", rules=tmp_path)
    assert own.clean("各县◈,各部门") == "各县，各部门" == jingwen.clean("各县◈,各部门", profile="archive", rules=str(tmp_path))
    assert own.explain("各县◈").edits[0].rule == "mark.own"
    assert len({own.rules_hash, bundled.rules_hash, jingwen.Cleaner("archive").rules_hash}) == 3
    assert pickle.loads(pickle.dumps(own)).rules_hash == own.rules_hash
    table.write_text("mark.own\tT2\n", encoding="utf-8")
    with pytest.raises(jingwen.UsageError, match="marks.tsv:1"):
        jingwen.clean("全县", rules=tmp_path)


def test_a_cleaner_goes_to_another_process():
    cleaner = jingwen.Cleaner("archive", disable=["punct.comma"])
    again = pickle.loads(pickle.dumps(cleaner))
    assert repr(again) == repr(cleaner) == "jingwen.Cleaner('archive', disable=['punct.comma'])"
    assert again.rules_hash == cleaner.rules_hash
    assert again.clean(DIRTY) == cleaner.clean(DIRTY)


def test_one_cleaner_serves_many_threads(notices):
    cleaner = jingwen.Cleaner()
    dirty = [spoilt(text) for text in notices] * 5
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(cleaner.clean, dirty)) == jingwen.clean_batch(dirty)


def test_lists(notices):
    dirty = [spoilt(text) for text in notices] * 40 + [None, "", CLEAN]
    for jobs in (None, 1, 2, 7):
        clean = jingwen.clean_batch(dirty, jobs=jobs)
        assert clean == [text if text is None else jingwen.clean(text) for text in dirty]
        assert clean[-1] is CLEAN
    assert jingwen.clean_batch([]) == []
    assert jingwen.clean_batch(text for text in (DIRTY, None)) == [CLEAN, None]
    assert jingwen.clean_batch((DIRTY,)) == [CLEAN]


def test_the_main_thread_runs_on():
    texts = [spoilt(notice(n)) for n in range(2000)] * 3
    done = threading.Event()

    def work():
        jingwen.clean_batch(texts)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    turns = 0
    while not done.is_set():
        turns += 1
    thread.join()
    # Where the interpreter is held, there are some few turns before the call and after it.
    assert turns > 10_000, turns


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_can_go_on(notices):
    jingwen.clean_batch([spoilt(text) for text in notices] * 40, jobs=2)
    child = os.fork()
    if child == 0:
        right = jingwen.clean_batch([DIRTY] * 5000, jobs=2) == [CLEAN] * 5000
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent otherwise there")
def test_ctrl_c_is_heard():
    script = """
import sys, jingwen
# Twenty gigabytes of work: whoever waits for its end waits long.
texts = ["为做好今年防汛工作★,现将有关事项通知如下。" * 15_000] * 20_000
try:
    print("ready", flush=True)
    jingwen.clean_batch(texts, jobs=1)
except KeyboardInterrupt:
    sys.exit(7)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 7
