//! The machine that measures: what it is, what it used, and whether it was fit to measure.

mod validity;

use std::{fs, thread};

use procfs::{
    Current, Meminfo,
    process::{ClearRefs, Process},
};
use rustix::time::{ClockId, clock_gettime};

pub use self::validity::{Rules, remarks, validity};
use crate::measurement::Device;

/// Meters what a run costs this machine.
#[derive(Debug)]
pub struct Meter {
    cpu: f64,
    memory_before: u64,
}

impl Meter {
    /// Begins before the first connection.
    #[must_use]
    pub fn begins() -> Self {
        // The peak of an earlier run of this process is none of this one's. Where the kernel does not forget it,
        // a later run may show an earlier one's peak, which a search that goes up from run to run does not notice.
        let _ = Process::myself().and_then(|process| process.clear_refs(ClearRefs::PeakRSS));
        Self {
            cpu: cpu_seconds(),
            memory_before: resident(),
        }
    }

    /// Measuring begins: what was used before does not count.
    pub fn starts_measuring(&mut self) {
        self.cpu = cpu_seconds();
    }

    /// The device at the end of measuring: its CPU, its memory and what machine it is. The threads drove
    /// connections for these shares of their time, 0 to 1.
    #[must_use]
    pub fn ends(&self, busy: &[f64], connections: u64) -> Device {
        Device {
            threads: u32::try_from(busy.len()).unwrap_or(u32::MAX),
            cpu_s: cpu_seconds() - self.cpu,
            busiest: busy.iter().copied().fold(0.0, f64::max),
            memory: peak(),
            memory_before: self.memory_before,
            connections,
            machine: machine(),
            ..Device::default()
        }
    }
}

/// The machine, as `AMD EPYC 7763, 2 cores, 23.5 GiB`; what cannot be seen is left out. The cores are those that this
/// process may use.
#[must_use]
pub fn machine() -> String {
    let processor = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| model(&text));
    let cores = thread::available_parallelism()
        .ok()
        .map(|cores| match cores.get() {
            1 => "1 core".to_owned(),
            cores => format!("{cores} cores"),
        });
    let memory = Meminfo::current().ok().map(|memory| {
        let tenths = memory.mem_total * 10 / GIB;
        format!("{}.{} GiB", tenths / 10, tenths % 10)
    });
    let known: Vec<_> = [processor, cores, memory].into_iter().flatten().collect();
    known.join(", ")
}

/// CPU seconds of this whole process, all its threads, since it began.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "seconds of CPU are far below 2^53"
)]
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Resident memory of this process, in bytes; 0 where it cannot be seen.
#[must_use]
pub fn resident() -> u64 {
    status(|status| status.vmrss)
}

/// Resident memory at its highest, in bytes; 0 where it cannot be seen.
#[must_use]
pub fn peak() -> u64 {
    status(|status| status.vmhwm)
}

fn status(kibibytes: impl Fn(&procfs::process::Status) -> Option<u64>) -> u64 {
    let status = Process::myself().and_then(|process| process.status());
    status
        .ok()
        .and_then(|status| kibibytes(&status))
        .unwrap_or_default()
        * KIB
}

/// x86 names its model; many others do not.
fn model(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo
        .lines()
        .find(|line| line.starts_with("model name"))?;
    let (_, model) = line.split_once(':')?;
    Some(model.split_whitespace().collect::<Vec<_>>().join(" "))
}

const KIB: u64 = 1 << 10;
const GIB: u64 = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_without_a_name_is_left_out() {
        assert_eq!(
            model("processor\t: 0\nmodel name\t: A  CPU @ 2 GHz\n").as_deref(),
            Some("A CPU @ 2 GHz")
        );
        assert_eq!(model("processor\t: 0\nCPU part\t: 0xd0c\n"), None);
    }

    #[test]
    fn this_machine_has_cores_and_memory_and_this_process_uses_them() {
        let mut meter = Meter::begins();
        meter.starts_measuring();
        let mut work = vec![0_u8; 32 << 20];
        let until = cpu_seconds() + 0.02;
        while cpu_seconds() < until {
            work.fill(1);
        }
        std::hint::black_box(&work);
        let device = meter.ends(&[0.25, 0.75], 7);
        assert!(
            device.machine.contains("core") && device.machine.contains("GiB"),
            "{}",
            device.machine
        );
        assert!(device.cpu_s >= 0.02);
        assert!(device.memory_before > 0 && device.memory >= device.memory_before + (32 << 20) / 2);
        assert_eq!(
            (device.threads, device.busiest, device.connections),
            (2, 0.75, 7)
        );
    }
}
