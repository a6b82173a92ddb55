"""Asks a language model behind any server that speaks OpenAI's chat completions, one of the company's own too."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from encours.ports.connections import NOT_UNDERSTOOD, UnableToAsk
from encours.ports.http import BankApi

SECONDS = 20
_MAX_ANSWER_TOKENS = 400


def ask_second_reader(
    *, url: str, model: str, key: str, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]
) -> str:
    """The text of the model's answer. `url` is the server's base address (`https://…/v1`). Asked once and for so long; raises `UnableToAsk`."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    api = BankApi(url, headers=headers, timeout_seconds=SECONDS)
    wanted = {"type": "json_schema", "json_schema": {"name": "reading", "strict": True, "schema": schema}}
    try:
        answer = api.post(
            "chat/completions",
            body={
                "model": model,
                "messages": list(messages),
                "temperature": 0,
                "max_tokens": _MAX_ANSWER_TOKENS,
                "response_format": wanted,
            },
        )
    finally:
        api.close()
    try:
        content = json.loads(answer)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise UnableToAsk(NOT_UNDERSTOOD(host=api.host, reason="no choices")) from error
    if not isinstance(content, str):
        raise UnableToAsk(NOT_UNDERSTOOD(host=api.host, reason="no text"))
    return content
