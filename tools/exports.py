#!/usr/bin/env python3
"""The symbols that each library exports: exactly those that its headers declare with LWSEC_API.

  tools/exports.py list LIBRARY    what the headers declare, for lwsec, lwsec-openssl, ...
  tools/exports.py write           makes cmake/*.map anew from the headers
  tools/exports.py check [BUILD]   compares headers, cmake/*.map and the libraries of BUILD
"""
import pathlib
import re
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent
CODE_FOLDERS = ("include/lwsec", "core", "crypto", "state", "coap", "oscore", "smssec",
                "certpolicy", "dtls", "account", "pkcs11", "uicc", "worker")
DECLARATION = re.compile(r"^LWSEC_API\b[^;{=]*?\b(\w+)\s*\(", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def map_files():
    return {path.stem: path for path in sorted((PROJECT / "cmake").glob("lwsec*.map"))}


def library_of(header, libraries):
    """memory_openssl.h and cert_openssl.h belong to lwsec-openssl, dtls_openssl.h to
    lwsec-dtls-openssl, sealed_file.h to lwsec-sodium; other names, to lwsec."""
    if header.stem == "sealed_file":
        return "lwsec-sodium"
    for library in libraries:
        engine = library.removeprefix("lwsec-").replace("-", "_")
        suffix = re.fullmatch(rf"((memory|compact|apdu|cert)_)?{engine}", header.stem)
        if library != "lwsec" and suffix:
            return library
    return "lwsec"


def declared():
    """{library: {symbol}} out of every header, public or not."""
    libraries = map_files()
    symbols = {library: set() for library in libraries}
    for folder in CODE_FOLDERS:
        for header in sorted((PROJECT / folder).rglob("*.h")):
            text = COMMENT.sub("", header.read_text())
            symbols[library_of(header, libraries)].update(DECLARATION.findall(text))
    return symbols


def optional():
    """Symbols that a build without the debug tools lacks."""
    header = PROJECT / "include/lwsec/oscore_debug.h"
    return set(DECLARATION.findall(COMMENT.sub("", header.read_text())))


def map_text(path, symbols):
    purpose = path.read_text().splitlines()[0]
    lines = "".join(f"    {symbol};\n" for symbol in sorted(symbols))
    return f"{purpose}\n{{\nglobal:\n{lines}local:\n    *;\n}};\n"


def exported(shared_library):
    output = subprocess.run(
        ["nm", "-D", "--defined-only", "--format=posix", shared_library],
        check=True, capture_output=True, text=True).stdout
    return {line.split()[0].split("@")[0] for line in output.splitlines()}


def check_library(library, expected, build):
    shared_library = build / f"lib{library}.so"
    if not shared_library.exists():
        # A build without this engine. liblwsec itself is always there.
        return [f"{shared_library}: not built"] if library == "lwsec" else []
    found = exported(shared_library)
    missing = expected - found
    debug = optional()
    if debug and debug <= missing:
        missing -= debug
    unknown = found - expected
    return (
        [f"{library}: {symbol} is declared and not exported" for symbol in sorted(missing)]
        + [f"{library}: {symbol} is exported and in no header" for symbol in sorted(unknown)])


def check(build):
    findings = []
    for library, expected in declared().items():
        path = map_files()[library]
        if path.read_text() != map_text(path, expected):
            findings.append(f"cmake/{path.name}: not what headers say; tools/exports.py write")
        findings += [f"{library}: {symbol} lacks the prefix lwsec_"
                     for symbol in sorted(expected) if not symbol.startswith("lwsec_")]
        if build:
            findings += check_library(library, expected, build)
    return findings


def main(arguments):
    if arguments[:1] == ["list"] and len(arguments) == 2 and arguments[1] in map_files():
        print("\n".join(sorted(declared()[arguments[1]])))
        return 0
    if arguments == ["write"]:
        for library, symbols in declared().items():
            path = map_files()[library]
            path.write_text(map_text(path, symbols))
        return 0
    if arguments[:1] == ["check"] and len(arguments) <= 2:
        findings = check(pathlib.Path(arguments[1]) if len(arguments) == 2 else None)
        print("\n".join(findings) if findings else "exports: as the headers declare")
        return 1 if findings else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
