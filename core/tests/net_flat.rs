//! A reply of a gigabyte is cut at its cap, in the memory of a few chunks.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(clippy::disallowed_methods, reason = "a real server on a thread of its own")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use satchel::net::trust::{ServerTrust, TrustSource, Trusted};
use satchel::net::{Net, NetConfig, envelope::Envelope};
use satchel::prospect::wire::{ReadFailure, read_rows};
use satchel::world::http::{Call, Cause, Http, Limits, Method};

struct Nobody;

impl ServerTrust for Nobody {
    fn check(&self, _: Vec<Vec<u8>>, _: String) -> Result<Trusted, String> {
        Err("plain HTTP asks nobody".to_owned())
    }
}

/// Sends `before`, then `again` until the client closes or a gigabyte is out.
fn gigabyte(before: Vec<u8>, again: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        let _ = tcp.read(&mut [0; 4096]).unwrap();
        tcp.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").unwrap();
        let mut left = 1usize << 30;
        let mut more = tcp.write_all(&before);
        while more.is_ok() && left > 0 {
            more = tcp.write_all(&again);
            left = left.saturating_sub(again.len());
        }
    });
    port
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Opens the body at `port` with a cap of 200 MiB.
fn body(runtime: &tokio::runtime::Runtime, port: u16) -> Box<dyn Read + Send> {
    let trust = TrustSource::Host { check: Arc::new(Nobody), limit: Duration::from_secs(1) };
    let config = NetConfig { trust, pins: None, clock: Arc::new(|| 0), runtime: runtime.handle().clone() };
    let wait = Duration::from_secs(60);
    let limits = Limits { connect: wait, total: wait, idle: Some(wait), reply_bytes: 200 << 20 };
    let call = Call::new(Method::Get, format!("http://127.0.0.1:{port}/"), limits);
    runtime.block_on(Net::new(config).unwrap().read(call)).unwrap().body
}

#[test]
fn memory_stays_flat() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let before = peak_kib();

    let mut all = body(&runtime, gigabyte(vec![], vec![b'x'; 1 << 20]));
    let error = std::io::copy(&mut all, &mut std::io::sink()).unwrap_err();
    assert_eq!(Cause::of(&error), Cause::ReplyTooLong);

    // Rows without end, each of them good; CBC goes on in the same way when 16 bytes repeat behind the same block.
    let envelope = Envelope::new(&[1; 16], &[2; 16]).unwrap();
    let plain = format!("[{{\"DataList\":[  {}", r#"{"Code":"1234"},"#.repeat(1 << 16));
    let sealed = envelope.seal(plain.as_bytes());
    let sealed = &sealed[1..sealed.len() / 4 * 4 - 63];
    let mut rows = 0u64;
    let stopped =
        read_rows(envelope.reader(body(&runtime, gigabyte(b"\"".to_vec(), sealed.to_vec()))), |_| {
            rows += 1;
            Ok::<_, ()>(())
        });
    assert!(matches!(stopped, Err(ReadFailure::Undecodable | ReadFailure::Broken(_))), "{stopped:?}");
    assert!(rows > 60_000, "{rows}");

    let grown = peak_kib() - before;
    assert!(grown < 40 << 10, "{grown} KiB for a gigabyte");
}
