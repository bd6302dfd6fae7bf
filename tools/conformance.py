#!/usr/bin/env python3
"""Makes docs/conformance.md out of what the code cites and what passed tests cover.

  tools/conformance.py write   writes docs/conformance.md and docs/conformance-open.txt
  tools/conformance.py check   both are current, every id is known, and no open MUST was added

The code cites a requirement by its id in a comment above what keeps it. A test covers it by
LWSEC_COVERS("R-..."), which counts only when the test passed: tools/test.sh collects these in
build/covers.txt. A requirement is kept when it is both cited and covered.
"""
import collections
import os
import pathlib
import re
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent
REQUIREMENTS = PROJECT / "docs/requirements.txt"
READINGS = PROJECT / "docs/readings.txt"
PAGE = PROJECT / "docs/conformance.md"
OPEN = "docs/conformance-open.txt"
COVERS = PROJECT / os.environ.get("LWSEC_COVERS", "build/covers.txt")
CODE_FOLDERS = (
    "include", "core", "crypto", "state", "coap", "oscore", "smssec", "certpolicy", "dtls", "est",
    "account", "pkcs11", "uicc", "worker", "cli")
ID = re.compile(r"\bR-[0-9x][0-9.x]*(?:-adj)?-\d{2}\b")
STRONG = {"MUST", "MUST NOT", "MUST*", "SHALL", "SHALL NOT", "MAY/MUST"}

Requirement = collections.namedtuple("Requirement", "id keyword who lib text section")

OPEN_HEAD = """\
# MUSTs and SHALLs for lwsec (LIB A or K) that are not both cited in the code and covered by a test.
#
# Made by tools/conformance.py write. This list may only shrink.
"""


def requirements():
    found, section = {}, ""
    for line in REQUIREMENTS.read_text().splitlines():
        if line.startswith("# "):
            section = line[2:]
        elif line.startswith("R-"):
            fields = [field.strip() for field in line.split("|", 4)]
            found[fields[0]] = Requirement(*fields, section)
    return found


def citations():
    """{id: {file}} out of the comments of the code."""
    cited = collections.defaultdict(set)
    for folder in CODE_FOLDERS:
        for path in sorted((PROJECT / folder).rglob("*.[ch]")):
            for identifier in ID.findall(path.read_text()):
                cited[identifier].add(str(path.relative_to(PROJECT)))
    return cited


def coverage():
    """{id: {test}} out of what the tests noted."""
    covered = collections.defaultdict(set)
    for line in COVERS.read_text().splitlines():
        identifier, file, test = line.split()
        # The compiler was given a path from the root of the machine, or of the build.
        file = re.sub(r"^.*/(?=tests/)", "", file)
        covered[identifier].add(f"{file}: {test}")
    return covered


def strong_for_library(requirement):
    return requirement.keyword in STRONG and requirement.lib in "AK"


def open_ids(known, cited, covered):
    return [identifier for identifier, requirement in known.items()
            if strong_for_library(requirement)
            and not (identifier in cited and identifier in covered)]


def open_text(known, identifiers):
    lines = [f"{known[i].id} | {known[i].keyword} | {known[i].text}\n" for i in identifiers]
    return OPEN_HEAD + "".join(lines)


def code_list(items):
    return "<br>".join(f"`{item}`" for item in sorted(items)) or "-"


def row(requirement, cited, covered):
    files, tests = cited.get(requirement.id, ()), covered.get(requirement.id, ())
    state = "kept" if files and tests else "cited, no test" if files else "tested, not cited"
    text = requirement.text if requirement.text != "-" else "(outside of a security core)"
    return (f"| {requirement.id} | {requirement.keyword} | {state} | {text} | {code_list(files)} "
            f"| {code_list(tests)} |")


def readings():
    rows = []
    for line in READINGS.read_text().splitlines():
        if line.startswith("T-"):
            number, where, reading = [field.strip() for field in line.split("|")]
            rows.append(f"| {number} | {where} | {reading} |")
    return rows


def page_text(known, cited, covered):
    kept = [i for i in known if i in cited and i in covered]
    strong = [i for i in known if strong_for_library(known[i])]
    still_open = open_ids(known, cited, covered)
    lines = [
        "# Conformance to LwM2M Transport 1.2",
        "",
        "Made by `tools/conformance.py write` from the citations in the code and from the tests",
        "that passed; do not edit. The requirements are in own words in `docs/requirements.txt`,",
        "which also explains the columns.",
        "",
        f"Of {len(strong)} MUSTs and SHALLs that concern a library,",
        f"{len(strong) - len(still_open)} are kept: cited in the code and covered by a test that",
        f"passed. The other {len(still_open)} are in `{OPEN}`; most belong to parts",
        f"that do not exist yet. Of all {len(known)} requirements, {len(kept)} are kept.",
        "",
        "| id | keyword | state | requirement | code | tests |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [row(known[i], cited, covered) for i in known if i in cited or i in covered]
    lines += [
        "",
        "## Readings of unclear text",
        "",
        "| # | where | what lwsec does |",
        "| --- | --- | --- |",
    ]
    lines += readings()
    return "\n".join(lines) + "\n"


def ids_of(text):
    return {line.split("|")[0].strip() for line in text.splitlines() if line.startswith("R-")}


def committed_open():
    """The open list before this change: the last commit's, or the one before if it is the same."""
    for revision in ("HEAD", "HEAD~1"):
        shown = subprocess.run(["git", "-C", str(PROJECT), "show", f"{revision}:{OPEN}"],
                               capture_output=True, text=True, check=False)
        if shown.returncode != 0:
            return None # no git here, or no such file then
        if shown.stdout != (PROJECT / OPEN).read_text():
            return ids_of(shown.stdout)
    return None


def check(known, cited, covered):
    for identifier in sorted((set(cited) | set(covered)) - set(known)):
        where = ", ".join(sorted(cited.get(identifier, set()) | covered.get(identifier, set())))
        yield f"{identifier} is not in docs/requirements.txt: {where}"
    if not PAGE.exists() or PAGE.read_text() != page_text(known, cited, covered):
        yield "docs/conformance.md is not current: tools/conformance.py write"
    listed = ids_of((PROJECT / OPEN).read_text()) if (PROJECT / OPEN).exists() else None
    if listed is None:
        yield f"{OPEN} is missing: tools/conformance.py write"
        return
    now = set(open_ids(known, cited, covered))
    for identifier in sorted(now - listed):
        yield f"{identifier} is a MUST that is not kept (any more)"
    for identifier in sorted(listed - now):
        yield f"{identifier} is kept: take it off {OPEN}"
    before = committed_open()
    if before is not None:
        for identifier in sorted(listed - before):
            yield f"{identifier} was added to {OPEN}, which may only shrink"


def main(arguments):
    if arguments not in (["write"], ["check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not COVERS.exists():
        print(f"no {COVERS.relative_to(PROJECT)}: run tools/test.sh first", file=sys.stderr)
        return 1
    known, cited, covered = requirements(), citations(), coverage()
    if arguments == ["write"]:
        PAGE.write_text(page_text(known, cited, covered))
        (PROJECT / OPEN).write_text(open_text(known, open_ids(known, cited, covered)))
        return 0
    findings = list(check(known, cited, covered))
    if findings:
        print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
