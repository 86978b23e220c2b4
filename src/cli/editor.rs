//! `ibid editor`: the editors of a site, without a server.

use std::io::{IsTerminal, Read};

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};

use super::{Common, told};
use crate::accounts::{self, EditorName, Password, Role};
use crate::app::App;
use crate::clock::Clock;
use crate::http::email::Email;
use crate::http::fault::Reason;

/// Where a password is taken from when the command line says nothing.
const PASSWORD_VARIABLE: &str = "IBID_PASSWORD";
/// More bytes than any password has.
const MOST_INPUT: u64 = 8 * 1024;

#[derive(Debug, Args)]
pub struct Editor {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an editor; prints the id.
    Create(Create),
}

/// The password is asked for twice on the terminal, or taken from IBID_PASSWORD.
#[derive(Debug, Args)]
struct Create {
    #[command(flatten)]
    common: Common,
    /// What the editor signs in with.
    #[arg(long)]
    email: String,
    /// The name that others know the editor by.
    #[arg(long)]
    name: String,
    /// admin, editor, author, reviewer or moderator.
    #[arg(long)]
    role: String,
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
}

impl Editor {
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Create(create) => create.run(),
        }
    }
}

impl Create {
    fn run(self) -> anyhow::Result<()> {
        let email = checked("--email", Email::parse(&self.email))?;
        let name = checked("--name", EditorName::parse(&self.name))?;
        let role = Role::parse(&self.role).ok_or_else(|| Reason::unknown_word(&self.role, Role::WORDS));
        let role = checked("--role", role)?;
        let app = App::open(self.common.settings()?, Clock::default())?;
        let password = checked("the password", self.password()?.long_enough(&app.settings.passwords))?;
        let made = actix_web::rt::System::new().block_on(accounts::create_editor(&app, email, name, role, password));
        println!("{}", made.map_err(told)?);
        Ok(())
    }

    fn password(&self) -> anyhow::Result<Password> {
        let text = if self.password_stdin {
            from_input()?
        } else if let Some(text) = std::env::var_os(PASSWORD_VARIABLE) {
            text.into_string().map_err(|_| anyhow!("{PASSWORD_VARIABLE} is not UTF-8"))?
        } else if std::io::stdin().is_terminal() {
            from_terminal()?
        } else {
            bail!("no password: there is no terminal to ask on; use --password-stdin or {PASSWORD_VARIABLE}")
        };
        checked("the password", Password::parse(&text))
    }
}

/// All of standard input, without the line break at its end.
fn from_input() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(MOST_INPUT).read_to_string(&mut text).context("the password cannot be read")?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.contains('\n') {
        bail!("the password: standard input has more than one line");
    }
    Ok(text.to_owned())
}

/// Asked for twice, and not shown.
fn from_terminal() -> anyhow::Result<String> {
    let ask = |prompt: &str| rpassword::prompt_password(prompt).context("the password cannot be read");
    let first = ask("Password: ")?;
    if first != ask("The same again: ")? {
        bail!("the passwords differ");
    }
    Ok(first)
}

fn checked<T>(what: &str, read: Result<T, Reason>) -> anyhow::Result<T> {
    read.map_err(|reason| anyhow!("{what}: {}", reason.detail))
}
