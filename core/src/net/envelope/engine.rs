//! Base64 as fast as the processor can: many letters at once where there are instructions for it, which 32-bit ones lack.

use base64::engine::general_purpose::PAD;

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
mod here {
    pub use base64::engine::Simd as Base64;

    pub fn standard() -> Base64 {
        Base64::standard(super::PAD)
    }
}

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
mod here {
    pub use base64::engine::GeneralPurpose as Base64;

    pub fn standard() -> Base64 {
        Base64::new(&base64::alphabet::STANDARD, super::PAD)
    }
}

pub(super) use here::{Base64, standard};
