"""Write docs/config.md: every key of the configuration with what is allowed, its default and what it is."""

from collections.abc import Iterator, Mapping
from typing import Any

from foxhound.errors import FoxhoundError
from foxhound.markdown import table

HEAD = """\
# Configuration

Every key of config.yaml and its overlays, made from schemas/config.yaml by `foxhound config-docs`; `*` is any name.
Mappings merge key by key, lists replace each other whole, and an unknown key is an error."""


def _resolved(node: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node of the schema with what it refers to."""
    if "$ref" in node:
        referred = schema["$defs"][node["$ref"].rpartition("/")[2]]
        node = {**_resolved(referred, schema), **{key: value for key, value in node.items() if key != "$ref"}}
    return dict(node)


def keys(schema: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (dotted key, node) of everything that has a value of its own; what overrides other settings is one key."""

    def walk(node: Mapping[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        node = _resolved(node, schema)
        named = node.get("additionalProperties")
        inner = [node, *(node[branch] for branch in ("then", "else") if branch in node)]
        properties = {name: value for one in inner for name, value in one.get("properties", {}).items()}
        overrides = path.endswith(".*.training")
        if isinstance(named, Mapping):
            yield from walk(named, f"{path}.*")
        elif properties and not overrides:
            for name, value in properties.items():
                yield from walk(value, f"{path}.{name}".removeprefix("."))
        elif isinstance(node.get("items"), Mapping) and "properties" in _resolved(node["items"], schema):
            yield from walk(node["items"], path)
        else:
            yield path, node

    yield from walk(schema, "")


def allowed(node: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Say what a key can hold."""
    node = _resolved(node, schema)
    if "enum" in node:
        return ", ".join(f"`{str(value).lower() if isinstance(value, bool) else value}`" for value in node["enum"])
    if "const" in node:
        return f"`{str(node['const']).lower()}`"
    if "oneOf" in node:
        return " or ".join(allowed(one, schema) for one in node["oneOf"])
    kinds = node.get("type", "any")
    kind = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if kind == "array":
        return f"list of {allowed(node['items'], schema)}"
    signs = {
        "minimum": "at least",
        "maximum": "at most",
        "exclusiveMinimum": "more than",
        "exclusiveMaximum": "less than",
    }
    limits = [f"{words} {node[key]}" for key, words in signs.items() if key in node]
    return ", ".join([kind, *limits])


def _default(config: Mapping[str, Any], key: str) -> str:
    """Return the value of a key in config.yaml, as Markdown."""
    value: Any = config
    for name in key.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return ""
        value = value[name]
    if isinstance(value, list | Mapping):
        return "see config.yaml"
    return f"`{'null' if value is None else str(value).lower() if isinstance(value, bool) else value}`"


def config_docs(schema: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """Return the page, as Markdown.

    Args:
        schema: schemas/config.yaml, with `descriptions`: dotted key -> what it is.
        config: config.yaml, for the defaults.

    Raises:
        FoxhoundError: a key has no description, or a description no key.
    """
    nodes = dict(keys(schema))
    described = schema["descriptions"]
    if odd := sorted(nodes.keys() ^ described.keys()):
        raise FoxhoundError(f"schemas/config.yaml: `descriptions` and the keys differ in {', '.join(odd)}.")
    parts = [HEAD]
    for section in dict.fromkeys(key.split(".")[0] for key in nodes):
        rows = [
            (
                f"`{key}`",
                allowed(node, schema).replace("|", "\\|"),
                _default(config, key),
                described[key].replace("|", "\\|"),
            )
            for key, node in nodes.items()
            if key.split(".")[0] == section
        ]
        parts += [f"## {section}", table(("Key", "Allowed", "Default", "What it is"), rows)]
    return "\n\n".join(parts) + "\n"
