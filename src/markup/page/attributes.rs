//! The attributes of one tag, one after the other.

/// What a byte is to the attributes of a tag, as a set of bits.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut b = 0;
    while b < 128 {
        classes[b] = match b as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0C => SPACE,
            b'/' => SLASH,
            b'=' => EQUALS,
            b'"' | b'\'' => QUOTE,
            _ => 0,
        };
        b += 1;
    }
    classes
};
const SPACE: u8 = 1;
const SLASH: u8 = 2;
const EQUALS: u8 = 4;
const QUOTE: u8 = 8;

/// The first place from `at` on whose byte is in one of `classes`, or in none of them where `found` is false.
fn next(bytes: &[u8], mut at: usize, classes: u8, found: bool) -> usize {
    while at < bytes.len() && (CLASSES[usize::from(bytes[at])] & classes != 0) != found {
        at += 1;
    }
    at
}

/// Gives name and value of each attribute of the start tag `tag`. Values keep their character
/// references. The work is linear in the length of the tag.
pub(super) fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let end = tag.len() - usize::from(tag.ends_with('>'));
    let bytes = &tag.as_bytes()[..end];
    let mut at = next(bytes, 0, SPACE | SLASH, true);
    std::iter::from_fn(move || {
        let from = next(bytes, at, SPACE | SLASH | EQUALS | QUOTE, false);
        if from == end {
            return None;
        }
        at = next(bytes, from, SPACE | SLASH | EQUALS, true);
        let name = &tag[from..at];
        let behind = next(bytes, at, SPACE, false);
        if bytes.get(behind) != Some(&b'=') {
            return Some((name, ""));
        }
        let start = next(bytes, behind + 1, SPACE, false);
        if let Some(quote) = bytes.get(start).filter(|b| CLASSES[usize::from(**b)] == QUOTE)
            && let Some(n) = memchr::memchr(*quote, &bytes[start + 1..])
        {
            at = start + n + 2;
            return Some((name, &tag[start + 1..start + 1 + n]));
        }
        at = next(bytes, start, SPACE, true);
        Some((name, &tag[start..at]))
    })
}

/// The value of the attribute `name` of `tag`.
pub(super) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    attributes(tag).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// What a tag says about being seen: `hidden`, or a style that shows nothing.
pub(super) fn is_unseen(name: &str, value: &str) -> bool {
    if name.eq_ignore_ascii_case("hidden") {
        return !value.eq_ignore_ascii_case("until-found");
    }
    if name.eq_ignore_ascii_case("aria-hidden") {
        return value.eq_ignore_ascii_case("true");
    }
    name.eq_ignore_ascii_case("style") && shows_nothing(value)
}

/// Further left or up than this no screen reaches, in pixels.
const OFF_SCREEN: i64 = -900;

/// A style whose text nobody sees. Only what the style alone tells: colours of style sheets are not known.
fn shows_nothing(style: &str) -> bool {
    let (mut colour, mut ground) = ("", "");
    let (mut flat, mut cut_off, mut placed, mut away) = (false, false, false, false);
    for rule in style.split(';') {
        let Some((name, value)) = rule.split_once(':') else { continue };
        let name = name.trim();
        let value = value.trim().trim_end_matches("!important").trim_end();
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let says = |other: &str| value.eq_ignore_ascii_case(other);
        if is("display") && says("none") || is("visibility") && (says("hidden") || says("collapse")) {
            return true;
        }
        if (is("font-size") || is("opacity")) && is_zero(value) {
            return true;
        }
        if is("color") {
            colour = value;
        } else if is("background") || is("background-color") {
            ground = value;
        } else if is("height") || is("max-height") || is("width") {
            flat |= is_zero(value);
        } else if is("overflow") {
            cut_off = says("hidden");
        } else if is("position") {
            placed = says("absolute") || says("fixed");
        } else if is("left") || is("top") || is("right") || is("text-indent") {
            let pixels = value.strip_suffix("px").and_then(|n| n.trim().parse::<i64>().ok());
            away |= pixels.is_some_and(|n| n <= OFF_SCREEN) && !is("text-indent");
        }
    }
    flat && cut_off || placed && away || !colour.is_empty() && colour.eq_ignore_ascii_case(ground)
}

/// `0`, `0px`, `0.0em`, `0%`.
fn is_zero(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%').trim_end();
    !number.is_empty() && number.bytes().all(|b| matches!(b, b'0' | b'.')) && number.contains('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_pages_write_them() {
        for (tag, told) in [
            ("<div id=a class='b c' Style=\"x:1;y>2\" hidden>", "id=a|class=b c|Style=x:1;y>2|hidden="),
            ("<meta name=\"PubDate\" content = '2024-05-06' />", "name=PubDate|content=2024-05-06"),
            ("<br/>", ""),
            ("<a href=http://a.cn/b?c=d>", "href=http://a.cn/b?c=d"),
            ("<a b=\"c", "b=\"c"),
            ("<a =\"c\" d>", "c\"=|d="),
        ] {
            let got: Vec<String> = attributes(tag).map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(got.join("|"), told, "{tag}");
        }
    }

    #[test]
    fn what_nobody_sees_is_told_from_what_is_styled() {
        for (tag, unseen) in [
            ("<div style=\"display:none\">", true),
            ("<div style='color:red; DISPLAY : None !important'>", true),
            ("<div style=visibility:hidden>", true),
            ("<div style=\"font-size:0px\">", true),
            ("<div style=\"opacity:0\">", true),
            ("<div style=\"color:#fff;background:#FFF\">", true),
            ("<div style=\"position:absolute;left:-9999px\">", true),
            ("<div style=\"height:0;overflow:hidden\">", true),
            ("<div aria-hidden=\"true\">", true),
            ("<div hidden>", true),
            ("<div style=\"display:block\">", false),
            ("<div style=\"font-size:0.9em\">", false),
            ("<div style=\"opacity:0.5;overflow:hidden\">", false),
            ("<div style=\"color:#fff;background:#000\">", false),
            ("<div style=\"position:absolute;left:-9px\">", false),
            ("<div style=\"text-indent:-9999px\">", false),
            ("<div style=\"height:0;line-height:2\">", false),
            ("<div aria-hidden=false class=hidden>", false),
        ] {
            assert_eq!(attributes(tag).any(|(name, value)| is_unseen(name, value)), unseen, "{tag}");
        }
    }
}
