//! Whatever stands in a query: 200 or 400.

use super::corpus;
use crate::delivery::fault;
use crate::support::{Site, both};

/// Query strings as they come over the line.
fn hostile() -> Vec<String> {
    let bare = [
        "%22",
        "%22%22%22",
        "%27",
        "%27%27%3B--",
        "%00",
        "a%00b",
        "*",
        "**",
        "a*",
        "abc**",
        "%22*",
        "^abc",
        "abc^2",
        "col:abc",
        "title:pores",
        "%7Btitle%7D:pores",
        "-%7Btitle%7D:pores",
        "NEAR(pores,3)",
        "NEAR(%22a%22%20%22b%22,2)",
        "pores+NEAR+scars",
        "NEAR/2",
        "AND",
        "OR",
        "NOT",
        "AND+OR+NOT",
        "pores+AND",
        "NOT+pores",
        "pores+AND+NOT",
        "(",
        ")",
        "((((",
        "(pores",
        "pores)",
        "a%26b",
        "a%7Cb",
        "!a",
        "%21%21a",
        "a%3C-%3Eb",
        "a%3C2%3Eb",
        "%3C-%3E",
        "abc:*",
        "abc:A",
        "abc:*B+%26",
        "%5C",
        "%5C%27",
        "a%5C",
        "%5C%22pores",
        "-",
        "--",
        "-%22",
        "-pores",
        "-*",
        "%F0%9F%8E%89",
        "%F0%9F%8E%89pores",
        "%E2%80%AEpores",
        "%D7%A9%D7%9C%D7%95%D7%9D",
        "%ED%A0%80",
        "%ED%A0%80%ED%B0%80",
        "%FF",
        "pores%FF%FE",
        "%C0%AF",
        "%EF%BF%BF",
        "%EF%BB%BFpores",
        "%CC%81",
        "e%CC%81",
        "%E2%80%8Bpores",
        "%EF%B7%BA",
        "%EF%AC%81",
        "%C2%BD",
        "%0A",
        "a%0Ab",
        "%1F",
        "%7F",
        "%25",
        "%2525",
        "%",
        "%2",
        "%zz",
        "+",
        "++",
        "1e999",
        "0x0",
        "'OR'1'='1",
        "'%3B+DROP+TABLE+publications%3B--",
        "x:pores",
        "en:pore",
        "lang:en",
        "tag:skin",
        ":",
        "::",
        ".",
        "-.",
        "1.",
        ".5",
        "1..2",
        "%24%7B7*7%7D",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "publication_words",
        "rank",
        "rowid:1",
        "pores%20%22large",
        "%E2%80%9Cpores",
        "%C2%ABpores%C2%BB",
    ];
    let mut all: Vec<String> = bare.map(str::to_owned).to_vec();
    all.extend([
        "a".repeat(10_240),
        "%22".repeat(3_000),
        "a+".repeat(200),
        "a+OR+".repeat(60) + "a",
        "-a+".repeat(60) + "pores",
        "(".repeat(400),
        "%22a%22+".repeat(60),
        "%F0%9F%91%A9%E2%80%8D".repeat(60),
        format!("%22{}%22", "a+".repeat(60)),
        format!("{}*", "abc".repeat(100)),
        "%E5%BE%AE".repeat(64),
        format!("e{}", "%CC%81".repeat(400)),
    ]);
    all
}

both! {
    async fn no_query_breaks_the_server(site: Site) {
        corpus(&site).await;
        for query in hostile() {
            for list in ["search", "articles", "studies"] {
                let reply = site.get(&format!("/v1/{list}?q={query}")).await;
                assert!([200, 400].contains(&reply.status), "{list} {query}: {}", reply.text());
                if reply.status == 400 && list == "search" {
                    assert_eq!(reply.code(), "invalid_parameter", "{query}");
                }
            }
        }
        site.get("/v1/search?q=pores").await.expect(200);
    }

    async fn what_is_wrong_is_said(site: Site) {
        for (query, code) in [
            ("q=", "nothing_to_search_for"),
            ("q=-pores", "nothing_to_search_for"),
            ("q=%3F%21", "nothing_to_search_for"),
            ("q=ab*", "beginning_too_short"),
            ("q=a%00b", "invalid_character"),
            ("limit=3", "required"),
        ] {
            let problem = site.get(&format!("/v1/search?{query}")).await.expect(400);
            assert_eq!(problem["errors"][0]["code"], code, "{query}");
            assert!(!fault(&problem, "q").is_empty());
        }
        let long = site.get(&format!("/v1/search?q={}", "a".repeat(501))).await.expect(400);
        assert_eq!(long["errors"][0]["code"], "too_long");
        let many = site.get(&format!("/v1/search?q={}", "a+".repeat(65))).await.expect(400);
        assert_eq!(many["errors"][0]["code"], "too_many_words");
        for wrong in ["sort=title", "facets=slug", "facets=", "tag=A", "year=x", "design=guess", "fields=nothing", "include=x"] {
            let reply = site.get(&format!("/v1/search?q=pores&{wrong}")).await;
            assert_eq!((reply.status, reply.code()), (400, "invalid_parameter".into()), "{wrong}");
        }
    }
}
