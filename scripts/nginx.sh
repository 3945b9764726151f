#!/bin/sh
# nginx for the test of deploy/nginx.conf: the machine's, else Debian's, unpacked in var/nginx: nothing is installed,
# no service starts. Its absence is not an error.
set -eu
cd "$(dirname "$0")/.."
command -v nginx >/dev/null 2>&1 && exit 0
[ -x var/nginx/usr/sbin/nginx ] && exit 0
if command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1; then
  made=var/nginx.new
  rm -rf $made && mkdir -p $made
  if { [ "$(id -u)" != 0 ] || apt-get update -qq; } >/dev/null 2>&1 &&
    (cd $made && apt-get download -qq nginx) >/dev/null 2>&1 && dpkg-deb -x $made/nginx_*.deb $made &&
    $made/usr/sbin/nginx -v >/dev/null 2>&1; then
    rm -rf var/nginx && mv $made var/nginx
    exit 0
  fi
  rm -rf $made
fi
echo "Pas de nginx : l’essai de deploy/nginx.conf sera sauté. Pour l’avoir : apt-get install nginx" >&2
