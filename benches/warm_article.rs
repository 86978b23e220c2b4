//! Requests per second of one published article, beside a bare actix-web handler that returns the same bytes, in one
//! run: `cargo bench --bench warm_article`. Rounds take turns, so that a machine that changes its speed changes both.
//!
//! Each server has one worker; the clients are this program's own threads, with one kept-alive connection each.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const PATH: &str = "/v1/articles/microneedling-for-large-pores?include=sections,citations";
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(5);

/// The demo site, served by the built binary; it ends with this value.
struct Ibid {
    process: std::process::Child,
    address: SocketAddr,
    _dir: tempfile::TempDir,
}

impl Ibid {
    fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let address = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
        let process = std::process::Command::new(env!("CARGO_BIN_EXE_ibid"))
            .args(["serve", "--demo", "--listen", &address.to_string(), "--data-dir"])
            .arg(dir.path())
            .envs([("IBID_SERVER__WORKERS", "1"), ("IBID_RATE__DELIVERY", "0"), ("IBID_LOG__LEVEL", "warn")])
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the server starts");
        while TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { process, address, _dir: dir }
    }
}

impl Drop for Ibid {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A handler that does nothing but return these bytes.
fn bare(body: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let body = actix_web::web::Bytes::from(body);
    std::thread::spawn(move || {
        let app = move || {
            let body = body.clone();
            actix_web::App::new().default_service(actix_web::web::to(move || {
                let answer = actix_web::HttpResponse::Ok().content_type("application/json").body(body.clone());
                std::future::ready(answer)
            }))
        };
        let server = actix_web::HttpServer::new(app).workers(1).listen(listener).expect("it listens").run();
        actix_web::rt::System::new().block_on(server).expect("it serves");
    });
    address
}

/// Reads one answer; gives its body.
fn ask(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> std::io::Result<Vec<u8>> {
    stream.write_all(request)?;
    buffer.clear();
    let mut chunk = [0; 65_536];
    loop {
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        buffer.extend_from_slice(&chunk[..read]);
        let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let headers = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        assert!(headers.starts_with("http/1.1 200"), "{headers}");
        let length = headers.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length: usize = length.and_then(|length| length.parse().ok()).expect("a content-length");
        if buffer.len() == head + 4 + length {
            return Ok(buffer[head + 4..].to_vec());
        }
    }
}

fn requests_per_second(address: SocketAddr) -> f64 {
    let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (stop, count) = (Arc::clone(&stop), Arc::clone(&count));
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(address).expect("a connection");
                let request = format!("GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n");
                let mut buffer = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    ask(&mut stream, request.as_bytes(), &mut buffer).expect("an answer");
                    count.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    std::thread::sleep(ROUND);
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().expect("a client ends");
    }
    count.load(Ordering::Relaxed) as f64 / ROUND.as_secs_f64()
}

fn main() {
    let ibid = Ibid::start();
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut stream = TcpStream::connect(ibid.address).expect("a connection");
    let body = ask(&mut stream, request.as_bytes(), &mut Vec::new()).expect("the article");
    let size = body.len();
    let bare = bare(body);
    std::thread::sleep(Duration::from_millis(300));
    println!("one article of {size} bytes, {CONNECTIONS} connections, one worker each, {ROUNDS} rounds of {ROUND:?}");
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let (ours, theirs) = (requests_per_second(ibid.address), requests_per_second(bare));
        ratios.push(ours / theirs);
        println!("round {round}: ibid {ours:.0}/s, bare handler {theirs:.0}/s, ratio {:.2}", ours / theirs);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.2}", ratios[ROUNDS / 2]);
}
