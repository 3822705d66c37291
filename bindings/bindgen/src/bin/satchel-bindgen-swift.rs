//! Writes the Swift side: `satchel-bindgen-swift --swift-sources …`, `--headers …`.

fn main() {
    uniffi::uniffi_bindgen_swift();
}
