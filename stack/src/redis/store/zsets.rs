//! Sorted sets and the commands on them.

use super::Refusal;
use super::commands::{Arguments, Outcome};
use super::keyspace::Keyspace;
use super::number::{float, general, integer};
use crate::redis::Reply;

/// Members with their scores, in the order of these, then of their bytes. Those of Edgewise have some dozens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SortedSet(Vec<(Vec<u8>, f64)>);

impl SortedSet {
    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Sets a member's score; whether it is a new one.
    pub fn insert(&mut self, member: Vec<u8>, score: f64) -> bool {
        // -0 becomes 0, as in Redis' small sorted sets.
        let score = score + 0.0;
        let is_new = !self.remove(&member);
        let place = self.0.partition_point(|(other, s)| s.total_cmp(&score).then_with(|| other.cmp(&member)).is_lt());
        self.0.insert(place, (member, score));
        is_new
    }

    /// Whether it was there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        let place = self.0.iter().position(|(other, _)| other == member);
        place.map(|place| self.0.remove(place)).is_some()
    }

    /// Members and scores, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = &(Vec<u8>, f64)> {
        self.0.iter()
    }
}

/// The scores from one end to the other; an end with `(` before it is left out.
struct Range {
    min: (f64, bool),
    max: (f64, bool),
}

impl Range {
    fn parse(min: &[u8], max: &[u8]) -> Result<Self, Refusal> {
        let end = |text: &[u8]| {
            let number = text.strip_prefix(b"(").unwrap_or(text);
            // C's strtod reads nothing as 0.
            let score = if number.is_empty() { Some(0.0) } else { float(number) };
            score.map(|score| (score, text.starts_with(b"("))).ok_or(Refusal::from("ERR min or max is not a float"))
        };
        Ok(Self { min: end(min)?, max: end(max)? })
    }

    fn holds(&self, score: f64) -> bool {
        let ((min, above), (max, below)) = (self.min, self.max);
        (if above { score > min } else { score >= min }) && (if below { score < max } else { score <= max })
    }
}

/// `ZADD`, of whose options only `XX` is known: members that are there get a new score, none is added.
pub fn zadd(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let first = (2..a.len()).find(|at| a.upper(*at) != "XX").unwrap_or(a.len());
    let (xx, pairs) = (first > 2, a.from(first));
    if pairs.is_empty() || !pairs.len().is_multiple_of(2) {
        return Err(Refusal::syntax());
    }
    let mut elements = Vec::new();
    for pair in pairs.chunks_exact(2) {
        if let [score, member] = pair {
            elements.push((float(score).ok_or(Refusal::from("ERR value is not a valid float"))?, member));
        }
    }
    keyspace.change(a.at(1), |set: &mut SortedSet| {
        let mut added = 0;
        for (score, member) in elements {
            if !xx || set.iter().any(|(other, _)| other == member) {
                added += i64::from(set.insert(member.clone(), score));
            }
        }
        Ok(Reply::Int(added))
    })
}

pub fn zrem(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    keyspace.change(a.at(1), |set: &mut SortedSet| {
        Ok(Reply::Int(a.from(2).iter().filter(|member| set.remove(member)).count() as i64))
    })
}

pub fn zcard(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(keyspace.read::<SortedSet>(a.at(1))?.map_or(0, SortedSet::len) as i64))
}

pub fn zremrangebyscore(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let range = Range::parse(a.at(2), a.at(3))?;
    keyspace.change(a.at(1), |set: &mut SortedSet| {
        let before = set.len();
        set.0.retain(|(_, score)| !range.holds(*score));
        Ok(Reply::Int((before - set.len()) as i64))
    })
}

/// `ZRANGE`, lowest first.
pub fn zrange(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let (mut by_score, mut limit, mut with_scores) = (false, None, false);
    let mut at = 4;
    while at < a.len() {
        match a.upper(at).as_str() {
            "WITHSCORES" => with_scores = true,
            "LIMIT" if a.len() > at + 2 => {
                limit = Some((integer(a.at(at + 1))?, integer(a.at(at + 2))?));
                at += 2;
            }
            "BYSCORE" => by_score = true,
            _ => return Err(Refusal::syntax()),
        }
        at += 1;
    }
    if limit.is_some() && !by_score {
        return Err("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX".into());
    }
    let found = if by_score { by_scores(keyspace, a, limit)? } else { by_ranks(keyspace, a)? };
    let mut items = Vec::new();
    for (member, score) in found {
        items.push(Reply::Bulk(member));
        if with_scores {
            items.push(Reply::bulk(general(score, 17)));
        }
    }
    Ok(Reply::Array(items))
}

type Found = Vec<(Vec<u8>, f64)>;

fn by_scores(keyspace: &mut Keyspace, a: &Arguments<'_>, limit: Option<(i64, i64)>) -> Result<Found, Refusal> {
    let range = Range::parse(a.at(2), a.at(3))?;
    let set = keyspace.read::<SortedSet>(a.at(1))?;
    let within = set.into_iter().flat_map(SortedSet::iter).filter(|(_, score)| range.holds(*score)).cloned();
    Ok(match limit.map(|(offset, count)| (usize::try_from(offset), usize::try_from(count))) {
        None => within.collect(),
        // A negative count is no limit, a negative offset finds nothing.
        Some((Ok(offset), count)) => within.skip(offset).take(count.unwrap_or(usize::MAX)).collect(),
        Some((Err(_), _)) => Found::new(),
    })
}

fn by_ranks(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Result<Found, Refusal> {
    let (start, stop) = (integer(a.at(2))?, integer(a.at(3))?);
    let Some(set) = keyspace.read::<SortedSet>(a.at(1))? else {
        return Ok(Found::new());
    };
    let from_end = |rank: i64| if rank < 0 { rank.saturating_add(set.len() as i64) } else { rank };
    let first = usize::try_from(from_end(start).max(0)).unwrap_or(usize::MAX);
    let behind = usize::try_from(from_end(stop).saturating_add(1)).unwrap_or(0).min(set.len());
    Ok(set.0.get(first..behind).unwrap_or_default().to_vec())
}
