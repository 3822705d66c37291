package org.satchel.faults

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.satchel.number

/** The faults that can be made from here, each by its number. Power loss, I/O errors and sealed rubbish are the core's own tests. */
class FaultsTest {
    private val kinds =
        listOf(LostTest::class, AnswersTest::class, PeopleTest::class, DeviceTest::class, KillTest::class, HostileTest::class)

    @Test
    fun everyFaultHasItsTest() {
        val tests = kinds.flatMap { kind -> kind.java.declaredMethods.filter { it.isAnnotationPresent(Test::class.java) } }
        val numbers = tests.map { checkNotNull(Regex("fault ([0-9]{2}) ").find(it.name)) { it.name }.groupValues[1].toInt() }
        assertEquals((1..4) + 6 + (8..13) + (16..25), numbers.distinct().sorted())
    }
}
