#!/usr/bin/env python
"""Checks the rules of this house that no general tool knows. Prints file:line and the rule, one to a line.

1. No module is called utils, helpers, services, selectors, managers or misc: a name says what is inside.
2. A form or serializer lists its fields one by one: neither fields = "__all__" nor exclude.
3. QuerySet.update() and bulk_update() write no history. Unless the statement names a model without history
   (DataVersion.objects...), a comment on it or on the line above, beginning with "bare update:", says why that is
   right: what writes the history instead, or why there is none to write.
4. Templates hold no inline style, script or event handler; the content security policy would refuse them.
5. What comes from outside common says "today" through common.dates: date.today(), datetime.now() and utcnow() ask the
   machine, not the office.

Usage: scripts/house_rules.py [FOLDER]
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {".venv", ".git", "var", "node_modules", "docs"}
EMPTY_NAMES = {"utils", "helpers", "services", "selectors", "managers", "misc"}
REASON = "bare update:"
INLINE = [
    (re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE), "an inline style"),
    (re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE), "an event handler in an attribute"),
    (re.compile(r"<style\b", re.IGNORECASE), "a style element"),
    (
        re.compile(r"<script(?![^>]*\ssrc\s*=)(?![^>]*\stype\s*=\s*\"application/(?:ld\+)?json\")", re.IGNORECASE),
        "an inline script",
    ),
    (re.compile(r"javascript:", re.IGNORECASE), "a javascript: address"),
]


def files(root, pattern):
    for path in sorted(root.rglob(pattern)):
        inside = path.relative_to(root)
        if not SKIPPED.intersection(inside.parts):
            yield path, inside


def is_test(inside):
    return inside.parts[0] in {"tests", "benchmarks", "scripts"}


def named_emptily(root):
    for _, inside in files(root, "*.py"):
        if EMPTY_NAMES.intersection([*inside.parts[:-1], inside.stem]):
            yield f"{inside}:1: the name says nothing; call the module after the thing inside (rule 1)"


def open_field_lists(tree, inside):
    for owner in ast.walk(tree):
        if not isinstance(owner, ast.ClassDef) or owner.name != "Meta":
            continue
        for node in owner.body:
            if not isinstance(node, ast.Assign):
                continue
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            everything = isinstance(node.value, ast.Constant) and node.value.value == "__all__"
            if "exclude" in names or ("fields" in names and everything):
                yield f"{inside}:{node.lineno}: list the fields one by one (rule 2)"


def tracked_models(trees):
    """Names of the model classes that keep a history."""
    tracked = set()
    for tree in trees:
        for owner in ast.walk(tree):
            if isinstance(owner, ast.ClassDef) and any(
                "HistoricalRecords(" in ast.unparse(node) for node in owner.body
            ):
                tracked.add(owner.name)
    return tracked


def own_classes(tree):
    """For every node inside a class that is not abstract, that class's name: what `cls.objects` means there."""
    return {
        node: owner.name
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef) and "abstract = True" not in ast.unparse(owner)
        for node in ast.walk(owner)
    }


def model_named(node, own_class):
    """The model before `.objects` in a chain of calls; nothing when the chain does not tell."""
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            name = node.value.id if isinstance(node.value, ast.Name) else None
            return own_class if name == "cls" else name
        node = node.func if isinstance(node, ast.Call) else node.value
    return None


def bare_updates(tree, inside, lines, tracked):
    own_class = own_classes(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        # dict.update and hash.update take their argument by position; a QuerySet's takes names only.
        is_update = node.func.attr == "update" and not node.args and node.keywords
        if not is_update and node.func.attr != "bulk_update":
            continue
        model = model_named(node.func.value, own_class.get(node))
        if model is not None and model not in tracked:
            continue
        around = "\n".join(lines[max(node.lineno - 2, 0) : node.end_lineno])
        if REASON not in around:
            yield f"{inside}:{node.lineno}: {node.func.attr}() writes no history; say why: '# {REASON} ...' (rule 3)"


def machine_time(tree, inside):
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            spoken = f"{node.func.value.id}.{node.func.attr}"
            if spoken in {"date.today", "datetime.today", "datetime.now", "datetime.utcnow"}:
                yield f"{inside}:{node.lineno}: {spoken}() asks the machine; use common.dates (rule 5)"


def inline_parts(root):
    for path, inside in files(root, "*.html"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for pattern, what in INLINE:
                if pattern.search(line):
                    yield f"{inside}:{number}: {what} (rule 4)"


def findings(root):
    yield from named_emptily(root)
    yield from inline_parts(root)
    sources = {
        inside: path.read_text(encoding="utf-8")
        for path, inside in files(root, "*.py")
        if not is_test(inside) and "migrations" not in inside.parts
    }
    trees = {inside: ast.parse(source, filename=str(inside)) for inside, source in sources.items()}
    tracked = tracked_models(trees.values())
    for inside, tree in trees.items():
        yield from open_field_lists(tree, inside)
        yield from bare_updates(tree, inside, sources[inside].splitlines(), tracked)
        yield from machine_time(tree, inside)


def main():
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    found = list(findings(root))
    print("\n".join(found) if found else "House rules: kept.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
