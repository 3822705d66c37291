//! `satchel-rescue`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(satchel_rescue::run(std::env::args_os(), &mut std::io::stdout(), &mut std::io::stderr()))
}
