//! Records of VBot's.

use satchel::crm::vbot as core;
use satchel::world::Secret;

/// The officer's access token for VBot. Opaque: no text form shows it.
#[derive(uniffi::Object)]
pub struct VbotSecrets(core::VbotSecrets);

#[uniffi::export]
impl VbotSecrets {
    /// What follows `Bearer` in the `Authorization` header. It is checked by `signIn`.
    #[uniffi::constructor]
    pub fn new(token: String) -> Self {
        VbotSecrets(core::VbotSecrets { token: Secret::new(token) })
    }
}

impl VbotSecrets {
    pub(crate) fn core(&self) -> core::VbotSecrets {
        self.0.clone()
    }
}

/// The kinds of records.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum VbotKind {
    /// A customer.
    Customer,
    /// A status that a customer can have.
    Status,
    /// A type that a customer can have.
    CustomerType,
    /// A group of customers.
    Group,
    /// A field that customers have beside the usual ones.
    Field,
}

impl From<VbotKind> for core::Kind {
    fn from(kind: VbotKind) -> Self {
        match kind {
            VbotKind::Customer => core::Kind::Customer,
            VbotKind::Status => core::Kind::Status,
            VbotKind::CustomerType => core::Kind::Type,
            VbotKind::Group => core::Kind::Group,
            VbotKind::Field => core::Kind::Field,
        }
    }
}

/// A customer's fields. Texts are kept as typed, leading spaces too. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct VbotCustomer {
    /// Required.
    pub name: String,
    /// At least one.
    pub phones: Vec<String>,
    /// The code of a status. Required.
    pub status: String,
    /// The code of a type. Required.
    pub customer_type: String,
    /// The name of a group, for VBot asks for that and not for its code. Required.
    pub group: String,
    /// May be empty.
    #[uniffi(default = "")]
    pub address: String,
    /// May be empty.
    #[uniffi(default = "")]
    pub email: String,
    /// Further fields, by their codes.
    #[uniffi(default = [])]
    pub fields: Vec<VbotCustomField>,
}

/// The value of a further field. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct VbotCustomField {
    /// The field's code.
    pub key: String,
    /// What it holds.
    pub value: String,
}

/// What a record holds, by its kind. Personal data.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum VbotFields {
    /// A customer.
    Customer {
        /// Her fields.
        customer: VbotCustomer,
    },
    /// A status.
    Status {
        /// Required.
        name: String,
    },
    /// A type.
    CustomerType {
        /// Required.
        name: String,
    },
    /// A group.
    Group {
        /// Required.
        name: String,
        /// May be empty.
        description: String,
    },
    /// A field.
    Field {
        /// Required.
        name: String,
        /// At least one.
        types: Vec<String>,
        /// May be empty.
        description: String,
    },
}

/// Where a CRM's record stands as a record, whatever waits to be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum CrmLife {
    /// There, or to be there.
    Live,
    /// Deleted there by this officer, proven.
    Deleted,
    /// Given up before the CRM had it.
    Withdrawn,
}

/// A record of VBot's as the book knows it. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct VbotObject {
    /// Its number in this book.
    pub id: i64,
    /// By which VBot knows it.
    pub code: String,
    /// What it holds there, or is to hold.
    pub fields: VbotFields,
    /// Where it stands.
    pub life: CrmLife,
    /// Something of it has not been settled.
    pub unsent: bool,
}

impl From<VbotFields> for core::VbotFields {
    fn from(fields: VbotFields) -> Self {
        match fields {
            VbotFields::Customer { customer: c } => core::VbotFields::Customer(core::Customer {
                name: c.name,
                phones: c.phones,
                address: c.address,
                email: c.email,
                status: c.status,
                customer_type: c.customer_type,
                group: c.group,
                fields: c
                    .fields
                    .into_iter()
                    .map(|f| core::CustomField { key: f.key, value: f.value })
                    .collect(),
            }),
            VbotFields::Status { name } => core::VbotFields::Status { name },
            VbotFields::CustomerType { name } => core::VbotFields::Type { name },
            VbotFields::Group { name, description } => core::VbotFields::Group { name, description },
            VbotFields::Field { name, types, description } => {
                core::VbotFields::Field { name, types, description }
            }
        }
    }
}

impl From<core::VbotFields> for VbotFields {
    fn from(fields: core::VbotFields) -> Self {
        match fields {
            core::VbotFields::Customer(c) => VbotFields::Customer {
                customer: VbotCustomer {
                    name: c.name,
                    phones: c.phones,
                    status: c.status,
                    customer_type: c.customer_type,
                    group: c.group,
                    address: c.address,
                    email: c.email,
                    fields: c
                        .fields
                        .into_iter()
                        .map(|f| VbotCustomField { key: f.key, value: f.value })
                        .collect(),
                },
            },
            core::VbotFields::Status { name } => VbotFields::Status { name },
            core::VbotFields::Type { name } => VbotFields::CustomerType { name },
            core::VbotFields::Group { name, description } => VbotFields::Group { name, description },
            core::VbotFields::Field { name, types, description } => {
                VbotFields::Field { name, types, description }
            }
        }
    }
}

impl From<core::VbotObject> for VbotObject {
    fn from(o: core::VbotObject) -> Self {
        let life = match o.life {
            satchel::crm::Life::Live => CrmLife::Live,
            satchel::crm::Life::Deleted => CrmLife::Deleted,
            satchel::crm::Life::Withdrawn => CrmLife::Withdrawn,
        };
        VbotObject { id: o.id.0, code: o.code, fields: o.fields.into(), life, unsent: o.unsent }
    }
}
