package org.satchel

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.child.Child
import java.io.File

class CanaryTest {
    /** In a process of its own, of which every byte that it says is read. */
    @Test
    fun whatIsTypedOrThrownIsInNoErrorNoDiagnosticsAndNotOnTheConsole() {
        Sandbox().use { sandbox ->
            Folder().use { folder ->
                val errors = File(folder.file, "errors")
                val said = Child("canary", folder.file.path, sandbox.baseUrl, errors = errors).use { it.all() to it.ended() }
                assertEquals(0, said.second, errors.readText())
                val told = File(folder.file, "told").readText()
                assertTrue(File(folder.file, "count").readText().toInt() > 80, "it sang")
                for (text in said.first + errors.readLines() + told.lines()) assertTrue(CANARY !in text) { text }
                assertTrue(sandbox.ledger().any { CANARY in it.second }, "it was sent: nobody kept it from being seen here")
            }
        }
    }
}
