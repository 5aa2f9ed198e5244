//! The same person with the same session at every process of the deployment.

use chat_fixtures::people::Person;

use crate::context::Context;

/// The person at each process. Behind a balancer each stands for a request that it sends where it likes:
/// there are more of them then, for all processes to have their turn.
pub(crate) fn everywhere(cx: &Context, person: &Person) -> Vec<Person> {
    let places = if cx.behind_balancer() {
        cx.processes() * TURNS
    } else {
        cx.bases().len()
    };
    (0..places).map(|n| person.on_process(n)).collect()
}

/// How often each process has its turn, where a balancer deals them out.
const TURNS: usize = 2;
