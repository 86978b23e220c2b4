//! Content codings: which of them a client takes, and packing.

use std::io::Write;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};

/// A content coding (RFC 9110, section 8.4.1; zstd: RFC 8878), the smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Brotli,
    Zstd,
    Gzip,
}

impl Encoding {
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];

    /// As `Content-Encoding` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The one that the client likes best, of equals the smallest; `None`: as it is, which is always taken, since
    /// there is always something else to be had than a refusal.
    pub fn wanted(headers: &HeaderMap) -> Option<Self> {
        let mut liked = [None; Self::ALL.len()];
        let (mut any, mut identity) = (None, None);
        for value in headers.get_all(ACCEPT_ENCODING).filter_map(|value| value.to_str().ok()) {
            for coding in value.split(',') {
                let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
                let (name, weight) = (name.trim(), quality(weight));
                if name == "*" {
                    any = Some(weight);
                } else if name.eq_ignore_ascii_case("identity") {
                    identity = Some(weight);
                } else if let Some(at) = Self::ALL.iter().position(|known| name.eq_ignore_ascii_case(known.as_str())) {
                    liked[at] = Some(weight);
                }
            }
        }
        let mut best = (None, identity.unwrap_or(0));
        for (encoding, liked) in Self::ALL.into_iter().zip(liked) {
            let weight = liked.or(any).unwrap_or(0);
            if weight > best.1 || (weight == best.1 && weight > 0 && best.0.is_none()) {
                best = (Some(encoding), weight);
            }
        }
        best.0
    }

    /// The bytes in this coding. Slow: once for each answer that is kept.
    ///
    /// # Errors
    /// None that is known: it is all in memory.
    pub fn pack(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Brotli => {
                let mut packed = Vec::new();
                let parameters = brotli::enc::BrotliEncoderParams { quality: 7, ..Default::default() };
                brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
                Ok(packed)
            }
            Self::Zstd => zstd::bulk::compress(bytes, 12),
            Self::Gzip => {
                let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(7));
                packer.write_all(bytes)?;
                packer.finish()
            }
        }
    }
}

/// `q=0.5` in thousandths; 1,000 where there is none, 0 for one that cannot be read.
fn quality(parameters: &str) -> u16 {
    let given =
        parameters.split(';').map(str::trim).find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
    let thousandths = |q: &str| q.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).map(|q| (q * 1000.0) as u16);
    given.map_or(1000, |q| thousandths(q).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn wanted(accept: &str) -> Option<Encoding> {
        let request = TestRequest::default().insert_header((ACCEPT_ENCODING, accept)).to_http_request();
        Encoding::wanted(request.headers())
    }

    #[test]
    fn takes_what_the_client_likes_best() {
        assert_eq!(wanted("gzip, deflate, br, zstd"), Some(Encoding::Brotli));
        assert_eq!(wanted("gzip, deflate"), Some(Encoding::Gzip));
        assert_eq!(wanted("br;q=0.5, gzip;q=0.8"), Some(Encoding::Gzip));
        assert_eq!(wanted("*"), Some(Encoding::Brotli));
        assert_eq!(wanted("br;q=0, *"), Some(Encoding::Zstd));
        assert_eq!(wanted("identity, gzip;q=0.5"), None);
        assert_eq!(wanted("identity;q=0.5, gzip"), Some(Encoding::Gzip));
        assert_eq!(wanted("GZIP;Q=1"), Some(Encoding::Gzip));
        for none in ["", "identity", "deflate", "gzip;q=0", "gzip;q=two", "*;q=0"] {
            assert_eq!(wanted(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_packed_can_be_read_again() {
        use std::io::Read;
        let text = "numbered study citations ".repeat(200).into_bytes();
        for encoding in Encoding::ALL {
            let packed = encoding.pack(&text).unwrap();
            assert!(packed.len() * 4 < text.len(), "{encoding:?}");
            let mut back = Vec::new();
            match encoding {
                Encoding::Brotli => brotli::BrotliDecompress(&mut &packed[..], &mut back).unwrap(),
                Encoding::Zstd => back = zstd::bulk::decompress(&packed, text.len()).unwrap(),
                Encoding::Gzip => {
                    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut back).unwrap();
                }
            }
            assert_eq!(back, text, "{encoding:?}");
        }
    }
}
