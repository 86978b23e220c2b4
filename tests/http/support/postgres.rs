//! A throw-away PostgreSQL cluster for the whole test run.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ibid::db::{Address, Conn};
use ibid::on;

pub struct Cluster {
    port: u16,
    databases: AtomicU32,
    /// The server lives as long as the pipe to its keeper is open: it ends with this process, however that ends.
    _keeper: Child,
}

/// The cluster, started by the first test that asks. `None` when there is no PostgreSQL and none is required.
///
/// `IBID_TEST_POSTGRES`: `require` fails without it, `off` leaves it out, `auto` (the default) says so and goes on.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| {
            let wish = std::env::var("IBID_TEST_POSTGRES").unwrap_or_else(|_| "auto".into());
            match (wish.as_str(), programs()) {
                ("off", _) => None,
                ("auto" | "require", Some(programs)) => Some(start(&programs)),
                ("auto", None) => {
                    shout("PostgreSQL's server programs (initdb, postgres) were not found: HALF OF THE HTTP TESTS DO NOT RUN");
                    None
                }
                ("require", None) => panic!("IBID_TEST_POSTGRES=require, but initdb and postgres were not found"),
                (other, _) => panic!("IBID_TEST_POSTGRES={other}: expected require, auto or off"),
            }
        })
        .as_ref()
}

/// Past the test runner's capture.
fn shout(message: &str) {
    let _ = writeln!(std::io::stderr(), "\n*** {message} ***\n");
}

/// The directory with `initdb` and `postgres`: on the path, or where distributions put it.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for parent in ["/usr/lib/postgresql", "/usr/local", "/opt/homebrew/opt"] {
        let mut versions: Vec<PathBuf> =
            std::fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
        versions.sort();
        places.extend(versions.into_iter().rev());
    }
    places.push("/usr/lib/postgresql/bin".into());
    places.into_iter().find(|place| place.join("initdb").exists() && place.join("postgres").exists())
}

/// PostgreSQL refuses to run as root: then another user's id is taken.
fn unprivileged() -> Option<(u32, u32)> {
    let id = |flag: &str, user: &str| -> Option<u32> {
        let output = Command::new("id").args([flag, user]).stderr(Stdio::null()).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    let me: u32 = String::from_utf8(Command::new("id").arg("-u").output().ok()?.stdout).ok()?.trim().parse().ok()?;
    if me != 0 {
        return None;
    }
    ["postgres", "nobody"].iter().find_map(|user| Some((id("-u", user)?, id("-g", user)?)))
}

fn start(programs: &Path) -> Cluster {
    let user = unprivileged();
    let run_as = |command: &mut Command| {
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
    };
    let dir = tempfile::Builder::new().prefix("ibid-test-pg-").tempdir().expect("a temporary directory").keep();
    if let Some((uid, gid)) = user {
        std::os::unix::fs::chown(&dir, Some(uid), Some(gid)).expect("the directory can be given away");
    }
    let data = dir.join("data");
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.args(["--auth=trust", "--username=ibid", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]).arg(&data);
    initdb.current_dir(&dir);
    run_as(&mut initdb);
    let made = initdb.output().expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));

    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    // The keeper waits for the end of its input, which is the end of the test process, and takes the server along.
    let mut keeper = Command::new("sh");
    keeper
        .arg("-c")
        .arg(
            r#""$1" -D "$2" -p "$3" -k "$4" -h 127.0.0.1 -F -c synchronous_commit=off -c full_page_writes=off \
               -c max_connections=300 -c shared_buffers=32MB -c autovacuum=off >"$4/log" 2>&1 </dev/null &
               server=$!; cat >/dev/null; kill -INT $server; wait $server; cd /; rm -rf "$4""#,
        )
        .arg("keeper")
        .args([programs.join("postgres"), data])
        .arg(port.to_string())
        .arg(&dir)
        .current_dir(&dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A signal to the test's process group is not for it: it still has to clean up.
        .process_group(0);
    run_as(&mut keeper);
    let keeper = keeper.spawn().expect("the keeper starts");

    let cluster = Cluster { port, databases: AtomicU32::new(0), _keeper: keeper };
    let deadline = Instant::now() + Duration::from_secs(30);
    while Conn::open(&cluster.address("postgres")).is_err() {
        assert!(Instant::now() < deadline, "PostgreSQL did not start; its log is in {}", dir.display());
        std::thread::sleep(Duration::from_millis(50));
    }
    cluster.execute("CREATE DATABASE template_ibid");
    Conn::open(&cluster.address("template_ibid")).expect("the template").migrate().expect("the migrations run");
    cluster
}

impl Cluster {
    /// The address of a new database with all tables.
    pub fn new_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.execute(&format!("CREATE DATABASE {name} TEMPLATE template_ibid"));
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://ibid@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    fn address(&self, database: &str) -> Address {
        Address::parse(self.url(database).into(), None).expect("a PostgreSQL address")
    }

    fn execute(&self, sql: &str) {
        use diesel::connection::SimpleConnection;
        let mut conn = Conn::open(&self.address("postgres")).expect("a connection");
        on!(&mut conn, c => c.batch_execute(sql)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}
