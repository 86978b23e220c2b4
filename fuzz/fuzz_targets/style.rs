#![no_main]

// The CSL engine may panic, and its callers catch it: only a panic that nobody caught is a crash.
libfuzzer_sys::fuzz_target!(init: drop(std::panic::take_hook()), |style: &str| ibid_fuzz::style(style));
