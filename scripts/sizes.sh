#!/usr/bin/env bash
# sizes.sh ARCHIVE: what the parts of an AAR or APK weigh, in bytes: unpacked, and as they lie in it.
set -euo pipefail
echo "$(basename "$1"): $(wc -c <"$1" | tr -d ' ') bytes"
unzip -v "$1" | awk '
  $1 ~ /^[0-9]+$/ && NF == 8 {
    part = $8
    if (part ~ /^res\//) part = "res/"
    if (part ~ /^META-INF\// && part !~ /services/) part = "META-INF/"
    unpacked[part] += $1; packed[part] += $3
  }
  END { for (part in unpacked) if (unpacked[part]) printf "  %9d %9d  %s\n", unpacked[part], packed[part], part }' | sort -rn
