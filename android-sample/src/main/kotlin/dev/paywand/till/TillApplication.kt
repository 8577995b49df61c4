package dev.paywand.till

import android.app.Application

/** The till's process. */
class TillApplication : Application()
