# Sourced by bin/demo and bin/test: the virtual environment, made once and again when its requirements change.

say() { printf '%s\n' "$*" >&2; }
stop() { say "$@"; exit 1; }

# The first Python from 3.11 to 3.14 that can make a virtual environment.
find_python() {
    local candidate
    for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
            >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

installed() { grep -qsxF "$(cksum "$1")" .venv/installed; }

# make_venv requirements.txt|requirements-dev.txt   (the second holds everything of the first)
make_venv() {
    local wanted=$1 python
    .venv/bin/python -c '' 2>/dev/null || rm -rf .venv
    if installed "$wanted" && installed requirements.txt; then
        return
    fi
    python=$(find_python) || stop "This needs Python 3.11, 3.12, 3.13 or 3.14 with its venv module, and found none." \
        $'\n'"On Debian or Ubuntu: apt-get install python3 python3-venv. Elsewhere: your package manager, or python.org."
    say "Installing $wanted into .venv (the first time this takes a minute) ..."
    installed requirements.txt || rm -rf .venv
    [ -x .venv/bin/python ] || "$python" -m venv .venv || stop "The virtual environment could not be made."
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$wanted" \
        || stop "The requirements could not be installed; what pip says is above."
    cksum requirements.txt "$wanted" >.venv/installed
}
