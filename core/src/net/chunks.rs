//! A reply's body on its way from the runtime to a thread that reads it: a bounded channel, and a `Read` at its end.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use bytes::{Buf, Bytes};
use tokio::sync::{Semaphore, oneshot};

use crate::world::http::Cause;

/// Pieces that may wait for the reader.
const WAITING: usize = 8;

enum Piece {
    Data(Bytes),
    End(Result<(), Cause>),
}

/// The end that is read. Reading blocks the thread; dropping it ends the feeder.
pub(super) struct Chunks {
    pieces: Receiver<Piece>,
    room: Arc<Semaphore>,
    now: Bytes,
    end: Option<Result<(), Cause>>,
    _reading: oneshot::Sender<()>,
}

/// The end that is fed.
pub(super) struct Feeder {
    pieces: Sender<Piece>,
    room: Arc<Semaphore>,
    reading: oneshot::Receiver<()>,
}

pub(super) fn pipe() -> (Feeder, Chunks) {
    let ((tx, rx), room) = (channel(), Arc::new(Semaphore::new(WAITING)));
    let (_reading, reading) = oneshot::channel();
    let chunks = Chunks { pieces: rx, room: room.clone(), now: Bytes::new(), end: None, _reading };
    (Feeder { pieces: tx, room, reading }, chunks)
}

impl Feeder {
    /// Gives on what `next` yields until its end, its failure, or until nobody reads any more.
    pub(super) async fn feed(self, mut next: impl AsyncFnMut() -> Result<Option<Bytes>, Cause>) {
        let Self { pieces, room, reading } = self;
        let feeding = async {
            // The channel has no bound of its own: no piece is fetched before there is room for it.
            while let Ok(place) = room.acquire().await {
                place.forget();
                let piece = match next().await {
                    Ok(Some(data)) => Piece::Data(data),
                    Ok(None) => Piece::End(Ok(())),
                    Err(cause) => Piece::End(Err(cause)),
                };
                let last = matches!(piece, Piece::End(_));
                if pieces.send(piece).is_err() || last {
                    break;
                }
            }
        };
        tokio::select! {
            biased;
            _ = reading => {}
            () = feeding => {}
        }
    }
}

impl Read for Chunks {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.now.is_empty() {
            if let Some(end) = self.end {
                return end.map(|()| 0).map_err(io::Error::from);
            }
            // A feeder that is gone without a word was cut off with its runtime.
            match self.pieces.recv().unwrap_or(Piece::End(Err(Cause::Closed))) {
                Piece::Data(data) => {
                    self.now = data;
                    self.room.add_permits(1);
                }
                Piece::End(end) => self.end = Some(end),
            }
        }
        let n = out.len().min(self.now.len());
        self.now.copy_to_slice(&mut out[..n]);
        Ok(n)
    }
}
