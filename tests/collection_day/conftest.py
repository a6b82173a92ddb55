"""The collector's day has pages, and letters that leave."""

from tests.backoffice.conftest import house, sign_in
from tests.dunning.conftest import live, post_office

__all__ = ["house", "live", "post_office", "sign_in"]
