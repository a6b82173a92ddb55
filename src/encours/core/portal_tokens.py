"""Links that open the portal: made from the installation's key and a row's salt, known afterwards by their digest alone.

A token is 130 bits in an alphabet that survives being read from paper and typed on a telephone: lower case, without
letters that look like digits (Crockford's base 32). Nobody who reads the database can make one.

>>> token = portal_token(key=b"key", company_id=3, salt="salt")
>>> len(token), read_token(token.upper().replace("0", "O")) == token
(26, True)
>>> read_token("not a token")
''
"""

import hmac
from hashlib import sha256

LENGTH = 26
# where the address a payment service sends payers back to takes the payment and its token
RETURN_MARK = "~return~"
_BITS = 5 * LENGTH
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# what people and telephones make of it
_READ = str.maketrans("oil", "011", "- ")


def portal_token(*, key: bytes, company_id: int, salt: str) -> str:
    """The same key, company and salt always give the same token: a message that is rendered again says the same link."""
    return _spelled(hmac.new(key, f"encours portal link\0{company_id}\0{salt}".encode(), sha256).digest())


def return_token(*, key: bytes, company_id: int, reference: str) -> str:
    """What a payer comes back with from a payment service: it shows what became of one payment (`reference`) and opens nothing
    else. Payment services see it and keep it in their logs; a link to the portal they never see."""
    return _spelled(
        hmac.new(key, f"encours portal return\0{company_id}\0{reference}".encode(), sha256).digest()
    )


def is_return_token(token: str, *, key: bytes, company_id: int, reference: str) -> bool:
    """In the same time whatever is wrong."""
    made = return_token(key=key, company_id=company_id, reference=reference)
    return hmac.compare_digest(made.encode(), token.encode())


def with_return(url: str, *, key: bytes, company_id: int, reference: str) -> str:
    """An address with `RETURN_MARK` as the service gets it; any other as it is.

    >>> with_return("https://x.example/~return~/", key=b"key", company_id=3, reference="EC1")
    'https://x.example/EC1/j0k5gjxj9mh1y614yjkkqftenj/'
    """
    token = return_token(key=key, company_id=company_id, reference=reference)
    return url.replace(RETURN_MARK, f"{reference}/{token}")


def _spelled(made: bytes) -> str:
    number = int.from_bytes(made) >> (8 * len(made) - _BITS)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(_BITS - 5, -1, -5))


def read_token(text: str) -> str:
    """A token as a person typed it, in its one spelling; "" for what is none."""
    token = text.lower().translate(_READ)
    return token if len(token) == LENGTH and all(letter in _ALPHABET for letter in token) else ""


def token_digest(*, company_id: int, token: str) -> str:
    """What is stored of it. Tokens are random: a fast hash is enough."""
    return sha256(f"{company_id}\0{token}".encode()).hexdigest()


def is_digest_of(digest: str, *, company_id: int, token: str) -> bool:
    """In the same time whatever is wrong."""
    return hmac.compare_digest(digest, token_digest(company_id=company_id, token=token))
