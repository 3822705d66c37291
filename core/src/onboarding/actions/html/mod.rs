//! Information texts: the bank's HTML made harmless, and as plain text.
//!
//! Nothing of the source passes through but its text. What is recognised is written anew from a list of nine elements
//! without attributes (`p br ul ol li b i u h4`), always closed, so that no script, style, link or handler can. One pass,
//! in time and memory linear in the source, whatever it is. A browser's parser was weighed and found too heavy: `ammonia`
//! would bring a score of crates that nothing else here needs, cssparser's MPL-2.0 among them, for two dozen sentences.

mod entity;
mod render;
mod tokens;

/// An information text in both forms.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Information {
    /// HTML of `p br ul ol li b i u h4` without attributes, all else escaped: may be shown as it is.
    pub html: String,
    /// The same without HTML: one line for each block, items begin with `- `.
    pub text: String,
}
crate::prospect::shows!(Information {});

/// Both forms of an information text. Headings become `h4`, other blocks lines; scripts, styles and the like go with their
/// contents; any other tag goes alone, and a `<` that begins no tag is a text.
///
/// ```
/// use satchel::onboarding::actions::information;
/// let rules = information("<h1 onclick=x>Rules</h1>no < or ><script>alert(1)</script><br>2 MB");
/// assert_eq!(rules.html, "<h4>Rules</h4>no &lt; or &gt;<br>2 MB");
/// assert_eq!(rules.text, "Rules\nno < or >\n2 MB");
/// ```
#[must_use]
pub fn information(source: &str) -> Information {
    let mut page = render::Page::default();
    for token in tokens::Tokens::new(source) {
        page.take(token);
    }
    page.finish()
}

#[cfg(test)]
mod tests;
