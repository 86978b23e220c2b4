//! Negotiation: which of the formats that a resource has the client likes best (RFC 9110, section 12.5.1).

use actix_web::http::header::{ACCEPT, HeaderMap};

use crate::error::{Code, Problem};

/// A media range of `Accept` and how much it is liked.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: f32,
}

impl<'a> Range<'a> {
    /// What cannot be read matches nothing: some clients send such beside what can be.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let quality = quality.map_or(Some(1.0), |q| q.parse().ok().filter(|q| (0.0..=1.0).contains(q)))?;
        Some(Self { kind, subtype, quality })
    }

    /// How exactly the range means the format: 3 for itself, 1 for anything; `None` when it does not.
    fn exactness(&self, kind: &str, subtype: &str) -> Option<u8> {
        match (self.kind, self.subtype) {
            ("*", "*") => Some(1),
            (same, "*") if same.eq_ignore_ascii_case(kind) => Some(2),
            (same, exact) if same.eq_ignore_ascii_case(kind) && exact.eq_ignore_ascii_case(subtype) => Some(3),
            _ => None,
        }
    }
}

/// The best liked of `offers` (media types without parameters); of equals the first, which also answers no `Accept`.
///
/// # Errors
/// `not_acceptable` when `Accept` takes none of them.
pub fn negotiate(headers: &HeaderMap, offers: &[&'static str]) -> Result<&'static str, Problem> {
    let given: Vec<&str> = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<Range<'_>> = match given.iter().all(|value| value.trim().is_empty()) {
        true => Range::parse("*/*").into_iter().collect(),
        false => given.iter().flat_map(|value| value.split(',')).filter_map(Range::parse).collect(),
    };
    let mut best: Option<(&'static str, f32)> = None;
    for offer in offers {
        let quality = quality_of(offer, &ranges);
        if quality > best.map_or(0.0, |(_, quality)| quality) {
            best = Some((offer, quality));
        }
    }
    best.map(|(offer, _)| offer).ok_or_else(|| {
        let detail = format!("The resource can be given as {}.", offers.join(", "));
        Problem::new(Code::NotAcceptable, detail).with_header("Vary", "Accept")
    })
}

/// What the range that means the format most exactly says.
fn quality_of(offer: &str, ranges: &[Range<'_>]) -> f32 {
    let Some((kind, subtype)) = offer.split_once('/') else { return 0.0 };
    let matching = ranges.iter().filter_map(|range| range.exactness(kind, subtype).map(|exact| (exact, range.quality)));
    matching.max_by_key(|(exact, _)| *exact).map_or(0.0, |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn chosen(accept: &str) -> Option<&'static str> {
        let request = TestRequest::default().insert_header((ACCEPT, accept)).to_http_request();
        negotiate(request.headers(), &["application/json", "text/plain"]).ok()
    }

    #[test]
    fn takes_the_best_liked() {
        let (json, plain) = (Some("application/json"), Some("text/plain"));
        assert_eq!(chosen(""), json);
        assert_eq!(chosen("*/*"), json);
        assert_eq!(chosen("text/*"), plain);
        assert_eq!(chosen("Text/Plain; charset=utf-8"), plain);
        assert_eq!(chosen("application/json;q=0.5, text/plain;q=0.8"), plain);
        assert_eq!(chosen("*/*, application/json;q=0"), plain);
        assert_eq!(chosen("text/html, *; q=.2, */*; q=.2"), json);
        assert_eq!(chosen("application/pdf"), None);
        assert_eq!(chosen("text/plain;q=0"), None);
        assert_eq!(chosen("text/plain;q=NaN"), None);
    }
}
