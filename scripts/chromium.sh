#!/bin/sh
# Chromium for the browser journeys: the machine's, else Debian's when we may install it. Its absence is not an error.
set -eu
for name in chromium chromium-browser google-chrome; do
  command -v $name >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installation de Chromium…" >&2
  if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; } >/dev/null 2>&1; then
    exit 0
  fi
fi
echo "Pas de Chromium : les parcours dans le navigateur seront sautés. Pour l’avoir : apt-get install chromium" >&2
