"""Names of customers, many of them alike, and what banks leave of them."""

from random import Random

from encours.demo.remittance import upper_ascii

FORMS = ("SARL", "SAS", "SA", "EURL", "SASU", "SNC")
_TRADES = (
    "Boulangerie", "Menuiserie", "Garage", "Hôtel", "Cabinet", "Transports", "Imprimerie", "Maçonnerie", "Pharmacie",
    "Domaine", "Atelier", "Clinique", "Librairie", "Brasserie", "Scierie", "Conserverie", "Plomberie", "Électricité",
)  # fmt: skip
_FAMILIES = (
    "Dubois", "Lefèvre", "Moreau", "Garnier", "Rousseau", "Chevalier", "Perrin", "Guérin", "Boyer", "Noël", "Meunier",
    "Blanchard", "Fabre", "Renard", "Hervé", "Ménard", "Lacroix", "Aubry", "Carpentier", "Vasseur", "Delorme", "Pichon",
)  # fmt: skip
_PLACES = (
    "de l'Ouest",
    "du Rhône",
    "des Alpes",
    "de Bretagne",
    "d'Île-de-France",
    "du Littoral",
    "Val de Loire",
)
_INVENTED = (
    "Ventalune",
    "Orlexia",
    "Cortane",
    "Belrix",
    "Nortis",
    "Galphis",
    "Solvance",
    "Verdis",
    "Mytrane",
    "Ausonia",
)
# how a second company comes to nearly the name of a first
_LOOK_ALIKES = ("{} Services", "{} et Fils", "{} Frères", "{} Distribution", "Nouvelle {}", "{} Immobilier")
FACTORS = ("EUROPE AFFACTURAGE", "CREDIT FACTOR MUTUEL", "NORD FACTORING")
STRANGERS = (
    "MUTUELLE DE CASTELLANE",
    "ASSURANCES TREVIGNON",
    "TRESORERIE KERBASTIC",
    "SCI LES MIMOSAS",
    "CPAM DE TALENCE",
)


_FIRST_NAMES = ("JEAN", "MARIE", "PIERRE", "SYLVIE", "NICOLAS", "CHRISTINE", "LAURENT", "ANNE")


def person(random: Random) -> str:
    """As banks print people: the manager who pays from a private account."""
    title = random.choice(("M", "MME", "M OU MME"))
    return f"{title} {upper_ascii(random.choice(_FAMILIES))} {random.choice(_FIRST_NAMES)}"


def company_names(random: Random, count: int) -> list[str]:
    """Names without legal form. About one in eight is nearly that of another, one in fifty is the same."""
    names: list[str] = []
    seen: set[str] = set()
    while len(names) < count:
        if names and random.random() < 0.02:
            names.append(random.choice(names))
            continue
        if names and random.random() < 0.12:
            name = random.choice(_LOOK_ALIKES).format(random.choice(names))
        else:
            kind = random.random()
            if kind < 0.55:
                name = f"{random.choice(_TRADES)} {random.choice(_FAMILIES)}"
            elif kind < 0.8:
                name = f"{random.choice(_TRADES)} {random.choice(_PLACES)}"
            else:
                name = f"{random.choice(_INVENTED)} {random.choice(_FAMILIES)}"
            if random.random() < 0.25:
                name = f"{name} {random.choice(_PLACES)}"
        if len(name) <= 60 and name not in seen:
            seen.add(name)
            names.append(name)
    return names


def as_printed(random: Random, name: str, form: str) -> str:
    """A payer's name as its bank knows it: the same on each of its transfers."""
    printed = upper_ascii(name)
    style = random.random()
    if style < 0.3:
        return f"{form} {printed}"
    if style < 0.6:
        return f"{printed} {form}"
    if style < 0.75:
        return printed
    if style < 0.9:  # cut to the width of an old field
        return printed[: random.choice((24, 27, 30, 32))].rstrip()
    return printed.replace("'", " ").replace("-", " ")
