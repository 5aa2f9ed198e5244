//! The users of a run: Goose starts and ends them, and counts what they do.

use std::sync::Arc;

use anyhow::bail;
use goose::{
    GooseAttack, GooseError, GooseScheduler,
    client::GooseClientBuilder,
    config::{GooseConfiguration, GooseDefault, GooseDefaultType},
    metrics::GooseMetrics,
};

use super::Attack;
use crate::{
    measurement::{Goose, Rule},
    scenario::Kind,
};

/// Goose, set up for the run: quiet, without files of its own, one iteration of each user.
pub(super) fn of(attack: &Arc<Attack>, kind: &Kind) -> anyhow::Result<GooseAttack> {
    let plan = &attack.plan;
    let host = plan
        .targets
        .first()
        .map_or("", |target| target.base.as_str());
    let scenario = (kind.scenario)(attack);
    let client = GooseClientBuilder::new()
        .without_cookies()
        .timeout(plan.timeout)
        .user_agent(concat!("chat-loadtest/", env!("CARGO_PKG_VERSION")));
    let mut configuration = GooseConfiguration::default();
    configuration.accept_invalid_certs = plan.reach.insecure;
    let goose = GooseAttack::initialize_with_config(configuration)?
        .set_scheduler(GooseScheduler::Serial)
        .register_scenario(scenario)
        .set_client_builder_without_cookies(client)?
        .set_default(GooseDefault::Host, host)?
        .set_default(GooseDefault::NoPrintMetrics, true)?
        .set_default(GooseDefault::NoTelnet, true)?
        .set_default(GooseDefault::Quiet, 2)?
        // As with any other limit, what comes after one was missed is measured too.
        .set_default(GooseDefault::NoThresholdAbort, true)?;
    let goose = plan
        .goose_thresholds
        .iter()
        .try_fold(goose, |goose, rule| {
            goose.set_default(GooseDefault::Threshold, rule.to_string().as_str())
        })?;
    let goose = match &plan.test_plan {
        Some(steps) => goose.set_default(GooseDefault::TestPlan, steps.to_string().as_str())?,
        None => goose
            .set_default(GooseDefault::Users, plan.load.rooms as usize)?
            .set_default(GooseDefault::IncreaseRate, plan.ramp.to_string().as_str())?
            .set_default(GooseDefault::Iterations, 1)?,
    };
    Ok(*goose)
}

/// What Goose counted. A rule that is missed is an error to it, and a finding to us.
///
/// # Errors
/// Goose's, when it could not run.
pub(super) fn counted(ended: Result<GooseMetrics, GooseError>) -> anyhow::Result<Goose> {
    match ended {
        Ok(metrics) => Ok(of_metrics(&metrics)),
        Err(GooseError::ThresholdsFailed { metrics, .. }) => Ok(of_metrics(&metrics)),
        // Goose's Display leaves out what is wrong; its Debug says it.
        Err(error) => bail!("Goose: {error:?}"),
    }
}

fn of_metrics(metrics: &GooseMetrics) -> Goose {
    Goose {
        users: metrics.total_users as u64,
        requests: metrics
            .requests
            .iter()
            .map(|(name, request)| {
                (
                    name.clone(),
                    (request.success_count + request.fail_count) as u64,
                )
            })
            .collect(),
        rules: metrics
            .thresholds
            .iter()
            .map(|result| Rule {
                rule: result.rule.clone(),
                observed: result.value.map(|_| result.observed.clone()),
                is_met: result.passed,
            })
            .collect(),
    }
}
