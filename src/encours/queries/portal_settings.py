"""What a company lets its customers do in the portal."""

from encours.queries.files import FileOnDisk, file_on_disk
from encours.store.models import Company, PortalSettings

# a picture that can hold a script (SVG) is no logo
LOGO_TYPES = ("image/png", "image/jpeg")


def portal_settings(*, company: Company) -> PortalSettings:
    """The company's, or those that hold while it said nothing."""
    found = PortalSettings.objects.select_related("logo").filter(company=company).first()
    return found or PortalSettings(company=company)


def logo_file(*, company: Company, digest: str) -> tuple[FileOnDisk, str] | None:
    """The company's logo and its media type, when it is the one with this SHA-256."""
    logo = portal_settings(company=company).logo
    if logo is None or logo.sha256 != digest or logo.media_type not in LOGO_TYPES:
        return None
    return file_on_disk(logo), logo.media_type
