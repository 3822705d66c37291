//! Ending a wait from another task, where cancelling does not reach this far (Swift).

use std::sync::Arc;
use tokio::sync::watch;

/// Ends the waits that it was given to. Swift's cancelled tasks use it; a Kotlin coroutine needs none, for cancelling it
/// ends the wait by itself.
#[derive(Default, uniffi::Object)]
pub struct Stop(watch::Sender<bool>);

#[uniffi::export]
impl Stop {
    /// One that has not been pressed.
    #[uniffi::constructor]
    pub fn new() -> Self {
        Stop::default()
    }

    /// Ends what waits with it, and what will.
    pub fn press(&self) {
        self.0.send_replace(true);
    }
}

/// Ends when `stop` is pressed; without one never.
pub(crate) async fn pressed(stop: Option<Arc<Stop>>) {
    match stop {
        Some(stop) => drop(stop.0.subscribe().wait_for(|pressed| *pressed).await.map(|_| ())),
        None => std::future::pending().await,
    }
}
