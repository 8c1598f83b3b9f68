#!/bin/sh
# Debian's busybox is built without wget's time limit, at which it crashes, and without its long options: GNU wget
# serves those, busybox all else. Told to be quiet, GNU wget hides its failures too; busybox never does.
gnu=
for word in "$@"; do
  case "$word" in --) break ;; --* | -*T*) gnu=yes ;; esac
done
[ -n "$gnu" ] || exec /bin/busybox wget "$@"

quiet=
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  left=$((left - 1))
  case "$word" in
    -q | --quiet) quiet=yes; set -- "$@" -nv ;;
    -q?*) quiet=yes; set -- "$@" -nv "-${word#-q}" ;;
    *) set -- "$@" "$word" ;;
  esac
done
if [ -z "$quiet" ]; then
  /usr/libexec/wget --tries=1 "$@" || exit 1
  exit 0
fi
{
  said=$(/usr/libexec/wget --tries=1 "$@" 2>&1 >&3)
  code=$?
} 3>&1
[ "$code" = 0 ] && exit 0
printf '%s\n' "$said" >&2
exit 1
