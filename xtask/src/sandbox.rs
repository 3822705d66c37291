//! The sandbox as a program on a free port of this machine, for what is tried against it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
};

use serde_json::Value;

use crate::run;

pub struct Sandbox {
    program: Child,
    pub base_url: String,
    inspector: String,
}

impl Sandbox {
    pub fn start(program: &Path) -> Result<Self, String> {
        let told = |error: std::io::Error| format!("{}: {error}", program.display());
        let mut command =
            run::command(program, &["--plain", "--port", "0", "--json", "--lateness-ms", "400"]);
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(told)?;
        let mut line = String::new();
        child.stdout.take().map(|out| BufReader::new(out).read_line(&mut line)).transpose().map_err(told)?;
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        let url = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        Ok(Self { program: child, base_url: url("base_url"), inspector: url("inspector_url") })
    }

    /// How many prospects it holds.
    pub fn prospects(&self) -> Result<usize, String> {
        let address = self.inspector.trim_start_matches("http://").trim_end_matches('/');
        let mut reply = String::new();
        TcpStream::connect(address)
            .and_then(|mut link| {
                link.write_all(b"GET /_prospects HTTP/1.0\r\n\r\n")?;
                link.read_to_string(&mut reply)
            })
            .map_err(|error| format!("the sandbox: {error}"))?;
        let body = reply.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let held: Value = serde_json::from_str(body).map_err(|error| format!("the sandbox: {error}"))?;
        held.as_array().map(Vec::len).ok_or_else(|| "the sandbox tells no list".to_owned())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
