package org.satchel

/** An app's vault: whatever it throws that is no [VaultException] is *unavailable*. An `Error` must not cross into Rust. */
internal class GuardedVault(
    private val vault: KeyVault,
) : KeyVault {
    override fun load(name: String): ByteArray? = guarded { vault.load(name) }

    override fun store(
        name: String,
        secret: ByteArray,
    ): VaultReceipt = guarded { vault.store(name, secret) }
}

/** An app's trust manager: whatever it throws refuses the connection. */
internal class GuardedTrust(
    private val trust: ServerTrust,
) : ServerTrust {
    override fun check(
        chain: List<ByteArray>,
        host: String,
    ): TrustVerdict = guarded { trust.check(chain, host) }
}

private inline fun <T> guarded(ask: () -> T): T =
    try {
        ask()
    } catch (known: VaultException) {
        throw known
    } catch (
        @Suppress("TooGenericExceptionCaught") anything: Throwable,
    ) {
        throw VaultException.Unavailable()
    }
