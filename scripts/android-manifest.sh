#!/usr/bin/env bash
# android-manifest.sh: the AAR's manifest asks for what the library cannot do without, and for nothing else; the sample's manifest, which no tool
# merges here, repeats each of its entries.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

expected='activity dev.paywand.android.PaymentActivity
service dev.paywand.android.RecoveryService
uses-permission android.permission.INTERNET'

# entries: the elements of a manifest, one a line, without its frame: what an app would get of it.
entries() {
  tr -s ' \n' ' ' | sed -e 's/<!--[^>]*-->//g' -e 's/>/>\n/g' | sed -e 's/^ *//' -e 's/ *\(\/*>\)$/\1/' |
    grep -v -E '^(<\?xml|</?manifest|</?application|<uses-sdk|$)' | sort
}

library=$(unzip -p "$aar" AndroidManifest.xml | entries)
named=$(sed -n 's/^<\([a-z-]*\) .*android:name="\([^"]*\)".*/\1 \2/p' <<<"$library" | sort)
if [ "$named" != "$expected" ]; then
  printf 'the AAR declares:\n%s\nand should:\n%s\n' "$named" "$expected" >&2
  exit 1
fi
missing=$(comm -23 <(echo "$library") <(entries <android-sample/src/main/AndroidManifest.xml))
if [ -n "$missing" ]; then
  printf 'android-sample/src/main/AndroidManifest.xml does not repeat:\n%s\n' "$missing" >&2
  exit 1
fi
echo "$(wc -l <<<"$named" | tr -d ' ') entries, each in the sample's manifest too"
