"""Has a reply read by the company's second reader, where it has one: what it says confirms the reading, or is shown beside it."""

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db import transaction

from encours.actions.journal import record
from encours.core.replies.acting import INTENTS
from encours.core.replies.second_reading import SCHEMA, UnableToUseReading, believed, question
from encours.core.wording import Sentence, Wording
from encours.ports.connections import NOT_UNDERSTOOD, UnableToAsk
from encours.ports.second_readers import ask_second_reader
from encours.store.models import Company, Reply, ReplySettings
from encours.store.secrets import UnableToUnseal, is_sealed_with_current_key, seal, unseal

BAD_READER = Wording(
    "second_reader.bad",
    fr="Donnez l'adresse complète du service (https://…/v1), le nom du modèle, et une clé sans accents ni espaces.",
    en="Give the whole address of the service (https://…/v1), the name of the model, and a key without accents or spaces.",
)


class UnableToSetSecondReader(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def set_second_reader(*, company: Company, url: str, model: str, key: str, actor: str) -> None:
    """The server and model that read replies a second time; an empty `url` for none. The key is sealed, and written down nowhere.

    Raises `UnableToSetSecondReader`.
    """
    if url and not (
        _is_address(url) and model.strip() and key.isascii() and (key.isprintable() and " " not in key)
    ):
        raise UnableToSetSecondReader(BAD_READER())
    sealed = seal({"key": key}, owner=_owner(company)) if url and key else ""
    with transaction.atomic():
        ReplySettings.objects.update_or_create(
            company=company,
            defaults={
                "reader_url": url,
                "reader_model": model if url else "",
                "reader_sealed": sealed,
                "reader_problem": None,
            },
        )
        record(
            company=company, actor=actor, action="reply_settings.changed", subject_type="company",
            subject_id=company.pk, data={"url": url, "model": model},
        )  # fmt: skip


def read_second(*, company: Company, reply_id: int) -> bool:
    """False when the reader could not be asked: why is kept with the settings, and the reply waits for a person as before.

    Nothing is asked of a reply that a person has dealt with or that holds no words. The answer changes no reading.
    """
    settings = ReplySettings.objects.filter(company=company).exclude(reader_url="").first()
    reply = Reply.objects.filter(company=company, pk=reply_id, state=Reply.State.WAITING).first()
    if settings is None or reply is None or not reply.text.strip() or reply.intent not in INTENTS:
        return True
    on = reply.received_at.astimezone(ZoneInfo(company.time_zone)).date()
    try:
        key = unseal(settings.reader_sealed, owner=_owner(company)).get("key", "")
        answer = ask_second_reader(
            url=settings.reader_url, model=settings.reader_model, key=key,
            messages=question(text=reply.text, on=on), schema=SCHEMA,
        )  # fmt: skip
        second = believed(answer, text=reply.text, on=on)
    except UnableToAsk as error:
        return _failed(settings, error.sentence)
    except UnableToUnseal:
        return _failed(settings, NOT_UNDERSTOOD(host=settings.reader_url, reason="key"))
    except UnableToUseReading as error:
        return _failed(settings, NOT_UNDERSTOOD(host=settings.reader_url, reason=str(error)))
    agrees = second.agrees_with(intent=reply.intent, day=reply.day, amount_cents=reply.amount_cents)
    Reply.objects.filter(company=company, pk=reply.pk).update(second_reading=second.as_json(agrees=agrees))
    if settings.reader_problem is not None:
        ReplySettings.objects.filter(pk=settings.pk).update(reader_problem=None)
    return True


def _failed(settings: ReplySettings, why: Sentence) -> bool:
    ReplySettings.objects.filter(pk=settings.pk).update(reader_problem=why.as_json())
    return False


def seal_reader_again(*, company: Company) -> int:
    """Seals the reader's key with the current key of the installation: how many were, in the caller's transaction."""
    settings = ReplySettings.objects.select_for_update(no_key=True).filter(company=company).first()
    if settings is None or not settings.reader_sealed or is_sealed_with_current_key(settings.reader_sealed):
        return 0
    owner = _owner(company)
    settings.reader_sealed = seal(unseal(settings.reader_sealed, owner=owner), owner=owner)
    settings.save(update_fields=["reader_sealed"])
    return 1


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        parts.scheme in ("https", "http")
        and bool(parts.hostname)
        and parts.username is None
        and url.isascii()
    )


def _owner(company: Company) -> str:
    """The name the key is sealed under."""
    return f"second_reader:{company.pk}"
