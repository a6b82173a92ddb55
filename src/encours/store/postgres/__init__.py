"""Django's PostgreSQL backend, with the embedded server and one company per connection.

Settings use it as `ENGINE = "encours.store.postgres"`.
"""
