//! `ibid openapi`: prints the contract.

/// Prints the document as it is committed.
pub fn run() -> anyhow::Result<()> {
    let document = crate::openapi::document()?;
    crate::openapi::check_permissions(&document)?;
    print!("{}", crate::openapi::text(&document)?);
    Ok(())
}
