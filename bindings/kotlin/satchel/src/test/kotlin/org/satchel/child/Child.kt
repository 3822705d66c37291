package org.satchel.child

import java.io.File
import java.util.concurrent.TimeUnit

/** A second process of the app, with the same classes and the same library. [wrapper]: a command that runs it. */
class Child(
    vararg arguments: String,
    wrapper: List<String> = emptyList(),
    errors: File? = null,
) : AutoCloseable {
    private val process =
        ProcessBuilder(wrapper + java + arguments)
            .redirectError(errors?.let(ProcessBuilder.Redirect::to) ?: ProcessBuilder.Redirect.DISCARD)
            .start()
    private val said = process.inputStream.bufferedReader()

    /** What it says next; nothing when it has ended. */
    fun line(): String? = said.readLine()

    /** All that it says until it ends. */
    fun all(): List<String> = said.readLines()

    /** How it ended. */
    fun ended(): Int {
        check(process.waitFor(120, TimeUnit.SECONDS)) { "it does not end" }
        return process.exitValue()
    }

    /** SIGKILL. What it has said can still be read. */
    fun kill() {
        process.toHandle().destroyForcibly()
        process.waitFor(20, TimeUnit.SECONDS)
    }

    override fun close() = kill()

    private companion object {
        val java =
            listOf(
                File(System.getProperty("java.home"), "bin/java").path,
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-Djna.library.path=${System.getProperty("jna.library.path")}",
                "-Dsatchel.sandbox=${System.getProperty("satchel.sandbox")}",
                "-cp",
                System.getProperty("java.class.path"),
                "org.satchel.child.MainKt",
            )
    }
}
