import pytest

from sluice.cli.entry import main
from sluice.cli.mine import PoolUrlError, mine
from sluice.exit_codes import ExitCode


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("pool.example.org", "not a pool URL"),
        ("stratum+tcp://pool.example.org:3333", "not a Stratum V2 URL"),
        ("stratum2+tcp://pool.example.org", "names no port"),
        ("stratum2+tcp://pool.example.org:3333/abc", "not an authority public key"),
        ("tlv://pool.example.org", "names no port"),
        ("tlv://pool.example.org:3333/abc", "not an authority public key"),
    ],
)
def test_a_url_that_names_no_pool_is_refused_with_the_reason(
    url: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PoolUrlError, match=words):
        mine(url, user="alice")
    assert main(["mine", url, "--user", "alice"]) == ExitCode.USAGE
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["stratum2+tcp://127.0.0.1:1"],
        ["stratum2+tcp://127.0.0.1:1", "--user", "a", "--threads", "0"],
        ["stratum2+tcp://127.0.0.1:1", "--user", "a", "--seconds", "0"],
    ],
)
def test_what_cannot_be_is_a_usage_error(arguments: list[str]) -> None:
    assert main(["mine", *arguments]) == ExitCode.USAGE
