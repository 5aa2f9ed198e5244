//! Who is told of each second of a run while it goes on.

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinHandle};

use super::prepare::targets;
use crate::{cli, measurement::Interval, metrics::Exporter, progress::Progress};

/// What Prometheus is served with, where that is wished: before anybody is registered, for it may not be possible.
pub(super) async fn exporter(
    args: &cli::Telling,
    deployment: &cli::Deployment,
) -> anyhow::Result<Option<Arc<Exporter>>> {
    let Some(address) = args.metrics else {
        return Ok(None);
    };
    let targets = targets(deployment)?;
    let bases = targets.iter().map(|target| target.base.clone()).collect();
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
