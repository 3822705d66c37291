//! `satchel-sandbox`: the sandbox as a program.

use clap::{ArgGroup, Parser};
use satchel_sandbox::{Officer, Options, Sandbox, Tls};
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;

/// The remote systems as a developer's server, on 127.0.0.1.
#[derive(Parser)]
#[command(version, group = ArgGroup::new("transport"))]
struct Args {
    /// Port; 0 takes a free one
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// HTTPS with a certificate authority made at the start (the default)
    #[arg(long, group = "transport")]
    tls: bool,
    /// Plain HTTP
    #[arg(long, group = "transport")]
    plain: bool,
    /// Show a certificate that is not good
    #[arg(long, group = "transport", value_enum)]
    certificate: Option<Certificate>,
    /// Keep data, ledger and sessions in this SQLite file
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Seed of every chance
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the certificate authority here, as PEM
    #[arg(long, value_name = "FILE")]
    ca_out: Option<PathBuf>,
    /// A late commit happens at most this late
    #[arg(long, default_value_t = 60_000, value_name = "MS")]
    lateness_ms: u64,
    /// An officer who may call; may be given more than once [default: dara:secret]
    #[arg(long, value_name = "USER:PASSWORD", value_parser = officer)]
    officer: Vec<(String, String)>,
    /// Key of the envelope, 32, 48 or 64 hex digits [default: 07 thirty-two times]
    #[arg(long, value_name = "HEX", value_parser = hex)]
    key: Option<Bytes>,
    /// IV of the envelope, 32 hex digits [default: 09 sixteen times]
    #[arg(long, value_name = "HEX", value_parser = hex)]
    iv: Option<Bytes>,
    /// Print everything a client needs as one line of JSON
    #[arg(long)]
    json: bool,
}

/// What is wrong with the certificate.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Certificate {
    /// Signed by an authority other than the one told
    UnknownAuthority,
    /// For another host
    WrongHost,
    /// No longer valid
    Expired,
}

#[derive(Clone)]
struct Bytes(Vec<u8>);

fn hex(text: &str) -> Result<Bytes, String> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => {
            Ok(Bytes(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()))
        }
        _ => Err("not hex".to_owned()),
    }
}

fn officer(text: &str) -> Result<(String, String), String> {
    let (user, password) = text.split_once(':').ok_or("USER:PASSWORD")?;
    Ok((user.to_owned(), password.to_owned()))
}

impl Args {
    fn options(&self) -> io::Result<Options> {
        let usual = Options::default();
        let numbered = |(i, (user, password)): (usize, &(String, String))| {
            Officer::new(user, password, format!("S-{}", i + 1))
        };
        let officers: Vec<Officer> = self.officer.iter().enumerate().map(numbered).collect();
        let iv = match &self.iv {
            Some(Bytes(iv)) => iv.as_slice().try_into().map_err(|_| invalid("the IV has 16 bytes"))?,
            None => usual.iv,
        };
        Ok(Options {
            tls: match self.certificate {
                Some(Certificate::UnknownAuthority) => Tls::UnknownCa,
                Some(Certificate::WrongHost) => Tls::WrongHost,
                Some(Certificate::Expired) => Tls::Expired,
                None if self.plain => Tls::Plain,
                None => Tls::Good,
            },
            state: self.state.clone(),
            seed: self.seed,
            key: self.key.as_ref().map_or(usual.key, |Bytes(key)| key.clone()),
            iv,
            officers: if officers.is_empty() { usual.officers } else { officers },
            lateness_ms: self.lateness_ms,
            port: self.port,
        })
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let args = Args::parse();
    let options = args.options()?;
    let running = Sandbox::start(options.clone()).await?;
    if let (Some(path), Some(pem)) = (&args.ca_out, running.ca_pem()) {
        std::fs::write(path, pem)?;
    }
    let mut out = io::stdout().lock();
    if args.json {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let officers = running.officers();
        let all = json!({
            "base_url": running.base_url(),
            "onboarding": running.onboarding_url(),
            "collection_result": running.collection_result_url(),
            "collection_tasks": running.collection_tasks_url(),
            "vbot": running.vbot_url(),
            "collection_hash_key": running.collection_settings().hash_key,
            "inspector_url": running.inspector_url(),
            "ca_pem": running.ca_pem(),
            "key_hex": hex(&options.key),
            "iv_hex": hex(&options.iv),
            "lateness_ms": options.lateness_ms,
            "officers": officers,
        });
        writeln!(out, "{all}")?;
    } else {
        writeln!(out, "Prospects  {}", running.base_url())?;
        writeln!(out, "Onboarding {}", running.onboarding_url())?;
        writeln!(out, "Collection {}", running.collection_result_url())?;
        writeln!(out, "           {}", running.collection_tasks_url())?;
        writeln!(out, "VBot       {}", running.vbot_url())?;
        writeln!(out, "Inspector  {}", running.inspector_url())?;
    }
    out.flush()?;
    drop(out);
    // Every change is on the state file when it is answered, so that ending the program needs no ceremony.
    std::future::pending::<io::Result<()>>().await
}
