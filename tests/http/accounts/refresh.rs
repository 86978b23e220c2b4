use std::time::Duration;

use super::{ada, count_tokens, disable, is_accepted, refresh, text, tokens};
use crate::support::{Reply, Site, both};

#[track_caller]
fn refused(reply: &Reply) {
    assert_eq!((reply.status, reply.code()), (401, "invalid_refresh_token".into()));
}

both! {
    async fn a_token_is_good_for_one_new_pair(site: Site) {
        ada(&site).await;
        let first = tokens(&site).await;
        let reply = refresh(&site, text(&first, "refresh_token")).await;
        let second = reply.expect(200);
        assert_eq!(reply.header("cache-control"), "private, no-store");
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        assert!(is_accepted(&site, &first).await && is_accepted(&site, &second).await);
        let third = refresh(&site, text(&second, "refresh_token")).await.expect(200);
        assert!(is_accepted(&site, &third).await);
    }

    async fn a_token_that_is_used_twice_ends_its_session_and_no_other(site: Site) {
        ada(&site).await;
        let (first, other) = (tokens(&site).await, tokens(&site).await);
        let second = refresh(&site, text(&first, "refresh_token")).await.expect(200);
        refused(&refresh(&site, text(&first, "refresh_token")).await);
        refused(&refresh(&site, text(&second, "refresh_token")).await);
        assert!(!is_accepted(&site, &first).await && !is_accepted(&site, &second).await);
        assert!(is_accepted(&site, &other).await);
        refresh(&site, text(&other, "refresh_token")).await.expect(200);
    }

    async fn of_many_uses_at_once_one_wins(site: Site) {
        ada(&site).await;
        for _ in 0..5 {
            let first = tokens(&site).await;
            let uses: Vec<_> = (0..8)
                .map(|_| {
                    let (site, token) = (site.clone(), text(&first, "refresh_token").to_owned());
                    actix_web::rt::spawn(async move { refresh(&site, &token).await })
                })
                .collect();
            let mut won = Vec::new();
            for reply in uses {
                let reply = reply.await.expect("an answer");
                if reply.status == 200 {
                    won.push(reply.json());
                } else {
                    refused(&reply);
                }
            }
            assert_eq!(won.len(), 1);
            // The others were second uses, so what the winner got is worth nothing any more.
            refused(&refresh(&site, text(&won[0], "refresh_token")).await);
            assert!(!is_accepted(&site, &won[0]).await);
        }
    }

    async fn a_sign_out_during_renewals_leaves_nothing_valid(site: Site) {
        ada(&site).await;
        for _ in 0..5 {
            let first = tokens(&site).await;
            let (again, token) = (site.clone(), text(&first, "refresh_token").to_owned());
            let renewing = actix_web::rt::spawn(async move { refresh(&again, &token).await });
            site.with_token(text(&first, "access_token")).request("POST", "/v1/auth/logout").send().await.expect(204);
            let renewed = renewing.await.expect("an answer");
            assert!(!is_accepted(&site, &first).await);
            if renewed.status == 200 {
                assert!(!is_accepted(&site, &renewed.json()).await);
                refused(&refresh(&site, text(&renewed.json(), "refresh_token")).await);
            }
        }
    }

    async fn unknown_and_malformed_tokens_are_refused(site: Site) {
        ada(&site).await;
        let access = text(&tokens(&site).await, "access_token").to_owned();
        for token in ["x", "ibid_rt_5xk0GdQwTz3nB1rJm8cVYhP2uLsEaK7oXf4iN6vWt9A"] {
            refused(&refresh(&site, token).await);
        }
        let too_long = refresh(&site, &access).await;
        assert_eq!((too_long.status, too_long.code()), (422, "validation_failed".into()));
        assert!(!too_long.text().contains(&access), "a token is not repeated");
    }

    async fn expired_tokens_are_refused_and_dropped_in_time(site: Site) {
        ada(&site).await;
        let first = tokens(&site).await;
        site.state.clock.advance(Duration::from_secs(29 * 86_400));
        let second = refresh(&site, text(&first, "refresh_token")).await.expect(200);
        assert_eq!(count_tokens(&site).await, 2);
        site.state.clock.advance(Duration::from_secs(29 * 86_400));
        let third = refresh(&site, text(&second, "refresh_token")).await.expect(200);
        assert_eq!(count_tokens(&site).await, 2, "the first has expired");
        site.state.clock.advance(Duration::from_secs(30 * 86_400));
        refused(&refresh(&site, text(&third, "refresh_token")).await);
    }

    async fn a_disabled_editor_gets_nothing(site: Site) {
        let id = ada(&site).await;
        let first = tokens(&site).await;
        disable(&site, id).await;
        refused(&refresh(&site, text(&first, "refresh_token")).await);
        assert!(!is_accepted(&site, &first).await);
    }
}
