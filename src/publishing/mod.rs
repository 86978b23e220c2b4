//! From working copy to publication: check, number, render, freeze, and tell the change log.

pub mod document;
