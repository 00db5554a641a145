"""The wire of each version of blvm-node: which index stands for which message.

Rule: an Edition is computed from the declarations, never written down; nothing is asked of the node for it but
its version.
"""

from collections.abc import Sequence
from typing import Any

from sluice.blvm import requests, responses
from sluice.blvm.envelopes import (
    Envelope,
    EventMessage,
    InvocationMessage,
    InvocationResultMessage,
    Kind,
    LogMessage,
    RequestMessage,
    ResponseMessage,
)
from sluice.blvm.events.table import EVENT_PAYLOAD
from sluice.blvm.events.types import EVENT_TYPE
from sluice.blvm.modules import CALL, LOG_LEVEL, RESULT
from sluice.blvm.requests import Request
from sluice.blvm.responses import Response
from sluice.blvm.variant import INDEX, Choice, Version, declared_in, placed
from sluice.blvm.versions import CHANGES, METADATA, WITNESSES, version_of
from sluice.wire.bincode import BOOL, STRING, U64
from sluice.wire.codec import Codec, Maybe, codec_of, cut
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.layout import Field, Layout

#: MessageType: the same names as RequestPayload's in another order, and what else is sent.
MESSAGE_TYPES = tuple(
    """
    GetBlock GetBlockHeader GetTransaction HasTransaction GetChainTip GetBlockHeight GetUtxo SubscribeEvents
    Handshake GetMempoolTransactions GetMempoolTransaction GetMempoolSize GetNetworkStats GetNetworkPeers
    GetChainInfo GetBlockByHeight GetLightningNodeUrl GetLightningInfo GetPaymentState CheckTransactionInMempool
    GetFeeEstimate ReadFile WriteFile DeleteFile ListDirectory CreateDirectory GetFileMetadata RegisterRpcEndpoint
    UnregisterRpcEndpoint RegisterCoreRpcOverride UnregisterCoreRpcOverride RegisterTimer CancelTimer ScheduleTask
    ReportMetric GetModuleMetrics GetAllMetrics DiscoverModules GetModuleInfo IsModuleAvailable PublishEvent
    CallModule RegisterModuleApi UnregisterModuleApi GetModuleHealth GetAllModuleHealth ReportModuleHealth
    SendMeshPacketToPeer SendStratumV2MessageToPeer GetBlockTemplate SubmitBlock QueueReceivedBlock
    MergeBlockServeDenylist GetBlockServeDenylistSnapshot ClearBlockServeDenylist ReplaceBlockServeDenylist
    MergeTxServeDenylist GetTxServeDenylistSnapshot ClearTxServeDenylist ReplaceTxServeDenylist GetSyncStatus
    BanPeer SetBlockServeMaintenanceMode RegisterCliSpec Invocation InvocationResult Log Response Event Error
    """.split()
)
#: Where later versions put more of them: from when, where, which.
MORE_MESSAGE_TYPES: tuple[tuple[Version, int, str], ...] = (
    (WITNESSES, 16, "GetBlockAndWitnesses"),
    (WITNESSES, 71, "GetBlockTemplateWithOutputs"),
    (WITNESSES, 72, "GetBlockTemplateDeclared"),
    (WITNESSES, 73, "SubmitMempoolTransaction"),
    (METADATA, 74, "GetTxMetadata"),
    (METADATA, 75, "GetMempoolFeeRateSummary"),
)

REQUESTS = tuple(declared_in(requests, Request))
RESPONSES = tuple(declared_in(responses, Response))
OPTIONAL_TEXT = Maybe(1, 1, codec_of(STRING))


class Names:
    """An enum without fields, as a list of its words."""

    __slots__ = ("_indices", "names")
    max_size = INDEX.size

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._indices = {name: index for index, name in enumerate(names)}

    def read(self, data: bytes, at: int) -> tuple[str, int]:
        """Nodes go by the payload alone, so a word that we do not know is empty and no error."""
        (index,) = INDEX.unpack(cut(data, at, INDEX.size))
        return self.names[index] if index < len(self.names) else "", at + INDEX.size

    def write(self, value: Any) -> bytes:
        if value not in self._indices:
            raise ValueError(f"no message of this node's is called {value!r}")
        return INDEX.pack(self._indices[value])


class Edition:
    """The wire as one range of versions speaks it, from `since` on."""

    __slots__ = ("_layouts", "message_types", "requests", "responses", "since")

    def __init__(self, since: Version) -> None:
        self.since = since
        self.message_types = Names(_message_types(since))
        self.requests = Choice("RequestPayload", placed(REQUESTS, since))
        self.responses = Choice("ResponsePayload", placed(RESPONSES, since))
        answer: tuple[tuple[str, Codec], ...] = (
            ("success", codec_of(BOOL)),
            ("payload", Maybe(1, 1, self.responses)),
            ("error", OPTIONAL_TEXT),
        )
        number = ("correlation_id", codec_of(U64))
        self._layouts: dict[type[Envelope], tuple[Kind, Layout]] = {
            RequestMessage: (
                Kind.REQUEST,
                _layout(
                    RequestMessage,
                    number,
                    ("request_type", self.message_types),
                    ("payload", self.requests),
                ),
            ),
            ResponseMessage: (Kind.RESPONSE, _layout(ResponseMessage, number, *answer)),
            EventMessage: (Kind.EVENT, EVENT),
            LogMessage: (Kind.LOG, LOG),
            InvocationMessage: (Kind.INVOCATION, INVOCATION),
            InvocationResultMessage: (Kind.INVOCATION_RESULT, INVOCATION_RESULT),
        }

    def pack(self, envelope: Envelope) -> bytes:
        """A frame's body. LocalProtocolError if this edition has no such message or a value does not fit."""
        kind, layout = self._layouts[type(envelope)]
        return INDEX.pack(kind) + layout.write(envelope)

    def read(self, body: bytes) -> Envelope:
        """What a body says; bytes behind it are no error.

        RemoteProtocolError if it cannot be read, as it is torn or the node is newer than we are.
        """
        kind = kind_of(body)
        for known, layout in self._layouts.values():
            if known is kind:
                envelope: Envelope = layout.read(body, INDEX.size)[0]
                return envelope
        raise AssertionError(f"no layout for {kind}")


def kind_of(body: bytes) -> Kind:
    """Which of the six a body is. or RemoteProtocolError when there is not even that."""
    (index,) = INDEX.unpack(cut(body, 0, INDEX.size))
    try:
        return Kind(index)
    except ValueError:
        raise RemoteProtocolError(f"ModuleMessage has no variant {index} that we know") from None


def number_of(body: bytes) -> int | None:
    """The correlation id of a body that cannot be read further; None if it has not got that far."""
    try:
        number, _ = codec_of(U64).read(body, INDEX.size)
    except RemoteProtocolError:
        return None
    return int(number)


def edition_of(node_version: str) -> Edition:
    """How a node of this version speaks."""
    version = version_of(node_version)
    return next(
        edition for edition in reversed(EDITIONS) if edition.since <= version or edition is FIRST_EDITION
    )


def _message_types(version: Version) -> Sequence[str]:
    names = list(MESSAGE_TYPES)
    for since, index, name in MORE_MESSAGE_TYPES:
        if since <= version:
            names.insert(index, name)
    return names


def _layout(cls: type, *fields: tuple[str, Codec]) -> Layout:
    return Layout(cls.__name__, [Field(name, codec) for name, codec in fields], cls)


EVENT = _layout(EventMessage, ("event_type", codec_of(EVENT_TYPE)), ("payload", codec_of(EVENT_PAYLOAD)))
LOG = _layout(
    LogMessage,
    ("level", codec_of(LOG_LEVEL)),
    ("module_id", codec_of(STRING)),
    ("message", codec_of(STRING)),
    ("target", codec_of(STRING)),
    ("timestamp", codec_of(U64)),
)
INVOCATION = _layout(InvocationMessage, ("correlation_id", codec_of(U64)), ("call", codec_of(CALL)))
INVOCATION_RESULT = _layout(
    InvocationResultMessage,
    ("correlation_id", codec_of(U64)),
    ("success", codec_of(BOOL)),
    ("payload", Maybe(1, 1, codec_of(RESULT))),
    ("error", OPTIONAL_TEXT),
)

EDITIONS = tuple(map(Edition, CHANGES))
FIRST_EDITION = EDITIONS[0]
