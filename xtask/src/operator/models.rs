//! `SAMBANOVA_MODELS` as far as it is wanted here: the models' ids and what they cost.

/// A model and its price.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The vendor's name for it.
    pub id: String,
    /// US dollars for a million tokens in, and out.
    pub price: Option<(f64, f64)>,
}

impl Model {
    /// Reads `id[=label][@USD in/out]`.
    fn parse(entry: &str) -> Self {
        let entry = entry.trim();
        let at = entry.rfind('@').filter(|at| *at > 0);
        let (named, price) = at.map_or((entry, ""), |at| entry.split_at(at));
        let numbers = price.trim_start_matches('@').split_once('/');
        let price = numbers.and_then(|(input, output)| Some((input.trim().parse().ok()?, output.trim().parse().ok()?)));
        Self { id: named.split('=').next().unwrap_or_default().trim().to_owned(), price }
    }

    /// What so many tokens cost, in US dollars.
    pub fn cost(&self, prompt: u64, completion: u64) -> Option<f64> {
        let million = |tokens: u64, price: f64| price * tokens as f64 / 1e6;
        self.price.map(|(input, output)| million(prompt, input) + million(completion, output))
    }
}

/// The models in the order they are asked: `first` stands in front where it is set.
pub fn parse(list: &str, first: &str) -> Vec<Model> {
    let mut models: Vec<Model> = list.split(',').filter(|entry| !entry.trim().is_empty()).map(Model::parse).collect();
    if !first.is_empty() {
        let known = models.iter().position(|model| model.id == first);
        let model = known.map_or_else(|| Model { id: first.to_owned(), price: None }, |at| models.remove(at));
        models.insert(0, model);
    }
    models
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_prices_are_read() {
        let models = parse("a=A b@0.60/1.20, b@1/2,c=C", "");
        assert_eq!(models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(models[0].cost(1_000_000, 500_000), Some(1.2));
        assert_eq!(models[2].cost(1, 1), None);
        assert_eq!(parse("a,b", "b")[0].id, "b");
        assert_eq!(parse("a,b", "d").len(), 3);
    }
}
