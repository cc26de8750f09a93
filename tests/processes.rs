//! The processes behind a started server: which they are, and what they take.

use std::collections::HashMap;
use std::fs;

/// Each running process with its parent and its resident memory in bytes.
fn running() -> HashMap<u32, (u32, u64)> {
    let running = fs::read_dir("/proc").expect("/proc").flatten().filter_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        // A process may end while it is being looked at.
        let status = fs::read_to_string(entry.path().join("status")).ok()?;
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next();
        let kilobytes: u64 = field("VmRSS:").unwrap_or("0").parse().ok()?;
        Some((id, (field("PPid:")?.parse::<u32>().ok()?, kilobytes * 1024)))
    });
    running.collect()
}

fn is_below(running: &HashMap<u32, (u32, u64)>, id: u32, process: u32) -> bool {
    let parent = |id: &u32| running.get(id).map(|(parent, _)| *parent);
    std::iter::successors(parent(&id), parent).any(|ancestor| ancestor == process)
}

/// Everything that a process has started, and what those have started.
pub(crate) fn started_by(process: u32) -> Vec<u32> {
    let running = running();
    running.keys().copied().filter(|id| is_below(&running, *id, process)).collect()
}

/// The resident memory, in bytes, of everything that a process has started, and what those have started.
pub(crate) fn memory_below(process: u32) -> u64 {
    let running = running();
    running.iter().filter(|(id, _)| is_below(&running, **id, process)).map(|(_, (_, bytes))| bytes).sum()
}
