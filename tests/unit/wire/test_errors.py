import pytest

from sluice.wire.errors import LocalProtocolError, ProtocolError, RemoteProtocolError


@pytest.mark.parametrize(
    ("kind", "other"), [(LocalProtocolError, RemoteProtocolError), (RemoteProtocolError, LocalProtocolError)]
)
def test_who_broke_the_rules_is_never_confused(kind: type[ProtocolError], other: type[ProtocolError]) -> None:
    assert issubclass(kind, ProtocolError)
    assert not issubclass(kind, other)
    assert str(kind("a sentence")) == "a sentence"
