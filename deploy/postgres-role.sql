-- Run once by an administrator: psql -v ON_ERROR_STOP=1 -h db.example.com -U postgres -f deploy/postgres-role.sql
-- Then give the role a password (\password qrie_service) and set Store:ConnectionString=Host=…;Database=qrie;Username=qrie_service;Password=…
-- The service makes its tables itself, in this database and nowhere else. It must be neither a superuser nor have BYPASSRLS: PostgreSQL applies
-- row-level security, which separates organizations, to neither of them.
CREATE ROLE qrie_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE DATABASE qrie OWNER qrie_service TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
REVOKE ALL ON DATABASE qrie FROM PUBLIC;
