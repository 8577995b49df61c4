#!/usr/bin/env bash
# android-size.sh FILE [LIMIT]: prints the size and segment alignment of a stripped Android library. Fails when it is larger than
# LIMIT bytes, or when a 64-bit library is not aligned to the 16 KiB pages that newer devices have.
set -euo pipefail
file=$1 limit=${2:-}
size=$(wc -c <"$file" | tr -d ' ')
readelf=$(command -v readelf || command -v llvm-readelf || command -v llvm-readelf-19)
header=$("$readelf" -hW "$file")
alignments=$("$readelf" -lW "$file" | awk '$1 == "LOAD" { print $NF }' | sort -u | tr '\n' ' ')
echo "$(basename "$file"): $size bytes${limit:+ of $limit}, LOAD alignment $alignments"
if [ -n "$limit" ] && [ "$size" -gt "$limit" ]; then
  echo "$(basename "$file") is $((size - limit)) bytes above its limit" >&2
  exit 1
fi
if grep -q ELF64 <<<"$header"; then
  for alignment in $alignments; do
    [ $((alignment)) -ge 16384 ] || { echo "$(basename "$file") is not aligned to 16 KiB" >&2; exit 1; }
  done
fi
