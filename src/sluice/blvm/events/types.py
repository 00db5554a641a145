"""EventType: what a module can subscribe to (blvm-node, module/traits.rs).

Rule: from 16 to 79 these are not the indices of the payloads of the same names.
"""

from enum import IntEnum
from typing import Annotated

from sluice.blvm.variant import Words


class EventType(IntEnum):
    """The words of blvm-node, each with its index on the wire."""

    NewBlock = 0
    NewTransaction = 1
    BlockDisconnected = 2
    ChainReorg = 3
    PaymentRequestCreated = 4
    PaymentSettled = 5
    PaymentFailed = 6
    PaymentVerified = 7
    PaymentRouteFound = 8
    PaymentRouteFailed = 9
    ChannelOpened = 10
    ChannelClosed = 11
    BlockMined = 12
    BlockTemplateUpdated = 13
    MiningDifficultyChanged = 14
    MiningJobCreated = 15
    MeshPacketReceived = 16
    StratumV2MessageReceived = 17
    ShareSubmitted = 18
    MergeMiningReward = 19
    MiningPoolConnected = 20
    MiningPoolDisconnected = 21
    GovernanceProposalCreated = 22
    GovernanceProposalVoted = 23
    GovernanceProposalMerged = 24
    WebhookSent = 25
    WebhookFailed = 26
    GovernanceForkDetected = 27
    PeerConnected = 28
    PeerDisconnected = 29
    PeerBanned = 30
    PeerUnbanned = 31
    MessageReceived = 32
    MessageSent = 33
    BroadcastStarted = 34
    BroadcastCompleted = 35
    RouteDiscovered = 36
    RouteFailed = 37
    ConnectionAttempt = 38
    AddressDiscovered = 39
    AddressExpired = 40
    NetworkPartition = 41
    NetworkReconnected = 42
    DoSAttackDetected = 43
    RateLimitExceeded = 44
    BlockValidationStarted = 45
    BlockValidationCompleted = 46
    ScriptVerificationStarted = 47
    ScriptVerificationCompleted = 48
    UTXOValidationStarted = 49
    UTXOValidationCompleted = 50
    DifficultyAdjusted = 51
    SoftForkActivated = 52
    SoftForkLockedIn = 53
    ConsensusRuleViolation = 54
    HeadersSyncStarted = 55
    HeadersSyncProgress = 56
    HeadersSyncCompleted = 57
    BlockSyncStarted = 58
    BlockSyncProgress = 59
    BlockSyncCompleted = 60
    SyncStateChanged = 61
    MempoolTransactionAdded = 62
    MempoolTransactionRemoved = 63
    MempoolThresholdExceeded = 64
    FeeRateChanged = 65
    MempoolCleared = 66
    StorageRead = 67
    StorageWrite = 68
    StorageQuery = 69
    DatabaseBackupStarted = 70
    DatabaseBackupCompleted = 71
    ModuleLoaded = 72
    ModuleUnloaded = 73
    ModuleReloaded = 74
    ModuleStarted = 75
    ModuleStopped = 76
    ModuleCrashed = 77
    ModuleHealthChanged = 78
    ModuleStateChanged = 79
    ConfigLoaded = 80
    NodeShutdown = 81
    NodeShutdownCompleted = 82
    NodeStartupCompleted = 83
    MaintenanceStarted = 84
    MaintenanceCompleted = 85
    DataMaintenance = 86
    HealthCheck = 87
    DiskSpaceLow = 88
    ResourceLimitWarning = 89
    DandelionStemStarted = 90
    DandelionStemAdvanced = 91
    DandelionFluffed = 92
    DandelionStemPathExpired = 93
    CompactBlockReceived = 94
    BlockReconstructionStarted = 95
    BlockReconstructionCompleted = 96
    FibreBlockEncoded = 97
    FibreBlockSent = 98
    CompanionUdpPeerRegistered = 99
    CompanionUdpPeerUnregistered = 100
    PackageReceived = 101
    PackageRejected = 102
    UtxoCommitmentReceived = 103
    UtxoCommitmentVerified = 104
    BanListShared = 105
    BanListReceived = 106
    SelectiveSyncPolicyApplied = 107
    ActionExecuted = 108
    ModulePurchaseCompleted = 109
    StratumClientConnected = 110
    StratumClientDisconnected = 111
    IBDBlockFiltered = 112
    ModuleDiscovered = 113
    ModuleInstalled = 114
    ModuleUpdated = 115
    ModuleRemoved = 116
    PeerPayment = 117  # since 0.1.81


EVENT_TYPE = Annotated[EventType, Words(EventType)]
