//! Decorative marks strewn over a text.
//!
//! Sites insert ★ before punctuation to tell copies apart, or editors lose them there. The mark is
//! noise in one document and law in the next, so the whole document decides.

use crate::rules::{Rules, builtin};
use crate::symbols::census::survey;
use crate::text::Edits;

/// Says which marks go: all occurrences of a symbol that have no meaning of their own, or none.
/// Spaces beside them are left alone.
pub(crate) fn marks(text: &str, rules: &Rules, edits: &mut Edits) {
    let Some(rule) = rules.on(builtin::MARK_NOISE) else { return };
    for span in survey(text).noise {
        edits.delete(span, rule);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::census::Verdict;
    use crate::symbols::tests::{cleaned, failures};

    /// A sentence of the kind that noise is strewn over.
    const PROSE: &str = "各地★，各部门★：要深化改革★、扩大开放★，完成5.6%★、提质增效★。";

    #[test]
    fn noise_goes_and_meaning_stays() {
        let clean = PROSE.replace('★', "");
        let with = |head: &str, tail: &str, text: &str| format!("{head}{text}{tail}");
        let mut cases = Vec::new();
        for (head, tail) in [
            ("机密★10年\n", ""),
            ("绝密 ★ 长期\n", ""),
            ("绝密★启用前\n", ""),
            ("秘密★\n", ""),
            ("", "\n★★★级酒店"),
            ("", "\n★ 第一项工作"),
            ("", "\n□是 ★否"),
            ("", "\n型号A★B"),
        ] {
            cases.push((with(head, tail, PROSE), with(head, tail, &clean)));
        }
        // The formula looks like prose here, and goes.
        cases.push((format!("国家秘密★，{PROSE}"), format!("国家秘密，{clean}")));
        for (head, tail) in [
            ("★1.投标人应当提供营业执照。\n", "\n招标要求"),
            ("", "\n注：带★号的条款为实质性条款。"),
            ("", "\n标有“★ ”的条款不得偏离。"),
            ("★：重点项目\n", ""),
            ("", "\n（★表示必考内容）"),
        ] {
            let text = with(head, tail, PROSE);
            cases.push((text.clone(), text));
        }
        // Two marks, also side by side, and two of one mark in a row.
        cases.push((PROSE.replace('★', "◆★"), clean.clone()));
        cases.push((PROSE.replace("放★", "放◆").replace("门★", "门◆★").replace("地★", "地◆"), clean.clone()));
        cases.push((PROSE.replace("开放★", "开放★★"), clean.clone()));
        cases.push((PROSE.replace('★', "★\u{FE0F}"), clean.clone()));
        cases.push((PROSE.replace('★', "😀"), clean));
        let stays = [
            "张三★，李四。",
            "甲★、乙★、丙★、丁★、戊★、己★。",
            "科技●创新●发展●绿色●共享",
            "■男、□女、■汉族、□其他，■党员。",
            "推荐指数：★★★★☆，★★★☆☆，★★☆☆☆。",
            "辽宁🚫、吉林🚫、徐州🚫。\n🚫：没有节目。",
            "张××、李××，×××同志，××年××月。",
            "增长▲5.6%，下降▲3.2%，回落▲1.0%。",
            "5#楼、6#楼，25*30，3~5天，6~9日，7~8月。",
            "二●二四年，二●二三年，二●二二年。",
            "👨\u{200D}👩，👨\u{200D}👩，👨\u{200D}👩，",
            "缺\u{FFFD}，字\u{FFFD}，了\u{FFFD}。〓，〓，〓。",
            "6 ▲投标人的《承诺书》 7 ▲供应商的《声明》 8 ▲其他",
        ];
        cases.extend(stays.map(|text| (text.to_owned(), text.to_owned())));
        let cases: Vec<_> = cases.iter().map(|(before, after)| (before.as_str(), after.as_str())).collect();
        let wrong = failures(marks, &cases);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn noise_between_any_two_words_is_found_by_its_density() {
        let plain =
            "为贯彻落实关于进一步优化营商环境的决策部署结合工作实际现将有关事项通知如下请认真执行".repeat(8);
        let mut noisy = String::new();
        for (n, c) in plain.chars().enumerate() {
            noisy.push(c);
            if n % 47 == 20 {
                noisy.push('★');
            }
        }
        let wrong = failures(marks, &[(&noisy, &plain)]);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_census_tells_what_it_saw() {
        let survey = survey(PROSE);
        let row = &survey.rows[0];
        assert_eq!((row.symbol, row.n, row.verdict()), ('★', 6, Verdict::Noise));
        assert_eq!(
            (row.p_punct, row.p_mid, row.p_run, row.p_linestart, row.locked),
            (1.0, 1.0, 0.0, 0.0, 0.0)
        );
        assert!(!row.legend);
    }

    #[test]
    fn hostile_texts_settle() {
        let rules = Rules::bundled(&crate::rules::Choice::default()).unwrap();
        for unit in [
            "★",
            "★◆",
            " ★",
            "★\n",
            "文★",
            "文★◆，",
            "机密★",
            "★★级",
            "带★号",
            "★☆，",
            "1★",
            "●二",
            "★\u{FE0F}\u{200D}",
            "□★",
        ] {
            let text = unit.repeat(3000);
            let once = cleaned(marks, &rules, &text);
            assert_eq!(cleaned(marks, &rules, &once), once, "{unit:?} repeated");
        }
    }
}
