package org.satchel

import java.time.LocalDate
import java.time.LocalDateTime

/** The text of a field; empty when it has none. */
public fun Prospect.text(field: Field): String = fields[field].orEmpty()

/** The whole number of a field; nothing when it is empty or no number. */
public fun Prospect.number(field: Field): Long? = text(field).toLongOrNull()

/** Yes or no; nothing when it is not given or neither. */
public fun Prospect.flag(field: Field): Boolean? =
    when (text(field)) {
        "1" -> true
        "0" -> false
        else -> null
    }

/** The civil date-time of a field, in the bank's zone; nothing when it is empty or was no date-time when it came. */
public fun Prospect.dateTime(field: Field): LocalDateTime? = civilDateTime(text(field))

/** The civil day of a field, likewise. */
public fun Prospect.day(field: Field): LocalDate? = dateTime(field)?.toLocalDate()

/** Sets this field to a text or a code: `Field.NAME_EN set "Sok Dara"`. */
public infix fun Field.set(text: String): FieldChange = FieldChange.Text(this, text)

/** Sets this field to a whole number. */
public infix fun Field.set(number: Long): FieldChange = FieldChange.Number(this, number)

/** Sets this field to yes or no. */
public infix fun Field.set(yes: Boolean): FieldChange = FieldChange.Flag(this, yes)

/** Sets this field to a civil date-time; parts of a second are cut off. */
public infix fun Field.set(at: LocalDateTime): FieldChange = FieldChange.At(this, at)

/** Sets this field to a civil day. */
public infix fun Field.set(day: LocalDate): FieldChange = FieldChange.Day(this, day)

/** The number of the prospect that is asked about; nothing when it is about another record. */
public val AskedAbout.prospect: Long?
    get() = (record as? BookRecord.Prospect)?.id
