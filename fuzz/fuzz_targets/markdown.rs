#![no_main]

use ibid_fuzz::citing::marker::parse_cluster;
use ibid_fuzz::text::markdown::{RenderContext, render, render_comment, scan};

libfuzzer_sys::fuzz_target!(|body: &str| {
    for cluster in scan(body).clusters {
        assert!(body.get(cluster.range).is_some(), "a marker stands where it is said to");
    }
    let resolve = |key: &str| key.len().is_multiple_of(2).then_some(1 + key.len() as u32 % 5);
    let rendered = render(body, &RenderContext { id_prefix: Some("c"), ..RenderContext::new(&resolve, 2) });
    for (_, at) in rendered.unknown {
        assert!(body.get(at).is_some());
    }
    assert!(!rendered.html.contains("<script"));
    assert!(!render_comment(body).html.contains("<script"));
    let _ = parse_cluster(body, 0);
});
