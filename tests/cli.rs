//! The binary as its operators meet it: what it does, and the one line it says when it cannot.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use ibid::accounts::{Check, Password, Role, store};
use ibid::app::App;
use ibid::clock::Clock;
use ibid::config::{Flags, Settings};

/// The binary with these arguments, a data directory and none of the caller's settings.
fn ibid(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ibid"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("IBID_")) {
        command.env_remove(name);
    }
    command.args(arguments).arg("--data-dir").arg(data_dir);
    command.env("IBID_PASSWORDS__MEMORY_KIB", "8").env("IBID_PASSWORDS__ITERATIONS", "1");
    command.stdin(Stdio::null());
    command
}

fn create(data_dir: &Path, email: &str, role: &str) -> Command {
    ibid(data_dir, &["editor", "create", "--email", email, "--name", "Ada Example", "--role", role])
}

fn with_input(mut command: Command, input: &str) -> Output {
    let mut child = command
        .arg("--password-stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // A command that fails before it reads closes the pipe.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("the binary ends")
}

/// The one line on standard error of a command that has to fail.
#[track_caller]
fn refusal(output: &Output) -> String {
    let says = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(!output.status.success(), "it has to fail");
    assert_eq!(says.trim_end().lines().count(), 1, "{says}");
    assert!(says.starts_with("ibid: "), "{says}");
    says
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

#[test]
fn editor_create_makes_an_editor_who_can_sign_in() {
    let dir = temporary();
    let made = with_input(create(dir.path(), "Ada@Example.org", "admin"), "correct horse battery\n");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let id = String::from_utf8(made.stdout).expect("UTF-8");
    let variable = create(dir.path(), "bob@example.org", "author").env("IBID_PASSWORD", "another long one").output();
    assert!(variable.expect("the binary ends").status.success());

    let flags = Flags { file: None, overrides: vec![("data_dir", dir.path().display().to_string())] };
    let app = App::open(Settings::load(&flags).expect("settings"), Clock::default()).expect("the app opens");
    actix_web::rt::System::new().block_on(async {
        let known = app.db.read(|conn| store::credentials(conn, "ada@example.org")).await.expect("a query");
        let known = known.expect("the editor");
        assert_eq!(known.editor.to_string(), id.trim());
        let editor = known.editor;
        let role = app.db.read(move |conn| store::active_role(conn, editor)).await.expect("a query");
        assert_eq!(role, Some(Role::Admin));
        let password = Password::parse("correct horse battery").expect("a password");
        assert!(app.hasher.check(password, Some(known.password_hash)).await.expect("a check") != Check::Wrong);
        let known = app.db.read(|conn| store::credentials(conn, "bob@example.org")).await.expect("a query");
        let password = Password::parse("another long one").expect("a password");
        let kept = known.map(|known| known.password_hash);
        assert!(app.hasher.check(password, kept).await.expect("a check") != Check::Wrong);
    });
}

#[test]
fn editor_create_says_what_is_wrong() {
    let dir = temporary();
    let refused = |email, role, input: &str| refusal(&with_input(create(dir.path(), email, role), input));
    assert!(refused("ada", "admin", "correct horse battery").contains("--email: Expected an e-mail address"));
    assert!(refused("a@b.co", "boss", "correct horse battery").contains("--role: \"boss\" is not one of admin"));
    assert!(refused("a@b.co", "admin", "short").contains("at least 12 characters"));
    assert!(refused("a@b.co", "admin", "").contains("cannot be empty"));
    assert!(refused("a@b.co", "admin", "two lines of\na password").contains("more than one line"));
    let silent = create(dir.path(), "a@b.co", "admin").output().expect("the binary ends");
    assert!(refusal(&silent).contains("--password-stdin"));

    assert!(with_input(create(dir.path(), "a@b.co", "admin"), "correct horse battery").status.success());
    let taken = refused("A@B.co", "admin", "correct horse battery");
    assert!(taken.contains("Another editor has this e-mail address"), "{taken}");
    for says in [taken, refused("a@b.co", "admin", "hunter2")] {
        assert!(!says.contains("hunter2") && !says.contains("horse"), "{says}");
    }
}

#[test]
fn a_start_that_fails_names_the_setting() {
    let dir = temporary();
    let serve = |arguments: &[&str]| {
        let arguments = [&["serve"], arguments].concat();
        refusal(&ibid(dir.path(), &arguments).output().expect("the binary ends"))
    };
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let says = serve(&["--listen", &address]);
    assert!(says.contains("server.listen") && says.contains(&address), "{says}");
    let says = serve(&["--listen", "nowhere"]);
    assert!(says.contains("listen"), "{says}");
    let says = serve(&["--database", "mysql://localhost/x"]);
    assert!(says.contains("database.url"), "{says}");
    let says = serve(&["--database", "postgres://nobody:secret@127.0.0.1:1/x"]);
    assert!(says.contains("database.url") && !says.contains("secret"), "{says}");

    let file = dir.path().join("ibid.toml");
    for (content, names) in [
        ("[server]\nlistn = \"127.0.0.1:0\"\n", "listn"),
        ("[server\n", "ibid.toml"),
        ("[passwords]\nat_once = 0\n", "passwords.at_once"),
        ("[passwords]\nparallelism = 4294967295\n", "passwords.memory_kib"),
        ("[auth]\naccess_token_seconds = 100000000\n", "auth.access_token_seconds"),
    ] {
        std::fs::write(&file, content).expect("a file");
        let says = serve(&["--config", file.to_str().expect("UTF-8")]);
        assert!(says.contains(names), "{says}");
    }
}

#[test]
fn a_data_directory_that_cannot_be_is_named() {
    let dir = temporary();
    let file = dir.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let says = refusal(&ibid(&file.join("data"), &["serve"]).output().expect("the binary ends"));
    assert!(says.contains("data_dir"), "{says}");
}

#[test]
fn a_signing_key_that_is_none_is_named() {
    let dir = temporary();
    std::fs::create_dir(dir.path().join("keys")).expect("a directory");
    std::fs::write(dir.path().join("keys/signing.pem"), "garbage").expect("a file");
    let says = refusal(&ibid(dir.path(), &["serve"]).output().expect("the binary ends"));
    assert!(says.contains("auth.signing_key_file") && says.contains("Ed25519"), "{says}");
}

/// Not even root can write there.
#[cfg(target_os = "linux")]
#[test]
fn a_data_directory_that_nothing_can_be_written_to_is_named() {
    let says = refusal(&ibid(Path::new("/sys"), &["serve"]).output().expect("the binary ends"));
    assert!(says.contains("data_dir is not writable"), "{says}");
}

#[cfg(unix)]
#[test]
fn a_stop_answers_what_was_accepted_and_the_log_tells_it() {
    let (dir, port) =
        (temporary(), TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port());
    let mut serve = ibid(dir.path(), &["serve", "--listen", &format!("127.0.0.1:{port}")]);
    let mut server = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut printed = BufReader::new(server.stdout.take().expect("a pipe")).lines();
    assert!(printed.any(|line| line.expect("a line").contains("/docs/")), "it says where it serves");

    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let head = "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    let mut client = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let traced = format!("X-Request-Id: mine-1\r\ntraceparent: 00-{trace}-00f067aa0ba902b7-01\r\n");
    write!(client, "HEAD /livez?tracked=ada@example.org {head}{traced}\r\n").expect("a request");
    client.read_to_string(&mut String::new()).expect("an answer");

    let body = r#"{"email": "ada@example.org", "password": "correct horse battery"}"#;
    let mut client = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let content = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    write!(client, "POST /v1/auth/login {head}{content}\r\n{{").expect("half a request");
    std::thread::sleep(Duration::from_millis(300));
    let told = Command::new("kill").arg("-INT").arg(server.id().to_string()).status().expect("kill runs");
    assert!(told.success());
    std::thread::sleep(Duration::from_millis(300));
    assert!(server.try_wait().expect("a state").is_none(), "it waits for the rest");
    client.write_all(&body.as_bytes()[1..]).expect("the other half");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");

    let ended = server.wait_with_output().expect("the binary ends");
    assert!(ended.status.success());
    let log = String::from_utf8(ended.stderr).expect("UTF-8");
    assert!(!log.contains("ada@") && !log.contains("horse"), "{log}");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let access: Vec<_> = lines.iter().filter(|line| line["target"] == "ibid::access").collect();
    let told = |member: &str| access.iter().map(|line| line[member].clone()).collect::<Vec<_>>();
    assert_eq!(told("method"), ["HEAD", "POST"]);
    assert_eq!(told("path"), ["/livez", "/v1/auth/login"]);
    assert_eq!(told("status"), [400, 401]);
    assert_eq!((&access[0]["request_id"], &access[0]["trace_id"]), (&"mine-1".into(), &trace.into()));
    assert!(access.iter().all(|line| line["ms"].as_f64().is_some_and(|ms| ms > 0.0)), "{log}");
}

#[cfg(unix)]
#[test]
fn a_stop_ends_the_streams_of_events() {
    let (dir, port) =
        (temporary(), TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port());
    let mut serve = ibid(dir.path(), &["serve", "--listen", &format!("127.0.0.1:{port}")]);
    // Longer than anybody waits for this test.
    serve.env("IBID_SERVER__STOP_SECONDS", "86400");
    let mut server = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary starts");
    let mut printed = BufReader::new(server.stdout.take().expect("a pipe")).lines();
    assert!(printed.any(|line| line.expect("a line").contains("/docs/")), "it says where it serves");
    let mut client = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    write!(client, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n").expect("a request");
    let mut lines = BufReader::new(client).lines();
    assert!(lines.any(|line| line.expect("a line").starts_with("id: ")), "the stream has begun");
    let told = Command::new("kill").arg("-TERM").arg(server.id().to_string()).status().expect("kill runs");
    assert!(told.success());
    // An empty chunk: the stream ends in order.
    assert!(lines.any(|line| line.expect("a line") == "0"));
    assert!(server.wait().expect("the binary ends").success());
}

#[test]
fn notices_are_imported_from_files() {
    let dir = temporary();
    let file = |name: &str, content: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    };
    let header = "Record ID,RetractionDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason";
    let data_set = file(
        "notices.csv",
        &format!("{header}\n1,1/31/2020 0:00,10.5555/a,0,Retraction,\n2,x,10.5555/b,0,Retraction,\n"),
    );
    let works = file(
        "works",
        "\n [{\"DOI\": \"10.5555/n\", \"update-to\": [{\"DOI\": \"10.5555/c\", \"type\": \"retraction\"}]}]",
    );
    let import = |arguments: &[&str]| {
        let arguments = [&["import", "retractions"], arguments].concat();
        ibid(dir.path(), &arguments).output().expect("the binary ends")
    };
    let said = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let tried = import(&[&data_set, "--dry-run"]);
    assert!(tried.status.success() && said(&tried).contains("dry run"), "{}", said(&tried));
    let done = import(&[&data_set, &works]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let lines: Vec<String> = said(&done).lines().map(str::to_owned).collect();
    assert!(lines[0].contains("1 notices: 1 new") && lines[0].contains("1 entries refused"), "{lines:?}");
    assert!(lines[1].contains("works: 1 notices: 1 new"), "{lines:?}");
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(errors.contains("line 3 (2): \"x\" is no day"), "{errors}");
    assert!(said(&import(&[&data_set])).contains("nothing changed"));
    let cut = file("cut.csv", &format!("{header}\n1,1/31/2020 0:00,10.5555/a,0,Retraction,\n2,1/3"));
    assert!(refusal(&import(&[&cut])).contains("ends in the middle of an entry"));
    assert!(refusal(&import(&["nowhere.csv"])).contains("nowhere.csv cannot be read"));
}

#[test]
fn migrate_brings_a_database_up_to_date_before_it_is_served() {
    let dir = temporary();
    let done = ibid(dir.path(), &["migrate"]).output().expect("the binary runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let says = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(says.trim_end(), "The database is up to date; 0 publications were rendered anew.");
    assert!(dir.path().join("ibid.db").exists());
}

#[test]
fn settings_of_citing_that_mean_nothing_are_refused_at_the_start() {
    let dir = temporary();
    let refused = |name: &str, value: &str| {
        let output = ibid(dir.path(), &["migrate"]).env(name, value).output().expect("the binary runs");
        refusal(&output)
    };
    let style = refused("IBID_CITATIONS__STYLE", "vancuver");
    assert!(style.contains("citations.style") && style.contains("vancouver"), "{style}");
    let rule = refused("IBID_CHECK__RULES__UNCITED_CLAIMS", "off");
    assert!(rule.contains("check.rules.uncited_claims") && rule.contains("\"uncited_claim\""), "{rule}");
}

#[test]
fn studies_are_imported_from_files() {
    let dir = temporary();
    let import = |arguments: &[&str], input: &str| {
        let mut command = ibid(dir.path(), &[&["import", "studies"], arguments].concat());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // A command that fails before it reads closes the pipe.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("the binary ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let file = |name: &str, content: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    let good = file("good.bib", "@article{a1, title = {One}, doi = {10.1000/1}}\n@article{a2, title = {Two}}\n");
    let bad = file("bad.json", "[{\"type\": \"book\", \"title\": \"Three\"},\n{\"type\": \"boko\", \"id\": \"x\"}]");

    let (done, out, _) = import(&["--dry-run", &good], "");
    assert!(
        done && out.contains("2 entries: 2 created, 0 merged, 0 unchanged, 0 refused (dry run: nothing was written)"),
        "{out}"
    );
    let (done, out, says) = import(&[&good, &bad], "");
    assert!(!done, "a refused entry is told by the exit code too");
    assert!(out.contains("good.bib: 2 entries: 2 created, 0 merged, 0 unchanged, 0 refused\n"), "{out}");
    assert!(out.contains("bad.json: 2 entries: 1 created, 0 merged, 0 unchanged, 1 refused\n"), "{out}");
    let lines: Vec<&str> = says.lines().collect();
    assert_eq!(lines.len(), 2, "{says}");
    assert!(lines[0].contains("bad.json:2: entry 2 (x): ") && lines[0].contains("/type"), "{says}");
    assert_eq!(lines[1], "ibid: 1 entry was refused");

    let (done, out, _) = import(&["-"], "@article{again, doi = {10.1000/1}, volume = {7}}");
    assert!(done && out == "standard input: 1 entry: 0 created, 1 merged, 0 unchanged, 0 refused\n", "{out}");
    let (done, out, _) =
        import(&["--on-duplicate", "skip", "--format", "bibtex", "-"], "@article{x, doi = {10.1000/1}, issue = {7}}");
    assert!(done && out.contains("1 unchanged"), "{out}");
    for (arguments, says) in [
        (&["nowhere.bib"][..], "nowhere.bib cannot be read"),
        (&["-"][..], "standard input: the format cannot be told; say it with --format"),
        (&["--format", "word", "-"][..], "--format: \"word\" is not one of csl_json, bibtex"),
        (&["--on-duplicate", "replace", "-"][..], "--on-duplicate: \"replace\" is not one of merge, skip"),
    ] {
        let (done, _, told) = import(arguments, "?");
        assert!(!done && told.contains(says), "{told}");
    }
}
