//! Walking through a guide: its `sh` blocks are run as they stand against the demo site; only the port is a free one.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A demo server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a demo site with these settings in a directory of its own, and runs the blocks of the guide there. At least so
/// many lines have to say what is printed.
pub fn walk(guide: &str, settings: &[(&str, String)], expectations: usize) {
    let dir = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _server = start(dir.path(), port, settings);
    let script = script(guide, port);
    assert!(script.matches("expect '").count() >= expectations, "the guide shows what to expect");
    let walked = Command::new("bash").arg("-c").arg(&script).current_dir(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&walked.stdout) + String::from_utf8_lossy(&walked.stderr);
    assert!(walked.status.success(), "{said}");
}

fn start(dir: &Path, port: u16, settings: &[(&str, String)]) -> Server {
    let mut server = Command::new(env!("CARGO_BIN_EXE_ibid"));
    server.args(["serve", "--demo", "--listen", &format!("127.0.0.1:{port}")]).current_dir(dir);
    server.env("IBID_PASSWORDS__MEMORY_KIB", "8").env_remove("IBID_DEMO_PASSWORD");
    server.envs(settings.iter().map(|(name, value)| (name, value)));
    let mut server = Server(server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut printed = BufReader::new(server.0.stdout.take().unwrap()).lines();
    let ready = printed.any(|line| line.unwrap().contains(&format!("http://127.0.0.1:{port}/docs/")));
    assert!(ready, "the server says where it serves");
    server
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
    let binary = env!("CARGO_BIN_EXE_ibid");
    let program = format!("ibid() {{ '{binary}' \"$@\"; }}\n");
    format!("{expect}{program}{script}").replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"))
}

fn run(command: &str) -> String {
    if command.trim().is_empty() { String::new() } else { format!("{{\n{command}}} > \"$out\"\n") }
}
