#!/usr/bin/env python3
"""Makes docs/conformance.md out of what the code cites and what passed tests cover.

  tools/conformance.py write   writes docs/conformance.md and docs/conformance-open.txt, and takes
                               what is kept by now off docs/reasons.txt
  tools/conformance.py check   all are current, every id is known, each requirement that is not kept
                               has its reason, and no open MUST was added

The code cites a requirement by its id in a comment above what keeps it. A test covers it by
LWSEC_COVERS("R-..."), which counts only when the test passed: tools/test.sh collects these in
build/covers.txt. A requirement is kept when it is both cited and covered, and docs/reasons.txt does
not say that a part of it is missing.
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
REASONS = PROJECT / "docs/reasons.txt"
UNVERIFIED = PROJECT / "docs/unverified.txt"
PAGE = PROJECT / "docs/conformance.md"
OPEN = "docs/conformance-open.txt"
COVERS = PROJECT / os.environ.get("LWSEC_COVERS", "build/covers.txt")
CODE_FOLDERS = (
    "include", "core", "crypto", "state", "coap", "oscore", "smssec", "certpolicy", "dtls", "est",
    "account", "pkcs11", "uicc", "worker", "cli")
ID = re.compile(r"\bR-[0-9x][0-9.x]*(?:-adj)?-\d{2}\b")
STRONG = {"MUST", "MUST NOT", "MUST*", "SHALL", "SHALL NOT", "MAY/MUST"}
STATES = {
    "kept": "the code cites it, and a test that passed covers it",
    "in part": "the same, but a part of it is missing",
    "code only": "the code cites it, and no test covers it",
    "test only": "a test covers it, and no code cites it",
    "open": "neither",
    "not ours": "outside of a security core: of the stack, the card, the modem or the deployment"}

Requirement = collections.namedtuple("Requirement", "id keyword who lib text section")
Reason = collections.namedtuple("Reason", "kind text")
# What the code cites, what tests cover, and the reasons: each by id.
Evidence = collections.namedtuple("Evidence", "cited covered reasons")

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


def reasons():
    """{id: Reason} out of what was written down by hand."""
    found = {}
    for line in REASONS.read_text().splitlines():
        if line.startswith("R-"):
            identifier, kind, text = [field.strip() for field in line.split("|", 2)]
            found[identifier] = Reason(kind, text)
    return found


def state_of(requirement, evidence):
    cited, covered = requirement.id in evidence.cited, requirement.id in evidence.covered
    if cited and covered:
        part = evidence.reasons.get(requirement.id, Reason("", "")).kind == "in part"
        return "in part" if part else "kept"
    if requirement.lib == "X":
        return "not ours"
    return "code only" if cited else "test only" if covered else "open"


def is_strong(requirement):
    return requirement.keyword in STRONG and requirement.lib in "AK"


def open_ids(known, evidence):
    return [identifier for identifier, requirement in known.items()
            if is_strong(requirement) and state_of(requirement, evidence) != "kept"]


def open_text(known, identifiers):
    lines = [f"{known[i].id} | {known[i].keyword} | {known[i].text}\n" for i in identifiers]
    return OPEN_HEAD + "".join(lines)


def code_list(items):
    return "<br>".join(f"`{item}`" for item in sorted(items)) or "-"


def row(requirement, evidence):
    state = state_of(requirement, evidence)
    reason = evidence.reasons.get(requirement.id)
    told = f"{state}: {reason.text}" if reason is not None and state != "kept" else state
    text = requirement.text if requirement.text != "-" else "(text left out)"
    return (f"| {requirement.id} | {requirement.keyword} | {told} | {text} "
            f"| {code_list(evidence.cited.get(requirement.id, ()))} "
            f"| {code_list(evidence.covered.get(requirement.id, ()))} |")


def section_rows(known, evidence):
    """How many requirements of each section are in which state."""
    counts = collections.defaultdict(collections.Counter)
    for requirement in known.values():
        counts[requirement.section][state_of(requirement, evidence)] += 1
    for section, states in counts.items():
        numbers = " | ".join(str(states[state] or "-") for state in STATES)
        yield f"| {section} | {sum(states.values())} | {numbers} |"


def readings():
    rows = []
    for line in READINGS.read_text().splitlines():
        if line.startswith("T-"):
            number, where, reading = [field.strip() for field in line.split("|")]
            rows.append(f"| {number} | {where} | {reading} |")
    return rows


def unverified():
    for line in UNVERIFIED.read_text().splitlines():
        if line and not line.startswith("#"):
            what, basis = [field.strip() for field in line.split("|")]
            yield f"| {what} | {basis} |"


def page_text(known, evidence):
    states = collections.Counter(state_of(requirement, evidence) for requirement in known.values())
    strong = [i for i in known if is_strong(known[i])]
    still_open = open_ids(known, evidence)
    lines = [
        "# Conformance to LwM2M Transport 1.2",
        "",
        "Made by `tools/conformance.py write` from the citations in the code and from the tests",
        "that passed; do not edit. The requirements are in own words in `docs/requirements.txt`,",
        "which also explains the columns; why one is not kept is in `docs/reasons.txt`.",
        "",
        f"Of {len(strong)} MUSTs and SHALLs that concern a library,",
        f"{len(strong) - len(still_open)} are kept. The other {len(still_open)} are in `{OPEN}`;",
        "most belong to parts that do not exist yet.",
        "",
        f"| state | of {len(known)} | what it says |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {state} | {states[state]} | {text} |" for state, text in STATES.items()]
    lines += [
        "",
        f"| section | all | {' | '.join(STATES)} |",
        "| --- |" + " --- |" * (1 + len(STATES)),
    ]
    lines += section_rows(known, evidence)
    lines += [
        "",
        "## Requirements",
        "",
        "| id | keyword | state | requirement | code | tests |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [row(requirement, evidence) for requirement in known.values()]
    lines += [
        "",
        "## Readings of unclear text",
        "",
        "| # | where | what lwsec does |",
        "| --- | --- | --- |",
    ]
    lines += readings()
    lines += [
        "",
        "## Unverified",
        "",
        "What nobody but our own tests has confirmed, from `docs/unverified.txt`.",
        "",
        "| what | what it rests on |",
        "| --- | --- |",
    ]
    lines += unverified()
    return "\n".join(lines) + "\n"


def is_needless(identifier, known, evidence):
    """Whether a reason tells of something that is kept by now."""
    return identifier in known and state_of(known[identifier], evidence) == "kept"


def reasons_text(known, evidence):
    lines = [line for line in REASONS.read_text().splitlines(keepends=True)
             if not is_needless(line.split("|")[0].strip(), known, evidence)]
    return "".join(lines)


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


def check_reasons(known, evidence):
    for identifier in sorted(set(evidence.reasons) - set(known)):
        yield f"{identifier} of {REASONS.name} is not in docs/requirements.txt"
    for identifier, requirement in known.items():
        state, reason = state_of(requirement, evidence), evidence.reasons.get(identifier)
        if state == "kept" and reason is not None:
            yield f"{identifier} is kept: take it off {REASONS.name}: tools/conformance.py write"
        elif state != "kept" and (reason is None or not reason.text):
            yield f"{identifier} is not kept, and {REASONS.name} does not say why"
        elif state != "kept" and (reason.kind == "not ours") != (requirement.lib == "X"):
            yield f"{identifier} is '{reason.kind}' in {REASONS.name}: its LIB is {requirement.lib}"
        elif reason is not None and reason.kind not in ("not ours", "open", "in part"):
            yield f"{identifier} is '{reason.kind}' in {REASONS.name}, which is no kind"


def check_open(known, evidence):
    listed = ids_of((PROJECT / OPEN).read_text()) if (PROJECT / OPEN).exists() else None
    if listed is None:
        yield f"{OPEN} is missing: tools/conformance.py write"
        return
    now = set(open_ids(known, evidence))
    for identifier in sorted(now - listed):
        yield f"{identifier} is a MUST that is not kept (any more)"
    for identifier in sorted(listed - now):
        yield f"{identifier} is kept: take it off {OPEN}"
    before = committed_open()
    if before is not None:
        for identifier in sorted(listed - before):
            yield f"{identifier} was added to {OPEN}, which may only shrink"


def check(known, evidence):
    cited, covered = evidence.cited, evidence.covered
    for identifier in sorted((set(cited) | set(covered)) - set(known)):
        where = ", ".join(sorted(cited.get(identifier, set()) | covered.get(identifier, set())))
        yield f"{identifier} is not in docs/requirements.txt: {where}"
    yield from check_reasons(known, evidence)
    if not PAGE.exists() or PAGE.read_text() != page_text(known, evidence):
        yield "docs/conformance.md is not current: tools/conformance.py write"
    yield from check_open(known, evidence)


def main(arguments):
    if arguments not in (["write"], ["check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not COVERS.exists():
        print(f"no {COVERS.relative_to(PROJECT)}: run tools/test.sh first", file=sys.stderr)
        return 1
    known, evidence = requirements(), Evidence(citations(), coverage(), reasons())
    if arguments == ["write"]:
        PAGE.write_text(page_text(known, evidence))
        (PROJECT / OPEN).write_text(open_text(known, open_ids(known, evidence)))
        REASONS.write_text(reasons_text(known, evidence))
        return 0
    findings = list(check(known, evidence))
    if findings:
        print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
