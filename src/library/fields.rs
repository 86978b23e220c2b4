//! What a study says beside its record, as requests may give it.

use deserr::Deserr;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::model::Funding;
use crate::db::types;
use crate::http::fault::Faults;
use crate::http::list::AtMost;

crate::formed_text! {
    /// How long those who took part were followed: an ISO 8601 duration in whole numbers.
    FollowUp,
    concat!(
        "^P(?:[0-9]{1,4}W|(?=[0-9T])(?:[0-9]{1,4}Y)?(?:[0-9]{1,4}M)?(?:[0-9]{1,5}D)?",
        "(?:T(?=[0-9])(?:[0-9]{1,5}H)?(?:[0-9]{1,5}M)?(?:[0-9]{1,5}S)?)?)$",
    ),
    40, "invalid_duration", "a duration in whole numbers as ISO 8601 writes it, such as P6M, P2Y6M or P12W",
    is_duration
}

crate::formed_text! {
    /// Where everybody can read a study: an http or https address.
    OpenAccessUrl,
    crate::http::web_address::PATTERN,
    2000, "invalid_url", "an http or https address such as https://europepmc.org/article/MED/20300368",
    crate::http::web_address::is
}

crate::checked_text! {
    /// Who paid.
    Funder(1..=500, One),
    /// The number of a grant.
    Award(1..=200, One),
    /// What authors declare about their interests.
    ConflictsOfInterest(1..=10000, Many),
    /// What stands in a title or a name.
    Words(1..=200, One),
    /// What editors note for themselves.
    Notes(1..=20000, Many),
}

/// Who paid for a study.
#[derive(Debug, Clone, PartialEq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewFunding {
    /// The funder's name.
    pub funder: Funder,
    /// The grant's number.
    #[deserr(default)]
    pub award: Option<Award>,
}

/// The list as it is kept.
pub fn fundings(list: AtMost<NewFunding, 100>) -> types::Json {
    let one = |new: NewFunding| {
        let funding = Funding { funder: new.funder.into_string(), award: new.award.map(Award::into_string) };
        serde_json::json!({"funder": funding.funder, "award": funding.award})
    };
    types::Json(Json::Array(list.0.into_iter().map(one).collect()))
}

fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else { return false };
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    let weeks = time.is_none() && !date.is_empty() && counts(date, &[('W', 4)]);
    let dated = counts(date, &[('Y', 4), ('M', 4), ('D', 5)]);
    let timed = time.is_none_or(|time| !time.is_empty() && counts(time, &[('H', 5), ('M', 5), ('S', 5)]));
    weeks || (dated && timed && !rest.is_empty())
}

/// Whether the text is numbers, each of at most so many digits and with one of these units, in their order.
fn counts(mut text: &str, units: &[(char, usize)]) -> bool {
    for (unit, most) in units {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let rest = text.get(digits..).and_then(|rest| rest.strip_prefix(*unit));
        if let Some(rest) = rest.filter(|_| (1..=*most).contains(&digits)) {
            text = rest;
        }
    }
    text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_what_iso_8601_says() {
        for good in ["P6M", "P2Y6M", "P12W", "P1D", "PT12H", "P1DT6H30M", "P0D", "P1Y2M3DT4H5M6S"] {
            assert!(FollowUp::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "P", "PT", "6M", "P6", "P6M2Y", "P1W2D", "P1.5Y", "P-1Y", "p6m", "P6 M", "P12345Y", "PT1D", "P1DT"]
        {
            assert_eq!(FollowUp::parse(bad).unwrap_err().code, "invalid_duration", "{bad}");
        }
    }

    #[test]
    fn addresses_are_of_the_web() {
        for good in [
            "https://europepmc.org/article/MED/1",
            "http://x.org",
            "https://x.org:81/?a=%20b#c",
            "https://2020.ü.org/é",
        ] {
            assert!(OpenAccessUrl::parse(good).is_ok(), "{good}");
        }
        let bad = [
            "javascript:alert(1)",
            "ftp://x.org/",
            "//x.org",
            "https://",
            "https://a b",
            "https://u:p@x.org/",
            "https://x\n.org",
            "https://1.2",
            "https://x.org/\u{202E}",
            "https://x.org/<b>",
            "data:text/html,x",
        ];
        for bad in bad {
            assert_eq!(OpenAccessUrl::parse(bad).unwrap_err().code, "invalid_url", "{bad:?}");
        }
    }
}
