// For Android Studio and Gradle's Android plugin. Versions and folders are Maven's: scripts/gradle-matches.sh compares them.
// The library and the bindings come from `make android`.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
    // The plugin's own R8 is older than Kotlin 2.4 wants (developer.android.com/build/kotlin-support).
    buildscript {
        repositories {
            google()
            mavenCentral()
        }
        dependencies { classpath("com.android.tools:r8:9.5.28") }
    }
    plugins {
        id("com.android.library") version "8.13.2"
        id("com.android.application") version "8.13.2"
        id("org.jetbrains.kotlin.android") version "2.4.21"
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "paywand"
include(":android", ":android-sample")
project(":android").projectDir = file("bindings/android")
