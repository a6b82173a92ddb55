"""Which imports a list shows, and what the columns of a table hold."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.backoffice.imports.names import FIELD_NAMES, STATE_NAMES
from encours.ports.registry import vocabularies
from encours.ports.tables import Sample


class FilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name of the file")}),
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), *STATE_NAMES.items()]
    )


class ColumnsForm(forms.Form):
    """One choice per header: which field it holds. Guessed from the headers until a person says otherwise."""

    def __init__(self, data: Any = None, *, sample: Sample, kind: str) -> None:
        super().__init__(data)
        self.sample = sample
        vocabulary = vocabularies()[kind]
        guessed = vocabulary.guessed(sample.headers)
        choices = [
            ("", _("Leave aside")),
            *((name, FIELD_NAMES.get(name, name)) for name in vocabulary.fields),
        ]
        for position, header in enumerate(sample.headers):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=header, required=False, choices=choices, initial=guessed.get(header, "")
            )

    def columns(self) -> dict[str, str]:
        """{header: field} as chosen; of a valid form."""
        return {
            header: self.cleaned_data[f"column_{position}"]
            for position, header in enumerate(self.sample.headers)
        }

    def rows(self) -> Iterator[tuple[Any, Sequence[str]]]:
        """(field of the form, the column's first cells)."""
        for position in range(len(self.sample.headers)):
            cells = [row[position].strip() for row in self.sample.rows]
            yield self[f"column_{position}"], [cell for cell in cells if cell][:3]
