package org.satchel

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.time.LocalDate
import java.time.LocalDateTime

/** Strings and civil times of every kind, through the boundary and back. */
class TextsTest {
    @Test
    fun everyScriptComesBackAsTyped() =
        withBook { book ->
            for (text in listOf("សុខ ដារ៉ា", "👩🏽‍🌾 Dara", "  leading", "\u200bzero width", "é e\u0301", "a\"b\\c'")) {
                val id = book.add(listOf(Field.NAME_EN set "Sok", Field.PHONE set "012345678", Field.COMMENT set text)).id
                assertEquals(text, book.get(id).text(Field.COMMENT))
            }
        }

    /** Half of a surrogate pair, in each text that is handed in. */
    @Test
    fun aLoneSurrogateNamesItsField() =
        withBook { book ->
            val half = "ok \ud83d"

            suspend fun names(
                field: String,
                call: suspend () -> Unit,
            ) {
                val e = thrownBy<SatchelException.InvalidInput> { call() }
                assertEquals(field to FieldProblem.FORM, e.`field` to e.problem)
            }
            for (field in Field.entries) {
                names(fieldName(field)) { book.add(listOf(field set half)) }
                names(fieldName(field)) { book.edit(1, listOf(field set "\udc00$half")) }
            }
            names("code") { book.getByCode(half) }
            names("code") { book.editByCode(half, emptyList()) }
            names("comment") { book.editByCode("2947-1", listOf(Field.COMMENT set half)) }
            names("about") { book.add(person("Sok"), DraftAbout.New(half)) }
            names("remote") { book.resumeRemote(half) }
            names("code") { book.download(half) }
            names("code") { book.decide(emptyList(), Decision.Arrived(half)) }
            names("about") { book.draft(DraftAbout.New(half)) }
            names("about") { book.removeDraft(DraftAbout.New(half)) }
            names("about") { book.saveDraft(DraftAbout.New(half), "{}") }
            names("form") { book.saveDraft(DraftAbout.New("form-1"), half) }
            names("text") { book.list(Query(text = half)) }
            names("status") { book.list(Query(status = half)) }
            names("village_prefix") { book.list(Query(villagePrefix = half)) }
            names("after") { book.list(Query(after = half)) }
            names("remote") { book.pauseRemote(half, "why") }
            names("reason") { book.pauseRemote("prospect", half) }
            names("to") { book.handedOver(emptyList(), half) }
            names("user") { book.signIn(half, "p", "s", ByteArray(32), ByteArray(16)) }
            names("password") { book.signIn("u", half, "s", ByteArray(32), ByteArray(16)) }
            names("session") { book.signIn("u", "p", half, ByteArray(32), ByteArray(16)) }
            assertEquals(0, book.summary().unsent)
        }

    /** None that takes a text is forgotten. */
    @Test
    fun aLoneSurrogateIsRefusedByEveryMethodThatTakesAText() =
        withBook { book ->
            val takeText = EveryMethod.all.filter { String::class.java in it.parameterTypes }
            assertTrue(takeText.size >= 7, "${takeText.size} methods")
            for (method in takeText) thrownBy<SatchelException.InvalidInput> { EveryMethod.call(book, method, "\udc00") }
        }

    @Test
    fun aLoneSurrogateIsRefusedByOnboarding() =
        withBook(profile = Sandbox.profile(NOWHERE, onboarding = NOWHERE)) { book ->
            val half = "ok \ud83d"
            val onboarding = book.onboarding()

            suspend fun names(
                field: String,
                call: suspend () -> Unit,
            ) {
                val e = thrownBy<SatchelException.InvalidInput> { call() }
                assertEquals(field to FieldProblem.FORM, e.`field` to e.problem)
            }
            names("first_name") { onboarding.startApplication(Sandbox.sok.copy(firstName = half), null) }
            names("last_name") { onboarding.editApplication(1, Sandbox.sok.copy(lastName = half)) }
            names("email") { onboarding.addCoApplicant(1, Sandbox.sok.copy(email = half)) }
            names("mobile_number") { onboarding.editCoApplicant(1, Sandbox.sok.copy(mobileNumber = half)) }
            names("mobile_country_code") { onboarding.startApplication(Sandbox.sok.copy(mobileCountryCode = half), null) }
            names("branch") { onboarding.startApplication(Sandbox.sok.copy(branch = half), null) }
            names("entity_id") { onboarding.startApplication(Sandbox.sok.copy(entityId = half), null) }
            names("group") { onboarding.actions(ActionFilter(group = half)) }
            names("party") { onboarding.overview(ActionFilter(party = half), ActionGrouping.PERSON) }
            names("answer") { onboarding.answer(1, Answer.Text(half)) }
            names("answer") { onboarding.answer(1, Answer.Choice(listOf("1", half))) }
            names("source") { onboarding.attach(1, PaperSource.Path(half), "a.pdf", "") }
            names("slot") { onboarding.attach(1, PaperSource.Captured(half), "a.pdf", "") }
            names("name") { onboarding.attach(1, ByteArray(0).inputStream(), half) }
            names("info") { onboarding.attach(1, File("a.pdf"), info = half) }
            names("slot") { onboarding.discardCaptured(half) }
            names("authenticated") { onboarding.signIn(mapOf(half to "v"), emptyMap()) }
            names("anonymous") { onboarding.signIn(emptyMap(), mapOf("n" to half)) }
            assertEquals(0, book.summary().unsent)
        }

    @Test
    fun aLoneSurrogateIsRefusedAboutLatePayers() =
        withBook(profile = Sandbox.profile(NOWHERE, collection = NOWHERE)) { book ->
            val half = "ok \ud83d"
            val collection = book.collection()
            val good = ResultFields("NA", "CALL")

            suspend fun names(
                field: String,
                call: suspend () -> Unit,
            ) {
                val e = thrownBy<SatchelException.InvalidInput> { call() }
                assertEquals(field to FieldProblem.FORM, e.`field` to e.problem)
            }
            names("text") { collection.tasks(TaskQuery(text = half)) }
            names("branch") { collection.tasks(TaskQuery(branch = half)) }
            names("after") { collection.tasks(TaskQuery(after = half)) }
            names("result") { collection.record(1, good.copy(result = half)) }
            names("action") { collection.edit(1, good.copy(action = half)) }
            names("remark") { collection.record(1, good.copy(remark = half)) }
            names("user") { collection.signIn(half, "p", "k") }
            names("password") { collection.signIn("u", half, "k") }
            names("hash_key") { collection.signIn("u", "p", half) }
            assertEquals(0, book.summary().unsent)
        }

    /** The functions that need no open book, too. */
    @Test
    fun aLoneSurrogateOpensNothing() =
        runBlocking {
            val (half, vault) = "\ud83d" to MemoryVault()

            suspend fun names(
                field: String,
                call: suspend () -> Unit,
            ) = assertEquals(field, thrownBy<SatchelException.InvalidInput> { call() }.`field`)
            Folder().use { folder ->
                val (root, wrong) = folder.file to File(folder.file, half)
                names("root") { openSatchel(wrong, "dara", "{}", vault) }
                names("officer") { openSatchel(root, half, "{}", vault) }
                names("profile") { openSatchel(root, "dara", half, vault) }
                names("root") { listBooks(wrong) }
                names("root") { setAsideBook(wrong, "dara", "{}", vault) }
                names("officer") { setAsideBook(root, half, "{}", vault) }
                names("profile") { setAsideBook(root, "dara", half, vault) }
                names("folder") { salvageBook(wrong, "{}", vault) }
                names("profile") { salvageBook(root, half, vault) }
            }
        }

    @Test
    fun whatCannotBeKeptIsRefusedWithItsField() =
        withBook { book ->
            val nul = thrownBy<SatchelException.InvalidInput> { book.add(person("Sok\u0000Dara")) }
            assertEquals("name_en" to FieldProblem.CONTROL_CHARACTER, nul.`field` to nul.problem)
            val long = thrownBy<SatchelException.InvalidInput> { book.add(person("x".repeat(10_000_000))) }
            assertEquals("name_en" to FieldProblem.TOO_LONG, long.`field` to long.problem)
            val form = thrownBy<SatchelException.InvalidInput> { book.saveDraft(DraftAbout.New("f"), "x".repeat(10_000_000)) }
            assertEquals("form", form.`field`)
        }

    @Test
    fun civilTimesHaveNoZone() =
        withBook { book ->
            val at = LocalDateTime.of(2021, 2, 28, 23, 59, 7, 900_000_000)
            val day = LocalDate.of(2024, 2, 29)
            val changes = person("Sok") + listOf(Field.REGISTERED_AT set at, Field.PROMOTION1 set day, Field.AGE set 26L)
            val kept = book.get(book.add(changes).id)
            assertEquals(at.withNano(0), kept.dateTime(Field.REGISTERED_AT))
            assertEquals(day, kept.day(Field.PROMOTION1))
            assertEquals(26L, kept.number(Field.AGE))
            val beyond = thrownBy<SatchelException.InvalidInput> { book.add(listOf(Field.REGISTERED_AT set at.withYear(20_000))) }
            assertEquals("registered_at", beyond.`field`)
        }

    @Test
    fun aBadProfileIsToldWithoutItsText() =
        withBook {
            val canary = """{"name":"CANARY-1", oops}"""
            val e =
                thrownBy<SatchelException.InvalidInput> {
                    Folder().use { openSatchel(it.file, "dara", canary, MemoryVault()) }
                }
            assertEquals("profile", e.`field`)
            assert("CANARY" !in e.toString()) { "$e" }
        }
}
