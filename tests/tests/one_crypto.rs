//! There is one C crypto library: SQLCipher runs on the AWS-LC that TLS links, and its files are everybody's.
//!
//! `cargo xtask ci` guards the other half: no OpenSSL is in the dependency tree, and one AWS-LC.

use rusqlite::{Connection, ErrorCode, OpenFlags, Result};

/// Key and salt of the fixture, published in `data/README.md`.
fn fixture_key() -> [u8; 48] {
    std::array::from_fn(|i| if i < 32 { i as u8 } else { 0xA0 + (i as u8 - 32) })
}

fn keyed(connection: &Connection, key: &[u8; 48]) -> Result<()> {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    connection.pragma_update(None, "key", format!("x'{hex}'"))?;
    // Wrong keys are expected here: SQLCipher need not report them on stderr too.
    connection.pragma_update(None, "cipher_log_level", "NONE")
}

/// SQLCipher sets itself up at the first connection, and tells other threads too early that it has.
fn ready() {
    static FIRST: std::sync::Once = std::sync::Once::new();
    FIRST.call_once(|| drop(Connection::open_in_memory()));
}

fn fixture() -> Result<Connection> {
    ready();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/openssl-made.db");
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn tables(connection: &Connection) -> Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
}

fn refused(opened: Result<i64>) {
    let code = opened.expect_err("the file must not open").sqlite_error_code();
    assert_eq!(code, Some(ErrorCode::NotADatabase));
}

#[test]
fn sqlcipher_runs_on_aws_lc() -> Result<()> {
    ready();
    let connection = Connection::open_in_memory()?;
    keyed(&connection, &fixture_key())?;
    let says = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, String>(0));
    assert_eq!(says("cipher_provider")?, "openssl", "SQLCipher's OpenSSL provider, compiled against AWS-LC");
    let version = says("cipher_provider_version")?;
    assert!(version.starts_with("AWS-LC"), "{version}");
    assert!(says("cipher_version")?.starts_with("4."));
    Ok(())
}

#[test]
fn a_file_made_on_openssl_opens_whole() -> Result<()> {
    let connection = fixture()?;
    keyed(&connection, &fixture_key())?;
    let body = |id: i64| {
        connection.query_row("SELECT body FROM note WHERE id = ?", [id], |row| row.get::<_, String>(0))
    };
    assert_eq!(body(1)?, "ជា ឌី");
    assert_eq!(body(2)?, "x".repeat(9000), "over several pages");
    assert_eq!(connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?, 7);
    let damage: Vec<String> = connection
        .prepare("PRAGMA cipher_integrity_check")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_>>()?;
    assert!(damage.is_empty(), "every page's HMAC holds: {damage:?}");
    Ok(())
}

#[test]
fn no_other_key_opens_it() -> Result<()> {
    let unkeyed = fixture()?;
    refused(tables(&unkeyed));
    for at in [0, 31, 32, 47] {
        let mut wrong = fixture_key();
        wrong[at] ^= 1;
        let connection = fixture()?;
        keyed(&connection, &wrong)?;
        refused(tables(&connection));
    }
    Ok(())
}

#[test]
fn what_we_write_is_encrypted_and_opens_with_its_key_alone() -> Result<()> {
    ready();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ours.db");
    let ours = Connection::open(&path)?;
    keyed(&ours, &fixture_key())?;
    ours.execute_batch("CREATE TABLE note(body TEXT); INSERT INTO note VALUES ('0968523147')")?;
    drop(ours);

    let bytes = std::fs::read(&path).expect("the file");
    assert!(!bytes.starts_with(b"SQLite format 3") && !bytes.windows(10).any(|seen| seen == b"0968523147"));
    assert_eq!(bytes[..16], fixture_key()[32..], "the file begins with its salt");

    refused(tables(&Connection::open(&path)?));
    let again = Connection::open(&path)?;
    keyed(&again, &fixture_key())?;
    assert_eq!(again.query_row("SELECT body FROM note", [], |row| row.get::<_, String>(0))?, "0968523147");
    Ok(())
}
