//! What others compute of the same password, and what is refused.

use super::key;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_key_is_what_the_reference_implementation_makes_of_it() {
    for (password, salt, memory, passes, expected) in VECTORS {
        let made = key(password.as_bytes(), salt.as_bytes(), *memory, *passes);
        assert_eq!(made.as_deref().map(hex).as_deref(), Some(*expected), "{password}");
    }
}

/// Computed by the reference implementation in C, through argon2-cffi 25.1: `hash_secret_raw(…, parallelism=1, hash_len=32, type=Type.ID)`.
const VECTORS: &[(&str, &str, u32, u32, &str)] = &[
    (
        "correct horse battery staple",
        "0123456789abcdef",
        19 * 1024,
        2,
        "832e52b959b967b570ee4781f6c7bda7ced019ca266ac781fd2d94d4e853b0cd",
    ),
    (
        "pässwörd 密码 🔑",
        "a salt of 16 byt",
        19 * 1024,
        2,
        "05f14d790b835c62e6fb63a9190c6d2273cf2b7e3cca875aefd546f6d4567edc",
    ),
    (
        " spaces count ",
        "the salt is longer than sixteen bytes",
        64 * 1024,
        3,
        "81b39a106eac0fffc076619fa609bba5bb3821e42f76389971d36caabd68b46f",
    ),
];

#[test]
fn a_server_is_neither_given_a_cheap_key_nor_the_whole_machine() {
    for (memory, passes) in [(19 * 1024 - 1, 2), (19 * 1024, 1), (256 * 1024 + 1, 2), (19 * 1024, 17)] {
        assert_eq!(key(b"a password", b"a salt of 16 byt", memory, passes), None, "{memory} {passes}");
    }
}

#[test]
fn a_salt_that_is_none_makes_no_key() {
    assert_eq!(key(b"a password", b"short", 19 * 1024, 2), None);
}
