package org.satchel

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** Makes a call of the library where it may take its time: the caller's thread may be the one that draws. */
internal suspend fun <T> off(call: suspend () -> T): T = withContext(Dispatchers.IO) { call() }
