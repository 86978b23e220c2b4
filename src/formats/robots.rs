//! `robots.txt` (RFC 9309): everything that is public may be read.

use super::site::Site;

/// Writes it.
pub fn write(site: &Site<'_>) -> String {
    format!(
        "User-agent: *\nDisallow: /v1/manage/\nDisallow: /v1/auth/\nAllow: /\n\nSitemap: {}\n",
        site.at("/sitemap.xml")
    )
}
