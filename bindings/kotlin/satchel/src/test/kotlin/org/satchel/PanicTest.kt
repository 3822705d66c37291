package org.satchel

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** A panic inside the library, on purpose: the library of the tests has a button for it. */
class PanicTest {
    @Test
    fun aPanicCostsOneCallAndTellsItsPlaceAlone() =
        withBook { book ->
            val before = book.add(person("Before")).id
            PanicButton().use { button ->
                val ends = (1..3).map { thrownBy<SatchelException.Internal> { button.press("CANARY-4417 of $it") } }
                assertTrue(ends.all { "panic_button.rs:" in it.place }, ends.first().place)
                assertEquals(3, ends.map { it.id }.toSet().size)
                assertEquals(WhatNow.REPORT, ends.first().whatNow)
                val told = "$ends ${ends.map { it.message }} ${book.diagnostics()}"
                assertTrue(ends.last().place in book.diagnostics(), told)
                assertFalse("CANARY-4417" in told, told)
            }
            assertEquals(book.add(person("After")).id, before + 1)
            assertEquals(2, book.summary().unsent)
        }
}
