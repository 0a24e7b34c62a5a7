-- Findings by the time since when they are resolved: those that are older than they are kept.
CREATE INDEX findings_resolved ON findings (organization, resolved_at) WHERE state = 'resolved';
