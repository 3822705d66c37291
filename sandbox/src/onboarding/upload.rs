//! Executing uploadDocument.

use super::execute::{Done, done};
use super::model::Document;
use super::wire::{self, File, Filed, Upload};
use super::{Onboarding, effect, files};
use crate::ledger::sha256;
use crate::remote::{Knobs, Twist};

impl Onboarding {
    /// Keeps the files of an upload: all of them, or none if one is refused.
    pub(super) fn upload(&mut self, officer: &str, upload: Upload, knobs: &Knobs, now_ms: i64) -> Done {
        if upload.identifier.is_empty() {
            return Err("UserActionIdentifier is required".to_owned());
        }
        if upload.files.is_empty() {
            return Err("Response is required".to_owned());
        }
        self.asked_for(officer, &upload.identifier).ok_or("UserActionIdentifier is not found")?;
        let limit = self.settings.file_limit;
        let checked: Result<Vec<_>, String> =
            upload.files.into_iter().map(|file| checked(file, limit)).collect();
        let (mut filed, mut effects) = (Vec::new(), Vec::new());
        for (file, client_id, bytes) in checked? {
            let document = Document {
                id: self.ids.document(),
                officer: officer.to_owned(),
                action: upload.identifier.clone(),
                name: file.file_name,
                content_type: file.file_type,
                info: file.file_info,
                client_id,
                size: bytes.len() as u64,
                sha256: sha256(&bytes),
                at_ms: now_ms,
                bytes: bytes.into(),
            };
            filed.push(reply(&document));
            effects.push(effect::upload(&document));
            self.documents.push(document);
        }
        twist(&mut filed, knobs);
        Ok(done(knobs, 200, vec![("Response", wire::json(&filed))], effects))
    }
}

fn checked(file: File, limit: u64) -> Result<(File, i64, Vec<u8>), String> {
    if let Some(why) = files::bad_name(&file.file_name) {
        return Err(why.to_owned());
    }
    if file.file_type.is_empty() {
        return Err("File type is required".to_owned());
    }
    let client_id = file.file_client_id.ok_or("File client id is required")?;
    let bytes = files::contents(&file.file_contents, limit)?;
    Ok((file, client_id, bytes))
}

fn reply(document: &Document) -> Filed {
    Filed {
        file_name: document.name.clone(),
        file_client_id: document.client_id,
        file_info: document.info.clone(),
        document_id: document.id.clone(),
        file_type: document.content_type.clone(),
    }
}

fn twist(filed: &mut Vec<Filed>, knobs: &Knobs) {
    let Some(twist) = knobs.twist.filter(|twist| filed.len() >= twist.needs()) else { return };
    let at = knobs.pick as usize % filed.len();
    match twist {
        Twist::Swap => filed.reverse(),
        Twist::Missing => {
            filed.remove(at);
        }
        Twist::WrongReference => filed[at].file_client_id ^= 0xf_4240,
        Twist::Duplicate { contradict } => {
            let mut copy = filed[at].clone();
            if contradict {
                copy.document_id = String::new();
            }
            filed.insert(at + 1, copy);
        }
    }
}
