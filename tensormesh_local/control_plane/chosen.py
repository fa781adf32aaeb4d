"""
What nobody outside the service knows, decided here.

Every value of this file is unverified; chosen. The service may well do
otherwise, so a client must not lean on any of them. They stand together so
that a fact, once known, has one place to go.
"""

# Login: how long each thing lives, in seconds.
ACCESS_TOKEN_SECONDS = 3_600
REFRESH_TOKEN_SECONDS = 30 * 86_400
LOGIN_SECONDS = 600
POLL_SECONDS = 2

# Pages: without a size, and at most. A larger size is lowered, not refused.
PAGE_SIZE = 20
LARGEST_PAGE = 100

# Time ranges, in seconds, for calls that are given no start.
USAGE_RANGE_SECONDS = 30 * 86_400
METRIC_RANGE_SECONDS = 86_400
LOG_RANGE_SECONDS = 3_600

# Metrics: the distance between two samples, and how many there may be in a series.
METRIC_STEP_SECONDS = 3_600
MOST_SAMPLES = 11_000

# Logs: lines without a limit, and at most; and how often an idle deployment is heard of.
LOG_LINES = 100
MOST_LOG_LINES = 5_000
HEARTBEAT_SECONDS = 30

# Words the document does not list: open enumerations have more values than are known.
MODEL_DEPLOYING = "MODEL_STATUS_DEPLOYING"
TICKET_CLOSED = "TICKET_STATUS_CLOSED"
TOP_UP = "TRANSACTION_TYPE_TOP_UP"
CREDIT = "TRANSACTION_TYPE_CREDIT"
TRANSACTION_DONE = "TRANSACTION_STATUS_COMPLETED"
CARD = "STRIPE_PAYMENT_METHOD_TYPE_CARD"

# Deployments, for requests that leave these out.
GPU_TYPE = "GPU_TYPE_H200"
CLOUD_PROVIDER = "CLOUD_PROVIDER_NEBIUS"
LARGEST_GPU_COUNT = 64

# Memory estimates: bytes for one parameter, by what the name says about the format, and what comes on top.
BYTES_PER_PARAMETER = (("nvfp4", 0.56), ("gpt-oss", 0.53), ("fp8", 1.0), ("int4", 0.5), ("awq", 0.5))
BYTES_PER_FULL_PARAMETER = 2.0
RUN_TIME_SHARE = 0.15
CACHE_SHARE = 0.375
