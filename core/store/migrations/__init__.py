"""The history of the tables, one file a step; run by `core.store.schema` when a database is opened."""
