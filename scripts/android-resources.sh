#!/usr/bin/env bash
# android-resources.sh ANDROID_JAR MODULE MIN_SDK TARGET_SDK [LIBRARY...]: compiles MODULE's res/ into MODULE/target/android/res.zip, links it
# with the resources of each LIBRARY module and MODULE's manifest into app.ap_, and writes R.java, R.txt and, for R8, keep.pro of what the
# manifest names. Debian's aapt2 is older than the manifest's <queries>: what it does not know is a warning. A module without LIBRARY is one: its numbers are not constants, since an app that takes it gives others.
set -euo pipefail
android_jar=$1 module=$2 min_sdk=$3 target_sdk=$4
shift 4
out=$module/target/android
manifest=$out/AndroidManifest.xml
# Its own names: Maven runs modules beside each other.
rm -rf "$out/gen" "$out/res.zip" "$out/app.ap_"
mkdir -p "$out/gen"
aapt2 compile --dir "$module/src/main/res" -o "$out/res.zip"
resources=() kind=(--non-final-ids)
# What Gradle's plugin adds to a manifest: a library says what it needs, an app uses native libraries where they lie in the APK.
addition='s|^ *<application|  <uses-sdk android:minSdkVersion="'$min_sdk'" />\n&|'
for library in "$@"; do
  resources+=("$library/target/android/res.zip")
  package=$(sed -n 's/.*package="\([^"]*\)".*/\1/p' "$library/src/main/AndroidManifest.xml" | head -n 1)
  kind=(--extra-packages "$package")
  addition='s|<application|& android:extractNativeLibs="false"|'
done
sed "$addition" "$module/src/main/AndroidManifest.xml" >"$manifest"
aapt2 link -I "$android_jar" --manifest "$manifest" --auto-add-overlay --warn-manifest-validation \
  --min-sdk-version "$min_sdk" --target-sdk-version "$target_sdk" "${kind[@]}" \
  --java "$out/gen" --output-text-symbols "$out/R.txt" --proguard "$out/keep.pro" -o "$out/app.ap_" \
  ${resources[@]+"${resources[@]}"} "$out/res.zip"
