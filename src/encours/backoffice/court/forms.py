"""What a file is asked for with, a paper's details, and to whom a file goes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from encours.core.court_files.papers import KINDS
from encours.core.court_files.procedures import COURTS, PROCEDURES


class FileForm(forms.Form):
    """Names come in the reader's language: `core` has the words."""

    procedure = forms.ChoiceField(label=_("Procedure"), widget=forms.RadioSelect)
    court = forms.ChoiceField(
        label=_("Court"),
        required=False,
        help_text=_("The one of the debtor's seat. Look it up by the postcode before you file."),
    )
    document = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, *args: Any, language: str, document_ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["procedure"].choices = [(code, name().say(language)) for code, name in PROCEDURES.items()]
        fields["court"].choices = [
            ("", _("By the debtor")),
            *((code, name().say(language)) for code, name in COURTS.items()),
        ]
        fields["document"].choices = [(each, str(each)) for each in document_ids]

    def wanted(self) -> dict[str, Any]:
        """What can be read of it; the rest as nobody had asked."""
        self.is_valid()
        given = self.cleaned_data
        return {
            "procedure": given.get("procedure") or "injonction",
            "court": given.get("court", ""),
            "document_ids": given.get("document", []),
        }


class PaperForm(forms.Form):
    file = forms.FileField(
        label=_("File"), help_text=_("PDF, PNG or JPEG, 20 MB at most."),
        widget=forms.FileInput({"accept": "application/pdf,image/png,image/jpeg"}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("What it is"))
    document = forms.ChoiceField(label=_("Of"), required=False)
    title = forms.CharField(
        label=_("Title"), max_length=160, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    paper_date = forms.DateField(
        label=_("Date of the paper"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(
        self, *args: Any, language: str, documents: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kind"].choices = [(code, name().say(language)) for code, name in KINDS.items()]
        fields["document"].choices = [
            ("", _("The customer as a whole")),
            *((str(each), number) for each, number in documents),
        ]


class HandOverForm(forms.Form):
    to = forms.CharField(
        label=_("To whom"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("The court, or the commissaire de justice by name."),
    )  # fmt: skip
    handed_over_date = forms.DateField(label=_("On"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
