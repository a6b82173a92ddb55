"""Says what the columns of a refused table hold, remembers it, and has the file read again."""

from collections import Counter
from collections.abc import Mapping

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Sentence, Wording
from encours.ports.registry import vocabularies
from encours.queries.import_tables import sample_of
from encours.store.models import ColumnMapping, Company, ImportBatch, ImportProblem

NOT_A_TABLE = Wording(
    "mapping.not_a_table",
    fr="Ce fichier n'a pas de colonnes à décrire.",
    en="This file has no columns to describe.",
)
CHOSEN_TWICE = Wording(
    "mapping.chosen_twice",
    fr="Deux colonnes ne peuvent pas contenir la même chose : {headers}.",
    en="Two columns cannot hold the same: {headers}.",
)
NOT_ENOUGH = Wording(
    "mapping.not_enough",
    fr="Ces colonnes ne suffisent pas pour lire le fichier.",
    en="These columns are not enough to read the file.",
)
NOT_REFUSED = Wording(
    "mapping.not_refused",
    fr="Cet import n'est pas (ou plus) refusé : ses colonnes sont connues.",
    en="This import is not refused (any more): its columns are known.",
)


class UnableToMapColumns(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def map_columns(
    *, company: Company, batch_id: int, kind: str, columns: Mapping[str, str], actor: str
) -> ImportBatch:
    """Remembers {header: canonical field} for files of a kind with these headers, and makes the batch wait again.

    "" leaves a column alone. The import is the caller's to ask for. Raises `UnableToMapColumns`.
    """
    batch = (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("file")
        .get(company=company, pk=batch_id)
    )
    if batch.state != ImportBatch.State.REFUSED:
        raise UnableToMapColumns(NOT_REFUSED())
    found = sample_of(batch)
    if found is None:
        raise UnableToMapColumns(NOT_A_TABLE())
    meant = {header: columns.get(header, "") for header in found.headers}
    _check(kind, meant)
    # the same headers mean one thing: what was said of them before no longer counts
    ColumnMapping.objects.filter(company=company, fingerprint=found.fingerprint).delete()
    ColumnMapping.objects.create(company=company, kind=kind, fingerprint=found.fingerprint, columns=meant)
    ImportProblem.objects.filter(company=company, batch=batch).delete()
    batch.kind, batch.state, batch.refused_count, batch.finished_at = kind, ImportBatch.State.WAITING, 0, None
    batch.save(update_fields=["kind", "state", "refused_count", "finished_at"])
    record(
        company=company,
        actor=actor,
        action="columns.mapped",
        subject_type="import_batch",
        subject_id=batch.pk,
        data={"file": batch.file_name, "kind": kind, "columns": {k: v for k, v in meant.items() if v}},
    )
    return batch


def _check(kind: str, columns: Mapping[str, str]) -> None:
    vocabulary = vocabularies().get(kind)
    fields = [name for name in columns.values() if name]
    if vocabulary is None or not set(fields) <= set(vocabulary.fields):
        raise UnableToMapColumns(NOT_A_TABLE())
    twice = {name for name, times in Counter(fields).items() if times > 1}
    if twice:
        headers = ", ".join(header for header, name in columns.items() if name in twice)
        raise UnableToMapColumns(CHOSEN_TWICE(headers=headers))
    if not vocabulary.is_enough(set(fields)):
        raise UnableToMapColumns(NOT_ENOUGH())
