//! The list of references below an article, each linked back to the places that cite it.

use std::collections::HashMap;

use super::markdown::{Place, escape, sanitize_reference};

/// The words of links between text and references, in the reader's language. `{number}` stands for the number of a
/// reference, `{place}` for which of the places that cite it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words<'w> {
    /// What the list is: `References`.
    pub references: &'w str,
    /// What a marker leads to: `Reference {number}`.
    pub reference: &'w str,
    /// Where a link in the list leads back to: `Back to citation {place} of reference {number}`.
    pub back: &'w str,
}

impl Words<'static> {
    /// In English.
    pub const ENGLISH: Self = Self {
        references: "References",
        reference: "Reference {number}",
        back: "Back to citation {place} of reference {number}",
    };
}

impl Words<'_> {
    /// What a marker leads to.
    pub fn reference(&self, number: u32) -> String {
        self.reference.replace("{number}", &number.to_string())
    }

    /// Where a link in the list leads back to; `place` counts from 1.
    pub fn back(&self, number: u32, place: usize) -> String {
        self.back.replace("{place}", &place.to_string()).replace("{number}", &number.to_string())
    }
}

/// One reference of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceEntry<'e> {
    /// Its number in the article; the markers lead to `ref-{number}`.
    pub number: u32,
    /// The reference as HTML, without its number.
    pub html: &'e str,
    /// Ids of the places that cite it, in document order.
    pub places: Vec<&'e str>,
}

/// Whether the list shows the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// The text cites by number.
    Shown,
    /// The text cites by author: the list is in an order of its own.
    Hidden,
}

impl Numbers {
    fn element(self) -> &'static str {
        match self {
            Self::Shown => "ol",
            Self::Hidden => "ul",
        }
    }
}

/// The ids of the places that cite each number, in document order, from those of all sections in turn.
pub fn places_by_number<'p>(places: impl IntoIterator<Item = &'p Place>) -> HashMap<u32, Vec<&'p str>> {
    let mut by_number: HashMap<u32, Vec<&str>> = HashMap::new();
    for place in places {
        by_number.entry(place.number).or_default().push(&place.id);
    }
    by_number
}

/// The list as HTML; nothing if there are no entries.
///
/// Roles are those of DPUB-ARIA 1.1 (<https://www.w3.org/TR/dpub-aria-1.1/>): `doc-bibliography` on the section around
/// the list, never on the list itself, since markers are `doc-biblioref`; `doc-endnotes` would be for notes that
/// `doc-noteref` leads to. `doc-biblioentry` and `doc-endnote` are deprecated there: entries are plain list items.
pub fn render(entries: &[ReferenceEntry<'_>], numbers: Numbers, words: &Words<'_>) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let list = numbers.element();
    let mut html = format!(
        "<section class=\"references\" role=\"doc-bibliography\" aria-label=\"{}\">\n<{list}>\n",
        escape(words.references)
    );
    for (entry, expected) in entries.iter().zip(1..) {
        let follows = entry.number == expected || numbers == Numbers::Hidden;
        let value = if follows { String::new() } else { format!(" value=\"{}\"", entry.number) };
        html.push_str(&format!("<li id=\"ref-{}\"{value}>{}", entry.number, sanitize_reference(entry.html)));
        for (id, place) in entry.places.iter().zip(1..) {
            html.push_str(&back_link(id, place, &words.back(entry.number, place)));
        }
        html.push_str("</li>\n");
    }
    html.push_str(&format!("</{list}>\n</section>\n"));
    html
}

/// A formatted reference without the label that it begins with: the list shows the numbers itself.
pub fn without_label<'h>(html: &'h str, label: &str) -> &'h str {
    let label = format!("<span class=\"csl-label\">{}</span> ", escape(label));
    html.strip_prefix(&label).unwrap_or(html)
}

/// The second and later places show which they are.
fn back_link(id: &str, place: usize, name: &str) -> String {
    let ordinal = if place > 1 { format!("<sup>{place}</sup>") } else { String::new() };
    let (id, name) = (escape(id), escape(name));
    format!(" <a class=\"citation-back\" href=\"#{id}\" role=\"doc-backlink\" aria-label=\"{name}\">↩{ordinal}</a>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_leads_back_to_each_place() {
        let place = |number, id: &str| Place { number, id: id.to_owned() };
        let places = [place(2, "cite-lead-1"), place(1, "cite-lead-2"), place(2, "cite-end-1")];
        let mut by_number = places_by_number(&places);
        let mut entry =
            |number, html| ReferenceEntry { number, html, places: by_number.remove(&number).unwrap_or_default() };
        let entries = [entry(1, "Majid I. <i>J Cutan</i>. 2009."), entry(2, "Alster T."), entry(4, "Unmarked.")];
        insta::assert_snapshot!(render(&entries, Numbers::Shown, &Words::ENGLISH), @r##"
        <section class="references" role="doc-bibliography" aria-label="References">
        <ol>
        <li id="ref-1">Majid I. <i>J Cutan</i>. 2009. <a class="citation-back" href="#cite-lead-2" role="doc-backlink" aria-label="Back to citation 1 of reference 1">↩</a></li>
        <li id="ref-2">Alster T. <a class="citation-back" href="#cite-lead-1" role="doc-backlink" aria-label="Back to citation 1 of reference 2">↩</a> <a class="citation-back" href="#cite-end-1" role="doc-backlink" aria-label="Back to citation 2 of reference 2">↩<sup>2</sup></a></li>
        <li id="ref-4" value="4">Unmarked.</li>
        </ol>
        </section>
        "##);
    }

    #[test]
    fn a_list_without_numbers_has_none() {
        let entry = |number| ReferenceEntry { number, html: "Alster T.", places: Vec::new() };
        insta::assert_snapshot!(render(&[entry(2), entry(1)], Numbers::Hidden, &Words::ENGLISH), @r##"
        <section class="references" role="doc-bibliography" aria-label="References">
        <ul>
        <li id="ref-2">Alster T.</li>
        <li id="ref-1">Alster T.</li>
        </ul>
        </section>
        "##);
    }

    #[test]
    fn a_label_is_taken_off_once() {
        let html = "<span class=\"csl-label\">[1]</span> Alster T.";
        assert_eq!([without_label(html, "[1]"), without_label("Alster T.", "")], ["Alster T."; 2]);
        assert_eq!(without_label(html, "1."), html);
    }

    #[test]
    fn an_empty_list_is_no_landmark() {
        assert_eq!(render(&[], Numbers::Shown, &Words::ENGLISH), "");
    }

    #[test]
    fn what_a_reference_may_not_have_is_left_out() {
        let html = "<a href=\"javascript:alert(1)\" id=\"ref-9\" role=\"button\" onclick=\"x\">t</a><script>x</script>\
                    <span class=\"csl-small-caps\">S</span><span class=\"citation\">c</span><a href=\"https://x.example\">l</a>";
        let words = Words { references: "\"<b>", reference: "{number}", back: "zurück <{place}> \"{number}\"" };
        let entries = [ReferenceEntry { number: 1, html, places: vec!["a\"b"] }];
        insta::assert_snapshot!(render(&entries, Numbers::Shown, &words), @r##"
        <section class="references" role="doc-bibliography" aria-label="&quot;&lt;b&gt;">
        <ol>
        <li id="ref-1"><a>t</a><span class="csl-small-caps">S</span><span>c</span><a href="https://x.example">l</a> <a class="citation-back" href="#a&quot;b" role="doc-backlink" aria-label="zurück &lt;1&gt; &quot;1&quot;">↩</a></li>
        </ol>
        </section>
        "##);
    }
}
