//! Calls of the onboarding service, and its document's samples. The replies are the document's without the line
//! breaks and spaces between their members.
#![allow(dead_code, reason = "each test file uses a part of it")]

use super::{Got, exchange, tcp};
use satchel_sandbox::{Request, Running};
use serde_json::{Value, json};

pub const BASE: &str = "/services/data/v1/CustomerActionsManagement/operations/";
pub const CREATE: &str = "PersonalInfo/createProspectProfile";
pub const UPDATE: &str = "PersonalInfo/updateProspectProfile";
pub const UPLOAD: &str = "UserAction/uploadDocument";
pub const LIST: &str = "UserAction/getUserActions";
pub const ANSWER: &str = "UserAction/updateUserAction";
pub const REQUIRE: &str = "UserAction/createPreRequirements";

/// The action that the samples upload to and answer.
pub const PAPER: &str = "ProofOfIncomeEmployed_1778258145_3X88WLM";
pub const ALL: &str = r#"{ "isPre": "true" }"#;
pub const FORM: &str = "jsondata={}";

/// The request of createProspectProfile.
pub const VIRAT: &str = r#"{ "FirstName": "Virat", "LastName": "Kohli", "DateOfBirth": "1985-10-10", "Email": "kanand@temenos.com", "MobileCountryCode": "+91", "MobileNumber": "9994305648", "BranchReference": "GB0010001", "ApplicantType": "Applicant", "SectionProgress": "Done", "ConsentIdentifier": "Create_PersonalInfo_Consent", "AcceptanceStatus": "Yes", "Status": "InProgress", "IsExistingCustomer": "No", "CoApplicantCount": null }"#;
pub const CREATED: &str = r#"{"Application_id":"3X88WLM","opstatus":0,"httpStatusCode":200}"#;
/// With the `Party_Id` that the document's text names and its sample lacks.
pub const CREATED_WITH_PARTY: &str =
    r#"{"Application_id":"3X88WLM","opstatus":0,"Party_Id":"1778258145","httpStatusCode":200}"#;

/// The request of updateProspectProfile.
pub const ROHIT: &str = r#"{ "FirstName": "Rohit", "LastName": "Sharma", "DateOfBirth": "1989-10-10", "Email": "rohit@test.com", "MobileCountryCode": "+91", "MobileNumber": "9994305648", "BranchReference": "GB0010001", "ApplicantType": "CoApplicant", "SectionProgress": "Done", "ConsentIdentifier": "Create_CoApplicantPersonalInfo_Consent", "AcceptanceStatus": "Yes", "IsExistentMember": false, "Index": "2021-07-26T02:15:22", "EntityId": "60fe1abbdecbb711d1e76620" }"#;
pub const UPDATED: &str = r#"{"opstatus":0,"httpStatusCode":0}"#;

/// The request of uploadDocument, with the document's PDF.
pub const PDF: &str = include_str!("../data/upload.json");
pub const PDF_SHA256: &str = "b82e792b28e2bae323d29510a5b459a1488f5c5fbd1eb8ea139f8dcb7c00257a";
pub const UPLOADED: &str = r#"{"Response":[{"fileName":"techspectemplate.pdf","fileClientId":1.62726591323E12,"fileInfo":"","documentId":"3b18b79d-2fd5-4197-844b-87be10302a3e","fileType":"application/pdf"}],"opstatus":0,"httpStatusCode":200}"#;

/// The request of updateUserAction.
pub const SUBMIT: &str = r#"{ "UserActionIdentifier": "ProofOfIncomeEmployed_1778258145_3X88WLM", "Response": "", "Status": "Submitted" }"#;
pub const SUBMITTED: &str = r#"{"opstatus":0,"id":"60fe1b7edecbb711d1e76641","httpStatusCode":200}"#;

/// The reply of createPreRequirements.
pub const REQUIRED: &str = r#"{"count":1,"opstatus":0,"Verification":[{"UserActionName":"TimeOnCurrentAddress","UserActionId":"CA202243101763","UserActionStatus":"Created","ActionMetaData":{"Group":"Verification","Options":"","Description":"Please provide the date from when you are staying at the current residence in DD/MM/YYYY format","Description_Key":"TimeOnCurrentAddress_Description","NeedsReview":"false","Title":"Time at the current residence","OptionsType":"","Title_Key":"TimeOnCurrentAddress_Title","ActionLevel":"Entity","AssistTitle":"Time on the current address/home - Staying since?","Skippable":"false","UserActionType":"Date","isPreRequirement":"true"},"UserActionIdentifier":"TimeOnCurrentAddress_1844225486_KQHV6GN","appliesTo":"Shivang","appliesToId":"1844225486","DynamicData":{"FirstName":"Shivang","LastName":"Mishra"}}],"id":"KQHV6GN","httpStatusCode":200}"#;

/// The reply of getUserActions. The document's conversion lost the escapes of its information texts, and with them
/// which quotes open and which close, so that most of it is full of stray spaces; this is it without them.
pub fn listed() -> String {
    let rules = r#""InformationText":"<h4>The file(s) must follow with the below rules:</h4>Cannot contain the following special characters: , * | : \" < > ? / \\ [ ] % = ;<br>File name must have an extension name (eg: .pdf, .jpg, .png)<br>File name can’t begin with space<br>File can’t exclude more than 2MB""#;
    let income = |party: &str, first: &str, last: &str| {
        format!(
            r#"{{"UserActionName":"ProofOfIncomeEmployed","UserActionStatus":"Created","PartyId":"{party}","ActionMetaData":{{"Group":"Income","Options":"",{rules},"Description":"The user should upload single or multiple document/s as applicable like Salary slips, Income tax return, Job experience, Military service, College admission, Internship / scholarship and others documents.","Description_Key":"ProofOfIncomeEmployed_Description","NeedsReview":"false","Title":"Upload Income Proof documents %FirstName% %LastName%","InformationText_Key":"ProofOfIncomeEmployed_InformationText","OptionsType":"","Title_Key":"ProofOfIncomeEmployed_Title","ActionLevel":"Applicant","CategoryMetadata":{{"identifier":"{party}","type":"Applicant"}},"Skippable":"false","UserActionType":"DocumentUpload","DynamicData":{{"FirstName":"{first}","LastName":"{last}"}},"isPreRequirement":"true"}},"UserActionIdentifier":"ProofOfIncomeEmployed_{party}_3X88WLM","ProductId":"ALL"}}"#
        )
    };
    let license = |party: &str, first: &str, last: &str| {
        format!(
            r#"{{"UserActionName":"DriverLicense","UserActionStatus":"Created","PartyId":"{party}","ActionMetaData":{{"Group":"Documents","Options":"",{rules},"Description":"","Description_Key":"DriverLicense_Description","NeedsReview":"false","Title":"Driver License %FirstName% %LastName%","InformationText_Key":"DriverLicense_InformationText","OptionsType":"","Title_Key":"DriverLicense_Title","ActionLevel":"Applicant","CategoryMetadata":{{"identifier":"{party}","type":"Applicant"}},"Skippable":"false","UserActionType":"DocumentUpload","DynamicData":{{"FirstName":"{first}","LastName":"{last}"}},"isPreRequirement":"true"}},"UserActionIdentifier":"DriverLicense_{party}_3X88WLM","ProductId":"ALL"}}"#
        )
    };
    let optional = format!(
        r#"{{"UserActionName":"OptionalQuestion","UserActionStatus":"Created","PartyId":"1778258145","ActionMetaData":{{"Group":"Documents","Options":"",{rules},"Description":"Upload additional Documents (if any)","Description_Key":"OptionalQuestion_Description","NeedsReview":"false","Title":"Upload additional Documents (if any)","InformationText_Key":"OptionalQuestion_InformationText","OptionsType":"","Title_Key":"OptionalQuestion_Title","ActionLevel":"Application","CategoryMetadata":{{"identifier":"3X88WLM","type":"Application"}},"Skippable":"true","UserActionType":"DocumentUpload","isPreRequirement":"true"}},"UserActionIdentifier":"OptionalQuestion_1778258145_3X88WLM","ProductId":"ALL"}}"#
    );
    let address = r#"{"UserActionName":"TimeOnCurrentAddress","UserActionStatus":"Created","PartyId":"1778258145","ActionMetaData":{"Group":"Verification","Options":"","Description":"Provide staying since, entering the month and year where you moved to this address","Description_Key":"TimeOnCurrentAddress_Description","NeedsReview":"false","Title":"Time on the current address/home - Staying since?","OptionsType":"","Title_Key":"TimeOnCurrentAddress_Title","ActionLevel":"Application","CategoryMetadata":{"identifier":"3X88WLM","type":"Application"},"Skippable":"false","UserActionType":"Text","isPreRequirement":"true"},"UserActionIdentifier":"TimeOnCurrentAddress_1778258145_3X88WLM","ProductId":"ALL"}"#;
    let (virat, rohit) = (["1778258145", "Virat", "Kohli"], ["1075992239", "Rohit", "Sharma"]);
    let of =
        |make: &dyn Fn(&str, &str, &str) -> String, [party, first, last]: [&str; 3]| make(party, first, last);
    format!(
        r#"{{"Income":[{},{}],"Documents":[{},{optional},{}],"count":6,"opstatus":0,"Verification":[{address}],"httpStatusCode":0}}"#,
        of(&income, virat),
        of(&income, rohit),
        of(&license, virat),
        of(&license, rohit)
    )
}

/// An upload of one file to an action.
pub fn upload(action: &str, name: &str, base64: &str) -> String {
    let file = json!({ "fileName": name, "fileType": "image/png", "fileInfo": "", "fileClientId": 7, "fileContents": base64 });
    json!({ "UserActionIdentifier": action, "Response": [file] }).to_string()
}

/// A request for the state machine.
pub fn request(operation: &str, session: &str, body: &str) -> Request {
    Request {
        method: "POST".to_owned(),
        path: format!("{BASE}{operation}"),
        query: String::new(),
        headers: vec![("X-Session".to_owned(), session.to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

/// The bytes of a call over the wire, on a connection of its own.
pub fn raw(operation: &str, session: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {BASE}{operation} HTTP/1.1\r\nHost: localhost\r\nX-Session: {session}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// A call in the first session.
pub async fn send(running: &Running, operation: &str, body: &str) -> Got {
    exchange(&mut tcp(running).await, &raw(operation, "S-1", body.as_bytes())).await
}

/// A reply's JSON.
pub fn value(got: &Got) -> Value {
    serde_json::from_slice(got.body()).unwrap_or(Value::Null)
}
