//! Two texts, line by line.

use std::time::Instant;

use similar::{Algorithm, TextDiff};

/// The most lines of both texts together that are compared one by one: the steps after the search, which no deadline ends,
/// take longer than in proportion to them.
const MOST_LINES: usize = 40_000;

/// The difference as hunks of a unified diff, with three lines around each. From the deadline on the search for what stayed
/// is given up, and what is left counts as removed and added; so does everything between the common lines at both ends of
/// texts of very many lines.
pub fn unified(from: &str, to: &str, deadline: Instant) -> String {
    let lines = |text: &str| text.bytes().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    let deadline = if lines(from) + lines(to) > MOST_LINES { past(deadline) } else { deadline };
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).deadline(deadline).diff_lines(from, to);
    diff.unified_diff().context_radius(3).to_string()
}

/// A deadline that has come.
fn past(deadline: Instant) -> Instant {
    Instant::now().min(deadline)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(250)
    }

    #[test]
    fn lines_are_told_as_they_are() {
        assert_eq!(unified("a\nb\nc\n", "a\nx\nc\n", soon()), "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
        let last = unified("Scars improved.", "Scars improved in most patients.", soon());
        assert!(last.starts_with("@@ -1 +1 @@\n-Scars improved.\n"), "{last}");
        assert!(last.contains("\\ No newline at end of file"), "{last}");
        assert_eq!(unified("same\n", "same\n", soon()), "");
        assert!(unified("", "new\n", soon()).contains("+new"));
    }

    /// Whatever the texts are, lines with a plus or a blank are the new one, and lines with a minus or a blank the old one.
    fn sides(hunks: &str) -> (Vec<&str>, Vec<&str>) {
        let lines = || hunks.split_inclusive('\n').filter(|line| !line.starts_with("@@") && !line.starts_with('\\'));
        let side = |mark: char| lines().filter(|line| line.starts_with([mark, ' '])).map(|line| &line[1..]).collect();
        (side('-'), side('+'))
    }

    #[test]
    fn hostile_texts_are_done_in_time_and_rightly() {
        let mut seed = 7_u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed >> 33
        };
        let noise = |most: u64, lines: usize, random: &mut dyn FnMut() -> u64| -> String {
            (0..lines).map(|_| format!("{}\n", random() % most)).collect()
        };
        let pairs = [
            (noise(2, 249_000, &mut random), noise(2, 249_000, &mut random)),
            (noise(2, 19_000, &mut random), noise(2, 19_000, &mut random)),
            (noise(19_000, 19_000, &mut random), noise(19_000, 19_000, &mut random)),
            ("\n".repeat(500_000), "x\n".repeat(250_000)),
            ("\r".repeat(500_000), "\r\n".repeat(250_000)),
        ];
        for (from, to) in &pairs {
            let began = Instant::now();
            let hunks = unified(from, to, soon());
            let took = began.elapsed();
            println!("{} lines: {took:?}, {} bytes", from.lines().count(), hunks.len());
            assert!(took < Duration::from_secs(20), "{took:?}");
        }
        let (from, to) = (noise(50, 3_000, &mut random), noise(50, 3_000, &mut random));
        for deadline in [soon(), Instant::now()] {
            let hunks = unified(&from, &to, deadline);
            let all = |text: &str| text.split_inclusive('\n').count();
            let (old, new) = sides(&hunks);
            assert!(old.len() <= all(&from) && new.len() <= all(&to));
            assert!(old.iter().all(|line| from.contains(line)) && new.iter().all(|line| to.contains(line)));
        }
    }
}
