package dev.paywand.till

import org.robolectric.annotation.Config

// The oldest Android that is served. In classes of their own: a native library calls back into one class loader alone, so
// each process has one Android.

@Config(sdk = [24])
class Android7KeypadTest : KeypadTest()

@Config(sdk = [24])
class Android7DeskTest : DeskTest()

@Config(sdk = [24])
class Android7SaleTest : SaleTest()
