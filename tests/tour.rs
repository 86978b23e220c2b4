//! The README's tour and the guides, executed as they stand against the demo site; only the port is a free one.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const README: &str = include_str!("../README.md");
const EVIDENCE: &str = include_str!("../docs/publishing-evidence.md");

/// A demo server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The `sh` blocks as one script; after each command the `# →` lines have to stand in what it printed.
fn script(guide: &str, port: u16) -> String {
    let mut script = "set -eu\nout=$(mktemp)\ntrap 'rm -f \"$out\"' EXIT\n".to_owned();
    let blocks = guide.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    for block in blocks {
        let mut command = String::new();
        for line in block.lines() {
            match line.strip_prefix("# → ") {
                None => command = format!("{command}{line}\n"),
                Some(expected) => {
                    let quoted = expected.replace("\\\"", "\"").replace('\'', r"'\''");
                    script += &run(&std::mem::take(&mut command));
                    script += &format!("expect '{quoted}'\n");
                }
            }
        }
        script += &run(&command);
    }
    let expect = "expect() { tr -d '\\\\' < \"$out\" | grep -qF -- \"$1\" || { echo \"not printed: $1\"; cat \"$out\"; exit 1; }; }\n";
    format!("{expect}{script}").replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"))
}

fn run(command: &str) -> String {
    if command.trim().is_empty() { String::new() } else { format!("{{\n{command}}} > \"$out\"\n") }
}

#[test]
fn the_tour_works_as_it_stands() {
    walk(README, 9);
}

#[test]
fn the_guide_to_evidence_works_as_it_stands() {
    walk(EVIDENCE, 9);
}

/// Runs a guide, which has to show at least so many things to expect.
fn walk(guide: &str, least: usize) {
    let dir = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Command::new(env!("CARGO_BIN_EXE_ibid"));
    server.args(["serve", "--demo", "--listen", &format!("127.0.0.1:{port}")]).current_dir(dir.path());
    server.env("IBID_PASSWORDS__MEMORY_KIB", "8").env_remove("IBID_DEMO_PASSWORD");
    let mut server = Server(server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut printed = BufReader::new(server.0.stdout.take().unwrap()).lines();
    let ready = printed.any(|line| line.unwrap().contains(&format!("http://127.0.0.1:{port}/docs/")));
    assert!(ready, "the server says where it serves");

    let script = script(guide, port);
    assert!(script.matches("expect '").count() >= least, "the tour shows what to expect");
    let walked = Command::new("bash").arg("-c").arg(&script).current_dir(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&walked.stdout) + String::from_utf8_lossy(&walked.stderr);
    assert!(walked.status.success(), "{said}");
}
