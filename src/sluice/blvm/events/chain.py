"""What happens to the chain, to payments, in mining and in governance: EventPayload 0 to 27."""

from sluice.blvm.events.payload import EventPayload
from sluice.blvm.variant import variant
from sluice.wire.bincode import BOOL, BYTES, HASH, OPTION, STRING, U32, U64


@variant(0)
class NewBlock(EventPayload):
    block_hash: HASH
    height: U64


@variant(1)
class NewTransaction(EventPayload):
    tx_hash: HASH


@variant(2)
class BlockDisconnected(EventPayload):
    hash: HASH
    height: U64


@variant(3)
class ChainReorg(EventPayload):
    old_tip: HASH
    new_tip: HASH


@variant(4)
class PaymentRequestCreated(EventPayload):
    payment_id: STRING
    amount_sats: U64
    invoice: OPTION[STRING]


@variant(5)
class PaymentSettled(EventPayload):
    payment_id: STRING
    tx_hash: HASH
    confirmations: U32


@variant(6)
class PaymentFailed(EventPayload):
    payment_id: STRING
    reason: STRING


@variant(7)
class PaymentVerified(EventPayload):
    payment_id: STRING
    amount_msats: U64
    invoice: STRING


@variant(8)
class PaymentRouteFound(EventPayload):
    payment_id: STRING
    route_hops: U64
    route_cost_msats: U64


@variant(9)
class PaymentRouteFailed(EventPayload):
    payment_id: STRING
    reason: STRING


@variant(10)
class ChannelOpened(EventPayload):
    channel_id: STRING
    peer_pubkey: BYTES
    capacity_sats: U64


@variant(11)
class ChannelClosed(EventPayload):
    channel_id: STRING
    reason: STRING


@variant(12)
class BlockMined(EventPayload):
    block_hash: HASH
    height: U64
    miner_id: OPTION[STRING]


@variant(13)
class BlockTemplateUpdated(EventPayload):
    prev_hash: HASH
    height: U64
    tx_count: U64


@variant(14)
class MiningDifficultyChanged(EventPayload):
    old_difficulty: U32
    new_difficulty: U32
    height: U64


@variant(15)
class MiningJobCreated(EventPayload):
    job_id: STRING
    prev_hash: HASH
    height: U64


@variant(16)
class ShareSubmitted(EventPayload):
    job_id: STRING
    share_hash: HASH
    miner_id: OPTION[STRING]


@variant(17)
class MergeMiningReward(EventPayload):
    secondary_chain: STRING
    reward_amount: U64
    block_hash: HASH


@variant(18)
class MiningPoolConnected(EventPayload):
    pool_url: STRING
    pool_id: OPTION[STRING]


@variant(19)
class MiningPoolDisconnected(EventPayload):
    pool_url: STRING
    reason: STRING


@variant(20)
class GovernanceProposalCreated(EventPayload):
    proposal_id: STRING
    repository: STRING
    pr_number: U64
    tier: STRING


@variant(21)
class GovernanceProposalVoted(EventPayload):
    proposal_id: STRING
    voter: STRING
    vote: STRING


@variant(22)
class GovernanceProposalMerged(EventPayload):
    proposal_id: STRING
    repository: STRING
    pr_number: U64


@variant(23)
class WebhookSent(EventPayload):
    webhook_url: STRING
    event_type: STRING
    success: BOOL


@variant(24)
class WebhookFailed(EventPayload):
    webhook_url: STRING
    event_type: STRING
    error: STRING


@variant(25)
class GovernanceForkDetected(EventPayload):
    fork_id: STRING
    ruleset_version: STRING
    adoption_count: U64


@variant(26)
class PeerConnected(EventPayload):
    peer_addr: STRING
    transport_type: STRING
    services: U64
    version: U32
    peer_node_id: OPTION[BYTES]


@variant(27)
class PeerDisconnected(EventPayload):
    peer_addr: STRING
    reason: STRING
