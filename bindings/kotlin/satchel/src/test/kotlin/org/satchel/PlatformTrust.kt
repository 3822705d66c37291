package org.satchel

import java.security.cert.CertificateException
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager

/** As an Android app does it: the platform's own manager for the chain, and the name beside it, which no manager checks. */
class PlatformTrust(
    authority: String,
) : ServerTrust {
    private val factory = CertificateFactory.getInstance("X.509")
    private val manager: X509TrustManager

    init {
        val managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
        managers.init(Sandbox.trusting(authority))
        manager = managers.trustManagers.filterIsInstance<X509TrustManager>().single()
    }

    override fun check(
        chain: List<ByteArray>,
        host: String,
    ): TrustVerdict {
        val certificates = chain.map { factory.generateCertificate(it.inputStream()) as X509Certificate }
        manager.checkServerTrusted(certificates.toTypedArray(), "UNKNOWN")
        val names =
            certificates
                .first()
                .subjectAlternativeNames
                .orEmpty()
                .map { it[1] }
        if (host !in names) throw CertificateException("it is another's")
        return TrustVerdict.TRUSTED
    }
}
