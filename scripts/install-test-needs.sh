#!/bin/sh
# Install what the tests need beside Python: Redis, PostgreSQL, Chromium and fonts for Chinese; and KServe's model
# server, in a Python environment of its own.
# Looks first and installs only what is missing; says what to do where it cannot. Safe to run again.
#
#   scripts/install-test-needs.sh           install what is missing
#   scripts/install-test-needs.sh --check   only look; exit 1 when something is missing
set -eu
cd "$(dirname "$0")/.."

server=.venv/model-server
lock=deploy/model-server/requirements.lock

# Whether a program is in PATH or among the given paths.
has() {
    command -v "$1" >/dev/null 2>&1 && return 0
    shift
    for candidate in "$@"; do
        [ -x "$candidate" ] && return 0
    done
    return 1
}

has_redis() { has redis-server && has redis-cli; }
has_postgres() { has postgres /usr/lib/postgresql/*/bin/postgres && has initdb /usr/lib/postgresql/*/bin/initdb; }
has_chromium() { has chromium || has chromium-browser || has google-chrome; }
has_fonts() { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; }

has_model_server() { [ -x $server/bin/python ] && cmp -s $lock $server/requirements.lock; }

make_model_server() {
    python=.venv/bin/python
    [ -x $python ] || python=python3
    $python -m venv --clear $server &&
        $server/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $lock &&
        cp $lock $server/requirements.lock
}

missing() {
    for need in redis postgres chromium fonts; do
        "has_$need" || printf '%s ' "$need"
    done
}

# The packages for a need: $1 manager, $2 need.
packages() {
    case "$1:$2" in
        apt-get:redis) echo redis-server redis-tools ;;
        apt-get:postgres) echo postgresql ;;
        apt-get:chromium) echo chromium ;;
        apt-get:fonts) echo fontconfig fonts-noto-cjk ;;
        dnf:redis) echo redis ;;
        dnf:postgres) echo postgresql-server ;;
        dnf:chromium) echo chromium ;;
        dnf:fonts) echo fontconfig google-noto-sans-cjk-fonts ;;
        brew:redis) echo redis ;;
        brew:postgres) echo postgresql@17 ;;
        brew:chromium) echo chromium ;;
        brew:fonts) echo fontconfig font-noto-sans-cjk-sc ;;
    esac
}

# Run as root: directly, or with sudo when that needs no password or someone is there to type it.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        sudo "$@"
    else
        return 1
    fi
}

install() {
    manager=$1
    shift
    case $manager in
        apt-get)
            as_root apt-get update -qq &&
                as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
            ;;
        dnf) as_root dnf install -y -q "$@" ;;
        brew) brew install -q "$@" ;;
    esac
}

lacks=0
if has_model_server; then
    :
elif [ "${1:-}" = "--check" ]; then
    echo "Missing: the model server in $server; $0 makes it"
    lacks=1
else
    make_model_server
fi

needs=$(missing)
if [ -z "$needs" ]; then
    [ $lacks -eq 1 ] || echo "Everything the tests need is here."
    exit $lacks
fi
echo "Missing: $needs"

manager=
for candidate in apt-get dnf brew; do
    if command -v "$candidate" >/dev/null 2>&1; then
        manager=$candidate
        break
    fi
done

wanted=
for need in $needs; do
    wanted="$wanted $(packages "${manager:-apt-get}" "$need")"
done

if [ "${1:-}" = "--check" ]; then
    echo "Install:$wanted"
    exit 1
fi

# Word splitting of $wanted is intended: it is a list of package names.
# shellcheck disable=SC2086
if [ -n "$manager" ] && install "$manager" $wanted; then
    needs=$(missing)
    [ -z "$needs" ] && echo "Installed." && exit 0
fi

echo "Please install these packages by hand (names as in Debian where no package manager was found):$wanted" >&2
exit 1
