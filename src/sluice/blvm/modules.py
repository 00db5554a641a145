"""What stands inside requests and answers about modules, and the calls that a node makes to one.

Rule: a Rust map or tuple is a record of its own here; JSON inside bincode cannot be read (serde_json's values do
not say their type), so of such a call only what comes before it is declared, and none can be answered.
"""

from enum import IntEnum
from typing import Annotated

from sluice.blvm.variant import Variant, Words, choice, variant
from sluice.wire.bincode import BOOL, BYTES, F64, I32, OPTION, STRING, U32, U64, VEC
from sluice.wire.layout import Record, record


@record
class CliArgSpec(Record):
    name: STRING
    long_name: OPTION[STRING]
    short_name: OPTION[STRING]
    required: OPTION[BOOL]
    takes_value: OPTION[BOOL]
    default: OPTION[STRING]


@record
class CliSubcommandSpec(Record):
    name: STRING
    about: OPTION[STRING]
    args: VEC[CliArgSpec]


@record
class CliSpec(Record):
    version: U32
    name: STRING
    about: OPTION[STRING]
    subcommands: VEC[CliSubcommandSpec]


class ModuleState(Variant, frozen=True, gc=False):
    """What a module is doing."""


@variant(0)
class Stopped(ModuleState):
    pass


@variant(1)
class Initializing(ModuleState):
    pass


@variant(2)
class Running(ModuleState):
    pass


@variant(3)
class Stopping(ModuleState):
    pass


@variant(4)
class Failed(ModuleState):
    reason: STRING


MODULE_STATE = Annotated[ModuleState, choice("ModuleState", Stopped, Initializing, Running, Stopping, Failed)]


@record
class ModuleInfo(Record):
    module_id: STRING
    module_name: STRING
    version: STRING
    capabilities: VEC[STRING]
    status: MODULE_STATE
    api_version: U32


class ModuleHealth(Variant, frozen=True, gc=False):
    """How a module is."""


@variant(0)
class Healthy(ModuleHealth):
    pass


@variant(1)
class Unresponsive(ModuleHealth):
    pass


@variant(2)
class Crashed(ModuleHealth):
    reason: STRING


MODULE_HEALTH = Annotated[ModuleHealth, choice("ModuleHealth", Healthy, Unresponsive, Crashed)]


@record
class NamedHealth(Record):
    module_id: STRING
    health: MODULE_HEALTH


class MetricValue(Variant, frozen=True, gc=False):
    """What was measured."""


@variant(0)
class Counter(MetricValue):
    value: U64


@variant(1)
class Gauge(MetricValue):
    value: F64


@variant(2)
class Histogram(MetricValue):
    values: VEC[F64]


METRIC_VALUE = Annotated[MetricValue, choice("MetricValue", Counter, Gauge, Histogram)]


@record
class Label(Record):
    name: STRING
    value: STRING


@record
class Metric(Record):
    name: STRING
    value: METRIC_VALUE
    labels: VEC[Label]
    timestamp: U64


@record
class NamedMetrics(Record):
    module_id: STRING
    metrics: VEC[Metric]


# Calls of the node's, and what comes of them


class Call(Variant, frozen=True, gc=False):
    """InvocationType: what the node wants done."""


@variant(0)
class CliCall(Call):
    subcommand: STRING
    args: VEC[STRING]


@variant(1)
class RpcCall(Call):
    method: STRING


@variant(2)
class ModuleApiCall(Call):
    method: STRING
    params: BYTES
    caller_module_id: STRING


CALL = Annotated[Call, choice("InvocationType", CliCall, RpcCall, ModuleApiCall)]


class Result(Variant, frozen=True, gc=False):
    """InvocationResultPayload: what came of it; 1 would be an RPC's, which no node can read."""


@variant(0)
class CliResult(Result):
    stdout: STRING
    stderr: STRING
    exit_code: I32


@variant(2)
class ModuleApiResult(Result):
    value: BYTES


RESULT = Annotated[Result, choice("InvocationResultPayload", CliResult, ModuleApiResult)]


class LogLevel(IntEnum):
    """How much a line of the log matters."""

    TRACE = 0
    DEBUG = 1
    INFO = 2
    WARN = 3
    ERROR = 4


LOG_LEVEL = Annotated[LogLevel, Words(LogLevel)]
