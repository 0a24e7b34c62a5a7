-- Times are milliseconds since 1970 UTC. Text is compared by code points, as everywhere in Qrie: COLLATE "C".

-- The tenants. Other tables contain the tenant's id without a foreign key, so that their data can outlive this row.
CREATE TABLE organizations (
    organization TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C",
    created_at BIGINT NOT NULL
);

-- Keyed by the key's id alone, because the key determines the organization.
CREATE TABLE api_keys (
    key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    role TEXT COLLATE "C" NOT NULL,
    secret_hash TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX api_keys_in_order ON api_keys (organization, key_id);

-- All writes of callers; the columns before and after contain JSON.
CREATE TABLE audit (
    organization TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    audit_id TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    actor_name TEXT COLLATE "C",
    role TEXT COLLATE "C",
    address TEXT COLLATE "C",
    request_id TEXT COLLATE "C",
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    before TEXT COLLATE "C",
    after TEXT COLLATE "C",
    PRIMARY KEY (organization, at, audit_id)
);
CREATE INDEX audit_by_actor ON audit (organization, actor, at, audit_id);
CREATE INDEX audit_by_action ON audit (organization, action, at, audit_id);
CREATE INDEX audit_by_subject ON audit (organization, subject, at, audit_id);

-- Refused authentication attempts by day.
CREATE TABLE refused_logins (
    day TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (day, reason)
);

CREATE TABLE accounts (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    ou TEXT COLLATE "C",
    tags TEXT COLLATE "C",
    role_arn TEXT COLLATE "C",
    external_id TEXT COLLATE "C",
    regions TEXT COLLATE "C",
    services TEXT COLLATE "C",
    status TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_inventory_at BIGINT,
    known_regions TEXT COLLATE "C",
    member_of TEXT COLLATE "C",
    removed_at BIGINT,
    removed_because TEXT COLLATE "C",
    PRIMARY KEY (organization, account_id)
);
CREATE UNIQUE INDEX accounts_active ON accounts (account_id) WHERE status = 'active';
CREATE INDEX accounts_not_active ON accounts (organization, account_id) WHERE status <> 'active';
CREATE INDEX accounts_by_id ON accounts (account_id);

-- What a list of accounts shows of their inventories, kept with every list that ends: there may be hundreds of lists in each account. An empty service: the account as a whole.
CREATE TABLE account_services (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    last_inventory_at BIGINT,
    complete BIGINT NOT NULL,
    not_available BIGINT NOT NULL,
    broken BIGINT NOT NULL,
    error_region TEXT COLLATE "C",
    error_type TEXT COLLATE "C",
    error_code TEXT COLLATE "C",
    error_message TEXT COLLATE "C",
    error_at BIGINT,
    PRIMARY KEY (organization, account_id, service)
);

-- Accounts whose rows are to be deleted, or were: the receipt stays until the account is registered again.
CREATE TABLE account_purges (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    requested_at BIGINT NOT NULL,
    step BIGINT NOT NULL,
    deleted TEXT COLLATE "C" NOT NULL,
    finished_at BIGINT,
    checking BIGINT NOT NULL,
    checked BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id)
);
CREATE INDEX account_purges_open ON account_purges (requested_at) WHERE checked = 0;

-- The state row: small, because every inventory touches it. The configuration is apart from it and touched only when it changes.
CREATE TABLE resources (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    listed_in TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C",
    unknown TEXT COLLATE "C",
    hash TEXT COLLATE "C" NOT NULL,
    describe_time BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    deleted_at BIGINT,
    absent_since BIGINT,
    change_seq BIGINT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (organization, account_service, arn)
);
CREATE INDEX resources_by_list ON resources (organization, account_service, type, listed_in, arn) WHERE deleted_at IS NULL;
CREATE INDEX resources_by_id ON resources (organization, account_service, type, resource_id);
CREATE INDEX resources_by_change ON resources (organization, account_service, change_seq, arn) WHERE deleted_at IS NULL;
CREATE INDEX resources_by_arn ON resources (organization, arn, account_service);
CREATE INDEX resources_by_region ON resources (organization, region, account_service, arn);

-- One row for each tag of each resource, deleted ones included. Written only when a resource changed, which an inventory waits for AWS for anyway.
CREATE TABLE resource_tags (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, account_service, key, value, arn)
);

-- Grows with every change of a resource: what is evaluated up to a number need not be rechecked before it grows.
CREATE TABLE change_sequences (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (organization, account_service)
);

-- Alive resources, kept with every write.
CREATE TABLE resource_counts (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_service, type)
);

CREATE TABLE configurations (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    configuration BYTEA NOT NULL,
    PRIMARY KEY (organization, account_service, arn)
);

-- The keys by which policies of other resources look up a resource. An empty value: the key could not be read, so the resource may match any lookup.
CREATE TABLE lookup_keys (
    organization TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, type, key, value, account_service, arn)
);
CREATE INDEX lookup_keys_of_resource ON lookup_keys (organization, account_service, arn);

-- The lookups that verdicts depend on: a change of a resource found by a key makes them due.
CREATE TABLE lookups (
    organization TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, type, key, value, account_service, arn)
);
CREATE INDEX lookups_of_resource ON lookups (organization, account_service, arn);

-- How many alive resources have an attribute that could not be read: kept with every write, so that coverage is never counted row by row.
CREATE TABLE unknown_attribute_counts (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    attribute TEXT COLLATE "C" NOT NULL,
    error_code TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_service, type, attribute, error_code)
);

CREATE TABLE coverage (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    error_code TEXT COLLATE "C",
    message TEXT COLLATE "C",
    checked_at BIGINT NOT NULL,
    last_success_at BIGINT,
    suspicious BIGINT NOT NULL,
    scan_id TEXT COLLATE "C",
    PRIMARY KEY (organization, account_id, region, type)
);

CREATE TABLE policies (
    organization TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    severity BIGINT,
    params TEXT COLLATE "C" NOT NULL,
    remediation TEXT COLLATE "C",
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revised_at BIGINT NOT NULL,
    PRIMARY KEY (organization, policy_id)
);

-- One letter per policy (pass, fail, not applicable, unknown, - for out of scope), in the order of the policy list: a million of these rows is usual.
CREATE TABLE evaluations (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    describe_time BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    policy_list TEXT COLLATE "C" NOT NULL,
    verdicts TEXT COLLATE "C" NOT NULL,
    reasons TEXT COLLATE "C",
    evaluated_at BIGINT NOT NULL,
    next_due BIGINT,
    PRIMARY KEY (organization, account_service, arn)
);
CREATE INDEX evaluations_due ON evaluations (organization, account_service, next_due, arn) WHERE next_due IS NOT NULL;
-- Due immediately, because a dependency changed: events do not wait for a scan.
CREATE INDEX evaluations_stale ON evaluations (organization, account_service, arn) WHERE next_due = 0;

-- Policies with their revisions, in order; named by a hash of them.
CREATE TABLE policy_lists (
    policy_list TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    policies TEXT COLLATE "C" NOT NULL
);

-- Up to which change a type of an account_service was evaluated as a whole, and by what.
CREATE TABLE evaluated_types (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (organization, account_service, type)
);

-- By revision, because verdicts count only for the revision they were given by: after a change the count starts again.
CREATE TABLE verdict_counts (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    attribute TEXT COLLATE "C" NOT NULL,
    error_code TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_service, policy_id, revision, verdict, attribute, error_code)
);

-- When a policy was last evaluated over a whole account_service: moves last_evaluated of all its active findings with one row.
CREATE TABLE policy_evaluated (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    evaluated_at BIGINT NOT NULL,
    PRIMARY KEY (organization, account_service, policy_id)
);

CREATE TABLE findings (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    severity BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    first_seen BIGINT NOT NULL,
    last_evaluated BIGINT NOT NULL,
    describe_time BIGINT NOT NULL,
    resolved_at BIGINT,
    resolved_reason TEXT COLLATE "C",
    scan_id TEXT COLLATE "C",
    transitions TEXT COLLATE "C" NOT NULL,
    exception_id TEXT COLLATE "C",
    reopened_at BIGINT,
    PRIMARY KEY (organization, account_service, arn, policy_id)
);
-- Lists are in the order of first_seen: each index has it behind what it is sought by, and a list merges the ranges that its filter names. What else they
-- hold is there to be filtered by without reading the rows.
CREATE INDEX findings_in_order ON findings (organization, severity, state, first_seen DESC, arn, policy_id, account_service);
CREATE INDEX findings_by_facet ON findings (organization, policy_id, state, severity, region, type, service, first_seen DESC, arn, account_service);

-- Which ranges of findings_by_facet there are, or ever were: never deleted; an empty range costs only an index seek.
CREATE TABLE finding_facets (
    organization TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    severity BIGINT NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, policy_id, state, severity, region, type, service)
);

-- Findings as they are now, by deltas. Account '*' is all accounts together, removed ones included: readers take those off again, which costs what was removed.
CREATE TABLE finding_counts (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    band TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, policy_id, band, state)
);

-- What changed in a period, named by its first day: a week, or for change 'resolved' a month. The past is what is now less what changed since,
-- so that a reader needs the last periods only, however old the store is.
CREATE TABLE finding_history (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    change TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, period, change)
);

-- Alive resources, and those of them with at least one active finding. Account '*' as above.
CREATE TABLE service_counts (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    resources BIGINT NOT NULL,
    non_compliant BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, service)
);

CREATE TABLE scans (
    organization TEXT COLLATE "C" NOT NULL,
    scan_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    scan_type TEXT COLLATE "C" NOT NULL,
    triggered_by TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    filter TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    heartbeat_at BIGINT NOT NULL,
    scheduled_for BIGINT,
    after_scan TEXT COLLATE "C",
    total_units BIGINT NOT NULL,
    remaining_units BIGINT NOT NULL,
    failed_units BIGINT NOT NULL,
    counters TEXT COLLATE "C" NOT NULL,
    errors TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, scan_id)
);
CREATE UNIQUE INDEX scans_scheduled ON scans (organization, kind, scheduled_for) WHERE scheduled_for IS NOT NULL;
CREATE INDEX scans_in_order ON scans (organization, created_at DESC, scan_id);
CREATE INDEX scans_unfinished ON scans (status) WHERE finished_at IS NULL;

CREATE TABLE units (
    organization TEXT COLLATE "C" NOT NULL,
    scan_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    priority BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    after_scan TEXT COLLATE "C", -- of the same organization; the unit cannot be claimed until it has ended
    owner TEXT COLLATE "C",
    lease_until BIGINT,
    started_at BIGINT,
    finished_at BIGINT,
    counters TEXT COLLATE "C" NOT NULL,
    errors TEXT COLLATE "C" NOT NULL,
    calls TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, scan_id, account_id, region, service)
);
-- Accounts take turns: every account's first unit comes before any account's second.
CREATE INDEX units_to_claim ON units (priority, created_at, turn, organization, scan_id, account_id, region, service) WHERE status IN ('pending', 'running');
CREATE INDEX units_running ON units (organization, kind, account_id, region, service) WHERE status = 'running';
CREATE INDEX units_running_by_account ON units (organization, account_id) WHERE status = 'running';

-- What the units of a scan that have ended did, by account and service; what runs is read from the few running units.
CREATE TABLE scan_progress (
    organization TEXT COLLATE "C" NOT NULL,
    scan_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    counters TEXT COLLATE "C" NOT NULL,
    errors BIGINT NOT NULL,
    PRIMARY KEY (organization, scan_id, account_id, service)
);

-- What the units of a scan that have ended called at AWS.
CREATE TABLE scan_operations (
    organization TEXT COLLATE "C" NOT NULL,
    scan_id TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    calls BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    PRIMARY KEY (organization, scan_id, operation)
);

-- The first few accounts in which a call was denied.
CREATE TABLE scan_denials (
    organization TEXT COLLATE "C" NOT NULL,
    scan_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, scan_id, account_id, operation)
);

-- What an anti-entropy inventory found that no event had told, written with the resources themselves. Region and type '*': all of the account.
CREATE TABLE drift_counts (
    organization TEXT COLLATE "C" NOT NULL,
    scan_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    PRIMARY KEY (organization, scan_id, account_id, region, type)
);

-- The first few of them.
CREATE TABLE drift_samples (
    organization TEXT COLLATE "C" NOT NULL,
    scan_id TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    change TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    found_at BIGINT NOT NULL,
    attributes TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, scan_id, account_service, arn, change)
);

-- The last complete anti-entropy scan over everything, by kind: partial scans do not move the drift clock.
CREATE TABLE full_scans (
    organization TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    scan_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, kind)
);

-- When scans start by themselves. A time before since was never missed.
CREATE TABLE schedules (
    organization TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    cron TEXT COLLATE "C",
    chosen BIGINT NOT NULL,
    since BIGINT NOT NULL,
    level TEXT COLLATE "C",
    PRIMARY KEY (organization, kind)
);

-- Outcomes of messages by day. The account is empty if the message has none.
CREATE TABLE event_counts (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, region, day, outcome)
);

-- How long events took, in buckets of growing length.
CREATE TABLE event_lags (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    evaluated BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, region, day, evaluated, bucket)
);

CREATE TABLE event_regions (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    last_event_at BIGINT,
    last_received_at BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, region)
);

-- Rechecks scheduled by events; an empty resource id means the whole unit that reads the type. One row each, however many events request it.
CREATE TABLE event_rechecks (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    event_time BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    renewals BIGINT NOT NULL,
    whole BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, region, type, resource_id)
);
CREATE INDEX event_rechecks_due ON event_rechecks (whole, due_at);

CREATE TABLE dead_events (
    message_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    event_name TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    receives BIGINT NOT NULL,
    died_at BIGINT NOT NULL,
    in_queue BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL
);
CREATE INDEX dead_events_in_order ON dead_events (organization, died_at DESC, message_id);

-- External ids that Qrie issued: one for each organization and account, for good. No two organizations or accounts share one.
CREATE TABLE external_ids (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL UNIQUE,
    issued_at BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id)
);

-- Verdicts by account and policy, by deltas, for the state of requirements. Account '*' as in finding_counts. By revision, as verdict_counts; rows without
-- any verdict are deleted.
CREATE TABLE compliance_counts (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    passed BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    not_applicable BIGINT NOT NULL,
    out_of_scope BIGINT NOT NULL,
    excepted BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, policy_id, revision)
);

-- What is known of the resource types of an account: existing resources, lists (one of each region) that were refused or incomplete the last time, and 1 if it
-- was listed at all. Account '*' as above.
CREATE TABLE type_counts (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    resources BIGINT NOT NULL,
    unread BIGINT NOT NULL,
    accounts BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, type)
);
CREATE INDEX coverage_unread ON coverage (organization, type, account_id, region) WHERE outcome NOT IN ('complete', 'not_available');
CREATE INDEX accounts_without_regions ON account_services (organization, account_id) WHERE service = '' AND error_code IS NOT NULL;

-- The scores of frameworks by day: a row only where a day ended otherwise than the one before. account_id is '*' for all accounts, or 'ou:' and a path.
CREATE TABLE compliance_days (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    framework TEXT COLLATE "C" NOT NULL,
    section TEXT COLLATE "C" NOT NULL, -- empty: the whole framework
    day TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    definition TEXT COLLATE "C" NOT NULL,
    policies TEXT COLLATE "C" NOT NULL,
    score TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, account_id, framework, section, day)
);

CREATE TABLE attestations (
    organization TEXT COLLATE "C" NOT NULL,
    framework TEXT COLLATE "C" NOT NULL,
    requirement TEXT COLLATE "C" NOT NULL,
    is_met BIGINT NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    link TEXT COLLATE "C",
    attested_by TEXT COLLATE "C" NOT NULL,
    attested_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (organization, framework, requirement)
);
CREATE INDEX findings_by_account ON findings (organization, account_id, severity, state, first_seen DESC, arn, policy_id, account_service, region, type);

-- finding_history by policy; weeks only. What was before: findings as they are, so that a finding that was closed and opened again was never closed.
CREATE TABLE policy_history (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    change TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, policy_id, period, change)
);

-- Why certain findings are accepted. A column that is NULL, or a list that is empty, leaves its part of the scope open. Pending: not all findings follow its
-- status yet.
CREATE TABLE exceptions (
    organization TEXT COLLATE "C" NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C",
    arn TEXT COLLATE "C",
    tag_key TEXT COLLATE "C",
    tag_value TEXT COLLATE "C",
    account_ids TEXT COLLATE "C" NOT NULL,
    regions TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    ticket TEXT COLLATE "C",
    until_changed BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    ended_at BIGINT,
    pending BIGINT NOT NULL,
    warned BIGINT NOT NULL,
    PRIMARY KEY (organization, exception_id)
);
CREATE INDEX exceptions_in_force ON exceptions (organization, expires_at) WHERE status = 'active';
CREATE INDEX exceptions_pending ON exceptions (organization, exception_id) WHERE pending = 1;

-- Grows with every change of what is in force: the write gate reads the exceptions again only then.
CREATE TABLE exception_revisions (
    organization TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);

-- What the evidence of a finding was when an exception began to hold it that ends with a change; ended: it has changed.
CREATE TABLE exception_evidence (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    ended BIGINT NOT NULL,
    PRIMARY KEY (organization, account_service, arn, policy_id, exception_id)
);
CREATE INDEX exception_evidence_of ON exception_evidence (organization, exception_id);

-- Findings that exceptions hold, by deltas. Account '*' as in finding_counts.
CREATE TABLE exception_counts (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, exception_id)
);
CREATE INDEX findings_by_exception ON findings (organization, exception_id, account_service, arn, policy_id) WHERE exception_id IS NOT NULL;

-- What people noted about findings. first_seen is that of the finding, which never changes: the indexes are in the order of lists.
CREATE TABLE finding_triage (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    first_seen BIGINT NOT NULL,
    workflow TEXT COLLATE "C" NOT NULL,
    assignee TEXT COLLATE "C",
    due_on TEXT COLLATE "C",
    updated_at BIGINT NOT NULL,
    updated_by TEXT COLLATE "C",
    PRIMARY KEY (organization, account_service, arn, policy_id)
);
CREATE INDEX finding_triage_by_workflow ON finding_triage (organization, workflow, first_seen DESC, arn, policy_id, account_service);
CREATE INDEX finding_triage_by_assignee ON finding_triage (organization, assignee, first_seen DESC, arn, policy_id, account_service)
    WHERE assignee IS NOT NULL;
CREATE INDEX finding_triage_due ON finding_triage (organization, due_on) WHERE due_on IS NOT NULL;

-- Changes and comments, only ever added.
CREATE TABLE triage_entries (
    organization TEXT COLLATE "C" NOT NULL,
    account_service TEXT COLLATE "C" NOT NULL,
    arn TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    entry_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C",
    actor_name TEXT COLLATE "C",
    text TEXT COLLATE "C",
    workflow TEXT COLLATE "C",
    assignee TEXT COLLATE "C",
    due TEXT COLLATE "C",
    PRIMARY KEY (organization, account_service, arn, policy_id, entry_id)
);

-- Active findings by the day on which they opened, or by the explicit due date, by deltas. Account '*' as in finding_counts.
CREATE TABLE open_days (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    band TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL, -- opened, or due
    day TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, band, kind, day)
);

-- Resolutions of active findings, and how long they took together. What a policy's end or scope resolved is not among them.
CREATE TABLE resolution_days (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    band TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    PRIMARY KEY (organization, account_id, band, day)
);

-- Which events are told to whom. The target contains secrets.
CREATE TABLE alert_rules (
    organization TEXT COLLATE "C" NOT NULL,
    alert_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    enabled BIGINT NOT NULL,
    kinds TEXT COLLATE "C" NOT NULL,
    min_severity BIGINT NOT NULL,
    selection TEXT COLLATE "C" NOT NULL, -- policies, accounts, tags
    quiet_hours TEXT COLLATE "C",
    group_seconds BIGINT NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    failing_since BIGINT,
    PRIMARY KEY (organization, alert_id)
);
-- Read by every transaction that changes findings: whether a rule may want them.
CREATE INDEX alert_rules_enabled ON alert_rules (organization, kinds, min_severity) WHERE enabled = 1;

-- What happened and is not in a message yet, written in the transaction in which it happened. Not written if no rule may want it.
CREATE TABLE alert_outbox (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C",
    account_service TEXT COLLATE "C",
    arn TEXT COLLATE "C",
    policy_id TEXT COLLATE "C",
    severity BIGINT,
    region TEXT COLLATE "C",
    scan_id TEXT COLLATE "C",
    detail TEXT COLLATE "C"
);

-- Messages. While they are collecting events, due_at is when they are sent; while they are being sent, when the attempt counts as lost.
CREATE TABLE alert_deliveries (
    organization TEXT COLLATE "C" NOT NULL,
    alert_id TEXT COLLATE "C" NOT NULL,
    delivery_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    finished_at BIGINT,
    result TEXT COLLATE "C",
    is_test BIGINT NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (organization, alert_id, delivery_id)
);
CREATE INDEX alert_deliveries_open ON alert_deliveries (due_at, organization, alert_id) WHERE finished_at IS NULL;
CREATE INDEX alert_deliveries_collecting ON alert_deliveries (organization, alert_id) WHERE status IN ('collecting', 'held');
CREATE INDEX alert_deliveries_ended ON alert_deliveries (finished_at) WHERE finished_at IS NOT NULL;

-- Accounts of which nothing could be read at the end of the last inventory: told once, until they can be read again.
CREATE TABLE alert_unreadable_accounts (
    organization TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization, account_id)
);

-- Copies of findings in a bucket, requested or made. Their content is described by the manifest in the bucket.
CREATE TABLE archives (
    organization TEXT COLLATE "C" NOT NULL,
    archive_id TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL, -- empty for all accounts
    status TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    findings BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    error TEXT COLLATE "C",
    PRIMARY KEY (organization, archive_id)
);
CREATE UNIQUE INDEX archives_pending ON archives (organization, reason, account_id) WHERE status = 'pending';
CREATE INDEX archives_last ON archives (organization, reason, account_id, archive_id);
