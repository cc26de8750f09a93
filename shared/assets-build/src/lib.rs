//! Puts a built page into a program: for the build script of a component that serves it by `assets`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use assets::{Addresses, MalformedRules, Rules};
use libdeflater::{CompressionLvl, Compressor};
use sha2::{Digest, Sha256};

/// What the page says about its headers and its addresses; no files of the page itself.
const HEADERS: &str = "_headers";
const REDIRECTS: &str = "_redirects";

/// A compressed form that saves less than a twentieth is not worth its place in the component.
const WORTH: (usize, usize) = (19, 20);

/// By how many bytes the form by brotli has to be shorter than that by gzip, which is there for every browser. No file of the page is so far: the renderer's
/// Wasm would save eight kilobytes of a reader's and take 71 of a component that may have 900.
const BROTLI_SAVES: usize = 9_000;

/// A form that is not in the program.
const NONE: &str = "None";

/// What is compressed already.
const COMPRESSED: &[&str] = &["image/png", "image/jpeg", "image/webp", "image/avif", "font/woff2"];

/// Why the page is not in the program.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// There is no page yet.
    #[error("{0} is missing: `cargo xtask build --page` makes the page")]
    NotBuilt(PathBuf),
    /// A file was not read or written.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A name that is no address of the web.
    #[error("{0}: a file's name must be plain ASCII")]
    Name(PathBuf),
    /// `_headers` or `_redirects` is not understood.
    #[error(transparent)]
    Rules(#[from] MalformedRules),
}

/// Compresses the files of `page` into `out` and writes `out/site.rs`, an expression of the type `assets::Site`.
///
/// # Errors
/// [`EmbedError`]; a build script prints it and fails.
pub fn embed(page: &Path, out: &Path) -> Result<(), EmbedError> {
    if !page.join("index.html").exists() {
        return Err(EmbedError::NotBuilt(page.to_path_buf()));
    }
    let (headers, redirects) = (read_if_there(&page.join(HEADERS))?, read_if_there(&page.join(REDIRECTS))?);
    Rules::parse(&headers)?;
    Addresses::parse(&redirects)?;

    let mut paths = Vec::new();
    files_below(page, &mut paths)?;
    paths.sort();
    let mut source = String::from("assets::Site {\n    files: &[\n");
    for path in paths.iter().filter(|path| ![page.join(HEADERS), page.join(REDIRECTS)].contains(path)) {
        source.push_str(&embed_file(page, path, out)?);
    }
    source.push_str(&format!("    ],\n    headers: {headers:?},\n    redirects: {redirects:?},\n}}\n"));
    write(&out.join("site.rs"), source.as_bytes())
}

/// One file: its forms in `out`, its entry in the table.
fn embed_file(page: &Path, path: &Path, out: &Path) -> Result<String, EmbedError> {
    let name = address(page, path).ok_or_else(|| EmbedError::Name(path.to_path_buf()))?;
    let content = read(path)?;
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let is_text = mime.type_() == "text" || ["javascript", "json", "manifest+json"].contains(&mime.subtype().as_str());
    let content_type = if is_text { format!("{}; charset=utf-8", mime.essence_str()) } else { mime.to_string() };
    let digest = Sha256::digest(&content);
    let tag: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();

    let keep = |form: &str, bytes: Vec<u8>| -> Result<String, EmbedError> {
        let is_worth_it = bytes.len() * WORTH.1 <= content.len() * WORTH.0;
        if COMPRESSED.contains(&mime.essence_str()) || !is_worth_it {
            return Ok(NONE.to_owned());
        }
        let file = out.join(format!("{tag}.{form}"));
        write(&file, &bytes)?;
        Ok(format!("Some(include_bytes!({}))", literal(&file)))
    };
    let failed = |cause| EmbedError::File { path: path.to_path_buf(), cause };
    let (by_brotli, by_gzip) = (brotli(&content).map_err(failed)?, gzip(&content).map_err(failed)?);
    let brotli = if by_brotli.len() + BROTLI_SAVES <= by_gzip.len() { keep("br", by_brotli)? } else { NONE.to_owned() };
    let gzip = keep("gz", by_gzip)?;
    let plain = if gzip == NONE {
        let plain = out.join(format!("{tag}.plain"));
        write(&plain, &content)?;
        format!("Some(include_bytes!({}))", literal(&plain))
    } else {
        NONE.to_owned()
    };
    Ok(format!(
        "        assets::File {{ path: {name:?}, content_type: {content_type:?}, etag: {:?}, plain: {plain}, brotli: {brotli}, \
         gzip: {gzip} }},\n",
        format!("W/\"{tag}\""),
    ))
}

/// A path as Rust source.
fn literal(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

/// The address of a file: what stands before it, and slashes.
fn address(page: &Path, path: &Path) -> Option<String> {
    let mut address = String::new();
    for part in path.strip_prefix(page).ok()?.components() {
        let part = part.as_os_str().to_str().filter(|part| part.bytes().all(|byte| byte.is_ascii_graphic()))?;
        address.push('/');
        address.push_str(part);
    }
    Some(address)
}

fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = Compressor::new(CompressionLvl::best());
    let mut compressed = vec![0; compressor.gzip_compress_bound(content.len())];
    let length = compressor.gzip_compress(content, &mut compressed).map_err(io::Error::other)?;
    compressed.truncate(length);
    Ok(compressed)
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), EmbedError> {
    let failed = |cause| EmbedError::File { path: folder.to_path_buf(), cause };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files_below(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, EmbedError> {
    fs::read(path).map_err(|cause| EmbedError::File { path: path.to_path_buf(), cause })
}

fn read_if_there(path: &Path) -> Result<String, EmbedError> {
    if !path.exists() {
        return Ok(String::new());
    }
    fs::read_to_string(path).map_err(|cause| EmbedError::File { path: path.to_path_buf(), cause })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), EmbedError> {
    fs::write(path, bytes).map_err(|cause| EmbedError::File { path: path.to_path_buf(), cause })
}
