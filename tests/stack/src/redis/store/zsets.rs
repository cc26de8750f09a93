//! Sorted sets and the commands on them.

use super::Refusal;
use super::commands::{Arguments, Outcome};
use super::keyspace::Keyspace;
use super::number::{float, general, integer};
use crate::redis::Reply;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

#[derive(Clone, Debug, PartialEq)]
struct Ranked {
    score: f64,
    member: Vec<u8>,
}

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| self.member.cmp(&other.member))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Members in the order of their scores, then of their bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SortedSet {
    scores: HashMap<Vec<u8>, f64>,
    ranked: BTreeSet<Ranked>,
}

impl SortedSet {
    /// How many members there are.
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Sets a member's score.
    pub fn insert(&mut self, member: Vec<u8>, score: f64) {
        // -0 becomes 0, as in Redis' small sorted sets.
        let score = score + 0.0;
        self.remove(&member);
        self.scores.insert(member.clone(), score);
        self.ranked.insert(Ranked { score, member });
    }

    /// Whether it was there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        let Some(score) = self.scores.remove(member) else {
            return false;
        };
        self.ranked.remove(&Ranked { score, member: member.to_vec() })
    }

    /// Members and scores, lowest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Vec<u8>, f64)> {
        self.ranked.iter().map(|ranked| (&ranked.member, ranked.score))
    }
}

/// One end of a range of scores.
#[derive(Clone, Copy)]
struct Bound {
    score: f64,
    is_open: bool,
}

impl Bound {
    fn parse(text: &[u8]) -> Result<Self, Refusal> {
        let (is_open, number) = match text {
            [b'(', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        // C's strtod reads nothing as 0.
        let score = if number.is_empty() { Some(0.0) } else { float(number) };
        let score = score.ok_or(Refusal::from("ERR min or max is not a float"))?;
        Ok(Self { score, is_open })
    }

    fn is_at_most(self, score: f64) -> bool {
        if self.is_open { self.score < score } else { self.score <= score }
    }

    fn is_at_least(self, score: f64) -> bool {
        if self.is_open { self.score > score } else { self.score >= score }
    }
}

fn score_reply(score: f64) -> Reply {
    Reply::bulk(general(score, 17))
}

pub fn zadd(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let is_zincrby = a.name() == "zincrby";
    let (mut nx, mut xx, mut gt, mut lt, mut ch, mut incr) = (false, false, false, false, false, is_zincrby);
    let mut at = 2;
    while at < a.len() {
        match a.upper(at).as_str() {
            "NX" => nx = true,
            "XX" => xx = true,
            "GT" => gt = true,
            "LT" => lt = true,
            "CH" => ch = true,
            "INCR" => incr = true,
            _ => break,
        }
        at += 1;
    }
    let pairs = a.from(at);
    if pairs.is_empty() || !pairs.len().is_multiple_of(2) {
        return Err(Refusal::syntax());
    }
    if nx && xx {
        return Err("ERR XX and NX options at the same time are not compatible".into());
    }
    if (gt && (nx || lt)) || (lt && nx) {
        return Err("ERR GT, LT, and/or NX options at the same time are not compatible".into());
    }
    if incr && pairs.len() > 2 {
        return Err("ERR INCR option supports a single increment-element pair".into());
    }
    let mut elements = Vec::new();
    for pair in pairs.chunks_exact(2) {
        if let [score, member] = pair {
            elements.push((float(score).ok_or(Refusal::from("ERR value is not a valid float"))?, member));
        }
    }
    keyspace.change(a.at(1), |set: &mut SortedSet| {
        let (mut added, mut changed, mut last) = (0, 0, None);
        for (given, member) in elements {
            match set.scores.get(member).copied() {
                None if xx => {}
                None => {
                    set.insert(member.clone(), given);
                    added += 1;
                    last = Some(given);
                }
                Some(_) if nx => {}
                Some(before) => {
                    let after = if incr { before + given } else { given };
                    if after.is_nan() {
                        return Err("ERR resulting score is not a number (NaN)".into());
                    }
                    if (gt && after <= before) || (lt && after >= before) {
                        continue;
                    }
                    last = Some(after);
                    if after.partial_cmp(&before) != Some(Ordering::Equal) {
                        set.insert(member.clone(), after);
                        changed += 1;
                    }
                }
            }
        }
        Ok(match incr {
            true => last.map_or(Reply::Nil, score_reply),
            false => Reply::Int(if ch { added + changed } else { added }),
        })
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

pub fn zscore(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let score = keyspace.read::<SortedSet>(a.at(1))?.and_then(|set| set.scores.get(a.at(2)).copied());
    Ok(score.map_or(Reply::Nil, score_reply))
}

pub fn zcount(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let (min, max) = (Bound::parse(a.at(2))?, Bound::parse(a.at(3))?);
    let set = keyspace.read::<SortedSet>(a.at(1))?;
    let count = set.map_or(0, |set| set.iter().filter(|(_, s)| min.is_at_most(*s) && max.is_at_least(*s)).count());
    Ok(Reply::Int(count as i64))
}

pub fn zremrangebyscore(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let (min, max) = (Bound::parse(a.at(2))?, Bound::parse(a.at(3))?);
    keyspace.change(a.at(1), |set: &mut SortedSet| {
        let within = set.iter().filter(|(_, s)| min.is_at_most(*s) && max.is_at_least(*s));
        let gone: Vec<Vec<u8>> = within.map(|(member, _)| member.clone()).collect();
        for member in &gone {
            set.remove(member);
        }
        Ok(Reply::Int(gone.len() as i64))
    })
}

#[derive(Default)]
struct RangeOptions {
    by_score: bool,
    reversed: bool,
    limit: Option<(i64, i64)>,
    with_scores: bool,
}

/// `ZRANGE`, `ZREVRANGE`, `ZRANGEBYSCORE` and `ZREVRANGEBYSCORE`.
pub fn zrange(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let name = a.name();
    let is_plain = name == "zrange";
    let mut options = RangeOptions {
        by_score: name.ends_with("byscore"),
        reversed: name.starts_with("zrev"),
        ..RangeOptions::default()
    };
    let mut at = 4;
    while at < a.len() {
        match a.upper(at).as_str() {
            "WITHSCORES" => options.with_scores = true,
            "LIMIT" if a.len() > at + 2 => {
                options.limit = Some((integer(a.at(at + 1))?, integer(a.at(at + 2))?));
                at += 2;
            }
            "BYSCORE" if is_plain => options.by_score = true,
            "REV" if is_plain => options.reversed = true,
            _ => return Err(Refusal::syntax()),
        }
        at += 1;
    }
    if options.limit.is_some() && !options.by_score {
        return Err("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX".into());
    }
    let found = if options.by_score { by_score(keyspace, a, &options)? } else { by_rank(keyspace, a, &options)? };
    let mut items = Vec::new();
    for (member, score) in found {
        items.push(Reply::Bulk(member));
        if options.with_scores {
            items.push(score_reply(score));
        }
    }
    Ok(Reply::Array(items))
}

type Found = Vec<(Vec<u8>, f64)>;

fn ordered(set: &SortedSet, reversed: bool) -> Found {
    let mut all: Found = set.iter().map(|(member, score)| (member.clone(), score)).collect();
    if reversed {
        all.reverse();
    }
    all
}

fn by_score(keyspace: &mut Keyspace, a: &Arguments<'_>, options: &RangeOptions) -> Result<Found, Refusal> {
    let (low, high) = if options.reversed { (3, 2) } else { (2, 3) };
    let (min, max) = (Bound::parse(a.at(low))?, Bound::parse(a.at(high))?);
    let Some(set) = keyspace.read::<SortedSet>(a.at(1))? else {
        return Ok(Found::new());
    };
    let within = ordered(set, options.reversed).into_iter().filter(|(_, s)| min.is_at_most(*s) && max.is_at_least(*s));
    Ok(match options.limit {
        None => within.collect(),
        Some((offset, _)) if offset < 0 => Found::new(),
        Some((offset, count)) => {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            within.skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(count).collect()
        }
    })
}

fn by_rank(keyspace: &mut Keyspace, a: &Arguments<'_>, options: &RangeOptions) -> Result<Found, Refusal> {
    let (start, stop) = (integer(a.at(2))?, integer(a.at(3))?);
    let Some(set) = keyspace.read::<SortedSet>(a.at(1))? else {
        return Ok(Found::new());
    };
    let len = set.len() as i64;
    let from_end = |rank: i64| if rank < 0 { rank.saturating_add(len) } else { rank };
    let (start, stop) = (from_end(start).max(0), from_end(stop).min(len - 1));
    if start > stop {
        return Ok(Found::new());
    }
    let count = usize::try_from(stop - start + 1).unwrap_or(0);
    Ok(ordered(set, options.reversed).into_iter().skip(usize::try_from(start).unwrap_or(0)).take(count).collect())
}
