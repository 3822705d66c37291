//! Writes the Kotlin side: `satchel-bindgen generate --language kotlin …`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
