//! Sentences of which no two are equal, by their numbers: for tests that ask what two texts share.

/// Sentence number `n`, which nobody wrote twice.
pub(crate) fn sentence(n: u32) -> String {
    const WHO: [&str; 7] = ["县水利部门", "各乡镇", "市教育局", "有关单位", "驻村干部", "卫生院", "项目法人"];
    const WHAT: [&str; 11] =
        ["检查", "修缮", "登记", "评估", "公示", "巡查", "清理", "补助", "培训", "验收", "移交"];
    const WHICH: [&str; 13] = [
        "河道堤防",
        "校舍",
        "低保家庭",
        "老旧小区",
        "林地",
        "农机具",
        "饮水工程",
        "档案",
        "桥梁",
        "粮库",
        "敬老院",
        "药品",
        "路灯",
    ];
    let pick = |list: &[&'static str], salt: u32| list[(n.wrapping_mul(salt) >> 5) as usize % list.len()];
    format!(
        "{}负责{}{}的{}工作，并就{}提出意见。",
        pick(&WHO, 2_654_435_761),
        pick(&WHICH, 40_503_017),
        char::from_u32(0x4E00 + n.wrapping_mul(7919) % 20_000).unwrap_or('甲'),
        pick(&WHAT, 97_777_777),
        pick(&WHICH, 1_234_567_891),
    )
}
