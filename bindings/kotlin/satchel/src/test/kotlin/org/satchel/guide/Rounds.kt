package org.satchel.guide

import org.satchel.OpenCollectionDesk
import org.satchel.ResultFields
import org.satchel.TaskQuery
import java.time.LocalDate

/** Who is to be visited next, on [page]; whoever has something unsent is marked. */
suspend fun nextVisits(
    collection: OpenCollectionDesk,
    page: String? = null,
): List<String> =
    collection.tasks(TaskQuery(after = page)).items.map { "${it.task.name} ${it.task.total}${if (it.unsent > 0) " *" else ""}" }

/** She has promised to pay. Throws `InvalidInput` naming the field that the bank would not take. */
suspend fun promised(
    collection: OpenCollectionDesk,
    task: Long,
    day: LocalDate,
): Long = collection.record(task, ResultFields(result = "PTP01", action = "PTP", promised = day))
