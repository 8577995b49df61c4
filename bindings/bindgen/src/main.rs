//! `uniffi-bindgen`, pinned to the workspace's uniffi.

fn main() {
    uniffi::uniffi_bindgen_main();
}
