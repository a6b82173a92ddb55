"""The product's settings on a data folder of the test run's own, whatever the environment says."""

import os
import tempfile

# Below /tmp, because the embedded PostgreSQL runs as another user when the tests run as root.
os.environ["ENCOURS_HOME"] = tempfile.mkdtemp(prefix="encours-tests-")
for name in (
    "DATABASE_URL",
    "ENCOURS_SMTP_URL",
    "ENCOURS_HTTPS",
    "ENCOURS_URL",
    "ENCOURS_PROXIES",
    "ENCOURS_DEBUG",
    "ENCOURS_IMPORT_MAX_BYTES",
):
    os.environ.pop(name, None)

from encours.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
