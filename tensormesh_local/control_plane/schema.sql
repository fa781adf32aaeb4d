-- The state of one control plane.
--
-- Times are microseconds since 1970, amounts are exact decimal text, free-form parts are JSON.
-- A number that grows orders what came at the same time, and is what readable ids are made of.

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    first_name TEXT NOT NULL DEFAULT '',
    last_name TEXT NOT NULL DEFAULT '',
    display_name TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role TEXT NOT NULL,
    company TEXT NOT NULL DEFAULT '',
    stripe_customer TEXT,
    tos_accepted_at INTEGER,
    survey_completed_at INTEGER,
    address TEXT
) STRICT;

-- The one user whose key and token the host hands out when it starts.
CREATE TABLE owner (
    user_id TEXT NOT NULL REFERENCES users
) STRICT;

CREATE TABLE api_keys (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    deleted_at INTEGER
) STRICT;

-- Tokens and login codes are kept as digests: the file gives nobody's session away.
CREATE TABLE tokens (
    digest TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
    user_id TEXT NOT NULL REFERENCES users,
    expires_at INTEGER,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE logins (
    code_digest TEXT PRIMARY KEY,
    user_code TEXT NOT NULL UNIQUE,
    form_token TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'denied', 'collected')),
    user_id TEXT REFERENCES users,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE transactions (
    number INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users,
    type TEXT NOT NULL,
    amount TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    payment_intent TEXT,
    payment_method TEXT,
    -- The hour whose usage a charge adds up; null for everything that is no charge.
    hour INTEGER,
    UNIQUE (user_id, hour)
) STRICT;

-- What inference was used, a minute and a model to a row: spending, usage, charges and metrics are read off it.
CREATE TABLE usage (
    user_id TEXT NOT NULL REFERENCES users,
    surface TEXT NOT NULL CHECK (surface IN ('serverless', 'on-demand')),
    -- The price record of a serverless model, the deploymentId of a deployment.
    model TEXT NOT NULL,
    minute INTEGER NOT NULL,
    name TEXT NOT NULL,
    requests INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost TEXT NOT NULL,
    saving TEXT NOT NULL,
    PRIMARY KEY (user_id, surface, model, minute)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_in_time ON usage (user_id, minute);

CREATE TABLE serverless_prices (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    input_price TEXT NOT NULL,
    output_price TEXT NOT NULL,
    cached_price TEXT NOT NULL,
    is_active INTEGER NOT NULL
) STRICT;

CREATE TABLE gpu_prices (
    gpu_type TEXT NOT NULL,
    cloud_provider TEXT NOT NULL,
    hourly_rate TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    PRIMARY KEY (gpu_type, cloud_provider)
) STRICT;

CREATE TABLE products (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    required_gpu_num INTEGER NOT NULL,
    family TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    spec TEXT NOT NULL
) STRICT;

CREATE TABLE payment_methods (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users,
    brand TEXT NOT NULL,
    last4 TEXT NOT NULL,
    exp_month INTEGER NOT NULL,
    exp_year INTEGER NOT NULL,
    is_default INTEGER NOT NULL
) STRICT;

CREATE TABLE payment_intents (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users,
    amount TEXT NOT NULL,
    payment_method TEXT,
    confirmed_at INTEGER
) STRICT;

CREATE TABLE deployments (
    number INTEGER PRIMARY KEY,
    model_id TEXT NOT NULL UNIQUE,
    deployment_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    path TEXT NOT NULL,
    spec TEXT NOT NULL,
    infra TEXT NOT NULL,
    gpu_count INTEGER NOT NULL,
    gpu_type TEXT NOT NULL,
    api_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- When it is ready; before that it is deploying.
    up_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;

CREATE UNIQUE INDEX deployment_names ON deployments (user_id, name) WHERE deleted_at IS NULL;

-- The requests a deployment answered; its other log lines follow from the times above.
CREATE TABLE deployment_requests (
    number INTEGER PRIMARY KEY,
    deployment_id TEXT NOT NULL REFERENCES deployments (deployment_id),
    at INTEGER NOT NULL,
    line TEXT NOT NULL
) STRICT;

CREATE INDEX deployment_requests_in_time ON deployment_requests (deployment_id, at);

CREATE TABLE tickets (
    number INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE ticket_messages (
    number INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES tickets,
    user_id TEXT NOT NULL REFERENCES users,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE enquiries (
    number INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users,
    form TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE activities (
    number INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users,
    actor_id TEXT NOT NULL REFERENCES users,
    action TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    description TEXT NOT NULL,
    metadata TEXT NOT NULL,
    occurred_at INTEGER NOT NULL
) STRICT;

CREATE INDEX activities_of_user ON activities (user_id, occurred_at);
