//! The specification's own vectors, and what is none of them.

use proptest::prelude::*;

use super::*;

/// A value of the vectors.
fn vector(name: &str, value: &str) -> Vec<u8> {
    let line = format!("{name} {value} ");
    let hex = include_str!("vectors.txt").lines().find_map(|known| known.strip_prefix(&line));
    bytes(hex.unwrap_or_else(|| panic!("no {line}")))
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn the_vectors_of_the_specification_are_read() {
    for (name, algorithm) in [
        ("none_es256", Ok(ES256)),
        ("packed_self_es256", Ok(ES256)),
        ("none_es256_crossorigin", Ok(ES256)),
        ("none_es256_long_credential_id", Ok(ES256)),
        ("apple_es256", Ok(ES256)),
        ("packed_eddsa", Ok(EDDSA)),
        ("packed_rs256", Err(WebauthnError::UnsupportedAlgorithm(-257))),
    ] {
        for (half, ceremony) in [("register", Ceremony::Create), ("sign_in", Ceremony::Get)] {
            let seen = ClientData::parse(&vector(name, &format!("{half}.client_data"))).unwrap();
            let expected = ClientData {
                ceremony,
                challenge: vector(name, &format!("{half}.challenge")),
                origin: "https://example.org".to_owned(),
                is_cross_origin: name.ends_with("crossorigin"),
            };
            assert_eq!(seen, expected, "{name}");
        }
        let made = AuthenticatorData::of_attestation(&vector(name, "register.attestation_object"));
        let made = match (made, algorithm) {
            (Ok(made), Ok(algorithm)) => {
                let credential = made.credential.clone().unwrap();
                assert_eq!(
                    (credential.id, credential.key.algorithm()),
                    (vector(name, "register.credential_id"), algorithm)
                );
                let (number, key) = (credential.key.algorithm(), credential.key);
                assert_eq!(PublicKey::from_parts(number, key.as_bytes()), Some(key), "{name}");
                made
            }
            (made, algorithm) => {
                assert_eq!(made.map(|_| 0), algorithm, "{name}");
                continue;
            }
        };
        let signed = AuthenticatorData::parse(&vector(name, "sign_in.authenticator_data")).unwrap();
        assert_eq!((signed.rp_id_hash, signed.credential), (made.rp_id_hash, None), "{name}");
        assert!(made.is_user_present && signed.is_user_present, "{name}");
    }
}

#[test]
fn flags_and_count_are_read() {
    let data = |flags: u8| [&[7; 32][..], &[flags], &[1, 2, 3, 4]].concat();
    for (flags, present, verified, backed_up) in
        [(0, false, false, false), (1, true, false, false), (5, true, true, false), (0x1d, true, true, true)]
    {
        let read = AuthenticatorData::parse(&data(flags)).unwrap();
        assert_eq!((read.is_user_present, read.is_user_verified, read.is_backed_up), (present, verified, backed_up));
        assert_eq!((read.rp_id_hash, read.sign_count), ([7; 32], 0x0102_0304));
    }
    // Extensions are read past; without their flag they have no business there.
    let extended = |flags: u8| [data(flags), bytes("a16161f5")].concat();
    assert!(AuthenticatorData::parse(&extended(0x81)).is_ok());
    assert_eq!(AuthenticatorData::parse(&extended(1)), Err(WebauthnError::AuthenticatorData));
    assert_eq!(AuthenticatorData::parse(&data(0x81)), Err(WebauthnError::AuthenticatorData));
}

#[test]
fn a_key_is_of_its_algorithm_or_refused() {
    let key = |cbor: &str| {
        let credential = [&[0; 32][..], &[0x41], &[0; 4], &[0; 16], &[0, 1, 9], &bytes(cbor)].concat();
        AuthenticatorData::parse(&credential).map(|data| data.credential.unwrap().key.algorithm())
    };
    let number = format!("5820{}", "11".repeat(32));
    for (cbor, expected) in [
        (format!("a501020326200121{number}22{number}"), Ok(ES256)),
        (format!("a4010103272006 21{number}").replace(' ', ""), Ok(EDDSA)),
        // Another curve, another kind, a coordinate that is missing, too short or compressed.
        (format!("a501020326200221{number}22{number}"), Err(WebauthnError::Key)),
        (format!("a501010326200121{number}22{number}"), Err(WebauthnError::Key)),
        (format!("a401020326200121{number}"), Err(WebauthnError::Key)),
        (format!("a501020326200121{number}224111"), Err(WebauthnError::Key)),
        (format!("a501020326200121{number}22f5"), Err(WebauthnError::Key)),
        (format!("a4010103272007 21{number}").replace(' ', ""), Err(WebauthnError::Key)),
        ("a101 02".replace(' ', ""), Err(WebauthnError::Key)),
        ("a0".to_owned(), Err(WebauthnError::Key)),
        ("80".to_owned(), Err(WebauthnError::Key)),
        // RS256, ES384.
        (format!("a401030339010020{number}2143010001"), Err(WebauthnError::UnsupportedAlgorithm(-257))),
        ("a2010203 3822".replace(' ', ""), Err(WebauthnError::UnsupportedAlgorithm(-35))),
    ] {
        assert_eq!(key(&cbor), expected, "{cbor}");
    }
}

#[test]
fn client_data_are_json_of_the_known_shape() {
    let data = |kind: &str, challenge: &str| {
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"https://a.example","more":{{"x":[1]}}}}"#)
    };
    assert!(ClientData::parse(data("webauthn.get", "AAEC").as_bytes()).is_ok());
    for wrong in [
        data("payment.get", "AAEC"),
        data("webauthn.get", "AA=="),
        data("webauthn.get", "A+/B"),
        r#"{"type":"webauthn.get","challenge":"AAEC"}"#.to_owned(),
        "[]".to_owned(),
        String::new(),
        format!("{} x", data("webauthn.get", "AAEC")),
    ] {
        assert_eq!(ClientData::parse(wrong.as_bytes()), Err(WebauthnError::ClientData), "{wrong}");
    }
}

#[test]
fn a_signature_of_ecdsa_is_two_numbers() {
    let of = vector("none_es256", "sign_in.signature");
    // Both begin with a zero, for their first bit is set.
    assert_eq!(ecdsa_signature(&of).unwrap()[..], [&of[5..37], &of[40..72]].concat());
    let short = |one: &str, other: &str| format!("30{:02x}{one}{other}", (one.len() + other.len()) / 2);
    let mut expected = [0; 64];
    (expected[31], expected[63]) = (1, 128);
    assert_eq!(ecdsa_signature(&bytes(&short("020101", "02020080"))), Some(expected));
    for (one, other) in [
        // Negative, zero, longer than need be, longer than can be, of another kind, missing.
        ("020181", "020101"),
        ("020100", "020101"),
        ("02020001", "020101"),
        ("0200", "020101"),
        (&format!("022101{}", "11".repeat(32)), "020101"),
        ("030101", "020101"),
        ("020101", ""),
        ("020101", "020101020101"),
    ] {
        assert_eq!(ecdsa_signature(&bytes(&short(one, other))), None, "{one} {other}");
    }
    for length in 0..of.len() {
        assert_eq!(ecdsa_signature(&of[..length]), None, "{length}");
    }
    assert_eq!(ecdsa_signature(&[of, vec![0]].concat()), None);
}

#[test]
fn what_is_cut_off_anywhere_is_refused() {
    for name in ["none_es256", "packed_eddsa", "apple_es256"] {
        let object = vector(name, "register.attestation_object");
        for length in 0..object.len() {
            assert!(AuthenticatorData::of_attestation(&object[..length]).is_err(), "{name} {length}");
        }
        assert!(AuthenticatorData::of_attestation(&[object, vec![0]].concat()).is_err(), "{name}");
    }
    // Deeper than anybody writes, and longer than there is.
    let nested = [bytes("a16161"), vec![0x81; 100_000]].concat();
    for object in [nested, bytes("bbffffffffffffffff"), bytes("a161619bffffffffffffffff00"), bytes("bf6161f5ff")] {
        assert_eq!(AuthenticatorData::of_attestation(&object), Err(WebauthnError::Attestation));
    }
}

proptest! {
    #[test]
    fn no_bytes_bring_a_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = AuthenticatorData::of_attestation(&bytes);
        let _ = AuthenticatorData::parse(&bytes);
        let _ = ClientData::parse(&bytes);
        let _ = ecdsa_signature(&bytes);
    }

    #[test]
    fn no_change_of_a_byte_brings_a_reader_down(at in 0_usize..190, byte in any::<u8>()) {
        let mut object = vector("none_es256", "register.attestation_object");
        object[at] = byte;
        let _ = AuthenticatorData::of_attestation(&object);
    }
}
