#!/usr/bin/env python3
"""Rules about the text of the sources. Each prints its findings, one a line, as FILE:LINE: WHAT.

  tools/check_sources.py RULE      RULE: banned, folders, engines, purpose, columns, length
  Names of the project's files come on standard input, one a line.
"""
import collections
import pathlib
import re
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent

# What a folder's files may include of others: the table in docs/architecture.md. A folder stands
# after all that it may use.
MAY_USE = {
    "core": [],
    "crypto": ["core"],
    "state": ["core", "crypto"],
    "coap": ["core", "crypto"],
    "oscore": ["core", "crypto", "state", "coap"],
    "smssec": ["core", "crypto", "state", "coap"],
    "certpolicy": ["core", "crypto", "state"],
    "dtls": ["core", "crypto", "state", "certpolicy"],
    "est": ["core", "crypto", "coap", "certpolicy"],
    "account": ["core", "crypto", "state", "coap", "oscore", "smssec", "certpolicy", "dtls", "est"],
    "pkcs11": ["core", "crypto"],
    "uicc": ["core", "crypto", "smssec"],
    "worker": ["core", "crypto"],
    "cli": [],
    "examples": [],
}
LIBRARY_FOLDERS = [folder for folder in MAY_USE if folder not in ("cli", "examples")]
# Folders that may look inside of every library.
INSIDERS = ("tests", "fuzz", "bench")

EVERYWHERE = "strcpy strcat sprintf vsprintf gets alloca rand srand strtok"
# Library code allocates nothing, prints nothing, ends nothing, knows neither sockets nor a clock.
IN_LIBRARIES = (
    "memcmp malloc calloc realloc free strdup setjmp longjmp printf fprintf puts assert abort exit "
    "socket sendto recvfrom time clock_gettime gettimeofday sleep usleep nanosleep pthread_create")
ENGINES = {"openssl": "openssl/", "mbedtls": "mbedtls/", "sodium": "sodium",
           "sqlite": "sqlite3", "pcsc": "winscard.h"}
STANDARD_HEADERS = {"stddef.h", "stdint.h", "stdbool.h"}

COLUMNS = 100
LINES = 900
CODE = re.compile(r"\.(c|h|cpp)$")
COMMENTED = re.compile(r"\.(c|h|cpp|sh|py|cmake|map)$|CMakeLists\.txt$|^\.ci/run$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def read(name):
    return (PROJECT / name).read_text(errors="replace")


def folder_of(name):
    return name.split("/", 1)[0] if "/" in name else ""


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def code_only(text):
    """The text with comments and literals blanked, lines kept."""
    return NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def exceptions():
    """{(file, call): count} of tools/banned-calls.txt."""
    allowed = {}
    for number, line in enumerate(read("tools/banned-calls.txt").splitlines(), 1):
        line = line.split("#", 1)[0].split()
        if line:
            file, call, count = line
            allowed[file, call] = int(count), number
    return allowed


def banned(names):
    found = collections.Counter()
    places = {}
    for name in names:
        if not CODE.search(name):
            continue
        calls = EVERYWHERE
        if folder_of(name) in LIBRARY_FOLDERS:
            calls += " " + IN_LIBRARIES
        # Not a member (`ops->free(`) nor the declaration of a member (`(*free)(`).
        pattern = re.compile(rf"(?<![\w.>])({'|'.join(calls.split())})\s*\(")
        text = code_only(read(name))
        for match in pattern.finditer(text):
            found[name, match.group(1)] += 1
            places.setdefault((name, match.group(1)), []).append(line_of(text, match.start()))
    allowed = exceptions()
    for key, count in sorted(found.items()):
        if count > allowed.get(key, (0, 0))[0]:
            for line in places[key]:
                yield f"{key[0]}:{line}: {key[1]} is banned here"
    for (name, call), (count, number) in sorted(allowed.items()):
        if found[name, call] < count:
            yield (f"tools/banned-calls.txt:{number}: {name} has {found[name, call]} uses of "
                   f"{call}, not {count}: lower the count")


def folders(names):
    for name in names:
        if not CODE.search(name):
            continue
        folder = folder_of(name)
        text = read(name)
        for match in INCLUDE.finditer(text):
            kind, target = match.groups()
            if not include_allowed(name, folder, kind, target):
                yield f"{name}:{line_of(text, match.start())}: may not include {target}"
    for folder in sorted({folder_of(n) for n in names if re.fullmatch(r"\w+/CMakeLists.txt", n)}):
        rules = read(f"{folder}/CMakeLists.txt")
        if re.search(r"target_sources\(lwsec[a-z-]*-objects", rules) and folder not in MAY_USE:
            yield f"{folder}/CMakeLists.txt: not in the table of tools/check_sources.py"


def include_allowed(name, folder, kind, target):
    if name.startswith("include/"):
        return kind == "<" and (target.startswith("lwsec/") or target in STANDARD_HEADERS)
    if target.startswith("lwsec/"):
        return kind == "<"
    if kind == "<" or folder in INSIDERS or folder not in MAY_USE:
        return True
    other = folder_of(target)
    return other in ("", folder) or other in MAY_USE[folder]


def engines(names):
    """An engine's headers stay in the files that are named after it."""
    for name in names:
        if not CODE.search(name) or folder_of(name) not in LIBRARY_FOLDERS:
            continue
        text = read(name)
        for match in INCLUDE.finditer(text):
            for engine, prefix in ENGINES.items():
                if match.group(2).startswith(prefix) and engine not in name:
                    yield f"{name}:{line_of(text, match.start())}: {engine} outside of its files"


def purpose(names):
    """One line at the top says what the file is for."""
    for name in names:
        if not COMMENTED.search(name):
            continue
        lines = read(name).splitlines()
        if lines and lines[0].startswith("#!"):
            lines = lines[1:]
        if not lines or not re.match(r'(/\*|#|""")\s*\S', lines[0]):
            yield f"{name}:1: no line that says what the file is for"


def columns(names):
    for name in names:
        if not COMMENTED.search(name):
            continue
        for number, line in enumerate(read(name).splitlines(), 1):
            if len(line) > COLUMNS:
                yield f"{name}:{number}: {len(line)} columns"


def length(names):
    for name in names:
        if COMMENTED.search(name):
            lines = read(name).count("\n")
            if lines > LINES:
                yield f"{name}: {lines} lines; split it"


RULES = {rule.__name__: rule for rule in (banned, folders, engines, purpose, columns, length)}


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in RULES:
        print(__doc__, file=sys.stderr)
        return 2
    names = [line.rstrip("\n") for line in sys.stdin]
    if not names:
        print("no files named")
        return 1
    findings = list(RULES[arguments[0]](names))
    if findings:
        print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
