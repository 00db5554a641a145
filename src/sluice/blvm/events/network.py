"""Peers, validation, synchronisation, mempool: EventPayload 28 to 64."""

from sluice.blvm.events.payload import EventPayload
from sluice.blvm.variant import variant
from sluice.wire.bincode import BOOL, BYTES, F64, HASH, OPTION, STRING, U32, U64, VEC


@variant(28)
class PeerBanned(EventPayload):
    peer_addr: STRING
    reason: STRING
    ban_duration_seconds: U64


@variant(29)
class PeerUnbanned(EventPayload):
    peer_addr: STRING


@variant(30)
class MessageReceived(EventPayload):
    peer_addr: STRING
    message_type: STRING
    message_size: U64
    protocol_version: U32


@variant(31)
class MessageSent(EventPayload):
    peer_addr: STRING
    message_type: STRING
    message_size: U64


@variant(32)
class BroadcastStarted(EventPayload):
    message_type: STRING
    target_peers: U64


@variant(33)
class BroadcastCompleted(EventPayload):
    message_type: STRING
    successful: U64
    failed: U64


@variant(34)
class RouteDiscovered(EventPayload):
    destination: BYTES
    route_path: VEC[STRING]
    route_cost: U64


@variant(35)
class RouteFailed(EventPayload):
    destination: BYTES
    reason: STRING


@variant(36)
class ConnectionAttempt(EventPayload):
    peer_addr: STRING
    success: BOOL
    error: OPTION[STRING]


@variant(37)
class AddressDiscovered(EventPayload):
    peer_addr: STRING
    source: STRING


@variant(38)
class AddressExpired(EventPayload):
    peer_addr: STRING


@variant(39)
class NetworkPartition(EventPayload):
    partition_id: BYTES
    disconnected_peers: VEC[STRING]
    partition_size: U64


@variant(40)
class NetworkReconnected(EventPayload):
    partition_id: BYTES
    reconnected_peers: VEC[STRING]


@variant(41)
class DoSAttackDetected(EventPayload):
    peer_addr: STRING
    attack_type: STRING
    severity: STRING


@variant(42)
class RateLimitExceeded(EventPayload):
    peer_addr: STRING
    limit_type: STRING
    current_rate: F64
    limit: F64


@variant(43)
class BlockValidationStarted(EventPayload):
    block_hash: HASH
    height: U64


@variant(44)
class BlockValidationCompleted(EventPayload):
    block_hash: HASH
    height: U64
    success: BOOL
    validation_time_ms: U64
    error: OPTION[STRING]


@variant(45)
class ScriptVerificationStarted(EventPayload):
    tx_hash: HASH
    input_index: U64


@variant(46)
class ScriptVerificationCompleted(EventPayload):
    tx_hash: HASH
    input_index: U64
    success: BOOL
    verification_time_ms: U64


@variant(47)
class UTXOValidationStarted(EventPayload):
    block_hash: HASH
    height: U64


@variant(48)
class UTXOValidationCompleted(EventPayload):
    block_hash: HASH
    height: U64
    success: BOOL


@variant(49)
class DifficultyAdjusted(EventPayload):
    old_difficulty: U32
    new_difficulty: U32
    height: U64


@variant(50)
class SoftForkActivated(EventPayload):
    fork_name: STRING
    height: U64


@variant(51)
class SoftForkLockedIn(EventPayload):
    fork_name: STRING
    height: U64


@variant(52)
class ConsensusRuleViolation(EventPayload):
    rule_name: STRING
    block_hash: OPTION[HASH]
    tx_hash: OPTION[HASH]
    error: STRING


@variant(53)
class HeadersSyncStarted(EventPayload):
    start_height: U64


@variant(54)
class HeadersSyncProgress(EventPayload):
    current_height: U64
    target_height: U64
    progress_percent: F64


@variant(55)
class HeadersSyncCompleted(EventPayload):
    final_height: U64
    duration_seconds: U64


@variant(56)
class BlockSyncStarted(EventPayload):
    start_height: U64
    target_height: U64


@variant(57)
class BlockSyncProgress(EventPayload):
    current_height: U64
    target_height: U64
    progress_percent: F64
    blocks_per_second: F64


@variant(58)
class BlockSyncCompleted(EventPayload):
    final_height: U64
    duration_seconds: U64


@variant(59)
class SyncStateChanged(EventPayload):
    old_state: STRING
    new_state: STRING


@variant(60)
class MempoolTransactionAdded(EventPayload):
    tx_hash: HASH
    fee_rate: F64
    mempool_size: U64


@variant(61)
class MempoolTransactionRemoved(EventPayload):
    tx_hash: HASH
    reason: STRING
    mempool_size: U64


@variant(62)
class MempoolThresholdExceeded(EventPayload):
    current_size: U64
    threshold: U64


@variant(63)
class FeeRateChanged(EventPayload):
    old_fee_rate: F64
    new_fee_rate: F64
    mempool_size: U64


@variant(64)
class MempoolCleared(EventPayload):
    cleared_count: U64
