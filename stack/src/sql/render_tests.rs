//! Values of Postgres as JSON.

use super::{tag, value};
use postgres_types::Type;

fn json(text: &str, kind: &Type) -> String {
    let mut out = Vec::new();
    value(text, kind, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn scalars() {
    for (text, kind, wanted) in [
        ("t", Type::BOOL, "true"),
        ("-7", Type::INT4, "-7"),
        ("1", Type::INT8, "\"1\""),
        ("1.50", Type::NUMERIC, "\"1.50\""),
        ("1.5", Type::FLOAT8, "1.5"),
        ("1e+30", Type::FLOAT8, "1e+30"),
        ("NaN", Type::FLOAT8, "\"NaN\""),
        ("-Infinity", Type::FLOAT4, "\"-Infinity\""),
        (r#"{"a": 1.0}"#, Type::JSONB, r#"{"a": 1.0}"#),
        ("a\"é", Type::TEXT, r#""a\"é""#),
    ] {
        assert_eq!(json(text, &kind), wanted, "{text} {kind}");
    }
}

#[test]
fn arrays() {
    for (text, kind, wanted) in [
        ("{}", Type::INT4_ARRAY, "[]"),
        ("{1,NULL,3}", Type::INT4_ARRAY, "[1,null,3]"),
        ("{{1,2},{3,4}}", Type::INT4_ARRAY, "[[1,2],[3,4]]"),
        ("[0:1]={5,6}", Type::INT4_ARRAY, "[5,6]"),
        (r#"{a,"b c","d\"e","NULL","\\",""}"#, Type::TEXT_ARRAY, r#"["a","b c","d\"e","NULL","\\",""]"#),
        (r#"{"{\"a\": [1]}"}"#, Type::JSONB_ARRAY, r#"[{"a": [1]}]"#),
        ("{t,f}", Type::BOOL_ARRAY, "[true,false]"),
        ("{9007199254740993}", Type::INT8_ARRAY, r#"["9007199254740993"]"#),
    ] {
        assert_eq!(json(text, &kind), wanted, "{text}");
    }
    for broken in ["{", "{1", "{1,", "{\"a", "{1}x", "x", "", "[0:1]"] {
        assert_eq!(json(broken, &Type::INT4_ARRAY), serde_json::to_string(broken).unwrap());
    }
}

#[test]
fn command_tags() {
    assert_eq!(tag("INSERT 0 3"), ("INSERT", Some(3)));
    assert_eq!(tag("SELECT 1"), ("SELECT", Some(1)));
    assert_eq!(tag("CREATE TABLE"), ("CREATE", None));
    assert_eq!(tag("BEGIN"), ("BEGIN", None));
    assert_eq!(tag(""), ("", None));
}
