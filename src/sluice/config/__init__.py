"""The configuration: one table, read from file, environment and flags."""

from sluice.config.read import ConfigError, read_config
from sluice.config.table import Config

__all__ = ["Config", "ConfigError", "read_config"]
