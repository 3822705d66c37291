//! An action as the service shows it, member by member in the document's order. Any member but the first three named
//! `name`, `status` and `identifier` may be missing; members that the document does not name are kept at the end.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

type Text = Option<String>;
type Rest = BTreeMap<String, Value>;

/// An action of the lists that getUserActions and createPreRequirements give.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// `ProofOfIncomeEmployed`, …
    #[serde(rename = "UserActionName")]
    pub name: String,
    /// `CA202243101763`, …
    #[serde(rename = "UserActionId", default, skip_serializing_if = "Option::is_none")]
    pub action_id: Text,
    /// `Created`, `Submitted`, …
    #[serde(rename = "UserActionStatus")]
    pub status: String,
    /// Whom it is about.
    #[serde(rename = "PartyId", default, skip_serializing_if = "Option::is_none")]
    pub party: Text,
    /// What it asks for.
    #[serde(rename = "ActionMetaData", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// `NAME_PARTY_APPLICATION`.
    #[serde(rename = "UserActionIdentifier")]
    pub identifier: String,
    /// `ALL`, …
    #[serde(rename = "ProductId", default, skip_serializing_if = "Option::is_none")]
    pub product: Text,
    /// The name of whom it is about.
    #[serde(rename = "appliesTo", default, skip_serializing_if = "Option::is_none")]
    pub applies_to: Text,
    /// The party it is about.
    #[serde(rename = "appliesToId", default, skip_serializing_if = "Option::is_none")]
    pub applies_to_id: Text,
    /// What the templates in its texts stand for.
    #[serde(rename = "DynamicData", default, skip_serializing_if = "Option::is_none")]
    pub dynamic: Option<Names>,
    /// Whatever else it has.
    #[serde(flatten)]
    pub more: Rest,
}

/// The `ActionMetaData`. Booleans are texts or booleans.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// The list it stands in.
    #[serde(rename = "Group", skip_serializing_if = "Option::is_none")]
    pub group: Text,
    /// What may be chosen.
    #[serde(rename = "Options", skip_serializing_if = "Option::is_none")]
    pub options: Option<Value>,
    /// HTML.
    #[serde(rename = "InformationText", skip_serializing_if = "Option::is_none")]
    pub information: Text,
    /// Plain text.
    #[serde(rename = "Description", skip_serializing_if = "Option::is_none")]
    pub description: Text,
    /// The description's name for translators.
    #[serde(rename = "Description_Key", skip_serializing_if = "Option::is_none")]
    pub description_key: Text,
    /// A boolean.
    #[serde(rename = "NeedsReview", skip_serializing_if = "Option::is_none")]
    pub needs_review: Option<Value>,
    /// With templates such as `%FirstName%`.
    #[serde(rename = "Title", skip_serializing_if = "Option::is_none")]
    pub title: Text,
    /// The information text's name for translators.
    #[serde(rename = "InformationText_Key", skip_serializing_if = "Option::is_none")]
    pub information_key: Text,
    /// How many of the options may be chosen.
    #[serde(rename = "OptionsType", skip_serializing_if = "Option::is_none")]
    pub options_type: Text,
    /// The title's name for translators.
    #[serde(rename = "Title_Key", skip_serializing_if = "Option::is_none")]
    pub title_key: Text,
    /// `Applicant`, `Application` or `Entity`.
    #[serde(rename = "ActionLevel", skip_serializing_if = "Option::is_none")]
    pub level: Text,
    /// A longer title.
    #[serde(rename = "AssistTitle", skip_serializing_if = "Option::is_none")]
    pub assist_title: Text,
    /// What the level refers to.
    #[serde(rename = "CategoryMetadata", skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// A boolean.
    #[serde(rename = "Skippable", skip_serializing_if = "Option::is_none")]
    pub skippable: Option<Value>,
    /// `DocumentUpload`, `Text`, `Date`, …
    #[serde(rename = "UserActionType", skip_serializing_if = "Option::is_none")]
    pub kind: Text,
    /// What the templates in its texts stand for.
    #[serde(rename = "DynamicData", skip_serializing_if = "Option::is_none")]
    pub dynamic: Option<Names>,
    /// A boolean.
    #[serde(rename = "isPreRequirement", skip_serializing_if = "Option::is_none")]
    pub pre_requirement: Option<Value>,
    /// Whatever else it has.
    #[serde(flatten)]
    pub more: Rest,
}

/// The `CategoryMetadata`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Category {
    /// A party or an application.
    pub identifier: String,
    /// Which of them.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The `DynamicData`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    /// The first name.
    #[serde(rename = "FirstName", skip_serializing_if = "Option::is_none")]
    pub first: Text,
    /// The last name.
    #[serde(rename = "LastName", skip_serializing_if = "Option::is_none")]
    pub last: Text,
    /// Whatever else it has.
    #[serde(flatten)]
    pub more: Rest,
}

impl Shown {
    /// The list it stands in; `Other` when it does not say.
    pub fn group(&self) -> &str {
        self.meta.as_ref().and_then(|meta| meta.group.as_deref()).unwrap_or("Other")
    }

    /// `DocumentUpload`, `Text`, …; empty when it does not say.
    pub fn kind(&self) -> &str {
        self.meta.as_ref().and_then(|meta| meta.kind.as_deref()).unwrap_or_default()
    }

    /// The title as it is; its name when it has none.
    pub fn title(&self) -> &str {
        self.meta.as_ref().and_then(|meta| meta.title.as_deref()).unwrap_or(&self.name)
    }

    /// Whether it is a prerequirement; a text counts like the boolean it names.
    pub fn is_pre_requirement(&self) -> bool {
        match self.meta.as_ref().and_then(|meta| meta.pre_requirement.as_ref()) {
            Some(Value::Bool(yes)) => *yes,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }
}
