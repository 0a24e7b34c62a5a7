-- By severity within an account, too, so that an account's findings can be listed from the most severe on without sorting them.
DROP INDEX findings_by_account;
CREATE INDEX findings_by_account ON findings (organization, account_id, severity, state, first_seen DESC, arn, policy_id, account_service, region, type);
