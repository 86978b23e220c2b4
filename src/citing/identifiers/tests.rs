use proptest::prelude::*;

use super::*;

#[test]
fn dois_in_every_dress() {
    for text in [
        "10.4103/0974-2077.53096",
        "doi:10.4103/0974-2077.53096",
        "DOI: 10.4103/0974-2077.53096.",
        "doi.org/10.4103/0974-2077.53096",
        "https://doi.org/10.4103/0974-2077.53096",
        "http://dx.doi.org/10.4103/0974-2077.53096",
        "https://www.doi.org/10.4103/0974-2077.53096",
        "info:doi/10.4103/0974-2077.53096",
        "urn:doi:10.4103/0974-2077.53096",
        "https://doi.org/10.4103%2F0974-2077.53096",
        "(10.4103/0974-2077.53096)",
        "[doi:10.4103/0974-2077.53096];",
        "<10.4103/0974-2077.53096>",
        "\u{201C}10.4103/0974-2077.53096\u{201D},",
        "10.4103/\u{200B}0974-2077.53096\u{FEFF}",
        "10.4103/0974\u{2010}2077.53096",
        "10.4103/ 0974-2077. 53096",
        "10.4103 / 0974-2077.53096",
        "10.4103/0974-2077.53096. PubMed PMID: 20300368",
        "Majid I. 2009. https://doi.org/10.4103/0974-2077.53096",
        "https://journals.example.com/doi/full/10.4103/0974-2077.53096?af=R#s2",
        "https://journals.example.com/doi/10.4103/0974-2077.53096/pdf",
        "https://doi.org/10.4103/0974-2077.53096?nosfx=y",
    ] {
        assert_eq!(Doi::parse(text).map(|d| d.as_str().to_owned()), Ok("10.4103/0974-2077.53096".to_owned()), "{text}");
    }
}

#[test]
fn dois_with_nasty_names() {
    let sici = "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2";
    for text in [
        sici.to_owned(),
        format!("doi:{sici}."),
        sici.replace('<', "&lt;").replace('>', "&gt;"),
        sici.replace('<', "&amp;lt;").replace('>', "&amp;gt;"),
        format!("https://doi.org/{}", sici.replace('<', "%3C").replace('>', "%3E").replace('/', "%2F")),
    ] {
        let doi = Doi::parse(&text);
        assert_eq!(doi.as_ref().map(Doi::display), Ok(sici), "{text}");
        assert_eq!(doi.map(|d| d.as_str().to_owned()), Ok(sici.to_lowercase()), "{text}");
    }
    for (text, want) in [
        ("10.1016/S0140-6736(20)30183-5", "10.1016/s0140-6736(20)30183-5"),
        ("(10.1016/S0140-6736(20)30183-5)", "10.1016/s0140-6736(20)30183-5"),
        ("10.1016/0140-6736(20", "10.1016/0140-6736(20"),
        ("10.1097/DSS.0000000000001248", "10.1097/dss.0000000000001248"),
        ("10.1000.10/123456", "10.1000.10/123456"),
        ("10.1002/14651858.CD000001.pub2", "10.1002/14651858.cd000001.pub2"),
        ("10.1000/456#789", "10.1000/456#789"),
    ] {
        assert_eq!(Doi::parse(text).map(|d| d.as_str().to_owned()), Ok(want.to_owned()), "{text}");
    }
    for bad in [
        "",
        "10.",
        "10.1000",
        "10.1000/",
        "10.12/x",
        "none",
        "110.1000/x",
        "10.abcd/x",
        "https://doi.org/",
        "10.1000/.",
        "10.1000/%0E",
    ] {
        assert!(Doi::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(
        Doi::parse(sici).map(|d| d.url()).as_deref(),
        Ok("https://doi.org/10.1002/(SICI)1097-0258(19980815/30)17:15/16%3C1661::AID-SIM968%3E3.0.CO;2-2")
    );
    assert_eq!(Doi::parse("10.1000/ABC"), Doi::parse("10.1000/abc"));
}

#[test]
fn pubmed() {
    for text in [
        "20300368",
        " PMID: 20300368 ",
        "pmid20300368",
        "https://pubmed.ncbi.nlm.nih.gov/20300368/",
        "http://www.ncbi.nlm.nih.gov/pubmed/20300368?x=1",
        "020300368",
    ] {
        assert_eq!(Pmid::parse(text).map(|p| p.to_string()), Ok("20300368".to_owned()), "{text}");
    }
    for bad in ["", "0", "PMC20300368", "1234567890", "12a", "10.4103/0974-2077.53096", "12/3", "12?"] {
        assert!(Pmid::parse(bad).is_err(), "{bad}");
    }
    for text in [
        "PMC7764156",
        "pmc7764156",
        "PMCID: PMC7764156",
        "7764156",
        "PMC7764156.1",
        "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7764156/",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC7764156/?report=x",
    ] {
        assert_eq!(Pmcid::parse(text).map(|p| p.to_string()), Ok("PMC7764156".to_owned()), "{text}");
    }
    for bad in ["", "PMC", "PMC0", "10.4103/0974-2077.53096", "7764156.x", "7764156/1", "PMC7764156.1.2"] {
        assert!(Pmcid::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn numbers_with_check_digits() {
    for (text, want) in [("0378-5955", "0378-5955"), ("03785955", "0378-5955"), ("ISSN: 2434\u{2013}561x", "2434-561X")]
    {
        assert_eq!(Issn::parse(text).map(|i| i.to_string()), Ok(want.to_owned()), "{text}");
    }
    assert_eq!(Issn::parse("0378-5954"), Err(IdentifierError::CheckDigit("ISSN")));
    assert_eq!(Issn::parse("0378-595"), Err(IdentifierError::Shape("an ISSN")));
    for text in ["978-3-16-148410-0", "9783161484100", "ISBN 3-16-148410-X", "316148410x", "ISBN-13: 978 3 16 148410 0"]
    {
        assert_eq!(Isbn::parse(text).map(|i| i.to_string()), Ok("9783161484100".to_owned()), "{text}");
    }
    assert_eq!(Isbn::parse("978-3-16-148410-1"), Err(IdentifierError::CheckDigit("ISBN")));
    assert_eq!(Isbn::parse("3-16-148410-0"), Err(IdentifierError::CheckDigit("ISBN")));
    assert!(Isbn::parse("977-3-16-148410-0").is_err());
    for text in [
        "0000-0002-1825-0097",
        "https://orcid.org/0000-0002-1825-0097",
        "0000000218250097",
        "ORCID: 0000-0002-1825-0097",
    ] {
        assert_eq!(Orcid::parse(text).map(|i| i.to_string()), Ok("0000-0002-1825-0097".to_owned()), "{text}");
    }
    assert_eq!(Orcid::parse("0000-0002-9079-593x").map(|i| i.to_string()), Ok("0000-0002-9079-593X".to_owned()));
    assert_eq!(Orcid::parse("0000-0002-1825-0098"), Err(IdentifierError::CheckDigit("ORCID iD")));
}

proptest! {
    #[test]
    fn no_text_panics_and_reading_again_changes_nothing(text in any::<String>(), name in "[-._;()/:a-zA-Z0-9<>%& ]{1,30}") {
        let _ = (Pmid::parse(&text), Pmcid::parse(&text), Issn::parse(&text), Isbn::parse(&text), Orcid::parse(&text), Doi::parse(&text));
        if let Ok(doi) = Doi::parse(&format!("10.1000/{name}"))
            && !doi.display().contains(['%', '&'])
        {
            prop_assert_eq!(Doi::parse(doi.as_str()).map(|d| d.as_str().to_owned()), Ok(doi.as_str().to_owned()));
        }
    }
}
