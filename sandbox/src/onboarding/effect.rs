//! What the ledger says of each change.

use super::model::Document;
use super::shown::Shown;
use crate::fields::Fields;
use crate::ledger::{Effect, digest};

/// A profile made or updated: `code` is the application of an applicant, the party of a co-applicant.
pub(super) fn profile(kind: &str, code: &str, fields: &Fields) -> Effect {
    let names = ["FirstName", "LastName", "DateOfBirth", "MobileNumber"];
    Effect {
        kind: kind.to_owned(),
        code: code.to_owned(),
        natural_key: fields.get("Index").to_owned(),
        client_ref: fields.get("EntityId").to_owned(),
        digest: digest(names.map(|name| fields.get(name))),
        fields: fields.clone(),
    }
}

/// A file kept. The digest is the SHA-256 of its bytes and of nothing else.
pub(super) fn upload(document: &Document) -> Effect {
    let mut fields = Fields::new();
    fields.set("UserActionIdentifier", &document.action);
    fields.set("fileName", &document.name);
    fields.set("fileType", &document.content_type);
    fields.set("fileInfo", &document.info);
    fields.set("size", document.size.to_string());
    Effect {
        kind: "upload".to_owned(),
        code: document.id.clone(),
        natural_key: document.action.clone(),
        client_ref: document.client_id.to_string(),
        digest: document.sha256.clone(),
        fields,
    }
}

/// An action answered.
pub(super) fn answer(identifier: &str, response: &str, status: &str) -> Effect {
    let mut fields = Fields::new();
    fields.set("Response", response);
    fields.set("Status", status);
    action("answer", identifier, "", [response, status], fields)
}

/// An action taken back.
pub(super) fn withdrawal(identifier: &str) -> Effect {
    action("withdraw", identifier, "", [identifier, ""], Fields::new())
}

/// An action made: by createPreRequirements, or by hand.
pub(super) fn requirement(application: &str, shown: &Shown) -> Effect {
    let mut fields = Fields::new();
    fields.set("UserActionName", &shown.name);
    fields.set("Application_id", application);
    let reference = shown.action_id.as_deref().unwrap_or_default();
    action("create", &shown.identifier, reference, [&shown.name, application], fields)
}

fn action(kind: &str, identifier: &str, reference: &str, told: [&str; 2], fields: Fields) -> Effect {
    Effect {
        kind: kind.to_owned(),
        code: identifier.to_owned(),
        natural_key: identifier.to_owned(),
        client_ref: reference.to_owned(),
        digest: digest(told),
        fields,
    }
}
