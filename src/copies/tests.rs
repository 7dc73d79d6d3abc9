//! Traps: small worlds in which a careless rule drops a document that nobody else holds.

#[path = "../../corpus/sentences.rs"]
pub(crate) mod sentences;

use std::collections::BTreeMap;

use crate::copies::Decision;
use crate::copies::Facts;
use crate::copies::Fate;
use crate::copies::Gallery;
use crate::copies::Intake;
use crate::copies::Options;
use crate::copies::Painter;
use crate::copies::Sketcher;
use crate::copies::crew::Alone;
use crate::copies::decide;
use crate::copies::sketch::DEFAULT_SEED;
use sentences::sentence;

/// Decides about documents given as id and text.
fn decided(docs: &[(String, String)], options: &Options) -> (Vec<Decision>, u64) {
    let decided = decided_within(docs, options, usize::MAX);
    assert_eq!(decided, decided_within(docs, options, 0), "brief sketches in memory, or on disk");
    decided
}

fn decided_within(docs: &[(String, String)], options: &Options, memory: usize) -> (Vec<Decision>, u64) {
    let sketcher = Sketcher::new(DEFAULT_SEED);
    let mut painter = Painter::default();
    let facts = |text: &str| Facts { is_forward: text.starts_with("编者按"), ..Facts::default() };
    let (mut gallery, mut intake) = (Gallery::new(None).unwrap(), Intake::new(None).unwrap());
    for (n, (id, text)) in docs.iter().enumerate() {
        let mut record = Vec::new();
        painter.paint(text, text, facts(text), &sketcher).write(id.as_bytes(), "", &mut record);
        gallery.push(&record).unwrap();
        intake.take(n as u32, &record).unwrap();
    }
    let decided = decide(&gallery, intake, options, &Alone, (None, memory)).unwrap();
    ((0..docs.len()).map(|n| decided.decision(n)).collect(), decided.compared)
}

/// By id: the kind, and the ids of the copy, the variant and the holder.
fn fates(docs: &[(&str, String)]) -> BTreeMap<String, String> {
    fates_with(docs, &Options::default())
}

fn fates_with(docs: &[(&str, String)], options: &Options) -> BTreeMap<String, String> {
    let docs: Vec<(String, String)> =
        docs.iter().map(|(id, text)| ((*id).to_owned(), text.clone())).collect();
    let all = decided(&docs, options).0;
    let name = |n: Option<u32>| n.map_or("-", |n| docs[n as usize].0.as_str());
    let told = all.iter().zip(&docs).map(|(d, (id, _))| {
        let links = [name(d.of), name(d.variant_of), name(d.part_of)].join(" ");
        (id.clone(), format!("{} {links}", d.fate.name().unwrap_or("kept")))
    });
    told.collect()
}

fn text(from: u32, n: u32) -> String {
    let lines: Vec<String> =
        (from..from + n).map(|n| sentence(n) + if n % 3 == 2 { "\n" } else { "" }).collect();
    lines.concat()
}

#[test]
fn a_document_without_a_copy_stays() {
    let doc = format!("{0}\n{0}", text(0, 10));
    assert_eq!(fates(&[("a", doc)])["a"], "kept - - -", "its two halves are equal");
    let far =
        fates(&[("a", text(0, 20)), ("b", text(100, 20)), ("c", "短文".to_owned()), ("d", String::new())]);
    assert!(far.values().all(|fate| fate == "kept - - -"), "{far:?}");
}

#[test]
fn nothing_is_dropped_through_a_third() {
    // b holds most of a and most of c; a and c share the middle only.
    let (a, b, c) = (text(0, 30), text(8, 30), text(16, 30));
    let got = fates(&[("a", a), ("b", b), ("c", c)]);
    for (id, fate) in &got {
        let mut words = fate.split(' ');
        let (kind, of) = (words.next().unwrap(), words.next().unwrap());
        assert!(kind == "kept" || got[of].starts_with("kept"), "{id}: {got:?}");
        assert!(!(kind != "kept" && (of == "a" && id == "c" || of == "c" && id == "a")), "{got:?}");
    }
    assert!(got.values().filter(|fate| fate.starts_with("kept")).count() >= 1);
}

#[test]
fn equal_notices_and_short_texts_are_compared_whole() {
    let mut docs: Vec<(String, String)> =
        (0..1000).map(|n| (format!("n{n}"), "今日停水，敬请谅解。".to_owned())).collect();
    docs.push(("other".to_owned(), "今日停电，敬请谅解。".to_owned()));
    docs.push(("marks".to_owned(), "……".to_owned()));
    docs.push(("more".to_owned(), "！！".to_owned()));
    let all = decided(&docs, &Options::default()).0;
    let kept: Vec<&str> =
        all.iter().zip(&docs).filter(|(d, _)| d.fate == Fate::Kept).map(|(_, (id, _))| id.as_str()).collect();
    assert_eq!(kept, ["n0", "other", "marks", "more"]);
    assert!(all[1..1000].iter().all(|d| d.fate == Fate::Exact && d.of == Some(0)));
}

#[test]
fn a_forward_is_a_copy_of_what_it_forwards() {
    let own = text(0, 20);
    let forward = format!("编者按：{}现转发给大家。\n{own}", text(50, 3));
    let got = fates(&[("forward", forward), ("own", own.clone())]);
    assert_eq!((got["own"].as_str(), got["forward"].as_str()), ("kept - - -", "contained own - -"));
    assert_eq!(fates(&[("own", own.clone()), ("twin", own)])["twin"], "exact own - -");
}

#[test]
fn a_digest_and_its_documents_stay() {
    let parts: Vec<String> = (0..5).map(|n| text(n * 40, 8)).collect();
    let mut docs: Vec<(&str, String)> =
        ["a", "b", "c", "d", "e"].into_iter().zip(&parts).map(|(id, part)| (id, part.clone())).collect();
    docs.push(("page", parts.join("\n")));
    let got = fates(&docs);
    assert_eq!(got.values().filter(|fate| fate.starts_with("kept")).count(), 6, "{got:?}");
    assert!(["a", "b", "c", "d", "e"].iter().all(|id| got[*id] == "kept - - page"), "{got:?}");
    // One part fills most of the page, but another lies beside it: no copy.
    let large = text(300, 16);
    let got = fates(&[
        ("large", large.clone()),
        ("small", parts[0].clone()),
        ("page", format!("{large}\n{}", parts[0])),
    ]);
    assert_eq!(got.values().filter(|fate| fate.starts_with("kept")).count(), 3, "{got:?}");
}

#[test]
fn look_alikes_are_variants_and_noise_is_not() {
    let base = format!(
        "关于2023年第3批资金安排的公告\n{}各单位应当在15日内反馈。\n县财政局\n2023年4月5日",
        text(0, 12)
    );
    let rows: [(&str, String, &str); 11] = [
        ("stars and layout", base.replace('，', "★，").replace('\n', "\n\n　　"), "same"),
        ("script", base.replace('资', "資").replace('应', "應"), "same"),
        ("other year", base.replace("2023", "2024"), "kept"),
        ("other figure", base.replace("15日", "25日"), "kept"),
        ("negated", base.replace("应当", "不得"), "kept"),
        (
            "one clause",
            base.replace(&sentence(6), "本办法由县人民政府负责解释，自公布之日起施行，有效期五年整。"),
            "kept",
        ),
        (
            "slips",
            base.replacen("负责", "负的责", 2).replacen("意见", "见", 1).replacen("提出", "提由", 1),
            "near",
        ),
        ("tail", format!("{base}\n来源：本地日报\n责任编辑：某某"), "contained"),
        ("cut", base.chars().take(base.chars().count() * 9 / 10).collect(), "contained"),
        ("lost point", base.replace("15日", "1.5日"), "kept"),
        ("wrapped", base.replace("15日", "1\n5日"), "same"),
    ];
    for (name, other, want) in rows {
        // The base twice, so that it is the one that stays.
        let got = fates(&[("base", base.clone()), ("base2", base.clone()), ("other", other)]);
        assert_eq!(got["other"].split(' ').next(), Some(want), "{name}: {got:?}");
        assert!(got["base"].starts_with("kept"), "{name}: {got:?}");
    }
}

#[test]
fn wishes_change_what_is_dropped() {
    let base = format!("关于2023年资金安排的公告\n{}", text(0, 12));
    let next_year = base.replace("2023", "2024");
    let docs = [("b", next_year), ("a", base.clone())];
    assert_eq!(fates(&docs)["b"], "kept - a -");
    let options = Options { drop_variants: true, ..Options::default() };
    assert_eq!(fates_with(&docs, &options)["b"], "variant a - -");
    let slips = base.replacen("负责", "负的责", 3);
    let docs = [("late", slips), ("early", base.clone()), ("twin", base)];
    assert_eq!(fates(&docs)["late"], "near early - -");
    let options = Options { keep_first: true, ..Options::default() };
    assert_eq!(fates_with(&docs, &options)["early"], "near late - -");
    let options = Options { near: 0.999, ..Options::default() };
    assert_eq!(fates_with(&docs, &options)["late"].split(' ').next(), Some("kept"));
}

#[test]
fn the_order_of_the_input_does_not_matter() {
    let mut docs: Vec<(String, String)> = Vec::new();
    for n in 0..30 {
        let base = text(n * 50, 10 + n % 7);
        docs.push((format!("{n}"), base.clone()));
        docs.push((format!("{n}s"), base.replacen("负责", "负的责", 2)));
        docs.push((format!("{n}f"), format!("编者按：{}\n{base}", sentence(n * 50 + 31))));
        docs.push((format!("{n}v"), base.replacen("意见", "反对意见", 1)));
    }
    let told = |docs: &[(String, String)]| -> BTreeMap<String, String> {
        let all = decided(docs, &Options::default()).0;
        let name = |n: Option<u32>| n.map(|n| docs[n as usize].0.clone());
        let row = |(d, (id, _)): (_, &(String, String))| {
            let d: &crate::copies::Decision = d;
            (
                id.clone(),
                format!("{:?} {:?} {:?} {:?}", d.fate, name(d.of), name(d.variant_of), name(d.part_of)),
            )
        };
        all.iter().zip(docs).map(row).collect()
    };
    let want = told(&docs);
    assert!(
        want.values().any(|fate| fate.starts_with("Near"))
            && want.values().any(|fate| fate.starts_with("Cont"))
    );
    for turn in [1, 17, 59] {
        docs.rotate_left(turn);
        docs.reverse();
        assert_eq!(told(&docs), want, "turned by {turn}");
    }
}

/// Not timed: quadratic work would take hours here.
#[test]
fn many_of_one_template_and_many_equal_end() {
    let form = |n: u32| {
        format!(
            "关于{}批次编号{:08}的补助公告，资金{}元，联系电话{:07}。\n{}",
            n % 97,
            n.wrapping_mul(2_654_435_761) % 99_999_999,
            n * 37 % 100_000,
            n * 7919 % 9_999_999,
            text(0, 4)
        )
    };
    let docs: Vec<(String, String)> = (0..3000).map(|n| (format!("{n:05}"), form(n))).collect();
    let all = decided(&docs, &Options::default());
    let kept = all.0.iter().filter(|d| d.fate == Fate::Kept).count();
    assert!(kept > 2990, "{kept} of one template");
    assert!(all.1 < 3000 * 250, "{} pairs", all.1);
    let slips: Vec<(String, String)> = (0..2000)
        .map(|n: usize| {
            let mut chars: Vec<char> = text(0, 12).chars().collect();
            let at = (n * 7919) % chars.len();
            chars.insert(at, '的');
            (format!("{n:05}"), chars.into_iter().collect())
        })
        .collect();
    let all = decided(&slips, &Options::default());
    let kept = all.0.iter().filter(|d| d.fate == Fate::Kept).count();
    assert!(kept < 20, "{kept} of one text");
    assert!(all.1 < 2000 * 250, "{} pairs", all.1);
}
