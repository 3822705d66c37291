use super::*;
use proptest::prelude::*;

fn html(source: &str) -> String {
    information(source).html
}

fn text(source: &str) -> String {
    information(source).text
}

/// Every `<` begins one of our own tags, all closed in their order.
fn is_ours(html: &str) -> bool {
    let mut open = vec![];
    for piece in html.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { return false };
        let good = match tag.strip_prefix('/') {
            Some(name) => open.pop() == Some(name),
            None if tag == "br" => true,
            None => {
                open.push(tag);
                ["p", "ul", "ol", "li", "b", "i", "u", "h4"].contains(&tag)
            }
        };
        if !good || text.contains('>') {
            return false;
        }
    }
    open.is_empty() && !html.split('<').next().unwrap_or_default().contains('>')
}

#[test]
fn the_seeds_text_is_kept_whole() {
    let seed = r#"<h4>The file(s) must follow with the below rules:</h4>Cannot contain the following special characters: , * | : " < > ? / \ [ ] % = ;<br>File name must have an extension name (eg: .pdf, .jpg, .png)<br>File name can’t begin with space<br>File can’t exclude more than 2MB"#;
    assert_eq!(html(seed), seed.replace("< >", "&lt; &gt;"));
    assert_eq!(
        text(seed).lines().collect::<Vec<_>>(),
        [
            "The file(s) must follow with the below rules:",
            r#"Cannot contain the following special characters: , * | : " < > ? / \ [ ] % = ;"#,
            "File name must have an extension name (eg: .pdf, .jpg, .png)",
            "File name can’t begin with space",
            "File can’t exclude more than 2MB",
        ]
    );
}

#[test]
fn nothing_that_acts_passes() {
    let table = [
        ("<script>alert(1)</script>a", "a"),
        ("<SCRIPT src=x>alert('</b>')</Script >a", "a"),
        ("<script>a", ""),
        ("<scr<script>x</script>ipt>alert(1)", "&lt;script&gt;alert(1)"),
        ("<style>p{}</style><b style='x' onclick=\"a>b\">t</b>", "<b>t</b>"),
        ("<a href=\"javascript:x()\">go</a>", "go"),
        ("<img src=x onerror=alert(1)>", ""),
        ("<svg><script>x</script></svg>a", "a"),
        ("<iframe src=//x></iframe>a<!-- <b> -->b<!DOCTYPE html>c", "abc"),
        ("&lt;script&gt;x&#60;/script&#x3e;", "&lt;script&gt;x&lt;/script&gt;"),
        ("<b/onclick=x>t", "<b>t</b>"),
        ("<b\0>t", "<b>t</b>"),
        ("a\0b\u{7}c", "abc"),
    ];
    for (source, safe) in table {
        assert_eq!(html(source), safe, "{source}");
    }
}

#[test]
fn what_is_not_closed_is_closed() {
    let table = [
        ("<ul><li>a<li>b", "<ul><li>a</li><li>b</li></ul>"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
        ("<p>a<p>b<h1>c", "<p>a</p><p>b</p><h4>c</h4>"),
        ("</b></p>a", "a"),
        ("<ul><li><b>a</ul>b</b>", "<ul><li><b>a</b></li></ul>b"),
        ("<strong>a</em>b</STRONG>", "<b>ab</b>"),
        ("a<div>b</div>c", "a<br>b<br>c"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b<br>c"),
    ];
    for (source, closed) in table {
        assert_eq!(html(source), closed, "{source}");
    }
}

#[test]
fn depth_has_an_end() {
    let source = format!("{}x{}", "<ul><li><b>".repeat(100), "</b></li></ul>".repeat(100));
    let page = information(&source);
    assert!(is_ours(&page.html) && page.html.matches("<ul>").count() <= 32, "{}", page.html);
    assert_eq!(information(&page.html).html, page.html);
    assert_eq!(page.text, "- x");
}

#[test]
fn a_sign_is_no_tag() {
    for source in [
        "1 < 2",
        "a <",
        "<",
        "< b",
        "<3",
        "<>",
        "</>",
        "<?/\\>",
        "a<b",
        "<a href=\"x",
        "<!-- x",
        "x <b and <",
    ] {
        assert_eq!(text(source), source, "nothing of it is lost");
        assert!(is_ours(&html(source)));
    }
    assert_eq!(html("a<b and <br>c"), "a&lt;b and<br>c");
    assert_eq!(
        text("Tom &amp; Jerry &nope; &#0; &#xD800; &amp &rsquo;"),
        "Tom & Jerry &nope; &#xD800; &amp ’"
    );
}

#[test]
fn plain_text_has_a_line_for_each_block() {
    let source = "<h3>Bring:</h3>\n <ul>\n <li> one </li><li><p>two</p></li></ul><p>or   three</p>\n\n<br><br><br>end<div>x</div>";
    assert_eq!(text(source), "Bring:\n- one\n- two\nor three\n\nend\nx");
    assert_eq!(text(" a\n b\u{A0}&nbsp;c "), "a b c");
    assert_eq!(text("ខ្ញុំ\u{200B}ទៅ"), "ខ្ញុំ\u{200B}ទៅ");
}

#[test]
fn a_megabyte_of_anything_is_no_work() {
    let unit = [
        "<",
        "<a",
        "<b>",
        "</b>",
        "<li>",
        "<script>",
        "<!--",
        "&",
        "<a b=\"",
        "<p x='<",
        "&#",
        "<div>",
        "<a =\"<a ='",
        "</script",
        "<style></",
    ];
    for piece in unit {
        let source = piece.repeat((1 << 20) / piece.len());
        let begun = std::time::Duration::from_secs(5);
        let (sent, done) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| sent.send(information(&source)));
            let page = done.recv_timeout(begun).unwrap_or_else(|_| panic!("{piece} is more than linear"));
            assert!(
                page.html.len() <= 6 * source.len() && page.text.len() <= 3 * source.len(),
                "{piece} grows"
            );
            assert!(is_ours(&page.html), "{piece}");
        });
    }
}

proptest! {
    /// Whatever comes: only our tags, and what is ours stays as it is.
    #[test]
    fn it_is_ours_and_stays_so(pieces in prop::collection::vec(prop_oneof![
        "[ab<>&;/!='\" \n-]{0,6}",
        "</?(p|br|ul|ol|li|b|i|u|h1|h4|div|td|script|style|x|strong)( a=\"?>?)?>",
        "&(lt|gt|amp|nbsp|#60|#x26);",
        "\\PC{0,4}",
    ], 0..24)) {
        let source = pieces.concat();
        let page = information(&source);
        prop_assert!(is_ours(&page.html), "{}", page.html);
        let again = information(&page.html);
        prop_assert_eq!(&again.html, &page.html);
        prop_assert_eq!(&again.text, &page.text);
    }
}
