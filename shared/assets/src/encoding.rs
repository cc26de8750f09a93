//! Which compressed form to send (RFC 9110 §12.5.3).

use http::{HeaderMap, header};

/// A form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// `br`.
    Brotli,
    /// `gzip`.
    Gzip,
    /// As it is.
    Plain,
}

/// Weights are in thousandths: the specification allows three decimals.
const FULL: u16 = 1000;

/// What the asker likes best among the forms there are; the smaller one where they do not care. Who accepts nothing at all gets
/// the plain form: a page that is too large is better than none.
pub(crate) fn choose(asked: &HeaderMap, has_brotli: bool, has_gzip: bool) -> Encoding {
    let weights = Weights::read(asked);
    let mut best = (Encoding::Plain, weights.plain());
    for (encoding, exists, weight) in [
        (Encoding::Gzip, has_gzip, weights.of("gzip").or_else(|| weights.of("x-gzip"))),
        (Encoding::Brotli, has_brotli, weights.of("br")),
    ] {
        let weight = weight.or_else(|| weights.of("*")).unwrap_or(0);
        if exists && 0 < weight && best.1 <= weight {
            best = (encoding, weight);
        }
    }
    best.0
}

/// The weights an asker gives, by coding.
struct Weights<'a>(Vec<(&'a str, u16)>);

impl<'a> Weights<'a> {
    fn read(asked: &'a HeaderMap) -> Self {
        let lists = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        Self(lists.flat_map(|list| list.split(',')).filter_map(weighed).collect())
    }

    fn of(&self, coding: &str) -> Option<u16> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(coding)).map(|(_, weight)| *weight)
    }

    /// The plain form is always acceptable unless it is refused by name; unnamed, everything that is named goes before it.
    fn plain(&self) -> u16 {
        self.of("identity").unwrap_or(0)
    }
}

/// A coding and its weight; `None` if the weight is malformed.
fn weighed(item: &str) -> Option<(&str, u16)> {
    let mut parts = item.split(';').map(str::trim);
    let coding = parts.next().filter(|coding| !coding.is_empty())?;
    let weight = match parts.next() {
        None => FULL,
        Some(parameter) => {
            let (name, value) = parameter.split_once('=')?;
            thousandths(value.trim()).filter(|_| name.trim().eq_ignore_ascii_case("q"))?
        }
    };
    Some((coding, weight))
}

/// A weight from 0 to 1. Not by a float, whose parser alone is 16 kB of a component.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let part = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("{part:0<3}"))?;
    match whole {
        "0" | "" => part.get(..3)?.parse().ok(),
        "1" => part.bytes().all(|digit| digit == b'0').then_some(FULL),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn check(asked: &[&'static str], expected: Encoding) {
        let mut headers = HeaderMap::new();
        for value in asked {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        }
        assert_eq!(choose(&headers, true, true), expected, "{asked:?}");
    }

    #[test]
    fn the_smallest_form_that_is_accepted() {
        check(&["gzip, deflate, br, zstd"], Encoding::Brotli);
        check(&["gzip, deflate"], Encoding::Gzip);
        check(&["gzip", "br"], Encoding::Brotli);
        check(&["GZIP"], Encoding::Gzip);
        check(&["x-gzip"], Encoding::Gzip);
        check(&["*"], Encoding::Brotli);
        check(&["deflate"], Encoding::Plain);
        check(&[], Encoding::Plain);
        check(&[""], Encoding::Plain);
    }

    #[test]
    fn weights_decide() {
        check(&["br;q=0.5, gzip;q=0.8"], Encoding::Gzip);
        check(&["br;q=0.8, gzip;q=0.8"], Encoding::Brotli);
        check(&["br; Q=0.001, identity;q=0"], Encoding::Brotli);
        check(&["identity, br;q=0.5"], Encoding::Plain);
        check(&["identity;q=0.2, gzip;q=0.5"], Encoding::Gzip);
        check(&["br;q=0.9, *;q=1"], Encoding::Gzip);
    }

    #[test]
    fn zero_refuses() {
        check(&["br;q=0, gzip"], Encoding::Gzip);
        check(&["br;q=0, gzip;q=0.000"], Encoding::Plain);
        check(&["*;q=0"], Encoding::Plain);
        check(&["br, *;q=0"], Encoding::Brotli);
        check(&["gzip;q=0, *"], Encoding::Brotli);
        check(&["identity;q=0, *;q=0"], Encoding::Plain);
    }

    #[test]
    fn what_is_no_weight_counts_for_nothing() {
        for nonsense in ["br;q=", "br;q=x", "br;q=2", "br;q=-1", "br;q=NaN", "br;level=1", ";q=1"] {
            check(&[nonsense], Encoding::Plain);
        }
    }

    #[test]
    fn a_form_that_does_not_exist_is_not_chosen() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip;q=0.5"));
        assert_eq!(choose(&headers, false, true), Encoding::Gzip);
        assert_eq!(choose(&headers, false, false), Encoding::Plain);
    }
}
