//! The onboarding service (contract, section 2).

use super::{
    Backoff, default_connect, default_download, default_idle, default_settle_by, default_text, default_total,
    default_transit, default_true, is_base,
};
use crate::error::{Error, Problem, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The onboarding service. Times are whole milliseconds, sizes bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnboardingProfile {
    /// `https://HOST/services/data/v1/CustomerActionsManagement/operations/`; plain `http` for loopback only.
    pub base_url: String,
    /// How late the server may still carry out a request that it has received, as its owner states it.
    #[serde(default)]
    pub lateness_ms: Option<u64>,
    /// How long data of a closed connection may still travel.
    #[serde(default = "default_transit")]
    pub transit_ms: u64,
    /// After this long without any verdict the officer is asked while reading goes on.
    #[serde(default = "default_settle_by")]
    pub settle_by_ms: u64,
    /// The list is read just before an answer leaves: what was withdrawn or answered by someone else meanwhile is said.
    #[serde(default = "default_true")]
    pub read_before_answer: bool,
    /// A second copy of a paper does no harm at this bank: one whose outcome is not known goes again after the quiet
    /// period. Otherwise the officer is asked.
    #[serde(default)]
    pub second_upload_harmless: bool,
    /// Papers leave over an unmetered link only. Text never waits for one.
    #[serde(default)]
    pub papers_need_unmetered: bool,
    /// What getUserActions is asked for: its `isPre`.
    #[serde(default = "default_is_pre")]
    pub is_pre: String,
    /// DNS, TCP, TLS and trust.
    #[serde(default = "default_connect")]
    pub connect_ms: u64,
    /// A whole call that changes something, but for a paper.
    #[serde(default = "default_total")]
    pub total_ms: u64,
    /// A whole upload.
    #[serde(default = "default_download")]
    pub upload_ms: u64,
    /// The longest silence inside a list.
    #[serde(default = "default_idle")]
    pub idle_ms: u64,
    /// The largest list of actions.
    #[serde(default = "default_list")]
    pub list_bytes: u64,
    /// The first and the longest wait after a failure.
    #[serde(default)]
    pub backoff: Backoff,
    /// The longest text of one field or answer, in characters.
    #[serde(default = "default_text")]
    pub max_text: usize,
    /// What a new person's fields hold that the officer does not type.
    #[serde(default)]
    pub fixed: Fixed,
    /// What a paper may be.
    #[serde(default)]
    pub papers: PaperLimits,
    /// Delivered papers keep their bytes so many days; then the thumbnail, the measures and the hash stay.
    #[serde(default = "default_keep_papers")]
    pub keep_papers_days: u32,
    /// Sending is paused from the start, for the reason given here.
    #[serde(default)]
    pub paused: Option<String>,
}

/// What createProspectProfile and updateProspectProfile want and no officer types. The defaults are the seed's sample.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixed {
    /// `FormCode`: named in the seed's text and in no sample; empty: not sent.
    pub form_code: String,
    /// `BranchReference`, where the officer names none.
    pub branch: String,
    /// `SectionProgress`.
    pub section_progress: String,
    /// `ConsentIdentifier` of an applicant.
    pub consent: String,
    /// `ConsentIdentifier` of a co-applicant.
    pub co_consent: String,
    /// `Status`.
    pub status: String,
}

impl Default for Fixed {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            form_code: String::new(),
            branch: String::new(),
            section_progress: text("Done"),
            consent: text("Create_PersonalInfo_Consent"),
            co_consent: text("Create_CoApplicantPersonalInfo_Consent"),
            status: text("InProgress"),
        }
    }
}

/// What a paper may be. The defaults are those of the actions' own information text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PaperLimits {
    /// The largest that the bank takes.
    pub bytes: u64,
    /// The longest name, in bytes of UTF-8.
    pub name_bytes: usize,
    /// The most pages of a PDF.
    pub pages: u32,
    /// A photo's largest edge after fitting, in pixels.
    pub edge: u32,
    /// The most pixels of a photo that is taken.
    pub pixels: u64,
    /// The most memory for a picture that cannot be read in strips (a progressive JPEG, an interlaced PNG): 3 bytes a pixel,
    /// most of them. A larger one is refused from its header.
    pub whole_bytes: u64,
}

impl Default for PaperLimits {
    fn default() -> Self {
        Self {
            bytes: 2 << 20,
            name_bytes: 200,
            pages: 100,
            edge: 2560,
            pixels: 120_000_000,
            whole_bytes: 40 << 20,
        }
    }
}

impl OnboardingProfile {
    /// Every default, for the service at `base_url`.
    #[must_use]
    pub fn new(base_url: &str) -> Self {
        let json = serde_json::json!({ "base_url": base_url });
        serde_json::from_value(json).expect("the defaults make a profile")
    }

    /// Checks what types cannot say.
    pub(super) fn check(&self) -> Result<()> {
        let form = |field, expected| Err(Error::invalid(field, Problem::Form { expected }));
        match url::Url::parse(&self.base_url) {
            Ok(url) if is_base(&url) => {}
            _ => return form("onboarding.base_url", "https://HOST/… that ends with a slash"),
        }
        self.backoff.check("onboarding.backoff")?;
        if self.total_ms == 0 || self.connect_ms == 0 || self.upload_ms == 0 {
            return form("onboarding.total_ms", "waits above 0");
        }
        if self.papers.bytes == 0 || self.papers.bytes > MOST_PAPER {
            return form("onboarding.papers.bytes", "from 1 to 64 MiB");
        }
        Ok(())
    }

    /// Lateness plus transit: how long after a lost answer nothing can be concluded from absence.
    #[must_use]
    pub fn quiet(&self) -> Duration {
        Duration::from_millis(self.lateness_ms.unwrap_or(0).saturating_add(self.transit_ms))
    }
}

/// The largest paper that any profile may allow.
const MOST_PAPER: u64 = 64 << 20;

fn default_is_pre() -> String {
    "true".into()
}
fn default_list() -> u64 {
    64 << 20
}
fn default_keep_papers() -> u32 {
    30
}
