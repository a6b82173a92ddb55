"""What a person is told when a bank line cannot be matched, or its match not undone."""

from encours.core.wording import Sentence, Wording

NO_PROPOSAL = Wording(
    "match.no_proposal",
    fr="Cette proposition n'existe plus : elle a été traitée ou retirée.",
    en="This proposal is gone: it was dealt with or withdrawn.",
)
DOCUMENTS_MOVED = Wording(
    "match.documents_moved",
    fr="Un des documents n'a plus assez d'ouvert : rechargez la page.",
    en="One of the documents no longer has enough open: reload the page.",
)


class UnableToMatch(Exception):
    """Nothing was matched. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence
