#!/usr/bin/env bash
# gradle-matches.sh: Gradle's files say what Maven's say: versions, SDK levels, names, source folders. Prints what differs, and fails.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
library=bindings/android/build.gradle.kts
sample=android-sample/build.gradle.kts
failed=0
checked=0

# property NAME: a value of the parent pom.
property() {
  sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" "$kotlin/pom.xml" | head -n 1
}

# attribute NAME: of the sample's manifest.
attribute() {
  sed -n "s/.*$1=\"\([^\"]*\)\".*/\1/p" android-sample/src/main/AndroidManifest.xml | head -n 1
}

# package FOLDER: what its manifest is called.
package() {
  sed -n 's/.*package="\([^"]*\)".*/\1/p' "$1/src/main/AndroidManifest.xml" | head -n 1
}

# says FILE TEXT...: each of them stands in FILE.
says() {
  local file=$1 text
  shift
  for text in "$@"; do
    checked=$((checked + 1))
    grep -qF -- "$text" "$file" || { echo "$file does not say: $text" >&2; failed=1; }
  done
}

says settings.gradle.kts "kotlin.android\") version \"$(property kotlin.version)\"" "com.android.tools:r8:$r8_version\""
says "$library" "namespace = \"$(package bindings/android)\"" "compileSdk = $(property target.sdk)" "minSdk = $(property min.sdk)" \
  "kotlinx-coroutines-core-jvm:$(property coroutines.version)\"" "jna:$(property jna.version)@aar" \
  "zxing:core:$(property zxing.version)\"" "VERSION_$(property kotlin.compiler.jvmTarget)" "JVM_$(property kotlin.compiler.jvmTarget)" \
  'consumerProguardFiles("consumer-rules.pro")' 'jniLibs.setSrcDirs(listOf("target/jni"))'
says "$sample" "namespace = \"$(package android-sample)\"" "compileSdk = $(property target.sdk)" "minSdk = $(property min.sdk)" \
  "targetSdk = $(property target.sdk)" "versionName = \"$(attribute versionName)\"" "versionCode = $(attribute versionCode)" \
  "VERSION_$(property kotlin.compiler.jvmTarget)" "JVM_$(property kotlin.compiler.jvmTarget)"

# same WHAT GRADLE MAVEN: two lists.
same() {
  [ "$2" = "$3" ] && return 0
  printf '%s of Gradle:\n%s\nof Maven:\n%s\n' "$@" >&2
  failed=1
}

# What Maven compiles is what it packs as sources.
same "source folders" \
  "$(grep -oE '"[^" ]+/kotlin"' "$library" | tr -d '"' | sort)" \
  "$(sed -n 's|.*<directory>\(.*\)</directory>.*|\1|p' bindings/android/src/aar/sources.xml |
    sed 's|\${bindings.dir}|../../target/bindings/kotlin|' | sort)"

# needed: each library that a module's classes need, by its group and name. Kotlin's own comes with its plugin.
needed() {
  local pom
  for pom in "$kotlin"/{generated,paywand}/pom.xml bindings/android/pom.xml android-sample/pom.xml; do
    tr -d '\n' <"$pom" | sed 's|</dependency>|&\n|g' | grep '<dependency>' |
      grep -v -e '<scope>' -e '>dev.paywand<' -e '>kotlin-stdlib<' -e '>android-all<' |
      sed -n 's|.*<groupId>\([^<]*\)</groupId> *<artifactId>\([^<]*\)</artifactId>.*|\1:\2|p'
  done | sort -u
}
same "libraries" "$(grep -hoE '"[a-z.]+:[a-z-]+:' "$library" "$sample" | tr -d '"' | sed 's/:$//' | sort -u)" "$(needed)"
[ "$jna_version" = "$(property jna.version)" ] || { echo "scripts/common.sh has JNA $jna_version" >&2; failed=1; }
[ "$failed" -eq 0 ] || exit 1
echo "$checked values, folders and libraries are the same"
