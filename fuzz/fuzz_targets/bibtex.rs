#![no_main]

use ibid_fuzz::citing::exchange::Format;

libfuzzer_sys::fuzz_target!(|input: &[u8]| ibid_fuzz::exchange(Format::Bibtex, input));
