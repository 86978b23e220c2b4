//! A marker as readers see it in the text: `[1,3–5]`, `(Majid, 2009; Alster & Graham, 2018)`.

/// One part of a printed marker: what belongs to one study, or the brackets and separators between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The number of the study that this part names, and that it links to; `None` for what stands between.
    pub number: Option<u32>,
    /// Escaped HTML without links.
    pub html: String,
    /// The same as plain text.
    pub text: String,
}

/// A printed marker, in the order in which it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InText {
    pub parts: Vec<Part>,
}
