//! What the app says of a record.

use crate::crm::Life;
use crate::error::{Error, Problem, Result};
use crate::prospect::shows;
use crate::record::CrmObjectId;
use serde::{Deserialize, Serialize};

/// The kinds of records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A customer.
    Customer,
    /// A status that a customer can have.
    Status,
    /// A type that a customer can have.
    Type,
    /// A group of customers.
    Group,
    /// A field that customers have beside the usual ones.
    Field,
}

impl Kind {
    /// Every one.
    pub const ALL: [Kind; 5] = [Kind::Customer, Kind::Status, Kind::Type, Kind::Group, Kind::Field];

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Customer => "customer",
            Kind::Status => "status",
            Kind::Type => "type",
            Kind::Group => "group",
            Kind::Field => "field",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A customer's fields. Texts are kept as typed, leading spaces too.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Customer {
    /// `customer_name`. Required.
    pub name: String,
    /// `customer_phones`. At least one.
    pub phones: Vec<String>,
    /// `customer_address`; may be empty.
    pub address: String,
    /// `customer_email`; may be empty.
    pub email: String,
    /// `customer_status_code`: the code of a status. Required.
    pub status: String,
    /// `customer_type_code`: the code of a type. Required.
    pub customer_type: String,
    /// `customer_group_name`: a group's name, for the service asks for that and not for its code. Required.
    pub group: String,
    /// `fileds` (spelt so on the wire): further fields, by their codes.
    pub fields: Vec<CustomField>,
}
shows!(Customer {});

/// The value of a further field.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CustomField {
    /// `field_key`: the field's code.
    pub key: String,
    /// `field_value`.
    pub value: String,
}
shows!(CustomField {});

/// What a record holds, by its kind.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VbotFields {
    /// A customer.
    Customer(Customer),
    /// A status: `status_name`. Required.
    Status {
        /// Its name.
        name: String,
    },
    /// A type: `type_name`. Required.
    Type {
        /// Its name.
        name: String,
    },
    /// A group.
    Group {
        /// `group_name`. Required.
        name: String,
        /// `group_description`; may be empty.
        description: String,
    },
    /// A field.
    Field {
        /// `field_name`. Required.
        name: String,
        /// `field_type`: the service's table says a list, its sample a text. At least one; one alone is sent as a text.
        types: Vec<String>,
        /// `field_description`; may be empty.
        description: String,
    },
}

impl std::fmt::Debug for VbotFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}(…)", self.kind())
    }
}

impl VbotFields {
    /// The kind of record that this is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            VbotFields::Customer(_) => Kind::Customer,
            VbotFields::Status { .. } => Kind::Status,
            VbotFields::Type { .. } => Kind::Type,
            VbotFields::Group { .. } => Kind::Group,
            VbotFields::Field { .. } => Kind::Field,
        }
    }

    /// Checks what was typed.
    ///
    /// # Errors
    /// `InvalidInput` naming the first field that is wrong.
    pub(super) fn check(&self, max: usize) -> Result<()> {
        match self {
            VbotFields::Customer(customer) => {
                let required = [
                    ("status", &customer.status),
                    ("type", &customer.customer_type),
                    ("group", &customer.group),
                ];
                text("name", &customer.name, true, max)?;
                many("phones", &customer.phones, max)?;
                required.into_iter().try_for_each(|(field, value)| text(field, value, true, max))?;
                text("address", &customer.address, false, max)?;
                text("email", &customer.email, false, max)?;
                customer.fields.iter().try_for_each(|field| {
                    text("fields", &field.key, true, max)?;
                    text("fields", &field.value, false, max)
                })
            }
            VbotFields::Status { name } | VbotFields::Type { name } => text("name", name, true, max),
            VbotFields::Group { name, description } => {
                text("name", name, true, max)?;
                text("description", description, false, max)
            }
            VbotFields::Field { name, types, description } => {
                text("name", name, true, max)?;
                many("types", types, max)?;
                text("description", description, false, max)
            }
        }
    }
}

fn many(field: &'static str, texts: &[String], max: usize) -> Result<()> {
    if texts.is_empty() {
        return Err(Error::invalid(field, Problem::Missing));
    }
    texts.iter().try_for_each(|one| text(field, one, true, max))
}

/// A text that can be sent.
pub(super) fn text(field: &'static str, text: &str, required: bool, max: usize) -> Result<()> {
    let problem = match text {
        _ if required && text.trim().is_empty() => Problem::Missing,
        _ if text.chars().nth(max).is_some() => Problem::TooLong { max },
        _ if text.chars().any(char::is_control) => Problem::ControlCharacter,
        _ => return Ok(()),
    };
    Err(Error::invalid(field, problem))
}

/// A record of VBot's as the book knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct VbotObject {
    /// Its number.
    pub id: CrmObjectId,
    /// By which VBot knows it.
    pub code: String,
    /// What it holds there, or is to hold.
    pub fields: VbotFields,
    /// Where it stands.
    pub life: Life,
    /// Something of it has not been settled.
    pub unsent: bool,
}
shows!(VbotObject { id, life, unsent });
