package org.satchel

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.io.File
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.security.KeyStore
import java.security.cert.CertificateFactory
import java.time.LocalDate
import java.util.concurrent.TimeUnit
import javax.net.ssl.SSLContext

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

    /** Where its onboarding service stands. */
    val onboardingUrl = said.getValue("onboarding").jsonPrimitive.content

    /** Where tasks are asked for, and where results go. */
    val collectionUrl = baseUrl.removeSuffix("api/") + "collection/"

    /** Where its VBot stands. */
    val vbotUrl = said.getValue("vbot").jsonPrimitive.content

    /** Its own certificate authority, as PEM; nothing without TLS. */
    val authority = said["ca_pem"]?.jsonPrimitive?.contentOrNull

    private val http = HttpClient.newBuilder().apply { if (authority != null) sslContext(context) }.build()

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

    /** Sets the faults of that JSON, and none beside them. */
    fun faults(vararg faults: String) {
        put("/_faults", Json.parseToJsonElement(faults.joinToString(",", "[", "]")))
    }

    /** What was carried out, by tablets and others: the kind and the name of each, oldest first. */
    fun ledger(): List<Pair<String, String>> =
        get("/_ledger?after=0").jsonArray.map { entry ->
            val effect = entry.jsonObject
            val fields = effect["fields"]?.jsonObject
            effect.getValue("kind").jsonPrimitive.content to
                fields
                    ?.get("NameEn")
                    ?.jsonPrimitive
                    ?.contentOrNull
                    .orEmpty()
        }

    /** How often a prospect of that name was created. */
    fun creates(name: String): Int = ledger().count { it == "create" to name }

    /** Names and codes of its rows. */
    private fun rows(): List<Pair<String?, String>> =
        get("/_prospects").jsonArray.map { it.jsonObject }.map { row ->
            val name = row.getValue("fields").jsonObject["NameEn"]
            name?.jsonPrimitive?.content to row.getValue("code").jsonPrimitive.content
        }

    /** Whose row has that code. */
    fun nameUnder(code: String): String? = rows().find { it.second == code }?.first

    /** The code of that one's row. */
    fun codeOf(name: String): String? = rows().find { it.first == name }?.second

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

        private val context = SSLContext.getInstance("TLS").apply { init(null, arrayOf(TrustsEverybody), null) }

        /** The profile of a test, with short times, for the service at [baseUrl]. */
        fun profile(
            baseUrl: String,
            changes: JsonObject = JsonObject(emptyMap()),
            roots: String = "",
            organisation: String? = null,
            onboarding: String? = null,
            onboardingChanges: JsonObject = JsonObject(emptyMap()),
            collection: String? = null,
            collectionChanges: JsonObject = JsonObject(emptyMap()),
            vbot: String? = null,
        ): String {
            val prospect =
                Json
                    .parseToJsonElement(
                        """{"base_url":"$baseUrl","lateness_ms":400,"transit_ms":300,"connect_ms":3000,"total_ms":3000,
                           "download_ms":10000,"idle_ms":2000,"backoff":{"first_ms":20,"most_ms":400}}""",
                    ).jsonObject
            val (rootsPem, key) = JsonPrimitive(roots) to JsonPrimitive(organisation)
            val second =
                onboarding?.let {
                    val usual =
                        """{"base_url":"$it","lateness_ms":400,"transit_ms":300,"connect_ms":3000,"total_ms":3000,
                            "idle_ms":2000,"upload_ms":10000,"backoff":{"first_ms":20,"most_ms":400}}"""
                    """"onboarding":${JsonObject(Json.parseToJsonElement(usual).jsonObject + onboardingChanges)},"""
                }
            val third =
                collection?.let {
                    val usual =
                        """{"tasks_url":"${it}tasks","result_url":"${it}result","lateness_ms":400,"transit_ms":300,
                            "connect_ms":3000,"total_ms":3000,"download_ms":3000,"idle_ms":2000,
                            "backoff":{"first_ms":20,"most_ms":400}}"""
                    """"collection":${JsonObject(Json.parseToJsonElement(usual).jsonObject + collectionChanges)},"""
                }
            val fourth =
                vbot?.let {
                    """"vbot":{"base_url":"$it","vbot_id":"V","project_code":"P","lateness_ms":400,"transit_ms":300,
                        "connect_ms":3000,"total_ms":1000,"backoff":{"first_ms":20,"most_ms":400}},"""
                }
            return """{"name":"test",${second.orEmpty()}${third.orEmpty()}${fourth.orEmpty()}"reserve_bytes":0,"roots_pem":$rootsPem,"organisation_key":$key,
                "prospect":${JsonObject(prospect + changes)}}"""
        }

        /** Somebody who applies. */
        val sok = Person("Dara", "Sok", LocalDate.of(1985, 10, 10), "12 345 678", consent = true)

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
