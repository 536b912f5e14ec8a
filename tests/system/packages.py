"""Python packages for tests, each set in a virtual environment of its own, made once and kept below build/.

Without network a test that needs them is skipped, and says so: it ends with 77, which ctest shows as skipped.
"""

import fcntl
import hashlib
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "python"
SKIPPED = 77


def environment_with(*requirements):
    """The folder of the programs of an environment that has these packages, such as "schemathesis==4.32.5"."""
    wanted = "\n".join(sorted(requirements))
    name = hashlib.sha256(f"{sys.version}\n{wanted}".encode()).hexdigest()[:16]
    FOLDER.mkdir(parents=True, exist_ok=True)
    home, done = FOLDER / name, FOLDER / f"{name}.done"
    with open(FOLDER / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run beside each other
        if not done.exists():
            _install(home, requirements)
            done.write_text(wanted, encoding="utf-8")
    return home / "bin"


def use(*requirements):
    """Makes the packages importable by the test itself."""
    home = environment_with(*requirements).parent
    sys.path.insert(0, str(next(home.glob("lib/python*/site-packages"))))


def _install(home, requirements):
    for command in ([sys.executable, "-m", "venv", "--clear", home],
                    [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                     *requirements]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            print(f"skipped: {' '.join(requirements)} cannot be installed: {done.stderr.strip()}", file=sys.stderr)
            sys.exit(SKIPPED)
