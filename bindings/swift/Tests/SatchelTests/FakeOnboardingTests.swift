import Foundation
import Satchel
import SatchelTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct FakeOnboardingTests {
    static let states: [FakeState] = [.waiting, .onTheWay, .doubtful, .asks(), .refused(words: "no"), .atBank, .withdrawn]

    @Test(arguments: states) func everythingSaysTheSameOfARecord(state: FakeState) async throws {
        let onboarding = FakeOnboarding.paperWaiting()
        let book = onboarding.book
        for record in [BookRecord.application(id: 1), .document(id: 1)] {
            onboarding.move(record, to: state)
            let standing = try await book.standingOf(record: record)
            let open = try await book.waiting(after: 0, limit: 9).filter { $0.why == standing.why }.map(\.lane)
            let history = try await book.historyOf(record: record)
            let unsent = history[0].state != .done && history[0].state != .closed
            #expect(history.count == 1 && history[0].why == standing.why && open.contains(history[0].lane) == unsent)
            #expect(try await book.asks().flatMap(\.about).map(\.record).contains(record) == (standing.place == .asksYou))
            #expect((standing.next == .nothing) == !unsent)
            if unsent { #expect(try await book.summary().byPlace[standing.place] ?? 0 >= 1) }
        }
        #expect(try await onboarding.document(id: 1).stage == (state == .atBank ? .delivered : state == .withdrawn ? .withdrawn : .live))
        let waiting = try await book.waiting(after: 0, limit: 9)
        #expect(try await book.summary().unsent == Int64(waiting.count))
    }

    @Test func readyMadeOnesTellOneStory() async throws {
        func progress(_ onboarding: FakeOnboarding) async throws -> [Int64] {
            let all = try await onboarding.overview(filter: ActionFilter(), by: .group)
            #expect(all.sections.flatMap(\.actions).sorted() == [1, 2, 3, 4] && all.sections.count == 3)
            return [all.progress.answered, all.progress.left, all.progress.skippable, Int64(all.progress.percent)]
        }
        #expect(try await progress(.asking()) == [0, 3, 1, 0])
        #expect(try await progress(.answered()) == [4, 0, 0, 100])
        #expect(try await progress(.paperWaiting()) == [1, 2, 1, 33])
        let refused = FakeOnboarding.paperRefused(words: "unreadable")
        #expect(try await refused.book.standingOf(record: .document(id: 1)).words == "unreadable")
        #expect(try await refused.book.standingOf(record: .action(id: 1)).next == .waitsForOlder)
        #expect(try await refused.book.health().concerns.map(\.about) == [.refusals(entries: 1)])
        #expect(try await refused.actions(filter: ActionFilter(toDo: true)).map(\.id) == [2, 3, 4])
        #expect(try await FakeOnboarding.answered().book.summary().unsent == 0)
    }

    @Test func aDrainBringsPapersBeforeTheirAnswersAndStopsAtWhatAsks() async throws {
        let onboarding = FakeOnboarding.paperWaiting()
        let book = onboarding.book
        try await book.linkChanged(link: .none)
        #expect(try await book.drain(deadlineMs: 1).sent == 0)
        #expect(try await book.standingOf(record: .document(id: 1)).next == .sentWithLink)
        try await book.linkChanged(link: .unmetered)
        onboarding.move(.document(id: 1), to: .asks(code: "no_verdict"))
        #expect(try await book.drain(deadlineMs: 1).sent == 0)
        #expect(try await book.historyOf(record: .action(id: 1)).map(\.state) == [.blocked])
        let question = try #require(try await book.asks().first?.about.first)
        try await book.decide(questions: [question.question], decision: .arrived(code: "D-77"))
        #expect(try await onboarding.document(id: 1).documentId == "D-77")
        #expect(try await book.drain(deadlineMs: 1).sent == 1)
        #expect(try await onboarding.action(id: 1).stage == .answered)
        #expect(await failure { try await book.decide(questions: [question.question], decision: .drop) } == .NotPossible(why: "settled_meanwhile"))
    }

    @Test func whatTheBankNoLongerWantsKeepsTheOfficersAnswer() async throws {
        let onboarding = FakeOnboarding.asking()
        let book = onboarding.book
        try await onboarding.answer(id: 2, answer: .text(text: "rice"))
        var standings = book.standings(of: .action(id: 2)).makeAsyncIterator()
        #expect(try await standings.next()?.place == .onTablet)
        onboarding.withdrawnByBank(2)
        let standing = try #require(try await standings.next())
        #expect(standing.place == .goneElsewhere && standing.why == "withdrawn_elsewhere" && standing.can == [.sendAgain, .drop])
        onboarding.answeredElsewhere(3)
        #expect(try await onboarding.actions(filter: ActionFilter()).map(\.id) == [1, 2, 4])
        let question = try #require(try await book.historyOf(record: .action(id: 2)).first?.question)
        try await book.decide(questions: [question], decision: .drop)
        #expect(try await onboarding.action(id: 2).answer == .text(text: "rice"))
        #expect(try await onboarding.actions(filter: ActionFilter()).map(\.id) == [1, 4])
        #expect(try await book.summary().unsent == 0)
        for (id, why) in [(Int64(2), "gone"), (3, "answered")] {
            #expect(await failure { try await onboarding.answer(id: id, answer: .text(text: "x")) } == .NotPossible(why: why))
        }
    }

    @Test func answersAndPapersAreChecked() async throws {
        let onboarding = FakeOnboarding.asking()
        let day = CivilDate(year: 2019, month: 3, day: 1)!
        let wrong: [(Int64, Answer, FieldProblem)] = [
            (1, .text(text: "x"), .form), (1, .papers(documents: []), .missing), (1, .papers(documents: [9]), .notInList),
            (2, .text(text: " "), .missing), (2, .date(day: day), .form), (3, .text(text: "x"), .form),
            (4, .choice(values: ["?"]), .notInList), (4, .choice(values: ["single", "married"]), .form),
            (4, .choice(values: ["single", "single"]), .twice),
        ]
        for (id, answer, told) in wrong {
            let error = await failure { try await onboarding.answer(id: id, answer: answer) }
            guard case .InvalidInput("answer", told, _) = error else {
                Issue.record("\(id) \(answer): \(String(describing: error))")
                continue
            }
        }
        for (name, field) in [("", "name"), ("a%.jpg", "name"), (" a.jpg", "name"), ("a", "name"), (".jpg", "name"), ("a.heic", "paper")] {
            let error = await failure { try await onboarding.attach(action: 1, source: .path(path: "/"), name: name, info: "") }
            guard case .InvalidInput(field, _, _) = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
        }
        #expect(try await onboarding.documents(action: 1) == [])
        #expect(try await onboarding.book.summary().unsent == 0)
    }

    @Test func papersComeFromAnywhereAndGoAgain() async throws {
        let onboarding = FakeOnboarding.asking()
        let slot = try await onboarding.captureSlot().slot
        #expect(try await onboarding.recovered() == [slot])
        let taken = try await onboarding.attach(action: 1, source: .captured(slot: slot), name: "dark.PNG", info: "").document
        #expect(taken.warnings == [.dark(share: 0.97)] && taken.name == "dark.jpg" && taken.after.width < taken.before.width)
        #expect(try await onboarding.recovered() == [])
        let writer = try onboarding.writePaper()
        try await writer.write(bytes: Data(count: 40))
        try await writer.write(bytes: Data(count: 2))
        let written = try await writer.attach(action: 1, name: "a.pdf", info: "").document
        #expect(written.before.bytes == 42 && written.pages == 1 && written.sha256.count == 64)
        #expect(await failure { try await writer.attach(action: 1, name: "a.pdf", info: "") } == .NotPossible(why: "attached"))
        let again = try await onboarding.attach(action: 1, source: .descriptor(fd: 0), name: "a.pdf", info: "")
        #expect(again.same == [written.id])
        #expect(try await onboarding.thumbnails(documents: [taken.id])[0] != nil)
        #expect(try await onboarding.thumbnails(documents: [written.id])[0] == nil)
        try await onboarding.withdrawDocument(id: taken.id)
        #expect(try await onboarding.action(id: 1).documents == [written.id, again.document.id])
        #expect(await failure { try await onboarding.withdrawDocument(id: taken.id) } == .NotPossible(why: "withdrawn"))
        onboarding.book.diskIsFull()
        #expect(await failure { try await onboarding.writePaper().write(bytes: Data()) } == .DiskFull)
    }

    /// What a preview shows as a paper is one: the library takes it.
    @Test func aFakesPhotoIsAPhoto() async throws {
        let (sandbox, onboarding) = (try Sandbox(), FakeOnboarding.paperWaiting())
        let tablet = try await Tablet.onboarding(sandbox)
        _ = try await tablet.onboarding.startApplication(person: applicant())
        _ = try await tablet.book.drain(deadlineMs: 30_000)
        _ = try await tablet.onboarding.downloadActions()
        let paper = try #require(try await tablet.onboarding.actions(filter: ActionFilter()).first { $0.kind == .documentUpload })
        let writer = try tablet.onboarding.writePaper()
        try await writer.write(bytes: try await onboarding.preview(document: 1))
        let taken = try await writer.attach(action: paper.id, name: "a.jpg", info: "").document
        #expect(taken.before.width == 1 && taken.mime == "image/jpeg")
    }

    @Test func eachCallCanBeToldToFailOnce() async throws {
        let asked = try methods(of: "OnboardingProtocol")
        #expect(Set(FakeOnboardingCall.allCases.map(\.rawValue)) == asked)
        let onboarding = FakeOnboarding.paperWaiting()
        for (name, call) in everyOnboardingCall("") {
            let told = SatchelError.Internal(place: name, id: 7)
            onboarding.fail(try #require(FakeOnboardingCall(rawValue: name)), with: told)
            #expect(await failure { try await call(onboarding) } == told)
            #expect(await failure { try await call(onboarding) } != told)
        }
        onboarding.fail(.signIn, with: .DiskFull)
        try await onboarding.book.signIn(secrets: ProspectSecrets(noHandle: .init()))
        try await onboarding.book.shutdown()
        for (name, call) in everyOnboardingCall("") {
            #expect(await failure { try await call(onboarding) } == .Locked, "\(name)")
        }
    }

    /// The same story, told of a real book and of a fake one.
    @Test func aFakeSaysWhatTheLibrarySays() async throws {
        let (tablet, fake) = (try await Tablet.aloneOnboarding(), FakeOnboarding())
        try await fake.book.signOut()
        let stories = (try await story(tablet.onboarding, tablet.book), try await story(fake, fake.book))
        for (a, b) in zip(stories.0, stories.1) { #expect(a == b) }
        #expect(stories.0.count == stories.1.count && stories.0.count > 25)
        try await tablet.book.shutdown()
    }

    private func story(_ onboarding: any OnboardingProtocol, _ book: any SatchelProtocol) async throws -> [String] {
        var told: [String] = []
        func tell<T>(_ call: () async throws -> T) async { do { told.append("\(try await call())") } catch { told.append("\(error)") } }
        func stands(_ record: BookRecord) async {
            await tell {
                let now = try await book.standingOf(record: record)
                return [now.place, now.next, now.can.map { "\($0)" }.sorted(), now.why as Any, now.newerEdit] as [Any]
            }
        }
        let prospect = try await book.add(fields: person("Sok  Dara")).id
        await tell { try await onboarding.personOf(prospect: prospect) }
        for (first, day, consent) in [(" ", 1, true), ("A", 0, true), ("A", 1, false)] {
            let born = CivilDate(year: 1985, month: 10, day: day)
            let one = Person(firstName: first, lastName: "B", dateOfBirth: born, mobileNumber: "1", consent: consent)
            await tell { try await onboarding.startApplication(person: one) }
        }
        let id = try await onboarding.startApplication(person: applicant(), from: prospect)
        await tell { try await onboarding.startApplication(person: applicant(), from: prospect) }
        await tell { try await onboarding.startApplication(person: applicant(), from: 99) }
        let with = try await onboarding.addCoApplicant(application: id, person: applicant("Rohit", "Sharma"))
        await tell { [id, with] }
        await stands(.application(id: id))
        await stands(.coApplicant(id: with))
        await tell { try await onboarding.editApplication(id: id, person: applicant("Daro")) }
        await tell {
            let all = try await onboarding.applications(after: 0, limit: 9)
            return all.map { [$0.person.firstName, "\($0.coApplicants.map(\.id))", "\($0.unsent)", "\(String(describing: $0.prospect))"] }
        }
        await tell { try await onboarding.applicationOf(prospect: prospect) as Any }
        await tell { try await book.waiting(after: 0, limit: 9).map { [$0.remote, $0.lane, $0.verb, "\($0.state)", "\($0.attempt)"] } }
        await tell { try await onboarding.withdrawCoApplicant(id: with) }
        await stands(.coApplicant(id: with))
        await tell { try await onboarding.withdrawCoApplicant(id: with) }
        await tell { try await onboarding.editCoApplicant(id: with, person: applicant()) }
        await tell { try await onboarding.withdrawApplication(id: id) }
        await tell { try await onboarding.application(id: id).coApplicants.map(\.stage) }
        await tell { try await onboarding.addCoApplicant(application: id, person: applicant()) }
        await tell { try await onboarding.askRequirements(application: id) }
        await tell { try await book.historyOf(record: .application(id: id)).map(\.state) }
        await tell { try await onboarding.overview(filter: ActionFilter(), by: .person) }
        await tell { try await onboarding.downloadActions() }
        await tell { try await book.summary().byPlace }
        for record in [BookRecord.application(id: 99), .coApplicant(id: 99), .action(id: 99), .document(id: 99)] { await stands(record) }
        await tell { try await onboarding.application(id: with) }
        await tell { try await onboarding.answer(id: 99, answer: .text(text: "x")) }
        await tell { try await onboarding.documents(action: 99) }
        await tell { try await onboarding.thumbnails(documents: [99]) }
        await tell { Set(try await book.feed(after: 0, max: 500).items.map { "\($0.subject)" }).contains("coApplicant(id: \(with))") }
        return told
    }
}
