package org.satchel

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.sync.withPermit
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.scenario.Player
import java.io.File

/** Every scenario of the project, word for word: the same files that Rust and Swift play. */
class ScenariosTest {
    @Test
    fun everyScenarioHolds() {
        val part = System.getenv("SATCHEL_SCENARIO").orEmpty()
        val files = File(folder).listFiles { file -> file.extension == "json" && part in file.name }.orEmpty().sorted()
        assertTrue(files.size >= 53 || part.isNotEmpty(), "${files.size} files are here")
        val wrong =
            runBlocking {
                val room = Semaphore(AT_ONCE)
                files.map { file -> async { room.withPermit { played(file) } } }.awaitAll().filterNotNull()
            }
        println("scenarios: ${files.size} played, ${wrong.size} do not hold")
        assertEquals(emptyList<String>(), wrong, wrong.joinToString("\n"))
    }

    /** What is wrong with it. */
    private suspend fun played(file: File): String? =
        try {
            Player(Json.parseToJsonElement(file.readText()).jsonObject, File(folder, "../..")).use { it.play() }
            null
        } catch (e: AssertionError) {
            "${file.name}: ${e.message}"
        }

    private companion object {
        const val AT_ONCE = 6
        val folder = checkNotNull(System.getProperty("satchel.scenarios")) { "-Dsatchel.scenarios=FOLDER" }
    }
}
