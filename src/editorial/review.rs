//! Reviews of articles: what requests may say about them, and what must hold before one is kept.

use deserr::Deserr;
use utoipa::ToSchema;

use super::model::{AuthorName, Credentials, Orcid};
use crate::db::day::Day;
use crate::http::body::Patch;
use crate::http::fault::{Fault, Faults};
use crate::http::list::OneTo;
use crate::publishing::document::{Reviewed, Reviewer};

/// The most reviewers of an article.
pub const MOST_REVIEWERS: usize = 10;

/// That experts reviewed the article.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewReview {
    /// Who did, in the order in which they are named.
    #[schema(value_type = Vec<NewReviewer>, min_items = 1, max_items = 10)]
    pub by: OneTo<NewReviewer, MOST_REVIEWERS>,
    /// The day on which they did: today in UTC at the latest.
    pub at: Day,
    /// The day by which they should do so again, not before `at`. None is due when it is not given.
    #[deserr(default)]
    pub next_due: Option<Day>,
}

/// A change of a review (JSON Merge Patch): members that are not named stay as they are. An article without a review gets
/// one, which has to be named whole.
#[derive(Debug, Clone, Default, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct ReviewPatch {
    /// All who did, in the order in which they are named.
    #[deserr(default)]
    #[schema(value_type = Vec<NewReviewer>, min_items = 1, max_items = 10, required = false)]
    pub by: Patch<OneTo<NewReviewer, MOST_REVIEWERS>>,
    /// The day on which they did: today in UTC at the latest.
    #[deserr(default)]
    #[schema(value_type = Day, required = false)]
    pub at: Patch<Day>,
    /// The day by which they should do so again, not before `at`; null for none.
    #[deserr(default)]
    #[schema(value_type = Option<Day>, required = false)]
    pub next_due: Patch<Option<Day>>,
}

/// A reviewer to be named.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewReviewer {
    pub name: AuthorName,
    #[deserr(default)]
    pub credentials: Option<Credentials>,
    #[deserr(default)]
    pub orcid: Option<Orcid>,
}

impl From<NewReviewer> for Reviewer {
    fn from(new: NewReviewer) -> Self {
        Self {
            name: new.name.into_string(),
            credentials: new.credentials.map(Credentials::into_string),
            orcid: new.orcid.map(Orcid::into_string),
        }
    }
}

fn reviewers(new: OneTo<NewReviewer, MOST_REVIEWERS>) -> Vec<Reviewer> {
    new.0.into_iter().map(Reviewer::from).collect()
}

impl From<NewReview> for Reviewed {
    fn from(new: NewReview) -> Self {
        Self { by: reviewers(new.by), at: new.at, next_due: new.next_due }
    }
}

impl ReviewPatch {
    /// The review with the change in it.
    ///
    /// # Errors
    /// `required` for what neither of them names.
    pub fn merged(self, before: Option<Reviewed>) -> Result<Reviewed, Vec<Fault>> {
        let (by, at, next_due) = match before {
            Some(Reviewed { by, at, next_due }) => (Some(by), Some(at), next_due),
            None => (None, None, None),
        };
        let by = self.by.into_option().map(reviewers).or(by);
        let at = self.at.into_option().or(at);
        let next_due = self.next_due.into_option().unwrap_or(next_due);
        match (by, at) {
            (Some(by), Some(at)) => Ok(Reviewed { by, at, next_due }),
            (by, at) => {
                let required = |pointer| Fault::at(pointer, "required", "This member is required.");
                let missing = [("/reviewed/by", by.is_none()), ("/reviewed/at", at.is_none())].into_iter();
                Err(missing.filter(|(_, is_missing)| *is_missing).map(|(pointer, _)| required(pointer)).collect())
            }
        }
    }
}

/// What is wrong with a review that is kept on this day in UTC.
pub fn faults(review: &Reviewed, today: Day) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, reviewer) in review.by.iter().enumerate() {
        let same = |other: &Reviewer| other == reviewer || (other.orcid.is_some() && other.orcid == reviewer.orcid);
        if review.by.iter().take(index).any(same) {
            let detail = format!("The reviewer {} is there twice.", reviewer.name);
            faults.push(Fault::at(format!("/reviewed/by/{index}"), "duplicate", detail));
        }
    }
    if review.at > today {
        let detail = format!("The day of a review cannot be after today, which is {today} in UTC.");
        faults.push(Fault::at("/reviewed/at", "future_date", detail));
    }
    if review.next_due.is_some_and(|due| due < review.at) {
        let detail = format!("The next review cannot be due before this one, which was on {}.", review.at);
        faults.push(Fault::at("/reviewed/next_due", "due_before_review", detail));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn reviewer(name: &str, orcid: Option<&str>) -> Reviewer {
        Reviewer { name: name.into(), credentials: None, orcid: orcid.map(str::to_owned) }
    }

    fn codes(faults: &[Fault]) -> Vec<(&str, &str)> {
        faults.iter().map(|fault| (fault.pointer.as_deref().unwrap(), fault.code.as_str())).collect()
    }

    #[test]
    fn a_change_takes_the_place_of_what_it_names() {
        let before =
            Reviewed { by: vec![reviewer("A", None)], at: day("2024-06-20"), next_due: Some(day("2025-06-20")) };
        let same = ReviewPatch::default().merged(Some(before.clone())).unwrap();
        assert_eq!(same, before);
        let due = |due| ReviewPatch { next_due: Patch::Set(due), ..ReviewPatch::default() };
        let later = due(Some(day("2026-01-01"))).merged(Some(before.clone())).unwrap();
        assert_eq!(later, Reviewed { next_due: Some(day("2026-01-01")), ..before.clone() });
        assert_eq!(due(None).merged(Some(before.clone())).unwrap(), Reviewed { next_due: None, ..before });
        let faults = due(Some(day("2026-01-01"))).merged(None).unwrap_err();
        assert_eq!(codes(&faults), [("/reviewed/by", "required"), ("/reviewed/at", "required")]);
    }

    #[test]
    fn reviews_are_past_and_their_people_are_there_once() {
        let orcid = Some("0000-0002-1825-0097");
        let mut review = Reviewed {
            by: vec![reviewer("A", orcid), reviewer("B", orcid), reviewer("A", None), reviewer("A", None)],
            at: day("2024-06-21"),
            next_due: Some(day("2024-06-20")),
        };
        let found = faults(&review, day("2024-06-20"));
        let expected = [
            ("/reviewed/by/1", "duplicate"),
            ("/reviewed/by/3", "duplicate"),
            ("/reviewed/at", "future_date"),
            ("/reviewed/next_due", "due_before_review"),
        ];
        assert_eq!(codes(&found), expected);
        review.by.truncate(1);
        review.next_due = Some(review.at);
        assert_eq!(faults(&review, review.at), []);
    }
}
