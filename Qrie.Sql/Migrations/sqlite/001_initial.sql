-- Times are milliseconds since 1970 UTC. Text columns that hold JSON are named for what they hold.

-- The tenants. Other tables contain the tenant's id without a foreign key, so that their data can outlive this row.
CREATE TABLE organizations (
    organization TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    created_at INTEGER NOT NULL
);

-- Keyed by the key's id alone, because the key determines the organization.
CREATE TABLE api_keys (
    key_id TEXT NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL,
    name TEXT,
    role TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
);
CREATE INDEX api_keys_in_order ON api_keys (organization, key_id);

-- All writes of callers; the columns before and after contain JSON.
CREATE TABLE audit (
    organization TEXT NOT NULL,
    at INTEGER NOT NULL,
    audit_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT,
    role TEXT,
    address TEXT,
    request_id TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    before TEXT,
    after TEXT,
    PRIMARY KEY (organization, at, audit_id)
);
CREATE INDEX audit_by_actor ON audit (organization, actor, at, audit_id);
CREATE INDEX audit_by_action ON audit (organization, action, at, audit_id);
CREATE INDEX audit_by_subject ON audit (organization, subject, at, audit_id);

-- Refused authentication attempts by day.
CREATE TABLE refused_logins (
    day TEXT NOT NULL,
    reason TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (day, reason)
);

CREATE TABLE accounts (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    name TEXT,
    ou TEXT,
    tags TEXT,
    role_arn TEXT,
    external_id TEXT,
    regions TEXT,
    services TEXT,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_inventory_at INTEGER,
    known_regions TEXT,
    member_of TEXT,
    removed_at INTEGER,
    removed_because TEXT,
    PRIMARY KEY (organization, account_id)
);
CREATE UNIQUE INDEX accounts_active ON accounts (account_id) WHERE status = 'active';
CREATE INDEX accounts_not_active ON accounts (organization, account_id) WHERE status <> 'active';
CREATE INDEX accounts_by_id ON accounts (account_id);

-- What a list of accounts shows of their inventories, kept with every list that ends: there may be hundreds of lists in each account. An empty service: the account as a whole.
CREATE TABLE account_services (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    service TEXT NOT NULL,
    last_inventory_at INTEGER,
    complete INTEGER NOT NULL,
    not_available INTEGER NOT NULL,
    broken INTEGER NOT NULL,
    error_region TEXT,
    error_type TEXT,
    error_code TEXT,
    error_message TEXT,
    error_at INTEGER,
    PRIMARY KEY (organization, account_id, service)
) WITHOUT ROWID;

-- Accounts whose rows are to be deleted, or were: the receipt stays until the account is registered again.
CREATE TABLE account_purges (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    step INTEGER NOT NULL,
    deleted TEXT NOT NULL,
    finished_at INTEGER,
    checking INTEGER NOT NULL,
    checked INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id)
) WITHOUT ROWID;
CREATE INDEX account_purges_open ON account_purges (requested_at) WHERE checked = 0;

-- The state row: small, because every inventory touches it. The configuration is apart from it and touched only when it changes.
CREATE TABLE resources (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    account_id TEXT NOT NULL,
    service TEXT NOT NULL,
    type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    region TEXT NOT NULL,
    listed_in TEXT NOT NULL,
    tags TEXT,
    unknown TEXT,
    hash TEXT NOT NULL,
    describe_time INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    deleted_at INTEGER,
    absent_since INTEGER,
    change_seq INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (organization, account_service, arn)
) WITHOUT ROWID;
CREATE INDEX resources_by_list ON resources (organization, account_service, type, listed_in, arn) WHERE deleted_at IS NULL;
CREATE INDEX resources_by_id ON resources (organization, account_service, type, resource_id);
CREATE INDEX resources_by_change ON resources (organization, account_service, change_seq, arn) WHERE deleted_at IS NULL;
CREATE INDEX resources_by_arn ON resources (organization, arn, account_service);
CREATE INDEX resources_by_region ON resources (organization, region, account_service, arn);

-- One row for each tag of each resource, deleted ones included. Written only when a resource changed, which an inventory waits for AWS for anyway.
CREATE TABLE resource_tags (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    arn TEXT NOT NULL,
    PRIMARY KEY (organization, account_service, key, value, arn)
) WITHOUT ROWID;

-- Grows with every change of a resource: what is evaluated up to a number need not be rechecked before it grows.
CREATE TABLE change_sequences (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (organization, account_service)
) WITHOUT ROWID;

-- Alive resources, kept with every write.
CREATE TABLE resource_counts (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    type TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_service, type)
) WITHOUT ROWID;

CREATE TABLE configurations (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    configuration BLOB NOT NULL,
    PRIMARY KEY (organization, account_service, arn)
) WITHOUT ROWID;

-- The keys by which policies of other resources look up a resource. An empty value: the key could not be read, so the resource may match any lookup.
CREATE TABLE lookup_keys (
    organization TEXT NOT NULL,
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    PRIMARY KEY (organization, type, key, value, account_service, arn)
) WITHOUT ROWID;
CREATE INDEX lookup_keys_of_resource ON lookup_keys (organization, account_service, arn);

-- The lookups that verdicts depend on: a change of a resource found by a key makes them due.
CREATE TABLE lookups (
    organization TEXT NOT NULL,
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    PRIMARY KEY (organization, type, key, value, account_service, arn)
) WITHOUT ROWID;
CREATE INDEX lookups_of_resource ON lookups (organization, account_service, arn);

-- How many alive resources have an attribute that could not be read: kept with every write, so that coverage is never counted row by row.
CREATE TABLE unknown_attribute_counts (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    type TEXT NOT NULL,
    attribute TEXT NOT NULL,
    error_code TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_service, type, attribute, error_code)
) WITHOUT ROWID;

CREATE TABLE coverage (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    service TEXT NOT NULL,
    type TEXT NOT NULL,
    outcome TEXT NOT NULL,
    error_code TEXT,
    message TEXT,
    checked_at INTEGER NOT NULL,
    last_success_at INTEGER,
    suspicious INTEGER NOT NULL,
    scan_id TEXT,
    PRIMARY KEY (organization, account_id, region, type)
);

CREATE TABLE policies (
    organization TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    status TEXT NOT NULL,
    scope TEXT NOT NULL,
    severity INTEGER,
    params TEXT NOT NULL,
    remediation TEXT,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revised_at INTEGER NOT NULL,
    PRIMARY KEY (organization, policy_id)
);

-- One letter per policy (pass, fail, not applicable, unknown, - for out of scope), in the order of the policy list: a million of these rows is usual.
CREATE TABLE evaluations (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    describe_time INTEGER NOT NULL,
    hash TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    policy_list TEXT NOT NULL,
    verdicts TEXT NOT NULL,
    reasons TEXT,
    evaluated_at INTEGER NOT NULL,
    next_due INTEGER,
    PRIMARY KEY (organization, account_service, arn)
) WITHOUT ROWID;
CREATE INDEX evaluations_due ON evaluations (organization, account_service, next_due, arn) WHERE next_due IS NOT NULL;
-- Due immediately, because a dependency changed: events do not wait for a scan.
CREATE INDEX evaluations_stale ON evaluations (organization, account_service, arn) WHERE next_due = 0;

-- Policies with their revisions, in order; named by a hash of them.
CREATE TABLE policy_lists (
    policy_list TEXT NOT NULL PRIMARY KEY,
    policies TEXT NOT NULL
) WITHOUT ROWID;

-- Up to which change a type of an account_service was evaluated as a whole, and by what.
CREATE TABLE evaluated_types (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    type TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (organization, account_service, type)
) WITHOUT ROWID;

-- By revision, because verdicts count only for the revision they were given by: after a change the count starts again.
CREATE TABLE verdict_counts (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    attribute TEXT NOT NULL,
    error_code TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_service, policy_id, revision, verdict, attribute, error_code)
) WITHOUT ROWID;

-- When a policy was last evaluated over a whole account_service: moves last_evaluated of all its active findings with one row.
CREATE TABLE policy_evaluated (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    evaluated_at INTEGER NOT NULL,
    PRIMARY KEY (organization, account_service, policy_id)
) WITHOUT ROWID;

CREATE TABLE findings (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    service TEXT NOT NULL,
    type TEXT NOT NULL,
    region TEXT NOT NULL,
    severity INTEGER NOT NULL,
    state TEXT NOT NULL,
    evidence TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_evaluated INTEGER NOT NULL,
    describe_time INTEGER NOT NULL,
    resolved_at INTEGER,
    resolved_reason TEXT,
    scan_id TEXT,
    transitions TEXT NOT NULL,
    suppression TEXT, -- reserved
    PRIMARY KEY (organization, account_service, arn, policy_id)
) WITHOUT ROWID;
-- Lists are in the order of first_seen: each index has it behind what it is sought by, and a list merges the ranges that its filter names. What else they
-- hold is there to be filtered by without reading the rows.
CREATE INDEX findings_in_order ON findings (organization, severity, state, first_seen DESC, arn, policy_id, account_service);
CREATE INDEX findings_by_account ON findings (organization, account_id, state, first_seen DESC, arn, policy_id, account_service, severity, region, type);
CREATE INDEX findings_by_facet ON findings (organization, policy_id, state, severity, region, type, service, first_seen DESC, arn, account_service);

-- Which ranges of findings_by_facet there are, or ever were: never deleted; an empty range costs only an index seek.
CREATE TABLE finding_facets (
    organization TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    state TEXT NOT NULL,
    severity INTEGER NOT NULL,
    region TEXT NOT NULL,
    type TEXT NOT NULL,
    service TEXT NOT NULL,
    PRIMARY KEY (organization, policy_id, state, severity, region, type, service)
) WITHOUT ROWID;

-- Findings as they are now, by deltas. Account '*' is all accounts together, removed ones included: readers take those off again, which costs what was removed.
CREATE TABLE finding_counts (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    band TEXT NOT NULL,
    state TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, policy_id, band, state)
) WITHOUT ROWID;

-- What changed in a period, named by its first day: a week, or for change 'resolved' a month. The past is what is now less what changed since,
-- so that a reader needs the last periods only, however old the store is.
CREATE TABLE finding_history (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    period TEXT NOT NULL,
    change TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, period, change)
) WITHOUT ROWID;

-- Alive resources, and those of them with at least one active finding. Account '*' as above.
CREATE TABLE service_counts (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    service TEXT NOT NULL,
    resources INTEGER NOT NULL,
    non_compliant INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, service)
) WITHOUT ROWID;

CREATE TABLE scans (
    organization TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    scan_type TEXT NOT NULL,
    triggered_by TEXT NOT NULL,
    status TEXT NOT NULL,
    filter TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    heartbeat_at INTEGER NOT NULL,
    scheduled_for INTEGER,
    after_scan TEXT,
    total_units INTEGER NOT NULL,
    remaining_units INTEGER NOT NULL,
    failed_units INTEGER NOT NULL,
    counters TEXT NOT NULL,
    errors TEXT NOT NULL,
    PRIMARY KEY (organization, scan_id)
);
CREATE UNIQUE INDEX scans_scheduled ON scans (organization, kind, scheduled_for) WHERE scheduled_for IS NOT NULL;
CREATE INDEX scans_in_order ON scans (organization, created_at DESC, scan_id);
CREATE INDEX scans_unfinished ON scans (status) WHERE finished_at IS NULL;

CREATE TABLE units (
    organization TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    after_scan TEXT, -- of the same organization; the unit cannot be claimed until it has ended
    owner TEXT,
    lease_until INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    counters TEXT NOT NULL,
    errors TEXT NOT NULL,
    calls TEXT NOT NULL,
    PRIMARY KEY (organization, scan_id, account_id, region, service)
);
-- Accounts take turns: every account's first unit comes before any account's second.
CREATE INDEX units_to_claim ON units (priority, created_at, turn, organization, scan_id, account_id, region, service) WHERE status IN ('pending', 'running');
CREATE INDEX units_running ON units (organization, kind, account_id, region, service) WHERE status = 'running';
CREATE INDEX units_running_by_account ON units (organization, account_id) WHERE status = 'running';

-- What the units of a scan that have ended did, by account and service; what runs is read from the few running units.
CREATE TABLE scan_progress (
    organization TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    service TEXT NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    counters TEXT NOT NULL,
    errors INTEGER NOT NULL,
    PRIMARY KEY (organization, scan_id, account_id, service)
) WITHOUT ROWID;

-- What the units of a scan that have ended called at AWS.
CREATE TABLE scan_operations (
    organization TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    calls INTEGER NOT NULL,
    denied INTEGER NOT NULL,
    PRIMARY KEY (organization, scan_id, operation)
) WITHOUT ROWID;

-- The first few accounts in which a call was denied.
CREATE TABLE scan_denials (
    organization TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, scan_id, account_id, operation)
) WITHOUT ROWID;

-- What an anti-entropy inventory found that no event had told, written with the resources themselves. Region and type '*': all of the account.
CREATE TABLE drift_counts (
    organization TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    type TEXT NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    PRIMARY KEY (organization, scan_id, account_id, region, type)
) WITHOUT ROWID;

-- The first few of them.
CREATE TABLE drift_samples (
    organization TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    change TEXT NOT NULL,
    account_id TEXT NOT NULL,
    type TEXT NOT NULL,
    region TEXT NOT NULL,
    found_at INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (organization, scan_id, account_service, arn, change)
) WITHOUT ROWID;

-- The last complete anti-entropy scan over everything, by kind: partial scans do not move the drift clock.
CREATE TABLE full_scans (
    organization TEXT NOT NULL,
    kind TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    PRIMARY KEY (organization, kind)
);

-- When scans start by themselves. A time before since was never missed.
CREATE TABLE schedules (
    organization TEXT NOT NULL,
    kind TEXT NOT NULL,
    cron TEXT,
    chosen INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (organization, kind)
);

-- Outcomes of messages by day. The account is empty if the message has none.
CREATE TABLE event_counts (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    day TEXT NOT NULL,
    outcome TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, region, day, outcome)
) WITHOUT ROWID;

-- How long events took, in buckets of growing length.
CREATE TABLE event_lags (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    day TEXT NOT NULL,
    evaluated INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, region, day, evaluated, bucket)
) WITHOUT ROWID;

CREATE TABLE event_regions (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    last_event_at INTEGER,
    last_received_at INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, region)
) WITHOUT ROWID;

-- Rechecks scheduled by events; an empty resource id means the whole unit that reads the type. One row each, however many events request it.
CREATE TABLE event_rechecks (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    service TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    event_time INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    renewals INTEGER NOT NULL,
    whole INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, region, type, resource_id)
) WITHOUT ROWID;
CREATE INDEX event_rechecks_due ON event_rechecks (whole, due_at);

CREATE TABLE dead_events (
    message_id TEXT NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    event_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    receives INTEGER NOT NULL,
    died_at INTEGER NOT NULL,
    in_queue INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX dead_events_in_order ON dead_events (organization, died_at DESC, message_id);
