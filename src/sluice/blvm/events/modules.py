"""Storage, modules, the node itself: EventPayload 65 to 89."""

from sluice.blvm.events.payload import EventPayload
from sluice.blvm.variant import variant
from sluice.wire.bincode import BOOL, BYTES, F64, OPTION, STRING, U64, VEC


@variant(65)
class StorageRead(EventPayload):
    operation: STRING
    duration_ms: U64


@variant(66)
class StorageWrite(EventPayload):
    operation: STRING
    duration_ms: U64
    bytes_written: U64


@variant(67)
class StorageQuery(EventPayload):
    query_type: STRING
    duration_ms: U64


@variant(68)
class DatabaseBackupStarted(EventPayload):
    backup_path: STRING


@variant(69)
class DatabaseBackupCompleted(EventPayload):
    backup_path: STRING
    success: BOOL
    size_bytes: U64
    duration_seconds: U64


@variant(70)
class ModuleLoaded(EventPayload):
    module_name: STRING
    version: STRING


@variant(71)
class ModuleUnloaded(EventPayload):
    module_name: STRING
    version: STRING


@variant(72)
class ModuleReloaded(EventPayload):
    module_name: STRING
    old_version: STRING
    new_version: STRING


@variant(73)
class ModuleStarted(EventPayload):
    module_name: STRING


@variant(74)
class ModuleStopped(EventPayload):
    module_name: STRING


@variant(75)
class MeshPacketReceived(EventPayload):
    packet_data: BYTES
    peer_addr: STRING


@variant(76)
class StratumV2MessageReceived(EventPayload):
    message_data: BYTES
    peer_addr: STRING


@variant(77)
class ModuleCrashed(EventPayload):
    module_name: STRING
    error: STRING


@variant(78)
class ModuleHealthChanged(EventPayload):
    module_name: STRING
    old_health: STRING
    new_health: STRING


@variant(79)
class ModuleStateChanged(EventPayload):
    module_name: STRING
    old_state: STRING
    new_state: STRING


@variant(80)
class ConfigLoaded(EventPayload):
    changed_sections: VEC[STRING]
    config_json: OPTION[STRING]


@variant(81)
class NodeShutdown(EventPayload):
    reason: STRING
    timeout_seconds: U64


@variant(82)
class NodeShutdownCompleted(EventPayload):
    duration_ms: U64


@variant(83)
class NodeStartupCompleted(EventPayload):
    duration_ms: U64
    components: VEC[STRING]


@variant(84)
class MaintenanceStarted(EventPayload):
    maintenance_type: STRING
    estimated_duration_seconds: OPTION[U64]


@variant(85)
class MaintenanceCompleted(EventPayload):
    maintenance_type: STRING
    success: BOOL
    duration_ms: U64
    results: OPTION[STRING]


@variant(86)
class DataMaintenance(EventPayload):
    operation: STRING
    urgency: STRING
    reason: STRING
    target_age_days: OPTION[U64]
    timeout_seconds: OPTION[U64]


@variant(87)
class HealthCheck(EventPayload):
    check_type: STRING
    node_healthy: BOOL
    health_report: OPTION[STRING]


@variant(88)
class DiskSpaceLow(EventPayload):
    available_bytes: U64
    total_bytes: U64
    percent_free: F64
    disk_path: STRING


@variant(89)
class ResourceLimitWarning(EventPayload):
    resource_type: STRING
    usage_percent: F64
    current_usage: U64
    limit: U64
    threshold_percent: F64
