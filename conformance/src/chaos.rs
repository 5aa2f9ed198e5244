//! `chat-conformance chaos`: a proxy with one fault, to see for oneself what a client makes of it.

use std::{
    io::{Write, stdout},
    net::SocketAddr,
    process::ExitCode,
};

use anyhow::Context as _;
use chat_fixtures::saboteur::{self, Saboteur, World};
use clap::Args;

use crate::{
    cli::values,
    faults::{Catalogue, Place, catalogue},
};

/// Puts a proxy in front of a server that breaks one promise of the contract.
#[derive(Debug, Clone, Args)]
pub struct Chaos {
    /// The fault; see --list.
    #[arg(required_unless_present = "list")]
    fault: Option<String>,
    /// The server, as http://host:port; several for the processes of one deployment, a proxy each.
    #[arg(long = "to", value_name = "URL", value_parser = values::base_url, required_unless_present = "list")]
    servers: Vec<String>,
    /// Where to listen; with several servers the first listens here, each next one port higher.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Shows every fault and what it breaks.
    #[arg(long)]
    list: bool,
}

/// Runs the proxies until Ctrl-C.
///
/// # Errors
/// When there is no such fault, or an address is not to be had.
pub async fn run(args: Chaos) -> anyhow::Result<ExitCode> {
    if args.list {
        stdout().write_all(listed(catalogue()).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let name = args.fault.unwrap_or_default();
    let fault = saboteur::fault(&name)
        .with_context(|| format!("there is no fault {name} on the wire: see --list"))?;
    let world = World::new();
    let mut proxies = Vec::new();
    let mut listen = args.listen;
    for server in &args.servers {
        let proxy = Saboteur::start(listen, server, Some(fault), &world)
            .await
            .with_context(|| format!("cannot listen at {listen}"))?;
        writeln!(stdout(), "listening on {} for {server}", proxy.url())?;
        proxies.push(proxy);
        if listen.port() != 0 {
            listen.set_port(listen.port().saturating_add(1));
        }
    }
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::SUCCESS)
}

fn listed(catalogue: &Catalogue) -> String {
    let width = catalogue.faults.iter().map(|fault| fault.name.len()).max();
    let width = width.unwrap_or_default();
    let on_the_wire = |place| {
        if place == Place::Wire {
            ""
        } else {
            " (not on the wire)"
        }
    };
    let rows = catalogue.faults.iter().map(|fault| {
        let place = on_the_wire(fault.place);
        format!("{:width$}  {}{place}\n", fault.name, fault.breaks)
    });
    rows.collect()
}
