//! The models that a page offers: in which order they are asked, and what their tokens cost.

use std::fmt;

/// Micro-dollars (millionths of a US dollar) in a dollar; also the tokens that a price is for.
const MILLION: u64 = 1_000_000;

/// More models than this in one list are taken for a mistake: each that is gone costs a visitor one call.
const MOST_MODELS: usize = 16;

/// The longest id, in characters. The longest known of any vendor is below 80.
const ID_CHARS: usize = 200;

/// The longest label, in characters: it stands in a menu.
const LABEL_CHARS: usize = 60;

/// The highest amount of dollars that is no mistake: as a price per million tokens, and as a day's budget.
pub const MOST_DOLLARS: u64 = 10_000;

/// Digits after the point of a price: a micro-dollar.
const PRICE_DECIMALS: usize = 6;

/// What a million tokens cost, in micro-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPrice {
    /// A million tokens of the prompt.
    pub input: u64,
    /// A million tokens of the answer.
    pub output: u64,
}

impl TokenPrice {
    /// Reads `0.60/1.20`: dollars per million tokens, of the prompt and of the answer.
    fn parse(text: &str) -> Option<Self> {
        let (input, output) = text.split_once('/')?;
        Some(Self { input: micro_dollars(input.trim())?, output: micro_dollars(output.trim())? })
    }

    /// What these tokens cost, in micro-dollars: rounded up, and no more than fits.
    #[must_use]
    pub fn cost(self, prompt_tokens: u64, completion_tokens: u64) -> u64 {
        let part = |tokens: u64, price: u64| u128::from(tokens) * u128::from(price);
        let whole = part(prompt_tokens, self.input).saturating_add(part(completion_tokens, self.output));
        u64::try_from(whole.div_ceil(u128::from(MILLION))).unwrap_or(u64::MAX)
    }
}

/// A decimal number of dollars in micro-dollars, exactly: digits, and at most six more after a point. `None`: it is no such number, or beyond any price.
#[must_use]
pub fn micro_dollars(text: &str) -> Option<u64> {
    let (dollars, rest) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if dollars.is_empty() || !is_number(dollars) || !is_number(rest) || rest.len() > PRICE_DECIMALS {
        return None;
    }
    let dollars: u64 = dollars.parse().ok()?;
    let micros: u64 = format!("{rest:0<PRICE_DECIMALS$}").parse().ok()?;
    let price = dollars.checked_mul(MILLION)?.checked_add(micros)?;
    (price <= MOST_DOLLARS * MILLION).then_some(price)
}

/// A model that a page offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedModel {
    /// Its vendor's name for it.
    pub id: String,
    /// What visitors read; the id, unless the operator says otherwise.
    pub label: String,
    /// What it costs, if the operator says so.
    pub price: Option<TokenPrice>,
}

impl OfferedModel {
    /// A model of which no more than its id is known.
    fn unpriced(id: &str) -> Self {
        Self { id: id.to_owned(), label: id.to_owned(), price: None }
    }

    /// Reads `id[=label][@in/out]`. An `@` in the first place belongs to the id: some vendors' ids begin with one.
    fn parse(entry: &str) -> Result<Self, ModelFault> {
        let entry = entry.trim();
        if entry.is_empty() {
            return Err(ModelFault::Empty);
        }
        let price_at = entry.rfind('@').filter(|at| *at > 0);
        let (named, price) = price_at.map_or((entry, None), |at| {
            let (named, price) = entry.split_at(at);
            (named, Some(price.trim_start_matches('@')))
        });
        let (id, label) = named.split_once('=').map_or((named, None), |(id, label)| (id, Some(label.trim())));
        let id = id.trim();
        if !is_model_id(id) {
            return Err(ModelFault::Id);
        }
        let label = label.map_or(Ok(id), |label| if is_label(label) { Ok(label) } else { Err(ModelFault::Label) })?;
        let price = price.map(|price| TokenPrice::parse(price.trim()).ok_or(ModelFault::Price)).transpose()?;
        Ok(Self { id: id.to_owned(), label: label.to_owned(), price })
    }
}

fn is_model_id(text: &str) -> bool {
    let is_allowed = |char: char| !char.is_whitespace() && !char.is_control() && !matches!(char, ',' | '=');
    !text.is_empty() && text.chars().count() <= ID_CHARS && text.chars().all(is_allowed)
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LABEL_CHARS && !text.chars().any(char::is_control)
}

/// What is wrong with one entry of a list of models. It never repeats what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelFault {
    /// Nothing stands there.
    Empty,
    /// The id is malformed.
    Id,
    /// The label is malformed.
    Label,
    /// The price is malformed.
    Price,
    /// The id stands in an earlier entry already.
    Twice,
    /// There are too many.
    TooMany,
}

impl fmt::Display for ModelFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("is empty"),
            Self::Id => write!(formatter, "needs an id of 1 to {ID_CHARS} characters without spaces"),
            Self::Label => write!(formatter, "needs a label of 1 to {LABEL_CHARS} characters after its ="),
            Self::Price => write!(
                formatter,
                "needs a price after its @ such as 0.60/1.20: US dollars per million tokens in and out, each from 0 to \
                 {MOST_DOLLARS} with at most {PRICE_DECIMALS} digits after the point"
            ),
            Self::Twice => formatter.write_str("repeats the id of an earlier one"),
            Self::TooMany => write!(formatter, "is one too many: there may be {MOST_MODELS}"),
        }
    }
}

/// Why a text is no list of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {entry} {fault}")]
pub struct ModelListError {
    /// The first entry that is wrong, counted from 1.
    pub entry: usize,
    /// What is wrong with it.
    pub fault: ModelFault,
}

/// A text that is no model's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one model's id of 1 to {ID_CHARS} characters, without spaces, commas and =")]
pub struct ModelIdError;

/// The models in the order in which they are asked. The default has none, and no other list is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelList(Vec<OfferedModel>);

impl ModelList {
    /// Reads entries `id[=label][@in/out]` between commas.
    ///
    /// # Errors
    /// The first entry that is wrong, and how.
    pub fn parse(text: &str) -> Result<Self, ModelListError> {
        let mut models: Vec<OfferedModel> = Vec::new();
        for (before, entry) in text.split(',').enumerate() {
            let wrong = |fault| ModelListError { entry: before + 1, fault };
            let model = OfferedModel::parse(entry).map_err(wrong)?;
            if models.iter().any(|other| other.id == model.id) {
                return Err(wrong(ModelFault::Twice));
            }
            if models.len() == MOST_MODELS {
                return Err(wrong(ModelFault::TooMany));
            }
            models.push(model);
        }
        Ok(Self(models))
    }

    /// The same list with this model in front: moved there with its label and price if it is in the list, else added without.
    ///
    /// # Errors
    /// [`ModelIdError`] when `id` is malformed.
    pub fn led_by(mut self, id: &str) -> Result<Self, ModelIdError> {
        if !is_model_id(id) {
            return Err(ModelIdError);
        }
        let known = self.0.iter().position(|model| model.id == id);
        let leader = known.map_or_else(|| OfferedModel::unpriced(id), |at| self.0.remove(at));
        self.0.insert(0, leader);
        Ok(self)
    }

    /// All of them, the first first.
    pub fn iter(&self) -> impl Iterator<Item = &OfferedModel> {
        self.0.iter()
    }

    /// Those to be asked, the first first: without the ids that are known to be gone, unless that would leave none. The one that is `wished`
    /// comes before all others.
    #[must_use]
    pub fn to_ask(&self, gone: &[String], wished: Option<&str>) -> Vec<&OfferedModel> {
        let there: Vec<&OfferedModel> = self.iter().filter(|model| !gone.contains(&model.id)).collect();
        let mut models = if there.is_empty() { self.iter().collect() } else { there };
        if let Some(at) = models.iter().position(|model| Some(&*model.id) == wished) {
            let first = models.remove(at);
            models.insert(0, first);
        }
        models
    }

    /// Whether the model that is `wished` for is another than would be asked without a wish.
    #[must_use]
    pub fn is_other(&self, gone: &[String], wished: Option<&str>) -> bool {
        let first = |wished| self.to_ask(gone, wished).first().map(|model| &model.id);
        first(wished) != first(None)
    }

    /// The model that should have answered, where another one did: the one that was `wished` for, or else the first.
    #[must_use]
    pub fn instead_of(&self, wished: Option<&str>, answering: &str) -> Option<String> {
        let first = || self.iter().next().map(|model| &*model.id);
        wished.or_else(first).filter(|expected| *expected != answering).map(str::to_owned)
    }

    /// The dearest known price, by input and by output: the two may be of two models. `None`: no price is known.
    #[must_use]
    pub fn dearest(&self) -> Option<TokenPrice> {
        self.iter().filter_map(|model| model.price).reduce(|dearest, price| TokenPrice {
            input: dearest.input.max(price.input),
            output: dearest.output.max(price.output),
        })
    }

    /// What a model costs: by its own price, or by [`ModelList::dearest`] where that is unknown.
    #[must_use]
    pub fn price_of(&self, id: &str) -> Option<TokenPrice> {
        self.own_price_of(id).or_else(|| self.dearest())
    }

    /// The price that stands beside a model.
    #[must_use]
    pub fn own_price_of(&self, id: &str) -> Option<TokenPrice> {
        self.iter().find(|model| model.id == id).and_then(|model| model.price)
    }
}

#[cfg(test)]
mod tests;
