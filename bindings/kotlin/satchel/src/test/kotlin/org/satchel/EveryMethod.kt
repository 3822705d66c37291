package org.satchel

import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method
import java.time.Instant
import kotlin.coroutines.Continuation
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/** Every method of a book, of its onboarding, its late payers and its VBot, that suspends, called with something of each type that it takes. */
object EveryMethod {
    val all: List<Method> = of(SatchelInterface::class.java)

    val ofOnboarding: List<Method> = of(OnboardingInterface::class.java)

    val ofCollection: List<Method> = of(CollectionDeskInterface::class.java)

    val ofVbot: List<Method> = of(VbotInterface::class.java)

    private fun of(type: Class<*>) =
        type.methods
            .filter { it.parameterTypes.lastOrNull() == Continuation::class.java }
            .sortedBy { it.name }

    suspend fun call(
        book: Any,
        method: Method,
        text: String = "text",
        export: HandOver = HandOver.fromBytes(ByteArray(0)),
    ): Any? {
        val given = method.parameterTypes.dropLast(1).map { if (it == HandOver::class.java) export else some(it, text) }
        return suspendCoroutineUninterceptedOrReturn<Any?> {
            try {
                method.invoke(book, *given.toTypedArray(), it)
            } catch (e: InvocationTargetException) {
                throw e.targetException
            }
        }
    }

    private fun some(
        type: Class<*>,
        text: String,
    ): Any? =
        when (type) {
            Long::class.java -> 1L
            Int::class.java -> 1
            String::class.java -> text
            List::class.java -> emptyList<Any>()
            Map::class.java -> emptyMap<Any, Any>()
            Query::class.java -> Query()
            Decision::class.java -> Decision.Drop
            DraftAbout::class.java -> DraftAbout.New("form")
            Link::class.java -> Link.NONE
            ProspectSecrets::class.java -> Sandbox.secrets()
            BookRecord::class.java -> BookRecord.Prospect(1)
            Person::class.java -> Sandbox.sok
            ActionFilter::class.java -> ActionFilter()
            ActionGrouping::class.java -> ActionGrouping.GROUP
            Answer::class.java -> Answer.Text(text)
            PaperSource::class.java -> PaperSource.Path(text)
            OnboardingSecrets::class.java -> OnboardingSecrets(emptyMap(), emptyMap())
            VbotFields::class.java -> VbotFields.Status(text)
            VbotKind::class.java -> VbotKind.STATUS
            VbotSecrets::class.java -> VbotSecrets("token")
            TaskQuery::class.java -> TaskQuery(text = text)
            ResultFields::class.java -> ResultFields(result = "NA", action = "CALL", remark = text)
            CollectionSecrets::class.java -> CollectionSecrets("dara", "secret", "key")
            Stop::class.java, Instant::class.java, Long::class.javaObjectType -> null
            else -> error("nothing of $type")
        }
}
