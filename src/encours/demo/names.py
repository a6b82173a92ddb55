"""Invented names. Roots are put together from syllables, so that no company is meant."""

from random import Random

_FIRST = [
    "Ar",
    "Bel",
    "Cor",
    "Dau",
    "El",
    "Fal",
    "Gal",
    "Hel",
    "Il",
    "Jor",
    "Kal",
    "Lor",
    "Mar",
    "Nor",
    "Or",
    "Pal",
    "Qui",
    "Ros",
    "Sol",
    "Tal",
    "Ul",
    "Val",
    "Var",
    "Zel",
    "Bri",
    "Clo",
    "Dra",
    "Fri",
    "Gra",
    "Mon",
    "Pré",
    "Ser",
    "Tri",
    "Ver",
    "Vin",
    "Yv",
]
_MIDDLE = [
    "a",
    "e",
    "i",
    "o",
    "an",
    "en",
    "in",
    "al",
    "el",
    "ar",
    "er",
    "on",
    "ol",
    "il",
    "or",
    "ia",
    "eo",
    "iv",
    "av",
    "ev",
]
_LAST = [
    "dis",
    "lane",
    "line",
    "mont",
    "nel",
    "nis",
    "phis",
    "ris",
    "tis",
    "val",
    "vance",
    "ville",
    "quet",
    "ty",
    "lia",
    "ron",
    "rane",
    "sol",
]

ACTIVITIES = (
    ("Industrie", "Industrie"),
    ("Mécanique", "Industrie"),
    ("Emballages", "Industrie"),
    ("Composites", "Industrie"),
    ("Logistique", "Transport"),
    ("Transports", "Transport"),
    ("Énergie", "Énergie"),
    ("Bâtiment", "Construction"),
    ("Promotion", "Construction"),
    ("Distribution", "Commerce"),
    ("Négoce", "Commerce"),
    ("Laboratoires", "Santé"),
    ("Santé", "Santé"),
    ("Conseil", "Services"),
    ("Assurances", "Services"),
    ("Hôtels", "Tourisme"),
    ("Agro", "Agroalimentaire"),
    ("Saveurs", "Agroalimentaire"),
)
LEGAL_FORMS = ("SAS", "SAS", "SAS", "SARL", "SARL", "SA", "EURL", "SCOP")
FOREIGN = {
    "BE": (("1000", "Brussels"), ("2000", "Antwerp"), ("4000", "Liège"), ("9000", "Ghent")),
    "DE": (("10115", "Berlin"), ("50667", "Köln"), ("70173", "Stuttgart"), ("80331", "München")),
    "LU": (("1111", "Luxembourg"), ("4010", "Esch-sur-Alzette")),
    "NL": (("1011 AB", "Amsterdam"), ("3011 AA", "Rotterdam"), ("5611 AB", "Eindhoven")),
}
FOREIGN_FORMS = {"BE": "NV", "DE": "GmbH", "LU": "S.à r.l.", "NL": "B.V."}
PHONE_CODES = {"BE": "+32", "DE": "+49", "LU": "+352", "NL": "+31"}
TOWNS = (
    ("69003", "Lyon"), ("69100", "Villeurbanne"), ("38000", "Grenoble"), ("42000", "Saint-Étienne"),
    ("26000", "Valence"), ("73000", "Chambéry"), ("74000", "Annecy"), ("63000", "Clermont-Ferrand"),
    ("75008", "Paris"), ("75013", "Paris"), ("92100", "Boulogne-Billancourt"), ("93200", "Saint-Denis"),
    ("78000", "Versailles"), ("44000", "Nantes"), ("35000", "Rennes"), ("33000", "Bordeaux"),
    ("31000", "Toulouse"), ("34000", "Montpellier"), ("13002", "Marseille"), ("06000", "Nice"),
    ("59000", "Lille"), ("62000", "Arras"), ("67000", "Strasbourg"), ("68100", "Mulhouse"),
    ("21000", "Dijon"), ("25000", "Besançon"), ("45000", "Orléans"), ("37000", "Tours"),
    ("76000", "Rouen"), ("14000", "Caen"), ("29200", "Brest"), ("86000", "Poitiers"),
)  # fmt: skip
_STREETS = (
    "rue des Tilleuls", "avenue de la Gare", "rue du Moulin", "boulevard des Alpes", "rue de l'Industrie",
    "allée des Platanes", "quai du Port", "chemin des Vignes", "place du Marché", "rue des Artisans",
    "route de la Plaine", "impasse du Lavoir", "cours des Fondeurs", "rue du Vieux-Pont",
)  # fmt: skip
_FIRST_NAMES = (
    "Camille", "Nadia", "Julien", "Inès", "Thomas", "Awa", "Lucie", "Karim", "Élodie", "Hugo", "Maëlys",
    "Yann", "Sophie", "Mathieu", "Léa", "Bastien", "Chloé", "Farid", "Agathe", "Simon",
)  # fmt: skip
_LAST_NAMES = (
    "Vaurel", "Darnay", "Lestoile", "Bonvallet", "Crozat", "Delmarre", "Ferrandin", "Guilbaux", "Jourdanne",
    "Kerlaz", "Montagnier", "Nardelle", "Orsival", "Pruneau", "Rouvière", "Sabatel", "Tissandre", "Vercoutre",
)  # fmt: skip
_PUBLIC = (
    "Communauté de communes du Val {of}",
    "Centre hospitalier {of}",
    "Syndicat mixte des eaux {of}",
    "Lycée {name}",
    "Office de l'habitat {of}",
    "Commune {of}-sur-Lèze",
)
SALESPEOPLE = ("Claire Vaurel", "Malik Darnay", "Hélène Crozat", "Paul Kerlaz", "Nora Sabatel")


def root(index: int) -> str:
    """A different one for each index up to 12,960, then again with a number."""
    a, b, c = len(_FIRST), len(_MIDDLE), len(_LAST)
    # a step that shares no factor with the number of roots walks through all of them
    turn, place = divmod(index, a * b * c)
    place = place * 7919 % (a * b * c)
    name = _FIRST[place % a] + _MIDDLE[place // a % b] + _LAST[place // a // b]
    return f"{name} {turn + 1}" if turn else name


def public_body(rng: Random, name: str) -> str:
    of = f"d'{name}" if name[0] in "AEIOUYÉH" else f"de {name}"
    return rng.choice(_PUBLIC).format(of=of, name=name)


def street(rng: Random) -> str:
    return f"{rng.randint(1, 180)} {rng.choice(_STREETS)}"


def person(rng: Random) -> str:
    return f"{rng.choice(_FIRST_NAMES)} {rng.choice(_LAST_NAMES)}"
