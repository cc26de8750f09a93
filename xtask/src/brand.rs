//! The operator's own face: `EDGEWISE_BRAND` names its folder. What is in it is checked where the page is built (static/scripts/brand).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::project::Project;

/// The variable of `dev`, `build` and `deploy`.
pub const VARIABLE: &str = "EDGEWISE_BRAND";

/// The page's own.
const OWN: &str = "static/brand";

/// What the functions are told while they are compiled: they write the page behind a link.
const NAME_VARIABLE: &str = "EDGEWISE_BRAND_NAME";
const LINKS_VARIABLE: &str = "EDGEWISE_BRAND_LINKS";
const WORDS_VARIABLE: &str = "EDGEWISE_BRAND_WORDS";

/// By what people know a page on privacy, in the page's languages: in a link's label, or in its address.
const PRIVACY: &[&str] =
    &["privacy", "datenschutz", "confidentialit", "vie privée", "privacida", "プライバシー", "隐私", "خصوصية"];

/// What an operator is told where nothing on the page leads there, and what to do about it.
pub const NO_PRIVACY_LINK: &str =
    "the page has no link to your words on privacy: visitors are told that what they write is stored, and not by whom";
pub const PRIVACY_LINK_REMEDY: &str = "write them (docs/privacy.md is a text to start from), name their address in the \
     `[[links]]` of a face of yours (docs/brand.md), and deploy with EDGEWISE_BRAND";

/// As much of `brand.toml` as is wanted here.
#[derive(Deserialize)]
struct Face {
    name: String,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    label: String,
    address: String,
}

/// As much of `words.<language>.toml`.
#[derive(Deserialize)]
struct Words {
    /// Of the page behind a link.
    #[serde(default)]
    shared: BTreeMap<String, String>,
}

/// The folder, as a whole path; none: the page has its own face.
pub fn folder() -> Result<Option<PathBuf>> {
    let Some(told) = env::var_os(VARIABLE).filter(|told| !told.is_empty()) else { return Ok(None) };
    let folder = fs::canonicalize(&told).with_context(|| format!("{VARIABLE} names no folder: {}", told.display()))?;
    Ok(Some(folder))
}

/// What the functions are to be compiled with: variables and what stands in them. None: as ever.
pub fn told() -> Result<Vec<(&'static str, String)>> {
    folder()?.map_or_else(|| Ok(Vec::new()), |folder| told_by(&folder))
}

/// No label and no word has a tab or the end of a line in it: the page's build refuses those.
fn told_by(folder: &Path) -> Result<Vec<(&'static str, String)>> {
    let face: Face = read(&folder.join("brand.toml"))?;
    let links: Vec<String> = face.links.iter().map(|Link { label, address }| format!("{label}\t{address}")).collect();
    let mut words = Vec::new();
    for path in files(folder)? {
        let Some(language) = language(&path) else { continue };
        let Words { shared } = read(&path)?;
        words.extend(shared.iter().map(|(name, words)| format!("{language}\t{name}\t{words}")));
    }
    Ok(vec![(NAME_VARIABLE, face.name), (LINKS_VARIABLE, links.join("\n")), (WORDS_VARIABLE, words.join("\n"))])
}

/// In an order that stays: what is built anew is known by what is told.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

/// That of a file of words.
fn language(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_prefix("words.")?.strip_suffix(".toml")
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))
}

/// Whether the face leads to the operator's words on privacy.
pub fn leads_to_privacy(project: &Project) -> Result<bool> {
    let folder = folder()?.unwrap_or_else(|| project.path(OWN));
    let face: Face = read(&folder.join("brand.toml"))?;
    Ok(face.links.iter().any(|Link { label, address }| names_privacy(label) || names_privacy(address)))
}

/// Whether people would find them by `text`.
pub fn names_privacy(text: &str) -> bool {
    let text = text.to_lowercase();
    PRIVACY.iter().any(|name| text.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(OWN)
    }

    #[test]
    fn the_functions_are_told_name_links_and_words_of_a_face() {
        let folder = own().join("../scripts/brand/example");
        let told: BTreeMap<_, _> = told_by(&folder).unwrap().into_iter().collect();
        assert_eq!(told[NAME_VARIABLE], "Harbour & Sons");
        assert_eq!(told[LINKS_VARIABLE], "Privacy\thttps://harbour.example/privacy\nImprint\t/imprint");
        assert_eq!(told[WORDS_VARIABLE], "de\tgo_on\tSelbst weiterfragen");
        assert!(told_by(&own()).unwrap().iter().skip(1).all(|(_, text)| text.is_empty()));
    }

    #[test]
    fn a_page_on_privacy_is_known_by_its_label_or_its_address() {
        for text in ["Privacy", "Unser Datenschutz", "Política de privacidad", "https://a.example/privacy", "隐私政策"]
        {
            assert!(names_privacy(text), "{text}");
        }
        assert!(!names_privacy("Imprint") && !names_privacy("https://a.example/imprint"));
    }
}
