"""What the pool says to miners of the TLV dialect (docs/tlv.md).

There is no extranonce in it: each channel's 16 bytes stand in its coinbase already, so that no two channels ever
search the same headers. Rule: what a header needs and the dialect does not say follows each job as `HeaderFacts`.
"""

from sluice.bitcoin.target import Target
from sluice.pool.inputs import Wire
from sluice.pool.phrasebook import Phrasebook
from sluice.tlv.messages import HeaderFacts, NewMiningJob, SetNewPrevHash
from sluice.work.channel import Channel, IssuedJob

#: Where the origin cuts a coinbase: behind version, input count, outpoint and the script's length (below 253).
SPLIT_AT = 4 + 1 + 36 + 1


def target_bytes(target: Target) -> bytes:
    """A target as the origin writes it: the highest byte first, other than Stratum V2 does."""
    return target.to_bytes(32, "big")


def new_job(channel: Channel, issued: IssuedJob) -> NewMiningJob:
    """A job, to be mined at once; its version may be rolled within BIP323's bits, its time may not."""
    job = issued.job
    coinbase = job.coinbase(issued.prefix)
    return NewMiningJob(
        channel.channel_id,
        job.job_id,
        job.tip.prev_hash,
        coinbase[:SPLIT_AT],
        coinbase[SPLIT_AT:],
        job.template.merkle_path,
        HeaderFacts(job.version, job.min_ntime, job.tip.nbits, target_bytes(issued.target)),
    )


def new_tip(channel: Channel, issued: IssuedJob) -> SetNewPrevHash:
    """There is another tip; the job it names follows."""
    job = issued.job
    transactions = 1 + len(job.template.transactions)
    return SetNewPrevHash(channel.channel_id, job.job_id, job.tip.prev_hash, transactions)


TLV = Phrasebook(
    wire=Wire.TLV.value,
    kind=lambda channel: "tlv",
    job=lambda channel, issued: (new_job(channel, issued),),
    ahead=lambda channel, job: (),
    turn=lambda channel, issued: (new_tip(channel, issued), new_job(channel, issued)),
    target=lambda channel: (),
    prefix=lambda channel: (),
    closed=lambda any_id, reason: (),
    leave=(),
    moves_targets=False,
)
