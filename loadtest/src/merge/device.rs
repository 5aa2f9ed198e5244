//! The devices of several machines as one, and what the deployment cost, seen from all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::measurement::{Device, Goose, Measurement, ServerCost};

/// All devices together: one that was not fit to measure makes the whole unfit, by name.
pub(super) fn together(parts: &[(String, Measurement)]) -> Device {
    let mut whole = Device::default();
    let mut machines = BTreeSet::new();
    for (name, part) in parts {
        let device = &part.device;
        whole.threads = whole.threads.saturating_add(device.threads);
        whole.cpu_s += device.cpu_s;
        whole.busiest = whole.busiest.max(device.busiest);
        whole.memory = whole.memory.saturating_add(device.memory);
        whole.memory_before = whole.memory_before.saturating_add(device.memory_before);
        whole.connections = whole.connections.saturating_add(device.connections);
        whole
            .invalid
            .extend(device.invalid.iter().map(|why| format!("{name}: {why}")));
        absorb(&mut whole.goose, &device.goose);
        machines.insert(device.machine.as_str());
    }
    machines.remove("");
    whole.machine = machines.into_iter().collect::<Vec<_>>().join(" + ");
    whole
}

/// The server's processes, each once: several machines may have watched the same one, and it was busy once.
pub(super) fn servers(parts: &[(String, Measurement)]) -> Vec<ServerCost> {
    let mut servers: BTreeMap<&str, ServerCost> = BTreeMap::new();
    for server in parts.iter().flat_map(|(_, part)| &part.servers) {
        match servers.get_mut(server.name.as_str()) {
            None => {
                servers.insert(&server.name, server.clone());
            }
            Some(known) => {
                known.cpu_s = known.cpu_s.max(server.cpu_s);
                known.memory = known.memory.max(server.memory);
                known.memory_before = known.memory_before.min(server.memory_before);
                known.remark = Some(WATCHED_TWICE.to_owned());
            }
        }
    }
    servers.into_values().collect()
}

fn absorb(whole: &mut Goose, part: &Goose) {
    whole.rules.extend_from_slice(&part.rules);
    whole.users = whole.users.saturating_add(part.users);
    for (name, count) in &part.requests {
        let sum = whole.requests.entry(name.clone()).or_default();
        *sum = sum.saturating_add(*count);
    }
}

const WATCHED_TWICE: &str =
    "watched by several machines: the highest of their figures, as it is one process";
