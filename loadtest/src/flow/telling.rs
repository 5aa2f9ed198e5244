//! Who is told of each second of a run while it goes on.

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinHandle};

use crate::{cli, measurement::Interval, metrics::Exporter, plan::Plan, progress::Progress};

/// What Prometheus is served with, where that is wished.
pub(super) async fn exporter(
    args: &cli::Telling,
    plan: &Plan,
) -> anyhow::Result<Option<Arc<Exporter>>> {
    let Some(address) = args.metrics else {
        return Ok(None);
    };
    let bases = plan.bases().into_iter().map(str::to_owned).collect();
    Ok(Some(Arc::new(Exporter::starts(address, bases).await?)))
}

/// Tells of each second as it comes, until there are no more; then `master` is dropped.
pub(super) fn tells(
    mut intervals: mpsc::Receiver<Interval>,
    mut progress: Progress,
    exporter: Option<Arc<Exporter>>,
    master: Option<mpsc::Sender<Interval>>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(interval) = intervals.recv().await {
            progress.tells(&interval);
            if let Some(exporter) = &exporter {
                exporter.tells(&interval);
            }
            if let Some(master) = &master {
                // A master that is gone does not keep the others from hearing of it.
                let _ = master.send(interval).await;
            }
        }
        progress.ends();
    })
}
