"""What the dialect says when it refuses: a number for each question, and the origin's sentences.

Rule: the sentences are the origin's, verbatim, where it has one, because a miner may look into them; what it has no
sentence for follows the same form.
"""

SETUP_FAILED = 1
CHANNEL_FAILED = 2
SHARES_FAILED = 3

#: What stands before the reason, by number.
PREFIXES = {
    SETUP_FAILED: "Setup connection failed",
    CHANNEL_FAILED: "Failed to open channel",
    SHARES_FAILED: "Failed to process shares",
}

UNSUPPORTED_VERSION = "Unsupported protocol version: {}. Only version 2 is supported."
NOT_REGISTERED = "Miner not registered: {}"
CHANNEL_NOT_FOUND = "Channel not found: {}"
JOB_NOT_FOUND = "Job not found: {}"
# The origin takes whatever comes here, so these are ours.
NAME_TOO_LONG = "Endpoint too long: {} bytes, and {} are the most"
UNKNOWN_USER = "Unknown user: {}"
BANNED = "Banned by the operator: {}"
NO_MORE_CHANNELS = "No further channel can be opened: {} are open"


def refusal(code: int, reason: str) -> str:
    """The whole sentence of an error: what failed, by whose rules, and why."""
    return f"{PREFIXES[code]}: Stratum V2 protocol error: {reason}"
