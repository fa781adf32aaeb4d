"""All dubious answers, by what is dubious about them."""

from __future__ import annotations

from tests.transport.corpus.chunks import CHUNKS_AND_TRAILERS
from tests.transport.corpus.codings import CODINGS
from tests.transport.corpus.heads import HEADS
from tests.transport.corpus.lengths import LENGTHS
from tests.transport.corpus.sizes import SIZES
from tests.transport.corpus.status_lines import STATUS_LINES
from tests.transport.corpus.surroundings import SURROUNDINGS
from tests.transport.corpus.transfer_encodings import TRANSFER_ENCODINGS

CHAPTERS = {
    "Lengths": LENGTHS,
    "`Transfer-Encoding`": TRANSFER_ENCODINGS,
    "Chunks": CHUNKS_AND_TRAILERS,
    "Headers": HEADS,
    "Status lines": STATUS_LINES,
    "Before and behind an answer": SURROUNDINGS,
    "Compression": CODINGS,
    "Sizes": SIZES,
}
