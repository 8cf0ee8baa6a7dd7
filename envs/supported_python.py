"""Refuse a Python that Foxhound does not run on, and say why and what to type instead.

Any Python reads this file, an old one too: no annotations, no f-strings.
"""

import sys

SUPPORTED = ((3, 11), (3, 12), (3, 13))
REFUSAL = (
    "Foxhound needs Python 3.11, 3.12 or 3.13, and this is {}.{}{}.\n"
    "Install one of them and name it: make demo PYTHON=python3.13 (or what else you want to make)."
)


def refusal(version):
    """Return why Foxhound does not run on a Python (a pair of numbers); None where it does."""
    if version in SUPPORTED:
        return None
    why = ""
    if version > SUPPORTED[-1]:
        why = ", for which gensim 4.4 has no wheel yet" if version == (3, 14) else ", which was not tried yet"
    return REFUSAL.format(version[0], version[1], why)


if __name__ == "__main__":
    sys.exit(refusal(sys.version_info[:2]))
