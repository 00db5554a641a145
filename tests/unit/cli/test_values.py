import pytest
import typer

from sluice.cli.values import an_endpoint
from sluice.config.values import Endpoint


def test_an_endpoint_is_read() -> None:
    assert an_endpoint("[::1]:5", "--listen") == Endpoint("::1", 5)


def test_what_is_none_is_a_usage_error_that_names_the_flag() -> None:
    with pytest.raises(typer.BadParameter, match=r"must be host:port.* not 'x'") as caught:
        an_endpoint("x", "--listen")
    assert caught.value.param_hint == "--listen"
