"""Numbers with valid check digits for parties that do not exist."""

from random import Random

# No bank has these codes.
BANK_CODES = ("39991", "39992", "39993", "39994")
_LETTERS = {letter: str(10 + i) for i, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def siren(rng: Random, *, prefix: str) -> str:
    """Nine digits, the last by Luhn's rule. Public bodies begin with 1 or 2."""
    body = prefix + _digits(rng, 8 - len(prefix))
    return body + _luhn(body)


def siret(siren_number: str, *, establishment: int = 1) -> str:
    """The SIREN, four digits of the establishment, and a check digit over all fourteen."""
    body = f"{siren_number}{establishment:04d}"
    return body + _luhn(body)


def french_vat(siren_number: str) -> str:
    key = (12 + 3 * (int(siren_number) % 97)) % 97
    return f"FR{key:02d}{siren_number}"


def foreign_vat(rng: Random, country: str) -> str:
    """VAT numbers of the countries the company sells to, each with its own check."""
    if country == "BE":
        body = "0" + str(rng.randint(4, 7)) + _digits(rng, 6)
        return f"BE{body}{97 - int(body) % 97:02d}"
    if country == "LU":
        body = str(rng.randint(1, 2)) + _digits(rng, 5)
        return f"LU{body}{int(body) % 89:02d}"
    if country == "NL":
        while True:
            body = str(rng.randint(1, 8)) + _digits(rng, 7)
            check = sum(int(d) * (9 - i) for i, d in enumerate(body)) % 11
            if check < 10:
                return f"NL{body}{check}B01"
    assert country == "DE", country
    body = str(rng.randint(1, 9)) + _digits(rng, 7)
    product = 10  # ISO 7064, modulo 11, 10
    for digit in body:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return f"DE{body}{(11 - product) % 10}"


def iban(rng: Random, country: str = "FR") -> str:
    """An account at a bank that does not exist, with the national key where there is one."""
    if country == "FR":
        return french_iban(rng.choice(BANK_CODES), f"{rng.randint(1, 99):05d}", _digits(rng, 11))
    if country == "BE":
        body = "999" + _digits(rng, 7)
        bban = f"{body}{int(body) % 97 or 97:02d}"
    elif country == "LU":
        bban = "999" + _digits(rng, 13)
    elif country == "NL":
        bban = "EXMP" + _digits(rng, 10)
    else:
        bban = "99999999" + _digits(rng, 10)
    return _with_check(country, bban)


def french_iban(bank: str, branch: str, account: str) -> str:
    """IBAN of a French account: bank (5), branch (5), account (11) and the RIB key, all digits."""
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    return _with_check("FR", f"{bank}{branch}{account}{key:02d}")


def creditor_reference(number: str) -> str:
    """ISO 11649 reference of an invoice number: `RF`, two check digits, letters and digits."""
    body = "".join(c for c in number.upper() if c.isalnum())
    return f"RF{98 - _mod_97(body + 'RF00'):02d}{body}"


def _with_check(country: str, bban: str) -> str:
    return f"{country}{98 - _mod_97(f'{bban}{country}00'):02d}{bban}"


def _mod_97(text: str) -> int:
    return int("".join(_LETTERS.get(c, c) for c in text)) % 97


def _luhn(body: str) -> str:
    total = 0
    for i, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if i % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _digits(rng: Random, count: int) -> str:
    return "".join(str(rng.randint(0, 9)) for _ in range(count))
