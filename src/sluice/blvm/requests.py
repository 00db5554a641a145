"""RequestPayload: all that a module can ask (blvm-node, module/ipc/protocol.rs).

Rule: the indices are those of the oldest node that has the request; `editions` counts the moved ones.
"""

from sluice.blvm.events.table import EVENT_PAYLOAD
from sluice.blvm.events.types import EVENT_TYPE
from sluice.blvm.modules import MODULE_HEALTH, CliSpec, Metric
from sluice.blvm.structures import WITNESS, Block, OutPoint, Transaction, TransactionOutput
from sluice.blvm.variant import Variant, variant
from sluice.blvm.versions import METADATA, WITNESSES
from sluice.wire.bincode import BOOL, BYTES, HASH, OPTION, STRING, U32, U64, VEC


class Request(Variant, frozen=True, gc=False):
    """A question or a wish of the module's."""


@variant(0)
class Handshake(Request):
    module_id: STRING
    module_name: STRING
    version: STRING


@variant(1)
class GetBlock(Request):
    hash: HASH


@variant(2)
class GetBlockHeader(Request):
    hash: HASH


@variant(3)
class GetTransaction(Request):
    hash: HASH


@variant(4)
class HasTransaction(Request):
    hash: HASH


@variant(5)
class GetChainTip(Request):
    pass


@variant(6)
class GetBlockHeight(Request):
    pass


@variant(7)
class GetUtxo(Request):
    outpoint: OutPoint


@variant(8)
class SubscribeEvents(Request):
    event_types: VEC[EVENT_TYPE]


@variant(9)
class GetMempoolTransactions(Request):
    pass


@variant(10)
class GetMempoolTransaction(Request):
    tx_hash: HASH


@variant(11)
class GetMempoolSize(Request):
    pass


@variant(12)
class GetNetworkStats(Request):
    pass


@variant(13)
class GetNetworkPeers(Request):
    pass


@variant(14)
class GetChainInfo(Request):
    pass


@variant(15)
class GetBlockByHeight(Request):
    height: U64


@variant(16)
class GetLightningNodeUrl(Request):
    pass


@variant(17)
class GetLightningInfo(Request):
    pass


@variant(18)
class GetPaymentState(Request):
    payment_id: STRING


@variant(19)
class CheckTransactionInMempool(Request):
    tx_hash: HASH


@variant(20)
class GetFeeEstimate(Request):
    target_blocks: U32


@variant(21)
class ReadFile(Request):
    path: STRING


@variant(22)
class WriteFile(Request):
    path: STRING
    data: BYTES


@variant(23)
class DeleteFile(Request):
    path: STRING


@variant(24)
class ListDirectory(Request):
    path: STRING


@variant(25)
class CreateDirectory(Request):
    path: STRING


@variant(26)
class GetFileMetadata(Request):
    path: STRING


@variant(27)
class RegisterRpcEndpoint(Request):
    method: STRING
    description: STRING


@variant(28)
class UnregisterRpcEndpoint(Request):
    method: STRING


@variant(29)
class RegisterCoreRpcOverride(Request):
    method: STRING
    description: STRING


@variant(30)
class UnregisterCoreRpcOverride(Request):
    method: STRING


@variant(31)
class RegisterTimer(Request):
    interval_seconds: U64


@variant(32)
class CancelTimer(Request):
    timer_id: U64


@variant(33)
class ScheduleTask(Request):
    delay_seconds: U64


@variant(34)
class ReportMetric(Request):
    metric: Metric


@variant(35)
class GetModuleMetrics(Request):
    module_id: STRING


@variant(36)
class GetAllMetrics(Request):
    pass


@variant(37)
class DiscoverModules(Request):
    pass


@variant(38)
class GetModuleInfo(Request):
    module_id: STRING


@variant(39)
class IsModuleAvailable(Request):
    module_id: STRING


@variant(40)
class PublishEvent(Request):
    event_type: EVENT_TYPE
    payload: EVENT_PAYLOAD


@variant(41)
class CallModule(Request):
    target_module_id: OPTION[STRING]
    method: STRING
    params: BYTES


@variant(42)
class RegisterModuleApi(Request):
    methods: VEC[STRING]
    api_version: U32


@variant(43)
class UnregisterModuleApi(Request):
    pass


@variant(44)
class GetModuleHealth(Request):
    module_id: STRING


@variant(45)
class GetAllModuleHealth(Request):
    pass


@variant(46)
class ReportModuleHealth(Request):
    health: MODULE_HEALTH


@variant(47)
class SendMeshPacketToPeer(Request):
    peer_addr: STRING
    packet_data: BYTES


@variant(48)
class SendStratumV2MessageToPeer(Request):
    peer_addr: STRING
    message_data: BYTES


@variant(49)
class GetBlockTemplate(Request):
    rules: VEC[STRING]
    coinbase_script: OPTION[BYTES]
    coinbase_address: OPTION[STRING]


@variant(50)
class SubmitBlock(Request):
    block: Block


@variant(51)
class QueueReceivedBlock(Request):
    block_bytes: BYTES


@variant(52)
class MergeBlockServeDenylist(Request):
    block_hashes: VEC[HASH]


@variant(53)
class GetBlockServeDenylistSnapshot(Request):
    pass


@variant(54)
class ClearBlockServeDenylist(Request):
    pass


@variant(55)
class ReplaceBlockServeDenylist(Request):
    block_hashes: VEC[HASH]


@variant(56)
class MergeTxServeDenylist(Request):
    tx_hashes: VEC[HASH]


@variant(57)
class GetTxServeDenylistSnapshot(Request):
    pass


@variant(58)
class ClearTxServeDenylist(Request):
    pass


@variant(59)
class ReplaceTxServeDenylist(Request):
    tx_hashes: VEC[HASH]


@variant(60)
class GetSyncStatus(Request):
    pass


@variant(61)
class BanPeer(Request):
    peer_addr: STRING
    ban_duration_seconds: OPTION[U64]


@variant(62)
class SetBlockServeMaintenanceMode(Request):
    enabled: BOOL


@variant(63)
class RegisterCliSpec(Request):
    spec: CliSpec


@variant(16, since=WITNESSES)  # everything from here on has moved up by one
class GetBlockAndWitnesses(Request):
    hash: HASH


@variant(65, since=WITNESSES)
class GetBlockTemplateWithOutputs(Request):
    rules: VEC[STRING]
    coinbase_script: OPTION[BYTES]
    coinbase_outputs: VEC[TransactionOutput]


@variant(66, since=WITNESSES)
class GetBlockTemplateDeclared(Request):
    rules: VEC[STRING]
    coinbase_script: OPTION[BYTES]
    coinbase_outputs: VEC[TransactionOutput]
    declared_txids: VEC[HASH]


@variant(67, since=WITNESSES)
class SubmitMempoolTransaction(Request):
    tx: Transaction
    witnesses: OPTION[VEC[WITNESS]]


@variant(68, since=METADATA)
class GetTxMetadata(Request):
    txid: HASH


@variant(69, since=METADATA)
class GetMempoolFeeRateSummary(Request):
    pass
