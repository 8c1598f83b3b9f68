#!/bin/sh
# Debian's busybox is built without nc's -z, -v and -n: to connect and then run nothing is what -z means.
zero= loud= numeric= udp= rest=
while getopts :zvnluw:i:p:f:e: option; do
  case "$option" in
    z) zero=yes ;;
    v) loud=yes ;;
    n) numeric=yes ;;
    u) udp=yes ;;
    w) rest="$rest -w $OPTARG" ;;
    i) rest="$rest -i $OPTARG" ;;
    *) other=yes ;;
  esac
done
[ -n "$zero$loud$numeric" ] && [ -z "${other:-}$udp" ] || exec /bin/busybox nc "$@"
shift $((OPTIND - 1))
host=${1:-}
# shellcheck disable=SC2086 # words that make several
[ -n "$zero" ] && [ $# -ge 2 ] || exec /bin/busybox nc $rest "$@"
shift
for port in "$@"; do
  # shellcheck disable=SC2086
  if said=$(/bin/busybox nc $rest "$host" "$port" -e /bin/true 2>&1 </dev/null); then
    [ -z "$loud" ] || echo "$host:$port open" >&2
  else
    [ -z "$loud" ] || printf '%s\n' "$said" >&2
    exit 1
  fi
done
