import Foundation
import Satchel
import SatchelTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct FakeTests {
    static let states: [FakeState] = [
        .waiting, .onTheWay, .doubtful, .asks(), .conflict(), .refused(words: "no"), .atBank, .rejected, .withdrawn, .gone,
    ]

    @Test(arguments: states) func everythingSaysTheSameOfARecord(state: FakeState) async throws {
        let book = FakeSatchel(.atBank, state)
        let (prospect, standing) = (try await book.get(id: 2), try await book.standing(id: 2))
        let all = try await book.list(query: ProspectQuery(includeClosed: true)).items
        let listed = try #require(all.first { $0.id == 2 })
        let open = try await book.waiting(after: 0, limit: 9).map(\.entry)
        let summary = try await book.summary()
        #expect(prospect.unsent == listed.unsent && prospect.unsent == (open == [2]) && prospect.life == listed.life)
        #expect(summary.unsent == (prospect.unsent ? 1 : 0) && summary.byPlace[standing.place] == (standing.place == .atBank ? 2 : 1))
        #expect(try await book.history(id: 2).first?.why == standing.why)
        #expect((prospect.conflict != nil) == standing.can.contains(.resolve) && listed.conflict == (prospect.conflict != nil))
        #expect(try await book.asks().flatMap(\.about).map(\.record) == (standing.place == .asksYou ? [.prospect(id: 2)] : []))
        #expect(try await book.standingOf(record: .prospect(id: 2)) == standing)
        #expect(standing.can.isEmpty == (prospect.life != .live))
        for can in standing.can where can == .edit { try await book.edit(id: 2, changed: [.text(field: .village, text: "0101")]) }
        #expect(try await book.list(query: ProspectQuery()).items.count == (prospect.life == .live ? 2 : 1))
    }

    @Test func theSequencesTellWhatIsScripted() async throws {
        let book = FakeSatchel()
        let id = try await book.add(fields: person("Sok")).id
        var changes = book.changes(after: 0).makeAsyncIterator()
        #expect(try await changes.next()?.items.map(\.subject) == [.prospect(id: id)])
        var standings = book.standings(of: id).makeAsyncIterator()
        #expect(try await standings.next()?.place == .onTablet)
        for (state, place) in [(FakeState.onTheWay, Place.onTheWay), (.doubtful, .inDoubt), (.asks(), .asksYou), (.atBank, .atBank)] {
            let moving = Task {
                try await Task.sleep(for: .milliseconds(20))
                book.move(id, to: state)
            }
            #expect(try await standings.next()?.place == place)
            #expect(try await changes.next()?.items.map(\.subject) == [.prospect(id: id)])
            try await moving.value
        }
        book.put(person("Dara"), as: .onTheWay)
        var calls = book.progressUpdates().makeAsyncIterator()
        #expect(try await calls.next()?.first?.items == 1)
        #expect(try await book.get(id: id).code != nil)
    }

    @Test func theSequencesEndWithTheirTaskAndTheirBook() async throws {
        for closes in [true, false] {
            let book = FakeSatchel(.waiting)
            let readers = [
                Task { for try await _ in book.changes(after: 0) {} }, Task { for try await _ in book.standings(of: 1) {} },
                Task { for try await _ in book.progressUpdates() {} },
            ]
            try await Task.sleep(for: .milliseconds(50))
            if closes { try await book.lock() } else { readers.forEach { $0.cancel() } }
            for reader in readers {
                let end = try #require(await ended(reader))
                if closes { #expect(throws: SatchelError.Locked) { try end.get() } } else { try end.get() }
            }
        }
    }

    @Test func decisionsMoveWhatTheyDecide() async throws {
        let row = NearRow(code: "B-7", fields: [.nameEn: "Sok"])
        let book = FakeSatchel(.asks(), .asks(), .asks(code: "near", rows: [row]), .refused(), .conflict())
        let asks = try await book.asks()
        #expect(asks.map(\.code) == ["near", "absent_key"] && asks.map(\.about.count) == [1, 2])
        try await book.decide(questions: asks[1].about.map(\.question), decision: .sendAgain)
        try await book.decide(questions: asks[0].about.map(\.question), decision: .arrived(code: "B-7"))
        #expect(try await book.getByCode(code: "B-7").id == 3)
        let again = await failure { try await book.decide(questions: asks[1].about.map(\.question), decision: .drop) }
        #expect(again == .NotPossible(why: "asked_anew"))
        let refused = try #require(try await book.waiting(after: 3, limit: 1).first?.question)
        try await book.decide(questions: [refused], decision: .drop)
        let conflict = try #require(try await book.get(id: 5).conflict)
        #expect(await failure { try await book.resolve(id: 5, asked: conflict.asked, choices: [.nameEn: .mine]) }?.code == "invalid_input")
        try await book.resolve(id: 5, asked: conflict.asked, choices: [.phone: .theirs])
        #expect(try await book.get(id: 5).text(.phone) == conflict.fields[0].theirs)
        let places = try await book.summary().byPlace
        #expect(places == [.onTablet: 2, .atBank: 2, .withdrawn: 1])
        #expect(try await book.drain(deadlineMs: 1).sent == 2)
        #expect(try await book.summary().unsent == 0)
    }

    @Test func whatTheOfficerDoesMovesItsRecord() async throws {
        let book = FakeSatchel(.atBank, .doubtful, .refused(), .atBank)
        let village: [FieldChange] = [.text(field: .village, text: "0101")]
        for id in Int64(1)...3 { try await book.edit(id: id, changed: village) }
        let standings = [try await book.standing(id: 1), try await book.standing(id: 2), try await book.standing(id: 3)]
        #expect(standings.map(\.place) == [.changeOnTablet, .inDoubt, .onTablet] && standings.map(\.newerEdit) == [false, true, false])
        #expect(try await book.withdraw(id: 2) == .whenKnown)
        #expect(try await book.standing(id: 2).intent == .withdraw)
        #expect(await failure { try await book.edit(id: 2, changed: []) } == .NotPossible(why: "taken_back"))
        #expect(await failure { try await book.withdraw(id: 4) } == .NotPossible(why: "at_bank"))
        #expect(try await book.reject(id: 4) == .whenKnown)
        let report = try await book.drain(deadlineMs: 1)
        #expect(report.sent == 3 && report.left == 1 && report.whyStopped == .waits(whatFor: "time"))
        #expect(try await book.get(id: 4).life == .rejected)
    }

    @Test func aFullDiskAndAnExpiredSessionLastUntilTheyAreMended() async throws {
        let book = FakeSatchel(.waiting)
        book.diskIsFull()
        #expect(await failure { try await book.add(fields: person("X")) } == .DiskFull)
        #expect(try await book.health().concerns.map(\.whatNow) == [.freeSpace])
        book.diskIsFull(false)
        book.sessionExpired()
        let standing = try await book.standing(id: 1)
        #expect(standing.next == .waitsForSignIn && standing.can.contains(.signIn))
        #expect(try await book.drain(deadlineMs: 1).whyStopped == .waits(whatFor: "sign_in"))
        #expect(await failure { try await book.download() } == .NeedsSignIn(remote: "prospect"))
        try await book.signIn(secrets: ProspectSecrets(noHandle: .init()))
        try await book.linkChanged(link: .none)
        #expect(try await book.standing(id: 1).next == .sentWithLink)
        try await book.linkChanged(link: .metered)
        #expect(try await book.drain(deadlineMs: 1).whyStopped == .done)
    }

    @Test func eachCallCanBeToldToFailOnce() async throws {
        let asked = try methods()
        #expect(Set(FakeCall.allCases.map(\.rawValue)) == asked)
        let book = FakeSatchel(.waiting)
        for (name, call) in everyCall(1, HandOver(noHandle: .init())) {
            let told = SatchelError.Internal(place: name, id: 7)
            book.fail(try #require(FakeCall(rawValue: name)), with: told)
            #expect(await failure { try await call(book) } == told)
            #expect(await failure { try await call(book) } != told)
        }
        try await book.shutdown()
        for (name, call) in everyCall(1, HandOver(noHandle: .init())) {
            #expect(await failure { try await call(book) } == .Locked, "\(name)")
        }
    }

    /// The same story, told of a real book and of a fake one.
    @Test func aFakeSaysWhatTheLibrarySays() async throws {
        let (tablet, fake) = (try await Tablet.alone(), FakeSatchel())
        try await fake.signOut()
        let stories = (try await story(of: tablet.book), try await story(of: fake))
        for (a, b) in zip(stories.0, stories.1) { #expect(a == b) }
        #expect(stories.0.count == stories.1.count && stories.0.count > 15)
        try await tablet.book.shutdown()
    }

    private func story(of book: any SatchelProtocol) async throws -> [String] {
        var told: [String] = []
        func tell<T>(_ call: () async throws -> T) async { do { told.append("\(try await call())") } catch { told.append("\(error)") } }
        func stands(_ id: Int64) async {
            await tell {
                let now = try await book.standing(id: id)
                return [now.place, now.next, now.can.map { "\($0)" }.sorted(), now.why as Any, now.newerEdit] as [Any]
            }
        }
        _ = try await book.saveDraft(about: .new(form: "f"), form: "{}")
        let dates: [FieldChange] = [.day(field: .promotion1, day: CivilDate(year: 2026, month: 2, day: 9)!), .flag(field: .oldCustomer, yes: true)]
        let id = try await book.add(fields: person("Sok") + dates, draft: .new(form: "f")).id
        let other = try await book.add(fields: person("Dara", "012 999 999")).id
        await tell { try await book.draft(about: .new(form: "f"))?.form as Any }
        await stands(id)
        await tell { try await book.get(id: id).fields.filter { $0.key != .createdAt }.map { "\($0.key)=\($0.value)" }.sorted() }
        await tell { try await book.edit(id: id, changed: [.clear(field: .oldCustomer), .number(field: .age, number: 7)]) }
        await tell { try await book.get(id: id).revision }
        await tell { try await book.list(query: ProspectQuery()).items.map(\.nameEn) }
        await tell { try await book.list(query: ProspectQuery(text: "dar", unsent: true)).items.map(\.id) == [other] }
        await tell { try await book.list(query: ProspectQuery(limit: 1)).next != nil }
        await tell { try await book.waiting(after: 0, limit: 9).map { [$0.lane, $0.verb, "\($0.state)", "\($0.attempt)"] } }
        await tell { try await book.drain(deadlineMs: 5_000).whyStopped }
        await tell { try await book.download() }
        await tell { try await book.withdraw(id: id) }
        await stands(id)
        await tell { try await book.edit(id: id, changed: [.clear(field: .phone)]) }
        await tell { try await book.resolve(id: other, asked: 0, choices: [:]) }
        await tell { try await book.get(id: 99) }
        await tell { try await book.standing(id: 99) }
        await tell { try await book.getByCode(code: "1-1") }
        await tell { try await book.summary().byPlace.sorted { "\($0.key)" < "\($1.key)" } }
        await tell { try await book.list(query: ProspectQuery(includeClosed: true)).items.map(\.life) }
        await tell { Set(try await book.feed(after: 0, max: 500).items.map { "\($0.subject)" }).contains("prospect(id: \(id))") }
        return told
    }
}
