//! The list as an operator writes it, and sums of money to the last micro-dollar.

use super::*;

const DEFAULT: &str = "Meta-Llama-3.3-70B-Instruct=Llama 3.3 70B@0.60/1.20,gpt-oss-120b=GPT-OSS 120B@0.22/0.59";

fn list(text: &str) -> ModelList {
    ModelList::parse(text).unwrap()
}

fn price(input: u64, output: u64) -> TokenPrice {
    TokenPrice { input, output }
}

fn ids(models: &ModelList) -> Vec<&str> {
    models.iter().map(|model| model.id.as_str()).collect()
}

#[test]
fn label_and_price_may_each_be_left_out() {
    for (text, id, label, price) in [
        ("m", "m", "m", None),
        ("m=A model", "m", "A model", None),
        ("m@1/2", "m", "m", Some(price(1_000_000, 2_000_000))),
        (" m = A model @ 0.60 / 1.20 ", "m", "A model", Some(price(600_000, 1_200_000))),
        ("org/m:free=M = N@0/0", "org/m:free", "M = N", Some(price(0, 0))),
        ("@cf/meta/m", "@cf/meta/m", "@cf/meta/m", None),
        ("@cf/meta/m=M@0.000001/10000", "@cf/meta/m", "M", Some(price(1, 10_000_000_000))),
        ("m=M @ home@1/2", "m", "M @ home", Some(price(1_000_000, 2_000_000))),
        ("m=模型", "m", "模型", None),
    ] {
        let expected = OfferedModel { id: id.to_owned(), label: label.to_owned(), price };
        assert_eq!(list(text).iter().collect::<Vec<_>>(), [&expected], "{text}");
    }
    let long = "i".repeat(ID_CHARS);
    assert_eq!(list(&long).iter().next().unwrap().label, long, "an id that is its own label is as long as an id");
}

#[test]
fn the_default_list_is_as_priced_by_its_vendor() {
    let models = list(DEFAULT);
    assert_eq!(ids(&models), ["Meta-Llama-3.3-70B-Instruct", "gpt-oss-120b"]);
    assert_eq!(models.price_of("Meta-Llama-3.3-70B-Instruct"), Some(price(600_000, 1_200_000)));
    assert_eq!(models.price_of("gpt-oss-120b"), Some(price(220_000, 590_000)));
}

#[test]
fn a_wrong_entry_is_named_by_its_number_and_never_by_its_words() {
    use ModelFault::*;
    let (long_id, long_label) = ("x".repeat(ID_CHARS + 1), format!("m={}", "x".repeat(LABEL_CHARS + 1)));
    for (entry, fault) in [
        ("", Empty),
        (" ", Empty),
        ("xyz xyz", Id),
        ("=xyz", Id),
        ("x\u{7}yz", Id),
        (&long_id, Id),
        ("xyz=", Label),
        ("xyz= @1/2", Label),
        ("xyz=a\u{7}b", Label),
        (&long_label, Label),
        ("xyz@", Price),
        ("xyz@1", Price),
        ("xyz@1/", Price),
        ("xyz@/1", Price),
        ("xyz@1/2/3", Price),
        ("xyz@-1/2", Price),
        ("xyz@+1/2", Price),
        ("xyz@1/-0", Price),
        ("xyz@NaN/1", Price),
        ("xyz@inf/1", Price),
        ("xyz@1e3/1", Price),
        ("xyz@0x1/1", Price),
        ("xyz@.5/1", Price),
        ("xyz@5./1", Price),
        ("xyz@1.2.3/1", Price),
        ("xyz@0.1234567/1", Price),
        ("xyz@1 0/1", Price),
        ("xyz@$1/1", Price),
        ("xyz@１/1", Price),
        ("xyz@10000.000001/1", Price),
        ("xyz@99999999999999999999999/1", Price),
        ("xyz@20240620", Price),
        ("first", Twice),
        ("first=Another@1/2", Twice),
    ] {
        let error = ModelList::parse(&format!("first,second,{entry}")).unwrap_err();
        assert_eq!(error, ModelListError { entry: 3, fault }, "{entry}");
        assert!(error.to_string().starts_with("entry 3 ") && !error.to_string().contains("xyz"), "{error}");
    }
    assert_eq!(ModelList::parse("").unwrap_err(), ModelListError { entry: 1, fault: Empty });
    assert_eq!(ModelList::parse("m,").unwrap_err(), ModelListError { entry: 2, fault: Empty });
    let many = |count: usize| (0..count).map(|number| format!("m{number}")).collect::<Vec<_>>().join(",");
    assert_eq!(ids(&list(&many(MOST_MODELS))).len(), MOST_MODELS);
    let error = ModelList::parse(&many(MOST_MODELS + 1)).unwrap_err();
    assert_eq!(error, ModelListError { entry: MOST_MODELS + 1, fault: TooMany });
}

#[test]
fn one_model_may_be_put_first() {
    let models = || list("a=A@1/2,b=B@3/4,c");
    let led = models().led_by("b").unwrap();
    assert_eq!(ids(&led), ["b", "a", "c"]);
    assert_eq!(led.iter().next(), models().iter().nth(1), "it keeps its label and price");
    let led = models().led_by("d").unwrap();
    assert_eq!(ids(&led), ["d", "a", "b", "c"]);
    assert_eq!(led.iter().next(), Some(&OfferedModel::unpriced("d")));
    for id in ["", "a b", "a,b", "a=A"] {
        assert_eq!(models().led_by(id), Err(ModelIdError), "{id}");
    }
}

#[test]
fn a_model_known_to_be_gone_is_left_out_unless_none_would_be_left() {
    let models = list("a,b,c");
    for (gone, asked) in [
        (&[][..], &["a", "b", "c"][..]),
        (&["a"], &["b", "c"]),
        (&["b", "a"], &["c"]),
        (&["x"], &["a", "b", "c"]),
        (&["c", "b", "a"], &["a", "b", "c"]),
    ] {
        let gone: Vec<String> = gone.iter().map(|id| (*id).to_owned()).collect();
        let found: Vec<_> = models.to_ask(&gone, None).iter().map(|model| model.id.as_str()).collect();
        assert_eq!(found, asked, "{gone:?}");
    }
}

#[test]
fn another_model_answers_for_the_one_that_was_wished_for_or_else_the_first() {
    let models = list("a,b");
    for (wished, answering, instead_of) in [
        (None, "a", None),
        (None, "b", Some("a")),
        (Some("b"), "b", None),
        (Some("b"), "a", Some("b")),
        (Some("a"), "b", Some("a")),
    ] {
        assert_eq!(models.instead_of(wished, answering).as_deref(), instead_of, "{wished:?} {answering}");
    }
}

#[test]
fn where_a_price_is_unknown_the_dearest_known_one_stands() {
    let models = list("a@1/9,b@2/3,c");
    assert_eq!(models.dearest(), Some(price(2_000_000, 9_000_000)));
    assert_eq!(models.price_of("a"), Some(price(1_000_000, 9_000_000)));
    assert_eq!(models.price_of("c"), models.dearest());
    assert_eq!(models.price_of("not in the list"), models.dearest());
    assert_eq!((list("a,b").dearest(), list("a,b").price_of("a")), (None, None));
}

#[test]
fn a_cost_is_exact_rounded_up_and_never_too_large() {
    let (llama, dearest) = (price(600_000, 1_200_000), price(MOST_DOLLARS * MILLION, MOST_DOLLARS * MILLION));
    for (price, prompt, completion, cost) in [
        (llama, 0, 0, 0),
        (llama, 1_000_000, 0, 600_000),
        (llama, 0, 1_000_000, 1_200_000),
        (llama, 1, 0, 1),
        (llama, 5, 0, 3),
        (llama, 5, 1, 5),
        (llama, 6_000, 2_048, 6_058),
        (price(0, 0), u64::MAX, u64::MAX, 0),
        (price(1, 0), 1, 0, 1),
        (price(1, 0), 1_000_001, 0, 2),
        (price(MILLION, 0), u64::MAX, 0, u64::MAX),
        (dearest, u64::MAX, u64::MAX, u64::MAX),
    ] {
        assert_eq!(price.cost(prompt, completion), cost, "{price:?} {prompt} {completion}");
    }
}
