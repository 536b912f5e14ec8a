"""House rules that can be read off the text of the sources: who includes what, and how files begin and end.

Run without arguments it checks the tree it lies in, after it has shown on bad snippets that each rule bites.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED_FOLDERS = {".git", "build", "data", "__pycache__", "node_modules"}

FOLDERS = ("engine", "net", "eventstore", "privacy", "actors", "peers", "limits", "permissions", "payments", "projections", "kafka",
           "gateway", "app", "bench", "tests")

# docs/architecture.md has the same table in words.
MAY_INCLUDE = {
    "engine": {"engine"},
    "net": {"engine", "net"},
    "eventstore": {"engine", "eventstore"},
    "privacy": {"engine", "privacy"},
    "actors": {"engine", "eventstore", "actors"},
    "peers": {"engine", "peers"},
    "limits": {"engine", "net", "peers", "limits"},
    "permissions": {"engine", "net", "permissions"},
    "payments": {"engine", "actors", "peers", "payments"},
    "projections": {"engine", "eventstore", "peers", "projections"},
    "kafka": {"engine", "eventstore", "projections", "kafka"},
    "gateway": {"engine", "net", "eventstore", "privacy", "permissions", "actors", "peers", "limits", "payments", "projections", "gateway"},
    "app": set(FOLDERS) - {"bench", "tests"},
    "bench": set(FOLDERS) - {"tests"},
    "tests": set(FOLDERS) - {"bench"},
}

# How a third-party header begins, and the beginnings of the paths that may include it.
THIRD_PARTY = {
    "tl/": FOLDERS,
    "caf/": ("actors/", "tests/"),
    "rocksdb/": ("eventstore/", "bench/"),
    "sqlite3.h": ("privacy/", "projections/"),
    "simdjson.h": ("engine/base/json_reader.cpp",),
    "boost/": ("gateway/http/", "app/", "bench/", "tests/"),
    "spdlog/": ("eventstore/", "privacy/", "actors/", "projections/", "gateway/", "app/", "bench/", "tests/"),
    "fmt/": ("eventstore/", "privacy/", "actors/", "projections/", "gateway/", "app/", "bench/", "tests/"),
    "sodium.h": ("eventstore/", "privacy/", "projections/", "limits/counter_key.cpp"),
    "sodium/": ("eventstore/", "privacy/", "projections/"),
    "openssl/": ("privacy/", "payments/", "gateway/http/tls.cpp"),
    "curl/": ("peers/curl_client.cpp",),
    "hiredis/": ("limits/redis_connection.cpp",),
    "jwt.h": ("privacy/signed_claims.cpp",),
    "qrencode.h": ("payments/qr_png.cpp",),
    "zlib.h": ("payments/qr_png.cpp", "gateway/http/coding.cpp", "gateway/http/coding_test.cpp",
               "gateway/http/server_coding_test.cpp"),
    "zip.h": ("payments/alipay/zip.cpp",),
    "re2/": ("permissions/regex.cpp",),
    "iconv.h": ("payments/alipay/bill.cpp",),
    "unicode/": ("privacy/", "projections/search/"),
    "prometheus/": ("gateway/",),
    "librdkafka/": ("kafka/",),
    "toml++/": ("app/config.cpp",),
    "CLI/": ("app/", "bench/"),
    "doctest/": FOLDERS + ("cmake/",),
}
# These are kept out of headers, so that whoever includes the header does not pay for them.
IN_SOURCES_ONLY = ("sqlite3.h", "simdjson.h", "sodium.h", "sodium/", "openssl/", "unicode/", "toml++/",
                   "CLI/", "spdlog/", "prometheus/", "curl/", "jwt.h", "qrencode.h", "zlib.h", "zip.h", "iconv.h",
                   "librdkafka/", "hiredis/", "re2/")
# The engine is deterministic: it asks neither clock nor chance nor disk.
NOT_IN_ENGINE = {"ctime", "random", "thread", "mutex", "shared_mutex", "condition_variable", "future",
                 "fstream", "iostream", "filesystem", "cstdio"}
CLOCK = re.compile(r"\b(system|steady|high_resolution|utc|file)_clock::now\b")
SYSTEM = re.compile(r"^(sys|netinet|arpa|linux)/|^(fcntl|termios|unistd|dirent|poll|signal|netdb|pthread|sched|spawn)\.h$")

LINES_MAX = 400
FUNCTION_LINES_MAX = 70

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.~}/)])/(" + "|".join(["wo" + "rk", "ro" + "ot", r"home/\w+", r"Users/\w+"]) + r")/")
REGISTRY = re.compile("|".join(re.escape(a + b) for a, b in [
    ("pypi", ".org"), ("npmjs", ".org"), ("npmjs", ".com"), ("proxy.golang", ".org"), ("deb.debian", ".org"),
    ("repo1.maven", ".org"), ("repo.maven", ".apache.org"), ("static.crates", ".io"), ("index.crates", ".io"),
    ("rubygems", ".org"), ("artifact", "ory"), ("nexus", "3")]))

SOURCE_SUFFIXES = {".hpp", ".cpp"}
TEXT_SUFFIXES = SOURCE_SUFFIXES | {".py", ".cmake", ".txt", ".md", ".sh", ".toml", ".yml", ".yaml", ".json", ".html",
                                   ".js", ".css", ""}


def is_test(path):
    return path.endswith("_test.cpp") or "/testing/" in path or path.startswith(("tests/", "bench/"))


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


# Of these folders only what is asked of the other one may be known, not how it is done. A path that ends with a slash
# stands for all below it.
MAY_INCLUDE_ONLY = {("payments", "actors"): "actors/payment_provider.hpp", ("permissions", "engine"): "engine/base/",
                    ("net", "engine"): "engine/base/"}


def check_own_include(path, included):
    folder, other = path.split("/")[0], included.split("/")[0]
    if other not in FOLDERS:
        return f'"{included}" does not name a folder of ours'
    if folder in MAY_INCLUDE and other not in MAY_INCLUDE[folder]:
        return f"{folder} may not include {other}"
    only = MAY_INCLUDE_ONLY.get((folder, other), included)
    if included != only and not (only.endswith("/") and included.startswith(only)) and not is_test(path):
        return f"{folder} may not include {included}"
    if path.startswith("engine/base/") and not included.startswith("engine/base/"):
        return "engine/base may include only itself"
    if "/testing/" in included and not is_test(path):
        return f'"{included}" is for tests only'
    return None


def check_foreign_include(path, included):
    for prefix, allowed in THIRD_PARTY.items():
        if not included.startswith(prefix):
            continue
        if not path.startswith(tuple(allowed)):
            return f"<{included}> is not for this place"
        if prefix in IN_SOURCES_ONLY and path.endswith(".hpp") and not is_test(path):
            return f"<{included}> belongs into a .cpp file"
        if prefix == "doctest/" and not is_test(path) and path != "cmake/doctest_main.cpp":
            return f"<{included}> is for tests only"
        return None
    if path.startswith("engine/") and not is_test(path) and included in NOT_IN_ENGINE:
        return f"<{included}> has no place in the engine"
    if SYSTEM.match(included):
        return "the engine knows no system" if path.startswith("engine/") and not is_test(path) else None
    if "/" in included or included.endswith((".h", ".hpp")):
        return f"<{included}> is of no library that docs/architecture.md names"
    return None


def check_includes(path, text):
    if path.startswith("engine/") and (found := CLOCK.search(text)):
        yield line_of(text, found.start()), "the engine never asks what time it is"
    for found in INCLUDE.finditer(text):
        check = check_own_include if found[1] == '"' else check_foreign_include
        if problem := check(path, found[2]):
            yield line_of(text, found.start()), problem


def check_header(path, text):
    if not path.endswith(".hpp"):
        return
    first = text.split("\n", 1)[0]
    if not re.match(r"/// \S.*[.:;,]?$", first):
        yield 1, "the first line must say what this is, after '/// '"
    if text.count("#pragma once\n") != 1:
        yield 1, "a header has '#pragma once'"


def check_text(path, text):
    for pattern, problem in ((UNFINISHED, "unfinished work has no place here"),
                             (MACHINE_PATH, "this names a path of somebody's machine"),
                             (REGISTRY, "this names the host of a registry")):
        for found in pattern.finditer(text):
            yield line_of(text, found.start()), f"{problem}: {found[0]}"
    if text and not text.endswith("\n"):
        yield line_of(text, len(text)), "the last line does not end"
    lines = text.count("\n")
    if lines > LINES_MAX and not path.endswith((".md", ".json")):
        yield lines, f"{lines} lines; split what is longer than {LINES_MAX}"


def check_functions(path, text):
    """A function begins at the left margin with a line that ends in '{' and ends with '}' there: clang-format's way.

    A table of constants does so too; it may be as long as there are rows.
    """
    if pathlib.PurePath(path).suffix not in SOURCE_SUFFIXES or is_test(path):
        return
    start = None
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"[A-Za-z].*\{$", line):
            is_table = re.search(r"\bk[A-Z]\w*(\[\])?( =)? ?\{$", line)
            start = None if is_table or re.match(r"(namespace|struct|class|enum|union|extern)\b", line) else number
        elif line.startswith("}"):
            if start is not None and number - start + 1 > FUNCTION_LINES_MAX:
                yield start, f"a function of {number - start + 1} lines; {FUNCTION_LINES_MAX} are enough"
            start = None


def includes_of(text):
    return [found[2] for found in INCLUDE.finditer(text) if found[1] == '"']


def find_cycle(edges):
    """A list of names that leads back to its first, or None."""
    done, trail = set(), []

    def visit(node):
        if node in trail:
            return trail[trail.index(node):] + [node]
        if node in done:
            return None
        trail.append(node)
        for following in sorted(edges.get(node, ())):
            if cycle := visit(following):
                return cycle
        trail.pop()
        done.add(node)
        return None

    for node in sorted(edges):
        if cycle := visit(node):
            return cycle
    return None


def check_cycles(files):
    by_file, by_folder = {}, {}
    for path, text in files.items():
        if pathlib.PurePath(path).suffix not in SOURCE_SUFFIXES:
            continue
        if path.endswith(".hpp"):
            by_file[path] = set(includes_of(text))
        if not is_test(path):
            folder = path.split("/")[0]
            others = {included.split("/")[0] for included in includes_of(text)} - {folder}
            by_folder.setdefault(folder, set()).update(others)
    for edges in (by_file, by_folder):
        if cycle := find_cycle(edges):
            yield cycle[0], 1, "includes go in a circle: " + " → ".join(cycle)


def check(files):
    """All findings in `files`, a dictionary from path to text, as lines of text."""
    found = []
    for path, text in sorted(files.items()):
        rules = [check_text]
        if pathlib.PurePath(path).suffix in SOURCE_SUFFIXES:
            rules += [check_includes, check_header, check_functions]
        for rule in rules:
            found += [f"{path}:{line}: {problem}" for line, problem in rule(path, text)]
    found += [f"{path}:{line}: {problem}" for path, line, problem in check_cycles(files)]
    return found


def read_tree(root):
    files = {}
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if SKIPPED_FOLDERS.intersection(relative.parts) or not path.is_file() or path.suffix not in TEXT_SUFFIXES:
            continue
        try:
            files[relative.as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return files


GOOD_HEADER = "/// What it is.\n#pragma once\n"

# Path, text, and what the finding must say: each rule must find its own mutant.
MUTANTS = [
    ("engine/x.cpp", '#include "eventstore/event_log.hpp"\n', "engine may not include eventstore"),
    ("eventstore/x.cpp", '#include "actors/a.hpp"\n', "eventstore may not include actors"),
    ("privacy/x.cpp", '#include "eventstore/record.hpp"\n', "privacy may not include eventstore"),
    ("actors/x.cpp", '#include "gateway/g.hpp"\n', "actors may not include gateway"),
    ("projections/x.cpp", '#include "privacy/vault.hpp"\n', "projections may not include privacy"),
    ("payments/x.cpp", '#include "actors/entity_host.hpp"\n', "payments may not include actors/entity_host.hpp"),
    ("net/x.cpp", '#include "engine/entities.hpp"\n', "net may not include engine/entities.hpp"),
    ("net/x.cpp", '#include "limits/limiter.hpp"\n', "net may not include limits"),
    ("permissions/x.cpp", '#include "engine/entities.hpp"\n', "permissions may not include engine/entities.hpp"),
    ("permissions/x.cpp", '#include "privacy/vault.hpp"\n', "permissions may not include privacy"),
    ("permissions/policy.cpp", "#include <re2/re2.h>\n", "not for this place"),
    ("kafka/x.cpp", '#include "gateway/g.hpp"\n', "kafka may not include gateway"),
    ("app/x.cpp", "#include <librdkafka/rdkafka.h>\n", "not for this place"),
    ("payments/x.cpp", "#include <curl/curl.h>\n", "not for this place"),
    ("limits/x.cpp", '#include "gateway/g.hpp"\n', "limits may not include gateway"),
    ("limits/x.cpp", "#include <hiredis/hiredis.h>\n", "not for this place"),
    ("gateway/x.cpp", '#include "app/config.hpp"\n', "gateway may not include app"),
    ("app/x.cpp", '#include "bench/b.hpp"\n', "app may not include bench"),
    ("app/x.cpp", '#include "x.hpp"\n', "does not name a folder"),
    ("app/x.cpp", '#  include "../engine/entity.hpp"\n', "does not name a folder"),
    ("engine/base/x.cpp", '#include "engine/entity.hpp"\n', "only itself"),
    ("gateway/x.cpp", '#include "actors/testing/simulation.hpp"\n', "for tests only"),
    ("gateway/x.cpp", "#include <caf/all.hpp>\n", "not for this place"),
    ("eventstore/x.cpp", "#include <caf/all.hpp>\n", "not for this place"),
    ("projections/x.cpp", "#include <rocksdb/db.h>\n", "not for this place"),
    ("gateway/x.cpp", "#include <sqlite3.h>\n", "not for this place"),
    ("eventstore/x.cpp", "#include <sqlite3.h>\n", "not for this place"),
    ("gateway/x.cpp", "#include <simdjson.h>\n", "not for this place"),
    ("engine/base/codec.cpp", "#include <simdjson.h>\n", "not for this place"),
    ("gateway/routes/x.cpp", "#include <boost/beast/http.hpp>\n", "not for this place"),
    ("privacy/x.cpp", "#include <boost/asio.hpp>\n", "not for this place"),
    ("engine/x.cpp", "#include <spdlog/spdlog.h>\n", "not for this place"),
    ("engine/x.cpp", "#include <fmt/format.h>\n", "not for this place"),
    ("gateway/x.cpp", "#include <sodium.h>\n", "not for this place"),
    ("app/main.cpp", "#include <toml++/toml.h>\n", "not for this place"),
    ("gateway/x.cpp", "#include <nlohmann/json.hpp>\n", "no library"),
    ("privacy/x.hpp", GOOD_HEADER + "#include <sodium.h>\n", "into a .cpp"),
    ("engine/x.cpp", "#include <doctest/doctest.h>\n", "for tests only"),
    ("engine/x.cpp", "#include <random>\n", "no place in the engine"),
    ("engine/x.cpp", "#include <unistd.h>\n", "knows no system"),
    ("engine/x.cpp", "auto t = std::chrono::system_clock::now();\n", "what time it is"),
    ("engine/x.hpp", "// What it is.\n#pragma once\n", "first line"),
    ("engine/x.hpp", "#pragma once\n/// What it is.\n", "first line"),
    ("engine/x.hpp", "/// What it is.\n#ifndef X_HPP\n#define X_HPP\n#endif\n", "pragma once"),
    ("engine/x.cpp", "// TO" + "DO: later\n", "unfinished"),
    ("script/x", "# FIX" + "ME\n", "unfinished"),
    ("docs/x.md", "see /ho" + "me/alice/souk\n", "machine"),
    ("script/x", "cd /wo" + "rk/main\n", "machine"),
    ("script/x", "curl https://pypi" + ".org/simple\n", "registry"),
    ("engine/x.cpp", "int x;", "does not end"),
    ("engine/x.cpp", "int x;\n" * (LINES_MAX + 1), "lines; split"),
    ("engine/x.cpp", "int f() {\n" + "  g();\n" * FUNCTION_LINES_MAX + "}\n", "a function of"),
]
CIRCLES = [
    {"engine/a.hpp": GOOD_HEADER + '#include "engine/b.hpp"\n', "engine/b.hpp": GOOD_HEADER + '#include "engine/a.hpp"\n'},
    {"engine/a.hpp": GOOD_HEADER + '#include "privacy/b.hpp"\n',
     "privacy/c.cpp": '#include "engine/d.hpp"\n'},
]
INNOCENT = {
    "engine/cart/cart.hpp": GOOD_HEADER + '#include <tl/expected.hpp>\n#include "engine/entity.hpp"\n',
    "engine/base/json_reader.cpp": "#include <simdjson.h>\n#include <vector>\n",
    "engine/cart/cart_test.cpp": "#include <doctest/doctest.h>\n#include <random>\n",
    "actors/x_test.cpp": '#include "actors/testing/simulation.hpp"\n#include <caf/all.hpp>\n',
    "eventstore/x.cpp": '#include <rocksdb/db.h>\n#include <fcntl.h>\n#include "engine/entity.hpp"\n',
    "gateway/http/server.cpp": "#include <boost/beast/http.hpp>\n",
    "script/x": 'cd "$root/work/"\nmktemp -d souk-XXXXXX\n',
}


def self_test():
    wrong = []
    if found := check(INNOCENT):
        wrong += [f"self-test: found in innocent text: {line}" for line in found]
    for path, text, expected in MUTANTS:
        found = check({path: text})
        if not any(expected in line for line in found):
            wrong.append(f"self-test: '{expected}' was not found in {path}: {text[:60]!r}; found: {found}")
    for files in CIRCLES:
        if not any("circle" in line for line in check(files)):
            wrong.append(f"self-test: a circle was not found in {sorted(files)}")
    return wrong


def main():
    found = self_test() + check(read_tree(ROOT))
    for line in found:
        print(line)
    print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
