package org.satchel

/** Throws [SatchelException.InvalidInput] in [field] when [text] holds half of a surrogate pair, which no encoding can carry. */
internal fun wellFormed(
    field: String,
    text: String,
) {
    var at = 0
    while (at < text.length) {
        val here = text[at]
        val pair = here.isHighSurrogate() && at + 1 < text.length && text[at + 1].isLowSurrogate()
        if (here.isSurrogate() && !pair) {
            throw SatchelException.InvalidInput(field, FieldProblem.FORM, "well-formed Unicode")
        }
        at += if (pair) 2 else 1
    }
}

internal fun wellFormed(changes: List<FieldChange>) {
    changes.filterIsInstance<FieldChange.Text>().forEach { wellFormed(it.field.spelled(), it.text) }
}

internal fun wellFormed(about: DraftAbout?) {
    if (about is DraftAbout.New) wellFormed("about", about.form)
}

internal fun wellFormed(person: Person) {
    wellFormed("first_name", person.firstName)
    wellFormed("last_name", person.lastName)
    wellFormed("email", person.email)
    wellFormed("mobile_country_code", person.mobileCountryCode)
    wellFormed("mobile_number", person.mobileNumber)
    wellFormed("branch", person.branch)
    wellFormed("entity_id", person.entityId)
}

internal fun wellFormed(fields: ResultFields) {
    wellFormed("result", fields.result)
    wellFormed("action", fields.action)
    wellFormed("remark", fields.remark)
}

internal fun wellFormed(fields: VbotFields) {
    when (fields) {
        is VbotFields.Customer -> {
            val customer = fields.customer
            wellFormed("name", customer.name)
            customer.phones.forEach { wellFormed("phones", it) }
            wellFormed("status", customer.status)
            wellFormed("type", customer.customerType)
            wellFormed("group", customer.group)
            wellFormed("address", customer.address)
            wellFormed("email", customer.email)
            customer.fields.forEach { wellFormed("fields", it.key + it.value) }
        }

        is VbotFields.Status -> {
            wellFormed("name", fields.name)
        }

        is VbotFields.CustomerType -> {
            wellFormed("name", fields.name)
        }

        is VbotFields.Group -> {
            wellFormed("name", fields.name)
            wellFormed("description", fields.description)
        }

        is VbotFields.Field -> {
            wellFormed("name", fields.name)
            fields.types.forEach { wellFormed("types", it) }
            wellFormed("description", fields.description)
        }
    }
}

internal fun wellFormed(filter: ActionFilter) {
    filter.group?.let { wellFormed("group", it) }
    filter.party?.let { wellFormed("party", it) }
}

/** As [fieldName] says it, without asking the library: `name_en`, `promotion_1`. */
private fun Field.spelled() = name.lowercase().replace(Regex("(?<=[a-z])(?=[0-9])"), "_")
