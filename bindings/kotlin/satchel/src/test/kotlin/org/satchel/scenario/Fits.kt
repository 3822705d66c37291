package org.satchel.scenario

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.doubleOrNull

/** What [came] misses of [wanted]; nothing when it holds all of it. The rules stand in the scenarios' README. */
fun misses(
    wanted: JsonElement,
    came: JsonElement,
    path: String = "value",
): String? =
    when {
        wanted is JsonObject && wanted.size == 1 && wanted.keys.first().startsWith("$") -> {
            val (rule, operand) = wanted.entries.first()
            "$path: $came is not $rule $operand".takeUnless { holds(rule, operand, came) }
        }

        wanted is JsonObject -> {
            wanted.entries.firstNotNullOfOrNull { (name, part) ->
                misses(part, (came as? JsonObject)?.get(name) ?: JsonNull, "$path.$name")
            }
        }

        wanted is JsonArray && came is JsonArray && wanted.size == came.size -> {
            wanted.indices.firstNotNullOfOrNull { n -> misses(wanted[n], came[n], "$path[$n]") }
        }

        else -> {
            "$path: expected $wanted, it is $came".takeUnless { same(wanted, came) }
        }
    }

private fun same(
    a: JsonElement,
    b: JsonElement,
): Boolean {
    val numbers = number(a) to number(b)
    return a == b || (numbers.first != null && numbers.first == numbers.second)
}

private fun number(of: JsonElement): Double? = (of as? JsonPrimitive)?.takeUnless { it.isString }?.doubleOrNull

private fun holds(
    rule: String,
    operand: JsonElement,
    came: JsonElement,
): Boolean {
    fun among(
        list: JsonElement,
        item: JsonElement,
    ) = (list as? JsonArray)?.any { misses(item, it) == null } == true

    fun all(wanted: Boolean) = came is JsonArray && (operand as JsonArray).all { among(came, it) == wanted }

    fun compare(test: (Double, Double) -> Boolean): Boolean {
        val here = number(came)
        val there = number(operand)
        return here != null && there != null && test(here, there)
    }
    return when (rule) {
        "\$at_least" -> compare { a, b -> a >= b }
        "\$at_most" -> compare { a, b -> a <= b }
        "\$contains" -> all(true)
        "\$lacks" -> all(false)
        "\$one_of" -> (operand as JsonArray).any { misses(it, came) == null }
        else -> false // a misspelt rule never holds
    }
}
