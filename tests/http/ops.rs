use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::{Site, both};

both! {
    async fn answers_about_itself(site: Site) {
        let alive = site.get("/livez").await;
        assert_eq!(alive.status, 200);
        assert_eq!(alive.json()["status"], "ok");
        let ready = site.get("/readyz").await;
        assert_eq!(ready.json()["database"], site.backend_name());
    }

    async fn unknown_addresses_methods_and_parameters_are_problems(site: Site) {
        let nothing = site.get("/nope").await;
        assert_eq!((nothing.status, nothing.code()), (404, "not_found".into()));
        assert_eq!(nothing.header("content-type"), "application/problem+json");
        assert_eq!(nothing.json()["instance"], nothing.header("x-request-id"));

        let method = site.request("DELETE", "/livez").send().await;
        assert_eq!((method.status, method.code()), (405, "method_not_allowed".into()));
        assert_eq!(method.header("allow"), "GET, HEAD");

        let parameter = site.get("/livez?verbose=1").await;
        assert_eq!((parameter.status, parameter.code()), (400, "invalid_parameter".into()));
        assert_eq!(parameter.json()["errors"][0]["parameter"], "verbose");
    }

    async fn head_is_get_without_the_body(site: Site) {
        let head = site.request("HEAD", "/livez").send().await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_ne!(head.header("etag"), "");
    }

    async fn request_ids_are_taken_when_sane(site: Site) {
        let mine = site.request("GET", "/livez").header("X-Request-Id", "abc-1").send().await;
        assert_eq!(mine.header("x-request-id"), "abc-1");
        let hostile = site.request("GET", "/livez").header("X-Request-Id", "a b<script>").send().await;
        assert_eq!(hostile.header("x-request-id").len(), 36);
    }

    async fn every_error_code_has_its_page(site: Site) {
        let index = site.get("/docs/problems").await;
        assert_eq!(index.status, 200);
        for code in ibid::error::Code::ALL {
            let page = site.get(&format!("/docs/problems/{}", code.as_str())).await;
            assert_eq!(page.status, 200, "{}", code.as_str());
        }
    }

    async fn half_a_head_is_not_waited_for(site: Site) {
        let node = site.another_node_with(|settings| settings.server.head_seconds = 1).await;
        let mut client = TcpStream::connect(node.address()).unwrap();
        write!(client, "GET /livez HTTP/1.1\r\nHost: x\r\n").unwrap();
        let told = std::thread::spawn(move || {
            let mut told = String::new();
            client.read_to_string(&mut told).map(|_| told)
        });
        let told = actix_web::web::block(|| told.join()).await.unwrap().unwrap().unwrap();
        assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
    }
}
