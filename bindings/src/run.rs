//! Running the core: on its own threads, whatever thread the caller is on.

use crate::error::SatchelError;
use crate::panics::{self, Panicked};
use satchel::world::runtime;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::task::JoinHandle;

/// Something that is kept: it goes on to its end when the caller goes away.
pub(crate) async fn promise<T: Send + 'static>(
    work: impl Future<Output = satchel::Result<T>> + Send + 'static,
) -> Result<T, SatchelError> {
    landed(runtime().spawn(Caught(Box::pin(work))).await)
}

/// Something that only the caller wants: it ends when she goes away.
pub(crate) async fn errand<T: Send + 'static>(
    work: impl Future<Output = satchel::Result<T>> + Send + 'static,
) -> Result<T, SatchelError> {
    let mut task = Leashed(runtime().spawn(Caught(Box::pin(work))));
    landed((&mut task.0).await)
}

type Ended<T> = Result<Result<satchel::Result<T>, Panicked>, tokio::task::JoinError>;

fn landed<T>(ended: Ended<T>) -> Result<T, SatchelError> {
    match ended {
        Ok(Ok(answer)) => answer.map_err(SatchelError::from),
        Ok(Err(Panicked { place, id })) => Err(SatchelError::Internal { place, id }),
        Err(_) => Err(SatchelError::Internal { place: "task".to_owned(), id: 0 }),
    }
}

struct Leashed<T>(JoinHandle<T>);

impl<T> Drop for Leashed<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A panic becomes a value on the thread that knows where it was.
struct Caught<T>(Pin<Box<dyn Future<Output = satchel::Result<T>> + Send>>);

impl<T> Future for Caught<T> {
    type Output = Result<satchel::Result<T>, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let work = pin!(&mut self.0);
        match catch_unwind(AssertUnwindSafe(|| work.poll(context))) {
            Ok(polled) => polled.map(Ok),
            Err(_) => Poll::Ready(Err(panics::here())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use satchel::Error;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn a_panic_keeps_its_place_and_loses_its_text() {
        panics::watch();
        let work = async { if true { panic!("CANARY-9c01") } else { Ok(()) } };
        let ended = runtime().block_on(promise(work));
        let Err(SatchelError::Internal { place, id }) = &ended else { panic!("{ended:?}") };
        assert!(place.contains("run.rs:") && *id > 0, "{place} {id}");
        assert!(panics::latest().iter().any(|p| p.id == *id && p.place == *place));
        assert!(!format!("{ended:?} {:?}", panics::latest()).contains("CANARY"));
        assert_eq!(runtime().block_on(promise(async { Ok(7) })), Ok(7), "the library works on");
    }

    #[test]
    fn a_promise_outlives_its_caller_and_an_errand_does_not() {
        let (tell, told) = mpsc::channel();
        let working = |tell: mpsc::Sender<()>| async move {
            satchel::world::Work::sleep(&satchel::world::RealWork, Duration::from_millis(50)).await;
            let _ = tell.send(());
            Err::<(), _>(Error::Locked)
        };
        let cut_off = |ended: Pin<Box<dyn Future<Output = Result<(), SatchelError>>>>| {
            let mut ended = ended;
            let mut context = Context::from_waker(std::task::Waker::noop());
            assert!(ended.as_mut().poll(&mut context).is_pending());
        };
        cut_off(Box::pin(promise(working(tell.clone()))));
        assert_eq!(told.recv_timeout(Duration::from_secs(10)), Ok(()));
        cut_off(Box::pin(errand(working(tell))));
        assert_eq!(told.recv_timeout(Duration::from_secs(10)), Err(mpsc::RecvTimeoutError::Disconnected));
    }
}
