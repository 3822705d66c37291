package org.satchel

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.io.File
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.security.KeyStore
import java.security.cert.CertificateFactory
import java.util.concurrent.TimeUnit
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory

/** The real sandbox, as a process of its own on a free port of this machine. */
class Sandbox(
    vararg transport: String = arrayOf("--plain"),
) : AutoCloseable {
    private val process =
        ProcessBuilder(binary, "--port", "0", "--json", "--lateness-ms", "400", *transport)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
    private val said = Json.parseToJsonElement(process.inputStream.bufferedReader().readLine()).jsonObject
    private val control = URI(said.getValue("inspector_url").jsonPrimitive.content)

    /** Where its services stand. */
    val baseUrl = said.getValue("base_url").jsonPrimitive.content

    /** Its own certificate authority, as PEM; nothing without TLS. */
    val authority = said["ca_pem"]?.jsonPrimitive?.contentOrNull

    private val http = HttpClient.newBuilder().apply { authority?.let { sslContext(context(it)) } }.build()

    fun get(route: String): JsonElement = call("GET", route, null)

    fun put(
        route: String,
        body: JsonElement,
    ): JsonElement = call("PUT", route, body)

    fun post(
        route: String,
        body: JsonElement,
    ): JsonElement = call("POST", route, body)

    fun delete(route: String): JsonElement = call("DELETE", route, null)

    private fun call(
        method: String,
        route: String,
        body: JsonElement?,
    ): JsonElement {
        val publisher = body?.let { HttpRequest.BodyPublishers.ofString("$it") } ?: HttpRequest.BodyPublishers.noBody()
        val request = HttpRequest.newBuilder(control.resolve(route)).method(method, publisher).build()
        val reply = http.send(request, HttpResponse.BodyHandlers.ofString())
        check(reply.statusCode() == 200) { "$method $route: ${reply.body()}" }
        return Json.parseToJsonElement(reply.body())
    }

    /** How many requests reached it. */
    fun requests(): Int =
        get("/_status")
            .jsonObject
            .getValue("requests")
            .jsonPrimitive.int

    override fun close() {
        process.destroy()
        process.waitFor(5, TimeUnit.SECONDS)
    }

    companion object {
        private val binary = checkNotNull(System.getProperty("satchel.sandbox")) { "-Dsatchel.sandbox=FILE" }

        /** What trusts that authority and nobody else. */
        fun trusting(authority: String): KeyStore {
            val certificate = CertificateFactory.getInstance("X.509").generateCertificate(authority.byteInputStream())
            return KeyStore.getInstance(KeyStore.getDefaultType()).apply {
                load(null)
                setCertificateEntry("root", certificate)
            }
        }

        private fun context(authority: String): SSLContext {
            val managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
            managers.init(trusting(authority))
            return SSLContext.getInstance("TLS").apply { init(null, managers.trustManagers, null) }
        }

        /** The profile of a test, with short times, for the service at [baseUrl]. */
        fun profile(
            baseUrl: String,
            changes: JsonObject = JsonObject(emptyMap()),
            roots: String = "",
        ): String {
            val prospect =
                Json
                    .parseToJsonElement(
                        """{"base_url":"$baseUrl","lateness_ms":400,"transit_ms":300,"connect_ms":3000,"total_ms":3000,
                           "download_ms":10000,"idle_ms":2000,"backoff":{"first_ms":20,"most_ms":400}}""",
                    ).jsonObject
            val rootsPem = JsonPrimitive(roots)
            return """{"name":"test","reserve_bytes":0,"roots_pem":$rootsPem,"prospect":${JsonObject(prospect + changes)}}"""
        }

        /** The secrets of its officer. */
        fun secrets(session: String = "S-1") = ProspectSecrets("dara", "secret", session, ByteArray(32) { 7 }, ByteArray(16) { 9 })
    }
}

/** A folder that goes away. */
class Folder : AutoCloseable {
    val file: File =
        kotlin.io.path
            .createTempDirectory("satchel")
            .toFile()

    override fun close() {
        file.deleteRecursively()
    }
}
