//! What editors, forums and Word leave in a text besides tags: style sheets, scripts, marks of forums, strewn
//! letters against copying, pinyin between the characters.
//!
//! Each kind is looked for in its own file, and says which spans go. A text about programs holds
//! the same lines by right; each file says what keeps them.

mod bbcode;
mod jammer;
mod pinyin;
mod script;
mod style;

use std::ops::Range;

use crate::rules::{Rules, builtin};
use crate::text::{Edits, RuleId};

/// Words of a text that is about programs and pages, whose listings are content.
const SPEAKS_OF_CODE: &[&str] =
    &["代码", "程序", "脚本", "编程", "样式", "网页", "变量", "源码", "標籤", "程式", "原始碼"];

/// The text is about programs.
fn speaks_of_code(text: &str) -> bool {
    SPEAKS_OF_CODE.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// What a kind finds in a text: the spans that go, in reading order.
type Find = fn(&str) -> Vec<Range<usize>>;

/// Says what this step changes.
pub(crate) fn left(text: &str, rules: &Rules, edits: &mut Edits) {
    let kinds: [(RuleId, Find); 5] = [
        (builtin::RESIDUE_STYLE, style::spans),
        (builtin::RESIDUE_SCRIPT, script::spans),
        (builtin::RESIDUE_BBCODE, bbcode::spans),
        (builtin::RESIDUE_JAMMER, jammer::spans),
        (builtin::RESIDUE_PINYIN, pinyin::spans),
    ];
    let mut found: Vec<(Range<usize>, RuleId)> = Vec::new();
    for (id, spans) in kinds {
        if let Some(rule) = rules.on(id) {
            found.extend(spans(text).into_iter().map(|span| (span, rule)));
        }
    }
    found.sort_by_key(|(span, rule)| (span.start, *rule));
    for (span, rule) in found {
        if span.start >= edits.end() {
            edits.delete(span, rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Choice, Profile};

    fn run(text: &str) -> String {
        let choice = Choice { profile: Profile::Corpus, ..Choice::default() };
        let (rules, mut edits) = (Rules::bundled(&choice).unwrap(), Edits::default());
        let mut new = String::new();
        left(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn what_is_left_goes_and_text_stays() {
        let prose = "各有关单位：现将冬季供暖工作的有关事项通知如下，请认真贯彻执行。";
        let mut wrong = Vec::new();
        for (before, after) in [
            (".TRS_Editor P{margin-top:0;line-height:1.5;}.TRS_Editor DIV{margin:0}甲", "甲"),
            ("甲.TRS_Editor P{margin-top:0;font-family:宋体;}乙", "甲乙"),
            (
                "@font-face\n\t{font-family:宋体;\n\tpanose-1:2 1 6 0 3 1 1 1 1 1;}\np.MsoNormal\n\t{mso-style-parent:\"\";}\n甲",
                "\n甲",
            ),
            ("/* Style Definitions */\n table.MsoNormalTable\n\t{mso-style-name:普通表格;}\n甲", "\n甲"),
            ("p{color:red}\n甲", "\n甲"),
            ("甲\np{color:red}", "甲\np{color:red}"),
            ("Notice of 2020 body {color:red}\n甲", "Notice of 2020 body {color:red}\n甲"),
            ("集合{a:b;c:d}和{x|x>0}", "集合{a:b;c:d}和{x|x>0}"),
            ("p{color:red}\n网页的样式写法", "p{color:red}\n网页的样式写法"),
            ("[b]通知[/b]：[url=http://a.cn/]附件[/url][img]http://a.cn/1.gif[/img]", "通知：附件"),
            ("[b]通知[/b]，见x[i]和[1]、[2024]、[日]、[注]、C#", "通知，见x[i]和[1]、[2024]、[日]、[注]、C#"),
            ("数组a[b]与c[b]", "数组a[b]与c[b]"),
            ("用“[b]”和“[/b]”加粗", "用“[b]”和“[/b]”加粗"),
            (
                "政(zheng)府(fu)网(wang)站(zhan)检(jian)查(cha)工(gong)作(zuo)情(qing)况(kuang)",
                "政府网站检查工作情况",
            ),
            ("生僻字龘（dá）、叠（dié）", "生僻字龘（dá）、叠（dié）"),
            ("#1楼、C#、a<b、{x}", "#1楼、C#、a<b、{x}"),
        ] {
            let got = run(before);
            if got != after || run(&got) != got {
                wrong.push(format!("{before:?}: {got:?}, not {after:?}"));
            }
        }
        for (code, stays) in [
            ("var a = 1;\ndocument.write(\"<p>\" + a);", false),
            ("function share(){\n  window.open('http://a.cn/');\n}", false),
            ("$(function(){\n  $('#zoom').hide();\n});", false),
            ("function of the committee", true),
            ("document.", true),
        ] {
            let text = format!("{prose}\n{code}\n{prose}");
            let got = run(&text);
            if (got == text) != stays || !stays && got != format!("{prose}\n\n{prose}") {
                wrong.push(format!("{code:?}: {got:?}"));
            }
            let about = format!("{prose}\n下面的代码可用：\n{code}\n{prose}");
            if run(&about) != about || run(code) != code {
                wrong.push(format!("{code:?} in a text about code"));
            }
        }
        let jammed = format!(
            "{prose}, {{* @1 o5 M. y4 Z# p/ t1\n{prose}5 ~# G$ x; b7 Q! l3 @v\n{prose}9 |2 u& n4 W* k` e1 R; d\n尾"
        );
        if run(&jammed) != format!("{prose}\n{prose}\n{prose}\n尾") {
            wrong.push(format!("{:?}", run(&jammed)));
        }
        let formulas =
            "其中 a + b = c * d\n于是 x ^ 2 - y = 0\n因此 f ( x ) = | x |\n得 p / q < r & s\n".repeat(3);
        if run(&formulas) != formulas {
            wrong.push(run(&formulas));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn hostile_texts_take_linear_time() {
        let n = 100_000;
        for part in [
            "{",
            "}",
            "p{",
            "p{a:b",
            "p{color:red}",
            "p{color:red",
            ".TRS_Editor",
            "@font-face{",
            "[b]",
            "[/b]",
            "[",
            "[url=",
            "[img]",
            "(a",
            "甲(a)",
            "甲（",
            "var a;\n",
            "function(",
            "{\n",
            "甲@ 1 ~ #\n",
            "/*",
            "$(",
            "甲, {* @1 o5 M. y4 Z# p/\n",
        ] {
            let text = part.repeat(n);
            let once = run(&text);
            assert!(run(&once).len() <= once.len(), "{part}");
        }
    }
}
