//! Was the last byte of the request body handed to the transport? This is what "not executed" rests on.
//!
//! Asking is deciding: [`Witness::class`] bars the last chunk for good, so that a connection that outlives its call
//! cannot send it after the verdict. A plain flag would be unsound: between looking and dropping, it may go out.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};

use crate::world::http::{Body, Cause, Class, NextChunk, Progress};

/// One piece of a body that was known whole.
const CHUNK: usize = 64 << 10;
/// The last chunk holds at least this much, so that a server that ignores a short `Content-Length` still cannot make
/// sense of a body without it: its padding and closing brackets are missing.
const TAIL: u64 = 64;

const HELD: u8 = 0; // the last chunk is still ours
const HANDED: u8 = 1; // the transport has it: it may be on the wire
const CUT: u8 = 2; // we said "not executed": it will never be handed over

/// Knows whether a body may have left whole.
#[derive(Clone, Default, Debug)]
pub(crate) struct Witness(Arc<AtomicU8>);

impl Witness {
    /// The verdict; after *not executed* the body can no longer be completed.
    pub(crate) fn class(&self) -> Class {
        match self.0.compare_exchange(HELD, CUT, SeqCst, SeqCst) {
            Ok(_) | Err(CUT) => Class::NotExecuted,
            Err(_) => Class::Unknown,
        }
    }

    fn hand_over(&self) -> bool {
        self.0.compare_exchange(HELD, HANDED, SeqCst, SeqCst).is_ok()
    }
}

/// A body of known length that tells its witness. It cannot be cloned, so nothing can replay it.
pub(crate) struct Watched {
    // The lock is never taken: it makes a `Send` source `Sync`, which reqwest asks for.
    source: Mutex<Source>,
    len: u64,
    left: u64,
    witness: Witness,
    progress: Option<Progress>,
}

enum Source {
    Chunks(VecDeque<Bytes>),
    Stream(NextChunk),
}

impl Watched {
    pub(crate) fn new(body: Body, progress: Option<Progress>) -> (Self, Witness) {
        let (len, witness) = (body.len(), Witness::default());
        if len == 0 {
            witness.hand_over(); // no last byte to hold back
        }
        let source = Mutex::new(match body {
            Body::Whole(bytes) => Source::Chunks(split(bytes)),
            Body::Stream { next, .. } => Source::Stream(next),
        });
        (Self { source, len, left: len, witness: witness.clone(), progress }, witness)
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The next chunk; a short tail is joined to the one before it.
    fn pull(&mut self) -> io::Result<Bytes> {
        let source = self.source.get_mut().unwrap_or_else(PoisonError::into_inner);
        let first = source.next(self.left)?;
        let rest = self.left - first.len() as u64;
        if rest == 0 || rest >= TAIL {
            return Ok(first);
        }
        let mut joined = BytesMut::from(first);
        while (joined.len() as u64) < self.left {
            joined.extend_from_slice(&source.next(self.left - joined.len() as u64)?);
        }
        Ok(joined.freeze())
    }
}

impl Source {
    /// Never empty, never more than is `left`.
    fn next(&mut self, left: u64) -> io::Result<Bytes> {
        let chunk = match self {
            Self::Chunks(chunks) => chunks.pop_front(),
            Self::Stream(next) => next().map_err(|_| Cause::Body)?,
        };
        chunk.filter(|chunk| !chunk.is_empty() && chunk.len() as u64 <= left).ok_or(Cause::Body.into())
    }
}

fn split(mut bytes: Bytes) -> VecDeque<Bytes> {
    let mut chunks = VecDeque::new();
    while bytes.len() > CHUNK {
        chunks.push_back(bytes.split_to(CHUNK));
    }
    chunks.push_back(bytes);
    chunks
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let chunk = self.pull()?;
        if chunk.len() as u64 == self.left && !self.witness.hand_over() {
            return Poll::Ready(Some(Err(Cause::Closed.into())));
        }
        self.left -= chunk.len() as u64;
        if let Some(progress) = &self.progress {
            progress(self.len - self.left, self.len);
        }
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left) // `Content-Length`, never chunked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body::Body as _;

    fn frame(body: &mut Watched) -> Option<io::Result<Bytes>> {
        match Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop())) {
            Poll::Ready(frame) => frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())),
            Poll::Pending => panic!("a body is always ready"),
        }
    }

    fn stream(len: u64, sizes: &'static [usize]) -> Watched {
        let mut sizes = sizes.iter();
        let next = Box::new(move || Ok(sizes.next().map(|n| Bytes::from(vec![b'x'; *n]))));
        Watched::new(Body::Stream { len, next }, None).0
    }

    #[test]
    fn asking_bars_the_last_chunk() {
        let (mut body, witness) = Watched::new(vec![0; CHUNK + 1000].into(), None);
        assert_eq!(frame(&mut body).unwrap().unwrap().len(), CHUNK);
        assert_eq!(witness.class(), Class::NotExecuted);
        assert_eq!(Cause::of(&frame(&mut body).unwrap().unwrap_err()), Cause::Closed);
        assert_eq!(witness.class(), Class::NotExecuted);
    }

    #[test]
    fn a_handed_over_body_is_unknown_for_good() {
        let (mut body, witness) = Watched::new(vec![0; 10].into(), None);
        assert_eq!(frame(&mut body).unwrap().unwrap().len(), 10);
        assert!(frame(&mut body).is_none() && body.is_end_stream());
        assert_eq!(witness.class(), Class::Unknown);
        assert_eq!(Watched::new(Body::empty(), None).1.class(), Class::Unknown);
    }

    #[test]
    fn the_last_chunk_is_never_tiny() {
        let (mut body, _) = Watched::new(vec![0; CHUNK + 63].into(), None);
        assert_eq!(frame(&mut body).unwrap().unwrap().len(), CHUNK + 63);
        let mut body = stream(200, &[100, 80, 19, 1]);
        assert_eq!(frame(&mut body).unwrap().unwrap().len(), 100);
        assert_eq!(frame(&mut body).unwrap().unwrap().len(), 100);
        assert!(frame(&mut body).is_none());
    }

    #[test]
    fn a_stream_that_breaks_its_word_never_hands_over_the_end() {
        for sizes in [&[50, 0, 50][..], &[50], &[90, 20], &[101], &[]] {
            let mut body = stream(100, sizes);
            let error = std::iter::from_fn(|| frame(&mut body)).find_map(Result::err).unwrap();
            assert_eq!(Cause::of(&error), Cause::Body);
            assert_eq!(body.witness.class(), Class::NotExecuted);
        }
    }

    #[test]
    fn progress_ends_at_the_whole() {
        let seen = Arc::new(Mutex::new(vec![]));
        let told = seen.clone();
        let progress: Progress = Arc::new(move |sent, total| told.lock().unwrap().push((sent, total)));
        let (mut body, _) = Watched::new(vec![0; 2 * CHUNK].into(), Some(progress));
        while frame(&mut body).is_some() {}
        let total = 2 * CHUNK as u64;
        assert_eq!(*seen.lock().unwrap(), [(CHUNK as u64, total), (total, total)]);
    }
}
