package org.satchel

import kotlinx.coroutines.CancellationException

/** A text that must be nowhere after it was thrown, typed or handed in. */
const val CANARY = "CANARY-51be"

/** Everything that an app's own method may throw. */
val anythingThrown: List<() -> Throwable> =
    listOf(
        { Exception(CANARY) },
        { IllegalStateException(CANARY) },
        { StackOverflowError(CANARY) },
        { OutOfMemoryError(CANARY) },
        { CancellationException(CANARY) },
        { InterruptedException(CANARY) },
        { object : Throwable(CANARY) {} },
    )

/** A vault in memory that does something else first. */
class ActingVault(
    @Volatile var onLoad: () -> Unit = {},
    @Volatile var onStore: () -> Unit = {},
) : KeyVault {
    private val inner = MemoryVault()

    override fun load(name: String): ByteArray? {
        onLoad()
        return inner.load(name)
    }

    override fun store(
        name: String,
        secret: ByteArray,
    ): VaultReceipt {
        onStore()
        return inner.store(name, secret)
    }
}

/** A platform that trusts everybody, and does something else first. */
class ActingTrust(
    private val onCheck: () -> Unit,
) : ServerTrust {
    override fun check(
        chain: List<ByteArray>,
        host: String,
    ): TrustVerdict {
        onCheck()
        return TrustVerdict.TRUSTED
    }
}
