package org.satchel

import java.util.concurrent.ConcurrentHashMap

/** A vault in memory, for tests: it protects nothing. */
open class MemoryVault : KeyVault {
    val kept = ConcurrentHashMap<String, ByteArray>()

    override fun load(name: String): ByteArray? = kept[name]

    override fun store(
        name: String,
        secret: ByteArray,
    ): VaultReceipt {
        kept[name] = secret
        return VaultReceipt.KEPT
    }
}
