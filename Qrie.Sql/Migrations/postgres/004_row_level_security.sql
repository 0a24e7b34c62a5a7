-- Rows of an organization are visible to sessions only that name it, or '*' for all, in the setting qrie.organization; their owner is no exception.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attname = 'organization' AND NOT a.attisdropped
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY of_organization ON %I USING ((SELECT current_setting(''qrie.organization'', true)) IN (''*'', organization))', name);
    END LOOP;
END $$;
