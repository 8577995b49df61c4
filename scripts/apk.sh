#!/usr/bin/env bash
# apk.sh: packs the sample till into target/android/paywand-till.apk: the AAR's classes and libraries, JNA with its own, resources, all signed
# with a key made for this machine. Then looks at it as a device would: signature, 16 KiB alignment, what it says of itself.
# The libraries are those that `make android` has built.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
min_sdk=$(sed -n 's|.*<min.sdk>\(.*\)</min.sdk>.*|\1|p' "$kotlin/pom.xml")
sample=$root/android-sample/target
out=$root/target/android
work=$out/apk
apk=$out/paywand-till.apk
key=$out/debug.p12

if [ -z "$(find "$root/bindings/android/target/jni" -name libpaywand.so 2>/dev/null)" ]; then
  echo "no Android library: make android builds it" >&2
  exit 2
fi
scripts/setup.sh android
scripts/bindings.sh
quietly android-sample maven package -pl ../../android-sample -am -DskipTests
rm -rf "$work"
mkdir -p "$work/app" "$work/aar" "$work/dex" "$work/java"

# Only what a device's own app store would be given: R's classes are the sample's and, renumbered, the library's.
unzip -q "$aar" -d "$work/aar"
jars=("$work/aar/classes.jar" "$sample"/lib/*.jar)
jar --create --no-manifest --file "$work/sample.jar" -C "$sample/classes" .
quietly d8 "$java" -Xmx1g -cp "$r8" com.android.tools.r8.D8 --release --min-api "$min_sdk" \
  --lib "$(java_home)" --lib "$(android_jar)" --output "$work/dex" "$work/sample.jar" "${jars[@]}"

# Only the service files of the Java resources: the rest are licences, Kotlin's metadata and other systems' libraries.
for file in "${jars[@]}"; do
  unzip -qo "$file" 'META-INF/services/*' -d "$work/java" 2>/dev/null || [ $? -eq 11 ] # 11: has none
done
unzip -q "$sample/android/app.ap_" -d "$work/app"
cp "$work"/dex/classes*.dex "$work/app"
if [ -d "$work/java/META-INF" ]; then cp -r "$work/java/META-INF" "$work/app"; fi
for folder in "$work"/aar/jni/*; do
  abi=$(basename "$folder")
  mkdir -p "$work/app/lib/$abi"
  cp "$folder"/*.so "$work/app/lib/$abi"
  unzip -qjo "$jna" "jni/$abi/libjnidispatch.so" -d "$work/app/lib/$abi"
done
# Libraries and the resource table are read where they lie: stored, and on pages of 16 KiB.
(cd "$work/app" && TZ=UTC find . -type f -exec touch -d 2026-01-01 {} + && find . -type f | LC_ALL=C sort | zip -qX -n .so:.arsc ../unaligned.apk -@)
zipalign -f 16384 "$work/unaligned.apk" "$work/unsigned.apk"
[ -e "$key" ] || keytool -genkeypair -keystore "$key" -storetype PKCS12 -storepass android -alias debug -keyalg RSA \
  -keysize 2048 -validity 10000 -dname "CN=Debug" >/dev/null 2>&1
apksigner sign --ks "$key" --ks-pass pass:android --min-sdk-version "$min_sdk" --out "$apk" "$work/unsigned.apk"

apksigner verify --print-certs --verbose --min-sdk-version "$min_sdk" "$apk" | grep -E '^(Verif|Signer #1 certificate (DN|SHA-256))'
zipalign -c 16384 "$apk" >/dev/null || { echo "a stored file does not begin at a multiple of 16 KiB" >&2; exit 1; }
for file in "$work"/app/lib/*/*.so; do
  printf '%s/' "$(basename "$(dirname "$file")")"
  scripts/android-size.sh "$file"
done
aapt2 dump badging "$apk"
scripts/sizes.sh "$apk"
