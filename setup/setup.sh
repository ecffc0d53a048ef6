#!/usr/bin/env bash
# Brings this machine to the point where the hub runs (`setup.sh run`) or its tests run (`setup.sh test`).
# Every step looks first and does only what is missing, so a second call takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose="${1:-run}"
if [ -t 1 ]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold="" red="" plain=""; fi

say() { printf '%s▸ %s%s\n' "$bold" "$*" "$plain"; }
fail() { printf '%s✗ %s%s\n' "$red" "$*" "$plain" >&2; exit 1; }

# Runs a long command quietly with its elapsed time; its output is shown only when it fails.
quietly() {
  local what="$1" log status=0 started=$SECONDS
  shift
  log="$(mktemp)"
  "$@" >"$log" 2>&1 </dev/null &
  local child=$!
  if [ -t 1 ]; then
    while kill -0 "$child" 2>/dev/null; do
      printf '\r  … %s (%d s)' "$what" $((SECONDS - started))
      sleep 0.5
    done
    printf '\r\e[K'
  fi
  wait "$child" || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    fail "$what failed (status $status)"
  fi
  rm -f "$log"
  printf '  ✓ %s (%d s)\n' "$what" $((SECONDS - started))
}

# --- Python ----------------------------------------------------------------------------------------------------------
find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$name" ] && command -v "$name" >/dev/null &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
}

# --- Debian packages -------------------------------------------------------------------------------------------------
missing_packages() {
  local postgres_found="" folder
  for folder in /usr/lib/postgresql/*/bin; do
    if [ -x "$folder/initdb" ]; then
      postgres_found="$(basename "$(dirname "$folder")")"
      if [ -e "/usr/share/postgresql/$postgres_found/extension/postgis.control" ]; then postgis_found=yes; fi
    fi
  done
  if [ -z "$postgres_found" ]; then
    command -v initdb >/dev/null || echo postgresql postgresql-postgis
  elif [ -z "${postgis_found:-}" ]; then
    echo "postgresql-$postgres_found-postgis-3"
  fi
  if ! command -v mosquitto >/dev/null && ! [ -x /usr/sbin/mosquitto ] || ! command -v mosquitto_ctrl >/dev/null; then
    echo mosquitto
  fi
  command -v redis-server >/dev/null || echo redis-server
  command -v haproxy >/dev/null || [ -x /usr/sbin/haproxy ] || echo haproxy
  command -v setpriv >/dev/null || echo util-linux
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  if [ "$purpose" = test ]; then
    [ -x /usr/bin/chromium ] || echo chromium
    # Sets the wall clocks of running processes.
    compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || echo libfaketime
  fi
}

install_packages() {
  local packages="$*" command="apt-get install -y --no-install-recommends $*"
  command -v apt-get >/dev/null || fail "Missing: $packages. This machine has no apt-get: install them your way, then try again"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    # Never ask for a password in the middle of a build: say what to run instead.
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 1 ] && sudo -v; }; }; then
      as_root=(sudo)
    else
      fail "Missing: $packages. Run as root, then try again:
    apt-get update && $command"
    fi
  fi
  say "System packages: $packages"
  quietly "apt-get update" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update
  # shellcheck disable=SC2086
  quietly "apt-get install" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $command
}

check_node() {
  command -v node >/dev/null ||
    fail "Node.js is missing. Node 20.19 or newer is needed to build the web pages (https://nodejs.org)"
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old: 20.19 or newer is needed to build the web pages"
  command -v npm >/dev/null || fail "npm is missing: it comes with Node.js, or as Debian's package npm"
}

# --- Python packages -------------------------------------------------------------------------------------------------
install_python_packages() {
  local lock="$1" stamp wanted
  stamp=".venv/.installed-$lock"
  wanted="$(cat "$lock" pyproject.toml | sha256sum) $("$python" --version) $PWD"
  if [ -x .venv/bin/hub ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
  say "Python packages: $lock"
  [ -x .venv/bin/python ] || quietly "virtual environment" "$python" -m venv .venv
  # The lock is complete: left to itself, pip takes `package[extra]` of a dependency for unpinned once a newer one is out.
  quietly "pip install (exact versions, checked hashes)" \
    .venv/bin/python -m pip install --disable-pip-version-check --no-deps --require-hashes -r "$lock"
  quietly "this project" .venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
  rm -f .venv/.installed-*
  # The lock for tests holds everything needed to run as well.
  if [ "$lock" = requirements-dev.lock ]; then
    echo "$(cat requirements.lock pyproject.toml | sha256sum) $("$python" --version) $PWD" >.venv/.installed-requirements.lock
  fi
  echo "$wanted" >"$stamp"
}

# --- Web pages -------------------------------------------------------------------------------------------------------
web_sources() {
  find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/.vite/*' -print0 |
    sort -z | xargs -0 sha256sum | sha256sum
}

install_web_packages() {
  local stamp=web/node_modules/.installed wanted
  wanted="$(sha256sum <web/package-lock.json) $(node --version)"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
  say "Web packages"
  quietly "npm ci" npm --prefix web ci --no-audit --no-fund
  echo "$wanted" >"$stamp"
}

build_web_pages() {
  local stamp=web/dist/.built wanted
  wanted="$(web_sources) $(node --version)"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
  say "Web pages"
  quietly "npm run build" npm --prefix web run build
  echo "$wanted" >"$stamp"
}

python="$(find_python)"
[ -n "$python" ] || fail "Python 3.11 or newer is missing. Run as root: apt-get install -y python3 python3-venv"
missing="$(missing_packages | tr '\n' ' ')"
# shellcheck disable=SC2086
[ -z "${missing// /}" ] || install_packages $missing
check_node
install_python_packages "$([ "$purpose" = test ] && echo requirements-dev.lock || echo requirements.lock)"
install_web_packages
build_web_pages
