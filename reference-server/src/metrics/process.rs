//! What the process itself uses, under the names that Prometheus' client libraries agree on
//! (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>).

use std::fmt;

use procfs::{ProcResult, boot_time_secs, process, ticks_per_second};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Looks at this process whenever it is asked.
#[derive(Debug)]
pub(super) struct Process;

/// What one look has shown.
struct Used {
    cpu_seconds: f64,
    memory_bytes: u64,
    open_files: usize,
    began_seconds: f64,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        // Where /proc shows nothing there are no series: none is better than a wrong one.
        let Ok(used) = Used::by_now() else {
            return Ok(());
        };
        let mut tells = |name, help, metric: &dyn EncodeMetric| {
            metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
        };
        tells(
            "process_cpu_seconds",
            "CPU time used, in user and kernel mode, in seconds",
            &ConstCounter::new(used.cpu_seconds),
        )?;
        tells(
            "process_resident_memory_bytes",
            "Resident memory, in bytes",
            &ConstGauge::new(used.memory_bytes),
        )?;
        tells(
            "process_open_fds",
            "Open file descriptors",
            &ConstGauge::new(used.open_files),
        )?;
        tells(
            "process_start_time_seconds",
            "When the process began, in seconds since 1970",
            &ConstGauge::new(used.began_seconds),
        )
    }
}

impl Used {
    #[expect(
        clippy::cast_precision_loss,
        reason = "ticks of 10 ms and seconds since 1970 are far below 2^53"
    )]
    fn by_now() -> ProcResult<Self> {
        let myself = process::Process::myself()?;
        let stat = myself.stat()?;
        let seconds = |ticks: u64| ticks as f64 / ticks_per_second() as f64;
        Ok(Self {
            cpu_seconds: seconds(stat.utime + stat.stime),
            memory_bytes: stat.rss * procfs::page_size(),
            open_files: myself.fd_count()?,
            began_seconds: boot_time_secs()? as f64 + seconds(stat.starttime),
        })
    }
}
