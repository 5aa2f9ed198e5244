//! From a command line to what is watched beside a load.

use chat_fixtures::reach::Reach;

use crate::{cli, cost::Source, device::Rules, measurement::Pace, plan::Watch};

/// What is watched beside a load, and what the device has to keep to.
pub(super) fn watch(setup: &cli::Setup, pace: Pace) -> Watch {
    let deployment = &setup.deployment;
    let mut sources: Vec<Source> = deployment
        .server_pid
        .iter()
        .copied()
        .map(Source::Pid)
        .collect();
    sources.extend(
        deployment
            .server_metrics
            .iter()
            .cloned()
            .map(Source::Metrics),
    );
    let mut rules = Rules::of(pace);
    for limit in [&mut rules.lateness_p99, &mut rules.tick_lag_p99]
        .into_iter()
        .flatten()
    {
        *limit = setup.device.max_lateness;
    }
    Watch {
        sources,
        reach: Reach {
            insecure: deployment.insecure,
            ..Reach::default()
        },
        rules,
    }
}
