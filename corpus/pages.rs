//! Pages around a text, as sites make them, and pages that were made to hang a careless parser.

use std::fmt::Write as _;

/// Where a site puts the text of its page.
#[allow(dead_code, reason = "tests and benches take different ones")]
pub(crate) const SITES: &[&str] = &[
    // A system of government sites: the box has a name.
    "<div class='nav'><a href='/'>首页</a><a href='/zwgk/'>政务公开</a></div><div class='info'>发布时间：2024-05-06 \
     来源：<span>云岭日报</span> 浏览次数：<span id='c'>12</span> 【字体：<a>大</a> <a>中</a> <a>小</a>】</div>\
     <div class='TRS_Editor'>@</div><div class='share'>分享到：<a href='#'>微信</a><a href='#'>微博</a></div>\
     <div>【打印本页】【关闭窗口】</div><div class='foot'>主办单位：云岭市人民政府办公室 版权所有 ICP备00000000号</div>",
    // Old tables: menus in the left cell, the text in the right one.
    "<TABLE><TR><TD><A HREF=1.htm>首页</A><BR><A HREF=2.htm>新闻动态</A><BR><A HREF=3.htm>政策法规</A><BR>\
     <A HREF=4.htm>办事指南</A><BR><A HREF=5.htm>下载中心</A></TD><TD><TABLE><TR><TD>@</TD></TR></TABLE></TD></TR></TABLE>\
     <CENTER>版权所有：云岭市人民政府 <A HREF=6.htm>网站地图</A></CENTER>",
    // Names that no list holds, a hidden copy for a telephone, links to other notices behind the text.
    "<header><ul><li><a href='/'>首页</a></li><li><a href='/n'>通知公告</a></li><li><a href='/z'>专题专栏</a></li></ul></header>\
     <main><section class='x7'>@</section><section><ul><li><a href='/1'>关于做好防汛工作的通知</a></li>\
     <li><a href='/2'>关于开展清查工作的通知</a></li><li><a href='/3'>关于发放补贴的公告</a></li></ul></section></main>\
     <div style='display:none'>手机版</div><script>var a='</div>';</script>",
];

/// The page of a site around `text`.
#[allow(dead_code, reason = "tests and benches take different ones")]
pub(crate) fn page(site: &str, text: &str) -> String {
    let mut body = String::new();
    for line in text.lines() {
        let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        body.push_str("<p style='text-indent:2em'>");
        body.push_str(&line);
        body.push_str("</p>\n");
    }
    format!(
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>云岭市人民政府</title><style>.a{{color:red}}</style>\
         <script>function f(){{return 1<2}}</script></head><body>{}</body></html>",
        site.replace('@', &body)
    )
}

/// Pages of about `bytes` bytes in which a sentence stands among shapes without end.
#[allow(dead_code, reason = "tests and benches take different ones")]
pub(crate) fn hostile_pages(bytes: usize) -> Vec<(String, String)> {
    const SHAPES: &[&str] = &[
        "<div>",
        "</div>",
        "<div></span>",
        "<div>文",
        "<ul><li>",
        "<table><tr><td>",
        "<table>文",
        "<td>",
        "<b><i>",
        "</b>",
        "<a href=x>",
        "<a href=x>文</a>",
        "<a href=x>文<br>",
        "<p>相关链接<p><a href=x>文</a>",
        "<p>",
        "</p>",
        "<br>",
        "<span id=zoom>",
        "</span>",
        "<div class=trs_editor>",
        "<div hidden>",
        "<span hidden>",
        "<font style='display:none'>",
        "</font>",
        "<noscript>",
        "<select><option>乡",
        "<svg><path/>",
        "<h1>",
        "<h1>文</h1>",
        "<li>文，",
        "<title>",
        "<style>",
        "<style><",
        "<script>",
        "</script>",
        "<script></",
        "<textarea>",
        "<!--",
        "<!-->",
        "<!",
        "<?",
        "<%",
        "</",
        "</ ",
        "</>",
        "<a b=\"",
        "<a b='>\"",
        "<a b=c ",
        "<a\"",
        "<x",
        "<x y=z>",
        "<meta name=PubDate content=1>",
        "<link rel=canonical href=x>",
        "&",
        "&amp",
        "&nbsp;",
        "&#",
        "文，",
        "文 ",
        "<td>\n",
        "<tr><td>1<td>2",
        "<![CDATA[",
        "<p><div>",
        "<div><p>",
        "<tr>",
        "<dl><dt><dd>",
    ];
    let text = "<p>今日停水，请各户储水备用，恢复时间另行通知。</p>";
    let mut pages: Vec<_> = SHAPES
        .iter()
        .flat_map(|shape| {
            let many = shape.repeat(bytes / shape.len());
            [
                (format!("{shape:?} behind the text"), format!("<html><body>{text}{many}")),
                (format!("{shape:?} in front of the text"), format!("<html><body>{many}{text}")),
            ]
        })
        .collect();
    let half = bytes / 2;
    for (open, close) in [
        ("<div>", "</div>"),
        ("<span>", "</span>"),
        ("<table>", "</table>"),
        ("<div>", "</ul>"),
        ("<ul><div>", "</ul>"),
    ] {
        let many = (open.repeat(half / open.len()), close.repeat(half / close.len()));
        pages.push((format!("{open} and {close}"), format!("<html><body>{}{text}{}", many.0, many.1)));
    }
    let mut attributes = String::new();
    for n in 0..bytes / 8 {
        write!(attributes, " a{n}=1").expect("memory takes every text");
    }
    pages.push(("a tag of many attributes".to_owned(), format!("<html><body><div{attributes}>{text}")));
    pages.push((
        "an attribute that does not end".to_owned(),
        format!("<html><body>{text}<p class=\"{}", "c".repeat(bytes)),
    ));
    pages.push(("a name that does not end".to_owned(), format!("<html><body>{text}<{}", "t".repeat(bytes))));
    pages
}
