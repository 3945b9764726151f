"""The migrated database that those of the tests are clones of, made beforehand: half a minute on one core.

QUINZE_MODE=test python -m tests.template
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
django.setup()

from tests import conftest  # noqa: E402

if __name__ == "__main__":
    with conftest.served():
        conftest.make_template()
