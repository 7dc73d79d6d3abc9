//! One row a text: what is read, and what is left alone.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use super::{Fields, read};

fn show(fields: &Fields<'_>) -> String {
    let part = |name: &str, part: Option<super::Part<'_>>| {
        part.map(|part| format!("{name}={};", part.text.replace('\n', "⏎"))).unwrap_or_default()
    };
    [
        part("title", fields.title),
        part("issuer", fields.issuer),
        part("number", fields.number.map(|n| n.part)),
        fields.date.map(|d| format!("date={};", d.day)).unwrap_or_default(),
        part("secrecy", fields.secrecy),
        part("urgency", fields.urgency),
        part("to", fields.addressee),
        part("attached", fields.attachment),
        part("sent_by", fields.sent_by),
        fields.sent_on.map(|d| format!("sent_on={};", d.day)).unwrap_or_default(),
        part("period", fields.period),
    ]
    .concat()
}

const BODY: &str =
    "根据《青山省防汛条例》和青政发〔2020〕5号文件，现通知如下。\n一、加强值守。\n二、及时报告。\n";

#[test]
fn parts_are_read_where_the_standard_puts_them() {
    let rows: &[(&str, &str)] = &[
        (
            "000012\n机密★1年 特急\n青山县人民政府办公室文件\n青政办发〔2024〕12号\n\
             关于做好2024年度防汛工作的通知\n各乡镇人民政府，县直各单位：\n@附件：防汛值班表\n\
             青山县人民政府办公室\n2024年3月5日\n抄送：县委办公室。\n青山县人民政府办公室 2024年3月6日印发",
            "title=关于做好2024年度防汛工作的通知;issuer=青山县人民政府办公室;number=青政办发〔2024〕12号;\
             date=2024-03-05;secrecy=机密★1年;urgency=特急;to=各乡镇人民政府，县直各单位;attached=防汛值班表;\
             sent_by=青山县人民政府办公室;sent_on=2024-03-06;period=2024年度;",
        ),
        (
            "索引号：\nQS-2024-01\n发文机关：\n青山县水务局\n成文日期：\n2024年03月05日\n标　题：\n\
             青山县水务局关于防汛的通知\n文号：\n青水〔2024〕3号\n@",
            "title=青山县水务局关于防汛的通知;issuer=青山县水务局;number=青水〔2024〕3号;date=2024-03-05;",
        ),
        (
            "# 青山省防汛条例\n2012年6月13日 青山省人民政府第20次常务会议通过\n\
             2012年6月28日 青山省人民政府令第62号公布\n2012年10月1日 施行\n第一条 为了防汛，制定本条例。\n",
            "title=青山省防汛条例;issuer=青山省人民政府;number=青山省人民政府令第62号;date=2012-06-28;",
        ),
        (
            "# 青山省防汛条例\n2012年6月28日 青山省人民政府令第62号公布\n\
             2020年1月3日 根据青山省人民政府令第90号修订\n第一条 为了防汛，制定本条例。\n",
            "title=青山省防汛条例;date=2020-01-03;",
        ),
        (
            "中华人民共和国水利部令\n第12号\n《青山水库管理办法》已经通过，现予公布。\n部长 王五\n2024年3月5日",
            "issuer=中华人民共和国水利部;number=第12号;date=2024-03-05;",
        ),
        (
            "青山县人民政府关于\n印发防汛方案的通知\n青政发〔2024〕2号\n各乡镇：\n@",
            "title=青山县人民政府关于⏎印发防汛方案的通知;issuer=青山县人民政府;number=青政发〔2024〕2号;to=各乡镇;",
        ),
        (
            "内部事项青山集团有限公司文件青山集团安〔2024〕7号关于开展检查的通知各分公司：为了安全，现通知如下。\
             青山集团有限公司2024年3月5日（此件不公开发布）",
            "title=关于开展检查的通知;issuer=青山集团有限公司;number=青山集团安〔2024〕7号;date=2024-03-05;\
             to=各分公司;",
        ),
        (
            "青山省人民政府令第 62 号 《青山渡口管理规定》已经通过，现予公布。",
            "issuer=青山省人民政府;number=青山省人民政府令第 62 号;",
        ),
        (
            "青山县水务局青水便函〔2024〕9号青山县水务局关于报送方案的函县住建局：请报送。",
            "title=青山县水务局关于报送方案的函;issuer=青山县水务局;number=青水便函〔2024〕9号;to=县住建局;",
        ),
        (
            "青山县水务局加急青山县水务局青山县水务局关于商请会签方案的函县住建局：请报送。",
            "title=青山县水务局关于商请会签方案的函;issuer=青山县水务局;to=县住建局;",
        ),
        (
            "# 青山渡口管理规定\n1989年6月19日 青山省水利厅、公安厅令第7号发布\n第一条 为了管理渡口，制定本规定。",
            "title=青山渡口管理规定;issuer=青山省水利厅、公安厅;number=青山省水利厅、公安厅令第7号;date=1989-06-19;",
        ),
        (
            "青山县人民政府关于加强防汛工作的决定青政发〔1990〕6号（一九九〇年十二月五日）\n防汛是大事。\n",
            "title=青山县人民政府关于加强防汛工作的决定;issuer=青山县人民政府;number=青政发〔1990〕6号;",
        ),
    ];
    let mut wrong = Vec::new();
    for (text, told) in rows {
        let text = text.replace('@', BODY);
        let got = show(&read(&text));
        if got != *told {
            wrong.push(format!("{text}\n  gives {got}\n  not   {told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_sure_is_none() {
    for text in [
        // A number that the body quotes.
        "关于防汛的说明\n根据青政发〔2020〕5号文件，现说明如下。\n",
        "根据青政发〔2020〕5号文件要求，各乡镇要加强值守。",
        "编者按：近日，本站转载青政发〔2020〕5号，现转发给大家。",
        "本站全文刊登青政发〔2020〕5号文件。",
        "青政发〔2020〕5号规定，各乡镇要加强值守。",
        // A list of numbers.
        "政策文件\n青政发〔2020〕5号\n青政发〔2020〕6号\n",
        "相关文件\n青政发〔2020〕5号\n",
        "现将有关问题说明如下：\n转发青政发〔2020〕5号\n",
        "",
        "\n\n",
        "号",
        "〔〔〔〔〔",
    ] {
        assert_eq!(read(text).number, None, "{text}");
    }
    for text in [
        "网站首页\n关于防汛的通知\n关于抗旱的通知\n",
        "一、关于防汛的意见\n要加强值守。\n",
        "",
        "通知公告\n政策法规\n",
    ] {
        assert_eq!(read(text).title, None, "{text}");
    }
    for text in [
        "防汛历程\n2020年3月5日\n开工\n2021年3月5日\n完工\n甲\n乙\n",
        "附件1\n青山县水务局\n2024年3月5日",
        "2024年3月5日",
    ] {
        assert_eq!(read(text).date, None, "{text}");
    }
}

#[test]
fn spans_point_to_what_was_read() {
    let text = "★青政发〔2024〕2号\n青政发〔2024〕2号\n青山县水务局关于\n防汛的通知\n各乡镇：\n好。\n青山县水务局\n2024年3月5日";
    let fields = read(text);
    let parts = [
        fields.title,
        fields.issuer,
        fields.number.map(|n| n.part),
        fields.date.map(|d| d.part),
        fields.addressee,
    ];
    for part in parts {
        let part = part.expect("the text has them all");
        assert_eq!(&text[part.span()], part.text);
    }
}

#[test]
fn hostile_text_is_read_in_bounded_time_and_without_panic() {
    for piece in [
        "〔",
        "（",
        "年",
        "1",
        "一",
        "十",
        "日",
        "\n",
        "关于",
        "的通知",
        "《",
        "令第",
        "附件\n",
        "：\n",
        "标题：\n",
        "★",
        "\u{301}",
    ] {
        let text = piece.repeat(200_000);
        let _ = read(&text);
        let mixed = format!("{piece}青政发〔2024〕2号{piece}\n{piece}2024年3月5日{piece}");
        let _ = read(&mixed);
    }
}
