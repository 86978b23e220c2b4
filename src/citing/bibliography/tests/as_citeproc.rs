//! References that citeproc-js prints exactly so.

use super::*;

fn article(members: Value) -> Value {
    let mut article = json!({"type": "article-journal", "title": "T", "container-title": "J", "author": [{"family": "Roe", "given": "R"}]});
    if let (Some(article), Value::Object(members)) = (article.as_object_mut(), members) {
        article.extend(members);
    }
    article
}

/// The reference in the style's own language, without its number.
fn own(style: &str, value: Value) -> String {
    let entry = format(&named(style), None, &[(1, &record(value))]).remove(0);
    assert!(!entry.degraded, "{}", entry.text);
    entry.text.strip_prefix(&entry.label).unwrap_or(&entry.text).trim_start().to_owned()
}

#[test]
fn ranges_of_dates() {
    for (parts, want) in [
        (json!([[1977, 1], [1977, 3]]), "Roe R. T. J. 1977 Jan–Mar;12."),
        (json!([[1977, 1, 5], [1977, 1, 7]]), "Roe R. T. J. 1977 Jan 5–7;12."),
        (json!([[1977], [1978]]), "Roe R. T. J. 1977–1978;12."),
        (json!([[1977, 1], [1977, 1]]), "Roe R. T. J. 1977 Jan;12."),
    ] {
        assert_eq!(own("vancouver", article(json!({"volume": "12", "issued": {"date-parts": parts}}))), want);
    }
    let oct = article(json!({"volume": "6", "issued": {"raw": "2016-10/2016-12"}}));
    assert_eq!(own("ieee", oct.clone()), "R. Roe, “T,” J, vol. 6, Oct.–Dec. 2016.");
    assert_eq!(own("chicago-author-date", oct), "Roe, R. 2016. “T.” J 6 (October–December).");
}

#[test]
fn dates_in_words() {
    let in_press = article(json!({"issued": {"literal": "in press"}}));
    assert_eq!(own("vancouver", in_press.clone()), "Roe R. T. J. in press.");
    assert_eq!(own("ieee", in_press), "R. Roe, “T,” J, in press.");
    let read = article(json!({"issued": {"literal": "2001-05"}}));
    assert_eq!(own("vancouver", read), "Roe R. T. J. 2001 May.");
}

#[test]
fn pages_that_are_no_plain_range() {
    for (page, vancouver, ama, ieee) in [
        ("378-378", "378–378", "378-378", "pp. 378–378"),
        ("1748-1754.e1", "1748-1754.e1", "1748-1754.e1", "pp. 1748-1754.e1"),
        ("H3340-7", "H3340-7", "H3340-7", "pp. H3340-7"),
        ("xiii-xv", "xiii–xv", "xiii-xv", "pp. xiii–xv"),
        ("529-36; quiz 537", "529–36; quiz 537", "529-536; quiz 537", "pp. 529–36; quiz 537"),
        (
            "99-109; discussion 109-11",
            "99–109; discussion 109-11",
            "99-109; discussion 109-11",
            "pp. 99–109; discussion 109-11",
        ),
        ("ix, 123-34", "ix, 123–34", "ix, 123-134", "pp. ix, 123–34"),
        ("thoraxjnl-2021-217428", "thoraxjnl-2021-217428", "thoraxjnl-2021-217428", "p. thoraxjnl-2021-217428"),
        ("S397-S397", "S397–S397", "S397-S397", "pp. S397–S397"),
        ("e0134988-e135021", "e0134988-e135021", "e0134988-e135021", "pp. e0134988-e135021"),
        ("351ra106", "351ra106", "351ra106", "p. 351ra106"),
    ] {
        let article = article(json!({"page": page, "volume": "12"}));
        assert_eq!(own("vancouver", article.clone()), format!("Roe R. T. J. 12:{vancouver}."));
        assert_eq!(own("ama", article.clone()), format!("Roe R. T. J. 12:{ama}."));
        assert_eq!(own("ieee", article), format!("R. Roe, “T,” J, vol. 12, {ieee}."));
    }
}

#[test]
fn numbers_that_are_no_plain_range() {
    for (volume, issue, want) in [
        ("00", "1-2-3", "00(1-2–3)"),
        ("Volume 12-2021", "Suppl 1-2", "Volume 12-2021(Suppl 1-2)"),
        ("1-2", "12 Pt 1", "1–2(12 Pt 1)"),
    ] {
        let article = article(json!({"volume": volume, "issue": issue}));
        assert_eq!(own("vancouver", article), format!("Roe R. T. J. {want}."));
    }
}

#[test]
fn quotations() {
    for (title, vancouver, bmj, ieee) in [
        ("A 'good' one", "A “good” one.", "A ‘good’ one.", "A ‘good’ one,”"),
        ("A ‘good’ one", "A ‘good’ one.", "A ‘good’ one.", "A ‘good’ one,”"),
        ("A “good” one", "A “good” one.", "A “good” one.", "A ‘good’ one,”"),
        ("An \"old\", new one", "An “old”, new one.", "An ‘old’, new one.", "An ‘old’, new one,”"),
        ("Need for ‘care’", "Need for ‘care.’", "Need for ‘care’.", "Need for ‘care,’”"),
        ("'All of it?'", "“All of it?”", "‘All of it?’", "‘All of it?,’”"),
        (
            "The 5'-end in patients'",
            "The 5’-end in patients’.",
            "The 5’-end in patients’.",
            "The 5’-end in patients’,”",
        ),
        ("An end?: yes... so", "An end?: yes... so.", "An end?: yes... so.", "An end?: yes... so,”"),
    ] {
        let article = article(json!({"title": title}));
        assert_eq!(own("vancouver", article.clone()), format!("Roe R. {vancouver} J."));
        assert_eq!(own("bmj", article.clone()), format!("Roe R. {bmj} J."));
        assert_eq!(own("ieee", article), format!("R. Roe, “{ieee} J."));
    }
}

#[test]
fn initials() {
    for (given, vancouver, apa, chicago) in [
        ("Yu. A.", "Roe YuA", "Roe, Yu. A.", "Roe, Yu. A."),
        ("J-M", "Roe JM", "Roe, J.-M.", "Roe, J. M."),
        ("J.-P.", "Roe JP", "Roe, J.-P.", "Roe, J. P."),
        ("J-Donald", "Roe JD", "Roe, J.-D.", "Roe, J.-Donald"),
        ("Mary-Jane K.", "Roe MJK", "Roe, M.-J. K.", "Roe, Mary-Jane K."),
        ("Shu-fei", "Roe S fei", "Roe, S.", "Roe, Shu-fei"),
    ] {
        let book = json!({"type": "book", "title": "T", "author": [{"family": "Roe", "given": given}], "issued": {"date-parts": [[2001]]}});
        let stop = |name: &str| if name.ends_with('.') { "" } else { "." };
        assert_eq!(own("vancouver", book.clone()), format!("{vancouver}. T. 2001."));
        assert_eq!(own("apa", book.clone()), format!("{apa} (2001). T."));
        assert_eq!(own("chicago-author-date", book), format!("{chicago}{} 2001. T.", stop(chicago)));
    }
    let junior = json!({"type": "book", "title": "T", "author": [{"family": "Roe", "given": "R", "suffix": "Jr."}, {"family": "Poe", "given": "E"}]});
    assert_eq!(own("vancouver", junior.clone()), "Roe R Jr, Poe E. T.");
    assert_eq!(own("apa", junior), "Roe, R., Jr., & Poe, E. (n.d.). T.");
}

#[test]
fn parts_of_books() {
    let paper = json!({
        "type": "paper-conference", "title": "T", "author": [{"family": "Roe", "given": "R"}], "container-title": "Proc",
        "page": "11-15", "publisher": "P", "issued": {"date-parts": [[2008]]},
    });
    assert_eq!(own("bmj", paper.clone()), "Roe R. T. Proc. P 2008:11–5.");
    assert_eq!(own("apa", paper.clone()), "Roe, R. (2008). T. Proc, 11–15.");
    let mut edited = paper;
    edited["editor"] = json!([{"family": "Ed", "given": "I"}]);
    assert_eq!(own("apa", edited), "Roe, R. (2008). T. In I. Ed (Ed.), Proc (pp. 11–15). P.");
    let book = json!({
        "type": "book", "title": "Principles", "publisher": "P", "issued": {"date-parts": [[2001]]},
        "editor": [{"family": "Roe", "given": "R"}, {"family": "Doe", "given": "J"}],
    });
    assert_eq!(own("chicago-author-date", book), "Roe, R., and J. Doe, eds. 2001. Principles. P.");
}

#[test]
fn seasons() {
    let summer = article(json!({"volume": "86", "issued": {"date-parts": [[2001]], "season": 2}}));
    assert_eq!(own("vancouver", summer.clone()), "Roe R. T. J. 2001 Summer;86.");
    assert_eq!(own("apa", summer.clone()), "Roe, R. (2001). T. J, 86.");
    assert_eq!(own("ieee", summer), "R. Roe, “T,” J, vol. 86, Summer 2001.");
}
