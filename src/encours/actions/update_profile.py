"""What a person says about themselves: name and language. Belongs to no company."""

from encours.store.models import User


def update_profile(*, user_id: int, language: str = "", name: str | None = None) -> None:
    """Changes what is given; an empty `language` and a None `name` stay as they are."""
    changes: dict[str, str] = {}
    if language:
        changes["language"] = language
    if name is not None:
        changes["name"] = name.strip()
    if changes:
        User.objects.filter(pk=user_id).update(**changes)
