"""The only Django app with tables: models, migrations, row-level security, the embedded server."""
