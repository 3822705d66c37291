//! The actions an application starts with, and the one that createPreRequirements makes.

use super::model::{Application, CREATED, Person};
use super::settings::Start;
use super::shown::{Category, Meta, Names, Shown};
use serde_json::Value;

const FILE_RULES: &str = "<h4>The file(s) must follow with the below rules:</h4>Cannot contain the following special \
    characters: , * | : \" < > ? / \\ [ ] % = ;<br>File name must have an extension name (eg: .pdf, .jpg, .png)<br>\
    File name can’t begin with space<br>File can’t exclude more than 2MB";

const INCOME: &str = "The user should upload single or multiple document/s as applicable like Salary slips, Income \
    tax return, Job experience, Military service, College admission, Internship / scholarship and others documents.";

/// What a new person is asked for.
pub(super) fn of_person(start: Start, application: &Application, person: &Person) -> Vec<Shown> {
    if start == Start::Nothing {
        return Vec::new();
    }
    let paper = |name, group, description, title| {
        let meta = Meta { dynamic: Some(names(person)), ..paper(name, group, description, title) };
        let meta = at_level(meta, "Applicant", "Applicant", &person.party);
        shown(name, &person.party, application, meta)
    };
    vec![
        paper(
            "ProofOfIncomeEmployed",
            "Income",
            INCOME,
            "Upload Income Proof documents %FirstName% %LastName%",
        ),
        paper("DriverLicense", "Documents", "", "Driver License %FirstName% %LastName%"),
    ]
}

/// What a new application is asked for besides.
pub(super) fn of_application(start: Start, application: &Application, applicant: &Person) -> Vec<Shown> {
    let whole = |name, meta| {
        let meta = at_level(meta, "Application", "Application", &application.id);
        shown(name, &applicant.party, application, meta)
    };
    let more = "Upload additional Documents (if any)";
    let optional = Meta { skippable: text("true"), ..paper("OptionalQuestion", "Documents", more, more) };
    let staying = "Provide staying since, entering the month and year where you moved to this address";
    let address = "Time on the current address/home - Staying since?";
    let question = |name| question(name, "Verification", "Text", staying, address);
    match start {
        Start::Nothing => Vec::new(),
        Start::Sample => vec![
            whole("OptionalQuestion", optional),
            whole("TimeOnCurrentAddress", question("TimeOnCurrentAddress")),
        ],
        Start::Usual => vec![
            whole("OptionalQuestion", optional),
            whole("StayingSince", question("StayingSince")),
            whole("EmploymentStart", employment()),
            // The document's samples lack one key or another; this one lacks several.
            Shown { product: None, party: None, ..whole("MaritalStatus", marital()) },
        ],
    }
}

/// What createPreRequirements asks the applicant.
pub(super) fn requirement(application: &Application, applicant: &Person, action_id: String) -> Shown {
    let name = "TimeOnCurrentAddress";
    let description =
        "Please provide the date from when you are staying at the current residence in DD/MM/YYYY format";
    let meta = Meta {
        level: own("Entity"),
        assist_title: own("Time on the current address/home - Staying since?"),
        ..question(name, "Verification", "Date", description, "Time at the current residence")
    };
    Shown {
        action_id: Some(action_id),
        party: None,
        product: None,
        applies_to: own(applicant.get("FirstName")),
        applies_to_id: own(&applicant.party),
        dynamic: Some(names(applicant)),
        ..shown(name, &applicant.party, application, meta)
    }
}

/// An action of somebody else's making, to be changed member by member.
pub(super) fn anything(name: &str, application: &Application, applicant: &Person) -> Shown {
    let meta = question(name, "Verification", "Text", "", name);
    shown(name, &applicant.party, application, at_level(meta, "Application", "Application", &application.id))
}

fn employment() -> Meta {
    let description = "Please provide the date when the current employment began in DD/MM/YYYY format";
    Meta {
        // Booleans come as texts and as booleans.
        needs_review: Some(Value::Bool(true)),
        skippable: Some(Value::Bool(false)),
        pre_requirement: Some(Value::Bool(true)),
        ..question("EmploymentStart", "Verification", "Date", description, "Start of the current employment")
    }
}

fn marital() -> Meta {
    Meta {
        options: text("Single,Married,Divorced,Widowed"),
        options_type: own("SingleChoice"),
        skippable: Some(Value::Bool(true)),
        pre_requirement: Some(Value::Bool(false)),
        needs_review: None,
        description_key: None,
        ..question("MaritalStatus", "Personal", "Choice", "", "Marital status")
    }
}

fn shown(name: &str, party: &str, application: &Application, meta: Meta) -> Shown {
    Shown {
        name: name.to_owned(),
        status: CREATED.to_owned(),
        party: own(party),
        meta: Some(meta),
        identifier: format!("{name}_{party}_{}", application.id),
        product: own("ALL"),
        ..Shown::default()
    }
}

fn at_level(meta: Meta, level: &str, kind: &str, identifier: &str) -> Meta {
    let category = Category { identifier: identifier.to_owned(), kind: kind.to_owned() };
    Meta { level: own(level), category: Some(category), ..meta }
}

fn paper(name: &str, group: &str, description: &str, title: &str) -> Meta {
    Meta {
        information: own(FILE_RULES),
        information_key: Some(format!("{name}_InformationText")),
        ..question(name, group, "DocumentUpload", description, title)
    }
}

fn question(name: &str, group: &str, kind: &str, description: &str, title: &str) -> Meta {
    Meta {
        group: own(group),
        options: text(""),
        description: own(description),
        description_key: Some(format!("{name}_Description")),
        needs_review: text("false"),
        title: own(title),
        options_type: own(""),
        title_key: Some(format!("{name}_Title")),
        skippable: text("false"),
        kind: own(kind),
        pre_requirement: text("true"),
        ..Meta::default()
    }
}

fn names(person: &Person) -> Names {
    Names { first: own(person.get("FirstName")), last: own(person.get("LastName")), ..Names::default() }
}

fn own(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn text(text: &str) -> Option<Value> {
    Some(text.into())
}
