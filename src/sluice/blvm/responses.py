"""ResponsePayload: all that a node can answer (blvm-node, module/ipc/protocol.rs).

Rule: the indices are those of the oldest node that has the answer; `editions` counts the moved ones.
"""

from sluice.blvm import modules as m
from sluice.blvm import structures as s
from sluice.blvm.variant import Variant, variant
from sluice.blvm.versions import FLOATS, METADATA, WITNESSES
from sluice.wire import bincode as b


class Response(Variant, frozen=True, gc=False):
    """A node's answer."""


@variant(0)
class HandshakeAck(Response):
    node_version: b.STRING


@variant(1)
class Block(Response):
    value: b.OPTION[s.Block]


@variant(2)
class BlockHeader(Response):
    value: b.OPTION[s.BlockHeader]


@variant(3)
class Transaction(Response):
    value: b.OPTION[s.Transaction]


@variant(4)
class Bool(Response):
    value: b.BOOL


@variant(5)
class Hash(Response):
    value: b.HASH


@variant(6)
class U64(Response):
    value: b.U64


@variant(7)
class Utxo(Response):
    value: b.OPTION[s.UTXO]


@variant(8)
class SubscribeAck(Response):
    pass


@variant(9)
class MempoolTransactions(Response):
    value: b.VEC[b.HASH]


@variant(10)
class MempoolTransaction(Response):
    value: b.OPTION[s.Transaction]


@variant(11)
class MempoolSize(Response):
    value: s.MempoolSize


@variant(12)
class NetworkStats(Response):
    value: s.NetworkStats


@variant(13)
class NetworkPeers(Response):
    value: b.VEC[s.PeerInfo]


@variant(14, name="ChainInfo")
class ChainInfoOfOld(Response):
    value: s.ChainInfoOfOld


@variant(14, since=FLOATS)
class ChainInfo(Response):
    value: s.ChainInfo


@variant(15)
class BlockByHeight(Response):
    value: b.OPTION[s.Block]


@variant(16, since=WITNESSES)  # everything from here on has moved up by one
class BlockAndWitnesses(Response):
    block: b.OPTION[s.Block]
    witnesses: b.VEC[b.VEC[s.WITNESS]]  # for each transaction, for each input


@variant(16)
class LightningNodeUrl(Response):
    value: b.OPTION[b.STRING]


@variant(17)
class LightningInfo(Response):
    value: b.OPTION[s.LightningInfo]


@variant(18, name="PaymentState")
class PaymentStateOfOld(Response):
    value: b.OPTION[s.PaymentStateOfOld]


@variant(19, since=FLOATS)
class PaymentState(Response):
    value: b.OPTION[s.PaymentState]


@variant(19)
class CheckTransactionInMempool(Response):
    value: b.BOOL


@variant(20)
class FeeEstimate(Response):
    value: b.U64


@variant(21)
class FileData(Response):
    value: b.BYTES


@variant(22)
class DirectoryListing(Response):
    value: b.VEC[b.STRING]


@variant(23)
class FileMetadata(Response):
    value: s.FileMetadata


@variant(24)
class RpcEndpointRegistered(Response):
    pass


@variant(25)
class RpcEndpointUnregistered(Response):
    pass


@variant(26)
class CoreRpcOverrideRegistered(Response):
    pass


@variant(27)
class CoreRpcOverrideUnregistered(Response):
    pass


@variant(28)
class TimerId(Response):
    value: b.U64


@variant(29)
class TaskId(Response):
    value: b.U64


@variant(30)
class TimerCancelled(Response):
    pass


@variant(31)
class TaskScheduled(Response):
    pass


@variant(32)
class MetricReported(Response):
    pass


@variant(33)
class ModuleMetrics(Response):
    value: b.VEC[m.Metric]


@variant(34)
class AllMetrics(Response):
    value: b.VEC[m.NamedMetrics]


@variant(35)
class ModuleList(Response):
    value: b.VEC[m.ModuleInfo]


@variant(36)
class ModuleInfo(Response):
    value: b.OPTION[m.ModuleInfo]


@variant(37)
class ModuleAvailable(Response):
    value: b.BOOL


@variant(38)
class EventPublished(Response):
    pass


@variant(39)
class ModuleApiResponse(Response):
    value: b.BYTES


@variant(40)
class ModuleApiRegistered(Response):
    pass


@variant(41)
class ModuleApiUnregistered(Response):
    pass


@variant(42)
class ModuleHealth(Response):
    value: b.OPTION[m.MODULE_HEALTH]


@variant(43)
class AllModuleHealth(Response):
    value: b.VEC[m.NamedHealth]


@variant(44)
class HealthReported(Response):
    pass


@variant(45)
class BlockTemplate(Response):
    value: s.BlockTemplate


@variant(46)
class SubmitBlockResult(Response):
    value: s.SUBMIT_BLOCK_RESULT


@variant(47)
class ReceivedBlockQueued(Response):
    pass


@variant(48)
class BlockServeDenylistMerged(Response):
    pass


@variant(49)
class TxServeDenylistMerged(Response):
    pass


@variant(50)
class BlockServeDenylistSnapshot(Response):
    value: s.BlockServeDenylistSnapshot


@variant(51)
class TxServeDenylistSnapshot(Response):
    value: s.TxServeDenylistSnapshot


@variant(52)
class NodeSyncStatus(Response):
    value: s.SyncStatus


@variant(54, since=WITNESSES)
class MempoolTransactionSubmitted(Response):
    value: b.BOOL


@variant(55, since=METADATA)
class TxMetadata(Response):
    value: b.OPTION[s.TxBlockMetadata]


@variant(56, since=METADATA)
class MempoolFeeRateSummary(Response):
    value: s.MempoolFeeRateSummary
