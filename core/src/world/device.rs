//! The real world of a device, as one call.

use super::{Clock, KeyVault, RealClock, RealDisk, RealRng, RealWork, World, runtime};
use crate::error::{Error, Problem, Result};
use crate::net::trust::{ServerTrust, TrustSource};
use crate::net::{Net, NetConfig};
use crate::profile::Profile;
use std::sync::Arc;
use std::time::Duration;

/// How long the host may think about a certificate.
const TRUST_LIMIT: Duration = Duration::from_secs(10);

impl World {
    /// The device's own clock, chance, disk and threads, and the network as the profile says: its own roots where it
    /// has any, else the host's word (Android), else the platform's verifier.
    ///
    /// # Errors
    /// `InvalidInput` naming the setting of the profile.
    pub fn device(
        profile: &Profile,
        vault: Arc<dyn KeyVault>,
        host: Option<Arc<dyn ServerTrust>>,
    ) -> Result<World> {
        let trust = match host {
            _ if !profile.roots_pem.is_empty() => TrustSource::Roots(profile.roots_pem.clone().into_bytes()),
            Some(check) => TrustSource::Host { check, limit: TRUST_LIMIT },
            None => TrustSource::Platform,
        };
        let clock = Arc::new(|| RealClock.wall() / 1000);
        let config = NetConfig { trust, pins: None, clock, runtime: runtime().clone() };
        let bad = |_| Error::invalid("roots_pem", Problem::Form { expected: "PEM certificates" });
        Ok(World {
            clock: Arc::new(RealClock),
            rng: Arc::new(RealRng),
            work: Arc::new(RealWork),
            http: Arc::new(Net::new(config).map_err(bad)?),
            vault,
            disk: Arc::new(RealDisk),
        })
    }
}
