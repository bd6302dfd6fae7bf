#!/usr/bin/env python3
"""Structs that tell their own size may grow at their end: nothing else of them may change.

  tools/abi_layout.py BASELINE PRESENT   two descriptions by abidw

abidiff is told by abi/suppressions.ini to let these structs grow, and then overlooks more.
"""
import re
import sys
import xml.etree.ElementTree as tree

SUPPRESSIONS = "abi/suppressions.ini"


def growing_structs():
    with open(SUPPRESSIONS, encoding="utf-8") as file:
        (pattern,) = re.findall(r"name_regexp = (.*)", file.read())
    return re.compile(pattern)


def describe(types, identifier, depth=0):
    """A type as text, down to its base: two types are the same if their texts are."""
    element = types.get(identifier)
    if element is None or depth > 8:
        return identifier
    own = f"{element.tag} {element.get('name', '')} {element.get('size-in-bits', '')}".strip()
    # A struct behind a name is compared by abidiff itself.
    parts = [] if element.tag in ("class-decl", "enum-decl") else [
        child.get("type-id") for child in element if child.get("type-id")]
    if element.get("type-id"):
        parts.append(element.get("type-id"))
    return own + "".join(f" <{describe(types, part, depth + 1)}>" for part in parts)


def layouts(path):
    """{struct: [(offset, field, type)]} of the structs that may grow."""
    root = tree.parse(path).getroot()
    types = {element.get("id"): element for element in root.iter() if element.get("id")}
    growing, found = growing_structs(), {}
    for struct in root.iter("class-decl"):
        fields = [
            (member.get("layout-offset-in-bits"), variable.get("name"),
             describe(types, variable.get("type-id")))
            for member in struct.iter("data-member") for variable in member.iter("var-decl")]
        if growing.match(struct.get("name", "")) and fields:
            found[struct.get("name")] = fields
    return found


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    before, now = (layouts(path) for path in arguments)
    status = 0
    for struct, fields in before.items():
        present = now.get(struct, [])
        for index, field in enumerate(fields):
            if index >= len(present) or present[index] != field:
                print(f"struct {struct}: {field[1]} at bit {field[0]} has changed or gone")
                status = 1
                break
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
