"""
The last look: the finished bytes of a bundle are searched for what may not be in them, before anything leaves.

Apart from the policy and the formats: it knows only texts that must not occur (identities of withheld alerts, values of fields that were kept back)
and files. A text that the same bundle shows without any alert in it (a word of the legend, a place name) betrays nothing and is let pass.
"""

import html
import json
import re
from collections.abc import Iterable, Mapping

MIN_CHARS = 3  # shorter ones occur in any text


def betrayed(
    files: Mapping[str, bytes], forbidden: Iterable[str], without_alerts: Mapping[str, bytes]
) -> list[tuple[str, str]]:
    """(file, text) of every forbidden text that stands as a word of its own, in any escaping, in a file or its name."""
    innocent = "\n".join(_texts(without_alerts))
    found = []
    for word in sorted(set(forbidden)):
        if len(word) < MIN_CHARS:
            continue
        pattern = re.compile("|".join(rf"(?<!\w){re.escape(form)}(?!\w)" for form in sorted(_forms(word))))
        if pattern.search(innocent):
            continue
        found += [(name, word) for name, text in zip(files, _texts(files), strict=True) if pattern.search(text)]
    return found


def _texts(files: Mapping[str, bytes]) -> list[str]:
    return [f"{name}\n{content.decode('utf-8', 'replace')}" for name, content in files.items()]


def _forms(word: str) -> set[str]:
    return {
        word,
        html.escape(word),
        html.escape(word, quote=False),
        json.dumps(word)[1:-1],
        json.dumps(word, ensure_ascii=False)[1:-1],
    }
