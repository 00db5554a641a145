"""`sluice templates`, built and joined: from a configuration to a running template provider."""

from os import urandom

from sluice.app import Ending, meet, reachable_host, run, served
from sluice.config import Config
from sluice.exit_codes import ExitCode
from sluice.keys import authority_for_run
from sluice.ledger.block_record import BlockRecord
from sluice.log import log_event, log_line
from sluice.node.embedded.embedded import Embedded
from sluice.node.several.several import Several
from sluice.node_kinds import nodes_of
from sluice.noise.authority import PoolUrl
from sluice.records import BLOCKS
from sluice.server.clock import unix_time
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.templates import SEND_QUEUE, TemplatePlan, serve_templates
from sluice.tdp.desk import DeskPolicy


def policy_of(config: Config) -> DeskPolicy:
    """When clients are told of fees, and how long they are waited for."""
    return DeskPolicy(config.templates.fee_growth, config.templates.fee_pause, config.server.setup_timeout)


def limits_of(config: Config) -> Limits:
    """The bounds of the listener: few clients, each of which may be sent whole blocks."""
    return Limits(
        max_connections=config.templates.max_clients,
        handshake_seconds=config.server.handshake_timeout,
        send_queue_bytes=SEND_QUEUE,
        drain_seconds=config.server.drain_timeout,
    )


def run_templates(config: Config) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. Raises UserError for what the operator can mend."""
    return run(_templates(config))


async def _templates(config: Config) -> int:
    ending = Ending()
    authority = authority_for_run(config.authority_file)
    if authority.warning:
        log_line("warning", authority.warning)
    nodes = nodes_of(config)
    node = Several(nodes, log_event)
    embedded = [each for each in nodes if isinstance(each, Embedded)]
    for each in embedded:
        log_line("warning", f"{each.notice}; for a real node set node.kind and node.url")
    network = await meet(node, ending.stop)
    if network is None:
        return ending.exit_code or ExitCode.OK
    encrypted = config.templates.encryption == "noise"
    certificate = config.keys.certificate_hours * 3600
    listen = config.templates.listen
    plan = TemplatePlan(
        node=node,
        network=network,
        policy=policy_of(config),
        limits=limits_of(config),
        credentials=Credentials(authority.key.secret, certificate, unix_time(), urandom)
        if encrypted
        else None,
        host=listen.host,
        port=listen.port,
        blocks=None if len(embedded) == len(nodes) else BlockRecord(config.data.dir / BLOCKS),
        nodes=node.members,
    )

    def ready(port: int) -> None:
        key = authority.key.public if encrypted else None
        url = str(PoolUrl(reachable_host(plan.host), port, key))
        print(url, flush=True)
        log_line("info", "clients connect to", url=url, network=network.name, node=node.name)

    await served(serve_templates(plan, log_event, ready, ending.stop))
    return ending.exit_code or ExitCode.OK
