//! Every answer the suites see, checked against `schema/openapi.json`.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::{Answer, Call};

/// The checked-in contract.
pub struct Contract {
    document: Value,
    base: String,
    validators: Mutex<HashMap<String, &'static Validator>>,
}

impl Contract {
    /// The contract, read once.
    pub fn the() -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/openapi.json");
            let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
            let document: Value = serde_json::from_str(&text).expect("openapi.json is JSON");
            let server = document["servers"][0]["url"].as_str().unwrap_or_default().trim_end_matches('/');
            let base = if server.starts_with('/') { server.to_owned() } else { String::new() };
            Self { document, base, validators: Mutex::default() }
        })
    }

    /// The document itself.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Each path of the contract (with its base) and the methods it knows, in upper case.
    pub fn paths(&self) -> Vec<(String, Vec<String>)> {
        let paths = self.document["paths"].as_object().expect("paths");
        let methods = |item: &Value| -> Vec<String> {
            let known = ["get", "post", "put", "patch", "delete"];
            known.iter().filter(|method| item.get(**method).is_some()).map(|method| method.to_uppercase()).collect()
        };
        paths.iter().map(|(path, item)| (format!("{}{path}", self.base), methods(item))).collect()
    }

    /// The name of the operation that a call is for.
    pub fn operation(&self, call: &Call) -> Option<String> {
        let path = call.path().split('?').next().unwrap_or_default();
        let operation = &self.document["paths"][self.template(path)?][call.method().to_lowercase()];
        operation["operationId"].as_str().map(str::to_owned)
    }

    /// Each operation that nobody may ask for without a token: its name, its method in upper case, and its path (with its base).
    pub fn secured(&self) -> Vec<(String, String, String)> {
        let mut secured = Vec::new();
        for (path, methods) in self.paths() {
            let item = &self.document["paths"][path.strip_prefix(&self.base).unwrap_or(&path)];
            for method in methods {
                let operation = &item[method.to_lowercase()];
                let wanted = operation.get("security").unwrap_or(&self.document["security"]);
                let wants_token = |wanted: &Vec<Value>| {
                    wanted.iter().all(|one| one.as_object().is_some_and(|schemes| !schemes.is_empty()))
                };
                if wanted.as_array().is_some_and(wants_token) {
                    secured.push((operation["operationId"].as_str().expect("a name").to_owned(), method, path.clone()));
                }
            }
        }
        secured
    }

    /// Checks an answer: its status, media type and body must be in the contract. Calls outside of it (unknown paths, wrong methods)
    /// must answer with an error in the one envelope.
    pub fn check(&self, method: &str, path: &str, answer: &Answer) {
        let path = path.split('?').next().unwrap_or_default();
        let operation = self.template(path).and_then(|template| {
            let item = &self.document["paths"][template.as_str()];
            item.get(method.to_lowercase()).map(|operation| (template, operation))
        });
        let Some((template, operation)) = operation else {
            assert!(
                method == "OPTIONS" || answer.status >= 400,
                "{} is not in openapi.json but answers {}",
                answer.call,
                answer.status
            );
            return;
        };
        let status = answer.status.to_string();
        let class = format!("{}XX", answer.status / 100);
        let known = &operation["responses"];
        let Some(response) = known.get(&status).or_else(|| known.get(&class)).map(|response| self.resolve(response))
        else {
            panic!("{} answers {status}, which openapi.json does not know: {}", answer.call, answer.shown());
        };
        let Some(content) = response.get("content").and_then(Value::as_object) else {
            assert!(answer.body.is_empty(), "{} {status} has a body that openapi.json does not know", answer.call);
            return;
        };
        let media = answer.header("content-type").split(';').next().unwrap_or_default().trim();
        let Some(described) = content.get(media) else {
            panic!("{} {status} is {media}, openapi.json knows {:?}", answer.call, content.keys());
        };
        if media != "application/json" {
            return;
        }
        let Some(schema) = described.get("schema") else { return };
        let body = answer.json();
        let validator = self.validator(format!("{method} {template} {status}"), schema);
        let failures: Vec<String> =
            validator.iter_errors(&body).map(|error| format!("{} at {}", error, error.instance_path())).collect();
        assert!(failures.is_empty(), "{} {status} is not what openapi.json says: {failures:?}\n{body:#}", answer.call);
    }

    /// The path of the contract that a call's path is of, the one with the fewest parameters where several fit.
    pub fn template(&self, path: &str) -> Option<String> {
        let wanted: Vec<&str> = path.strip_prefix(&self.base)?.split('/').collect();
        let paths = self.document["paths"].as_object().expect("paths");
        let matches = |template: &&String| {
            let segments: Vec<&str> = template.split('/').collect();
            segments.len() == wanted.len()
                && segments.iter().zip(&wanted).all(|(segment, part)| segment.starts_with('{') || segment == part)
        };
        paths.keys().filter(matches).min_by_key(|template| template.matches('{').count()).cloned()
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                self.document.pointer(reference.trim_start_matches('#')).expect("a reference that resolves")
            }
            None => value,
        }
    }

    fn validator(&self, key: String, schema: &Value) -> &'static Validator {
        let mut validators = self.validators.lock().unwrap();
        validators.entry(key).or_insert_with(|| {
            let mut components = self.document["components"].clone();
            let mut extended = HashSet::new();
            collect_extended(&self.document, &mut extended);
            for (name, schema) in components["schemas"].as_object_mut().into_iter().flatten() {
                if !extended.contains(&format!("#/components/schemas/{name}")) {
                    close(schema);
                }
            }
            let whole = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "components": components,
                "allOf": [schema],
            });
            let validator = jsonschema::options().should_validate_formats(true).build(&whole).expect("a valid schema");
            Box::leak(Box::new(validator))
        })
    }
}

/// References that stand in an `allOf`: their objects are added to, so they cannot be closed.
fn collect_extended(value: &Value, extended: &mut HashSet<String>) {
    match value {
        Value::Object(fields) => {
            for part in fields.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                extended.extend(part.get("$ref").and_then(Value::as_str).map(str::to_owned));
            }
            fields.values().for_each(|field| collect_extended(field, extended));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_extended(item, extended)),
        _ => {}
    }
}

/// Makes a schema refuse fields it does not name, so that an undocumented field fails too.
fn close(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    let open_ended = ["additionalProperties", "allOf", "oneOf", "anyOf"].iter().any(|key| fields.contains_key(*key));
    if fields.contains_key("properties") && !open_ended {
        fields.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    let mut nested = Map::new();
    std::mem::swap(&mut nested, fields);
    for (key, mut value) in nested {
        if key == "properties" {
            value.as_object_mut().into_iter().flatten().for_each(|(_, property)| close(property));
        } else if key == "items" {
            close(&mut value);
        }
        fields.insert(key, value);
    }
}
