"""The record as it was first written down.

Rule: a version never changes once it is out, and knows nothing of the schema of today.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

_PLACE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_SUMS = "accepted:N late:N refused:N work_high:N work_low:N best_hash:B? best_at:N? first_at:N last_at:N"

#: Table -> its columns: name and type. In lower case it is part of the key; with ? it may be missing; PLACE is a key by
#: which rows lie, and SERIAL one that the database gives.
_TABLES = {
    "runs": "run:SERIAL at:N version:T network:T shard:N",
    "progress": "run:n batch:N entries:N largest:N share:N refusal:N candidate:N move:N answer:N",
    "settings": "run:N at:N name:T value:T",
    "tips": "run:N at:N height:N prev_hash:B nbits:N",
    "templates": "run:N at:N template:N height:N prev_hash:B path_hash:B reward:N fees:N transactions:N",
    "channels": "channel:PLACE at:N name:T kind:T address:T vendor:T",
    "closings": "channel:N at:N reason:T",
    "targets": "channel:N at:N target:B work_high:N work_low:N",
    "shares": "share:PLACE at:N channel:N worker:T template:N hash:B work_high:N work_low:N late:S",
    "refusals": "refusal:PLACE at:N channel:N reason:T count:N",
    "candidates": "candidate:PLACE at:N block_hash:B height:N template:N name:T",
    "moves": "move:PLACE at:N block_hash:B stage:T turn:T",
    "answers": "answer:PLACE at:N block_hash:B node:T route:T answer_word:T reason:T milliseconds:N",
    "lost": "run:N at:N entries:N",
    "carried": f"account:t worker:t day:n {_SUMS}",
    "carried_reasons": "account:t worker:t reason:t count:N",
    "carried_slots": f"slot:n {_SUMS}",
    "viewed": "run:n share:N refusal:N candidate:N move:N",
    "since": "view:t at:N",
    "earners": "earner:SERIAL account:T worker:T",
    "standings": f"account:t worker:t {_SUMS}",
    "reasons": "account:t worker:t reason:t count:N",
    "slots": f"slot:n earner:n {_SUMS}",
    "pool_slots": f"slot:n {_SUMS}",
    "blocks": "block_hash:b height:N account:T worker:T found_at:N stage:T",
}
_INDICES = {
    "settings_by_name": ("settings", "name"),
    "shares_by_time": ("shares", "at"),
    "refusals_by_time": ("refusals", "at"),
    "moves_by_block": ("moves", "block_hash"),
    "answers_by_block": ("answers", "block_hash"),
    "slots_by_earner": ("slots", "earner", "slot"),
}
_UNIQUE = {
    "earners_by_name": ("earners", "account", "worker"),
    "candidates_by_block": ("candidates", "block_hash"),
}
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "N": sa.BigInteger(),
    "T": sa.Text(),
    "B": sa.LargeBinary(),
    "S": sa.SmallInteger(),
    "PLACE": _PLACE,
    "SERIAL": _PLACE,
}


def upgrade() -> None:
    """From nothing."""
    for table, columns in _TABLES.items():
        op.create_table(table, *map(_column, columns.split()))
    for unique, indices in ((False, _INDICES), (True, _UNIQUE)):
        for name, (table, *keys) in indices.items():
            op.create_index(name, table, keys, unique=unique)


def _column(said: str) -> "sa.Column[Any]":
    name, _, kind = said.partition(":")
    form = _TYPES[kind.removesuffix("?").upper()]
    key = kind in {"PLACE", "SERIAL"} or kind.islower()
    return sa.Column(name, form, primary_key=key, nullable=kind.endswith("?"), autoincrement=kind == "SERIAL")
