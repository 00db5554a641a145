//! blvm-node on regtest, started as the `blvm` binary starts it: `blvm-node CONFIG.toml RPC_ADDRESS`.
//!
//! Written for the tests of Sluice; it ends on SIGTERM. RUST_LOG says how much it tells.
use std::{net::SocketAddr, path::Path, pin::pin, time::Duration};

use anyhow::{Context, Result, bail};
use blvm_node::{config::NodeConfig, node::Node, utils::create_shutdown_receiver};
use blvm_protocol::ProtocolVersion;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, rpc] = arguments.as_slice() else {
        bail!("blvm-node CONFIG.toml RPC_ADDRESS");
    };
    tracing_subscriber::fmt().with_env_filter(EnvFilter::from_default_env()).with_ansi(false).init();

    let config = NodeConfig::from_file(Path::new(file))?;
    let rpc: SocketAddr = rpc.parse().context("RPC_ADDRESS")?;
    let p2p = config.listen_addr.context("listen_addr is missing")?;
    let storage = config.storage.clone().context("[storage] is missing")?;
    // SAFETY: no other thread reads the environment yet; the binary does it, and modules are told it.
    unsafe { std::env::set_var("DATA_DIR", &storage.data_dir) };

    let regtest = Some(ProtocolVersion::Regtest);
    let mut node = Node::with_storage_config(&storage.data_dir, p2p, rpc, regtest, Some(&storage))?
        .with_config(config.clone())?
        .with_modules_from_config(&config)?;
    let mut running = pin!(node.start());
    let mut shutdown = create_shutdown_receiver();
    tokio::select! {
        ended = &mut running => return ended,
        _ = shutdown.changed() => {}
    }
    // The node sees the signal, too, and ends its loop by itself; what it says then is no failure.
    let _ = tokio::time::timeout(Duration::from_secs(30), running).await;
    Ok(())
}
