//! Names that nothing has yet.

use std::collections::HashSet;

use crate::error::Problem;

/// How many candidates one question names at most.
const MOST_ASKED: usize = 512;

/// The first of the candidates that is not among the `taken`, which says of some candidates those that are. Few are asked
/// for at first: a common name is one look-up in an index, and one that thousands have no scan of the table.
///
/// # Errors
/// What `taken` refuses.
pub fn first_free(
    mut candidates: impl Iterator<Item = String>,
    mut taken: impl FnMut(&[String]) -> Result<HashSet<String>, Problem>,
) -> Result<Option<String>, Problem> {
    let mut ask = 1;
    loop {
        let some: Vec<String> = candidates.by_ref().take(ask).collect();
        if some.is_empty() {
            return Ok(None);
        }
        let taken = taken(&some)?;
        if let Some(free) = some.into_iter().find(|name| !taken.contains(name)) {
            return Ok(Some(free));
        }
        ask = MOST_ASKED.min(ask * 8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_first_however_many_are_taken() {
        let name = |n: usize| format!("a-{n}");
        for taken in [0, 1, 5, 9, 10, 1_000] {
            let mut questions = 0;
            let free = first_free((0..).map(name), |some| {
                questions += 1;
                Ok(some.iter().filter(|some| (0..taken).any(|n| name(n) == **some)).cloned().collect())
            });
            assert_eq!(free.ok().flatten(), Some(name(taken)));
            assert!(questions <= 6, "{questions} for {taken}");
        }
        let all = first_free((0..20).map(name), |some| Ok(some.iter().cloned().collect()));
        assert_eq!(all.ok(), Some(None));
    }
}
