//! Negotiation of languages (RFC 9110, section 12.5.4): which of the languages that a resource is there in the client
//! likes best.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};

/// How many ranges of `Accept-Language` are looked at: browsers send a handful.
const MOST_RANGES: usize = 100;

/// The languages that a resource is there in. What is chosen is always one of them, whatever a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// In the order of the alphabet.
    languages: Vec<String>,
    /// The place of the one that the address itself is about.
    addressed: usize,
}

impl Offer {
    /// `None` where there is nothing to choose from.
    pub fn new(mut languages: Vec<String>, addressed: &str) -> Option<Self> {
        languages.sort_unstable();
        languages.dedup();
        let addressed = languages.iter().position(|language| language == addressed)?;
        (languages.len() > 1).then_some(Self { languages, addressed })
    }

    /// The language of what the address itself is about.
    pub fn addressed(&self) -> &str {
        &self.languages[self.addressed]
    }

    /// The one that the client likes best; when it likes none of them, or says nothing, what it addressed.
    pub fn chosen(&self, headers: &HeaderMap) -> &str {
        let given = headers.get_all(ACCEPT_LANGUAGE).filter_map(|value| value.to_str().ok());
        let ranges: Vec<Range<'_>> =
            given.flat_map(|value| value.split(',')).filter_map(Range::parse).take(MOST_RANGES).collect();
        self.best(ranges).map_or_else(|| self.addressed(), |place| &self.languages[place])
    }

    /// All of them, as one word.
    pub fn name(&self) -> String {
        format!("{};{}", self.languages.join(","), self.addressed())
    }

    fn best(&self, mut ranges: Vec<Range<'_>>) -> Option<usize> {
        ranges.sort_by_key(|range| std::cmp::Reverse(range.quality));
        let wanted = ranges.iter().take_while(|range| range.quality > 0);
        wanted.filter_map(|range| self.matching(range, &ranges)).next()
    }

    /// What a range means: the language itself, else one within it, else the nearest one that it is within (RFC 4647,
    /// sections 3.3.1 and 3.4).
    fn matching(&self, range: &Range<'_>, all: &[Range<'_>]) -> Option<usize> {
        // What the address is about comes first among what is liked the same.
        let places = || std::iter::once(self.addressed).chain(0..self.languages.len());
        let find = |is: &dyn Fn(&str) -> bool| {
            places().find(|place| {
                let language = &self.languages[*place];
                is(language) && !refused(language, all)
            })
        };
        if range.tag == "*" {
            return find(&|_| true);
        }
        find(&|language| language.eq_ignore_ascii_case(range.tag))
            .or_else(|| find(&|language| is_within(language, range.tag)))
            .or_else(|| shorter(range.tag).find_map(|tag| find(&|language| language.eq_ignore_ascii_case(tag))))
    }
}

/// Whether the range that means the language most exactly says that it is not wanted.
fn refused(language: &str, all: &[Range<'_>]) -> bool {
    let exactness = |range: &Range<'_>| match range.tag {
        "*" => Some(0),
        tag => (language.eq_ignore_ascii_case(tag) || is_within(language, tag)).then_some(tag.len()),
    };
    let meant = all.iter().filter_map(|range| exactness(range).map(|exact| (exact, range.quality)));
    meant.max().is_some_and(|(_, quality)| quality == 0)
}

/// Whether the language is the range with something more (`de-AT` within `de`).
fn is_within(language: &str, range: &str) -> bool {
    language.get(..range.len()).is_some_and(|start| start.eq_ignore_ascii_case(range))
        && language.as_bytes().get(range.len()) == Some(&b'-')
}

/// The range without its last parts, one after the other; a single letter goes with what follows it.
fn shorter(range: &str) -> impl Iterator<Item = &str> {
    let cut = |tag: &str| {
        let (rest, _) = tag.rsplit_once('-')?;
        Some(match rest.rsplit_once('-') {
            Some((before, single)) if single.len() == 1 => before.len(),
            _ => rest.len(),
        })
    };
    std::iter::successors(cut(range), move |end| cut(&range[..*end])).map(move |end| &range[..end])
}

/// A language range of the header and how much it is liked, in thousandths.
#[derive(Debug, Clone, Copy)]
struct Range<'a> {
    tag: &'a str,
    quality: u16,
}

impl<'a> Range<'a> {
    /// What cannot be read matches nothing: some clients send such beside what can be.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let tag = parts.next()?;
        let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        if tag != "*" && !tag.split('-').all(part) {
            return None;
        }
        let quality = match parts.next() {
            None => 1_000,
            Some(weight) => {
                let q: f32 = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?.trim().parse().ok()?;
                // Of a number from 0 to 1.
                (0.0..=1.0).contains(&q).then_some((q * 1_000.0).round() as u16)?
            }
        };
        Some(Self { tag, quality })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    fn offer(languages: &[&str], addressed: &str) -> Offer {
        Offer::new(languages.iter().map(|&language| language.to_owned()).collect(), addressed).unwrap()
    }

    fn chosen(offer: &Offer, header: &[u8]) -> String {
        let value = actix_web::http::header::HeaderValue::from_bytes(header).unwrap();
        let request = TestRequest::default().insert_header((ACCEPT_LANGUAGE, value)).to_http_request();
        offer.chosen(request.headers()).to_owned()
    }

    #[test]
    fn the_best_liked_is_chosen() {
        let three = offer(&["en", "de", "pt-BR"], "en");
        for (header, expected) in [
            ("", "en"),
            ("de", "de"),
            ("DE", "de"),
            ("de-AT", "de"),
            ("de-Latn-AT, en", "de"),
            ("de-x-private", "de"),
            ("fr, de;q=0.5, en;q=0.4", "de"),
            ("fr", "en"),
            ("pt", "pt-BR"),
            ("pt-br", "pt-BR"),
            ("pt-PT", "en"),
            ("*", "en"),
            ("*;q=0.1, de;q=0.05", "en"),
            ("de, *;q=0.5", "de"),
            ("en;q=0, *", "de"),
            ("en;q=0", "en"),
            ("*;q=0", "en"),
            ("de;q=0, de-AT", "en"),
            ("de;q=0.001", "de"),
            ("de;q=1.0,en;q=1.000", "de"),
            ("de ; q=0.3 , en;Q=0.2", "de"),
            ("de;q=2", "en"),
            ("de;q=NaN", "en"),
            ("de;q=", "en"),
            ("de;level=1", "en"),
            ("de_AT", "en"),
            ("-", "en"),
            (",,;,de", "de"),
            ("ende", "en"),
        ] {
            assert_eq!(chosen(&three, header.as_bytes()), expected, "{header:?}");
        }
        assert_eq!(chosen(&offer(&["en", "de-AT", "de-DE"], "de-DE"), b"de"), "de-DE");
        assert_eq!(chosen(&offer(&["en", "de-AT", "de-DE"], "en"), b"de"), "de-AT");
        assert_eq!(chosen(&offer(&["en", "zh-Hant"], "en"), b"zh-Hant-TW"), "zh-Hant");
    }

    #[test]
    fn there_is_a_choice_between_two_at_least() {
        assert_eq!(Offer::new(vec!["en".into()], "en"), None);
        assert_eq!(Offer::new(vec!["en".into(), "de".into()], "fr"), None);
    }

    proptest! {
        #[test]
        fn whatever_a_header_says_one_of_the_offered_is_chosen(header in "[ -~]{0,300}", at in 0..3usize) {
            let languages = ["de", "en-GB", "zh-Hant-TW"];
            let offer = offer(&languages, languages[at]);
            let answer = chosen(&offer, header.as_bytes());
            prop_assert!(languages.contains(&answer.as_str()));
        }

        #[test]
        fn nor_does_it_matter_which_bytes_it_has(header in prop::collection::vec(0x80..=0xffu8, 0..200)) {
            prop_assert_eq!(chosen(&offer(&["de", "en"], "en"), &header), "en");
        }

        #[test]
        fn hostile_lists_of_ranges_are_read_too(
            parts in prop::collection::vec("(\\*|[a-z]{1,9}(-[A-Za-z0-9]{0,9}){0,4})(;q=[0-9.]{0,6})?", 0..300),
        ) {
            let languages = ["de", "en", "fr-CA"];
            let answer = chosen(&offer(&languages, "en"), parts.join(",").as_bytes());
            prop_assert!(languages.contains(&answer.as_str()));
        }

        #[test]
        fn one_that_is_named_alone_is_chosen(at in 0..3usize, addressed in 0..3usize, q in 1..=1000u16) {
            let languages = ["de", "en", "fr-CA"];
            let header = format!("{};q={}", languages[at], f32::from(q) / 1000.0);
            prop_assert_eq!(chosen(&offer(&languages, languages[addressed]), header.as_bytes()), languages[at]);
        }
    }
}
