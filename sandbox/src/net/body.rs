//! Reading a request's body: whole, slowly, or only a part of it.

use crate::server::Arrival;
use http_body::Body;
use hyper::body::Incoming;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::Instant;

/// A body that is too long is read to its end all the same, up to so much, or its client would never hear why.
const HEARD_OUT: u64 = 64 * 1024 * 1024;

/// What came of a body.
pub(super) enum Came {
    Whole(Vec<u8>),
    TooLong,
    /// The sandbox wants no more of it.
    CutOff,
    /// The client sent no more of it.
    BrokenOff,
}

/// Reads a body of at most `longest` bytes as its arrival says. Returns when it has come or will not.
pub(super) async fn read(body: &mut Incoming, longest: usize, arrival: &Arrival) -> Came {
    let (begun, mut bytes, mut seen) = (Instant::now(), Vec::new(), 0_u64);
    let cut = |seen: u64| arrival.cut_after.is_some_and(|after| seen >= after);
    while !cut(seen) {
        let data = match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
            None if seen > longest as u64 => return Came::TooLong,
            None => return Came::Whole(bytes),
            Some(Err(_)) => return Came::BrokenOff,
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        seen += data.len() as u64;
        if seen <= longest as u64 {
            bytes.extend_from_slice(&data);
        } else {
            bytes = Vec::new();
        }
        if seen > HEARD_OUT {
            return Came::TooLong;
        }
        if let Some(rate) = arrival.bytes_per_second {
            tokio::time::sleep_until(begun + Duration::from_secs_f64(seen as f64 / rate as f64)).await;
        }
    }
    Came::CutOff
}
