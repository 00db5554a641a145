"""Relay, packages, and what came later: EventPayload 90 to 117."""

from sluice.blvm.events.payload import EventPayload
from sluice.blvm.variant import variant
from sluice.wire.bincode import BOOL, BYTES, HASH, STRING, U8, U32, U64


@variant(90)
class DandelionStemStarted(EventPayload):
    tx_hash: HASH
    current_peer: STRING
    next_peer: STRING


@variant(91)
class DandelionStemAdvanced(EventPayload):
    tx_hash: HASH
    hop_count: U8
    next_peer: STRING


@variant(92)
class DandelionFluffed(EventPayload):
    tx_hash: HASH
    stem_hops: U8


@variant(93)
class DandelionStemPathExpired(EventPayload):
    peer_addr: STRING


@variant(94)
class CompactBlockReceived(EventPayload):
    block_hash: HASH
    height: U64
    short_ids_count: U64


@variant(95)
class BlockReconstructionStarted(EventPayload):
    block_hash: HASH
    height: U64


@variant(96)
class BlockReconstructionCompleted(EventPayload):
    block_hash: HASH
    height: U64
    success: BOOL
    missing_txs: U64


@variant(97)
class FibreBlockEncoded(EventPayload):
    block_hash: HASH
    height: U64
    chunks: U64
    encoding_time_ms: U64


@variant(98)
class FibreBlockSent(EventPayload):
    block_hash: HASH
    height: U64
    peer_addr: STRING


@variant(99)
class CompanionUdpPeerRegistered(EventPayload):
    p2p_peer_addr: STRING
    udp_addr: STRING


@variant(100)
class CompanionUdpPeerUnregistered(EventPayload):
    p2p_peer_addr: STRING


@variant(101)
class PackageReceived(EventPayload):
    package_id: BYTES
    transaction_count: U64
    peer_addr: STRING


@variant(102)
class PackageRejected(EventPayload):
    package_id: BYTES
    reason: STRING
    peer_addr: STRING


@variant(103)
class UtxoCommitmentReceived(EventPayload):
    block_hash: HASH
    height: U64
    commitment_hash: HASH
    peer_addr: STRING


@variant(104)
class UtxoCommitmentVerified(EventPayload):
    block_hash: HASH
    height: U64
    commitment_hash: HASH
    valid: BOOL


@variant(105)
class BanListShared(EventPayload):
    peer_addr: STRING
    ban_count: U64


@variant(106)
class BanListReceived(EventPayload):
    peer_addr: STRING
    ban_count: U64


@variant(107)
class SelectiveSyncPolicyApplied(EventPayload):
    policy_source: STRING
    registry_count: U64


@variant(108)
class ActionExecuted(EventPayload):
    action_id: STRING
    action_type: STRING
    target: STRING
    success: BOOL


@variant(109)
class ModulePurchaseCompleted(EventPayload):
    module_id: STRING
    payment_id: STRING
    amount_sats: U64


@variant(110)
class StratumClientConnected(EventPayload):
    endpoint: STRING
    protocol_version: U32


@variant(111)
class StratumClientDisconnected(EventPayload):
    endpoint: STRING
    reason: STRING


@variant(112)
class IBDBlockFiltered(EventPayload):
    block_hash: HASH
    height: U64
    reason: STRING


@variant(113)
class ModuleDiscovered(EventPayload):
    module_name: STRING
    version: STRING
    source: STRING


@variant(114)
class ModuleInstalled(EventPayload):
    module_name: STRING
    version: STRING


@variant(115)
class ModuleUpdated(EventPayload):
    module_name: STRING
    old_version: STRING
    new_version: STRING


@variant(116)
class ModuleRemoved(EventPayload):
    module_name: STRING
    version: STRING


@variant(117)  # since 0.1.81
class PeerPayment(EventPayload):
    command: STRING
    payload: BYTES
    peer_addr: STRING
