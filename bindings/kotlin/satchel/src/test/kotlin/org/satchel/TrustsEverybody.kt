package org.satchel

import java.net.Socket
import java.security.cert.X509Certificate
import javax.net.ssl.SSLEngine
import javax.net.ssl.X509ExtendedTrustManager

/** For a test that asks a sandbox with a bad certificate what it has seen; the library never gets it. */
object TrustsEverybody : X509ExtendedTrustManager() {
    override fun checkClientTrusted(
        chain: Array<X509Certificate>,
        type: String,
    ) = Unit

    override fun checkClientTrusted(
        chain: Array<X509Certificate>,
        type: String,
        socket: Socket,
    ) = Unit

    override fun checkClientTrusted(
        chain: Array<X509Certificate>,
        type: String,
        engine: SSLEngine,
    ) = Unit

    override fun checkServerTrusted(
        chain: Array<X509Certificate>,
        type: String,
    ) = Unit

    override fun checkServerTrusted(
        chain: Array<X509Certificate>,
        type: String,
        socket: Socket,
    ) = Unit

    override fun checkServerTrusted(
        chain: Array<X509Certificate>,
        type: String,
        engine: SSLEngine,
    ) = Unit

    override fun getAcceptedIssuers(): Array<X509Certificate> = emptyArray()
}
