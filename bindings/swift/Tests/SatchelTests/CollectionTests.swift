import Foundation
import Satchel
import Testing

/// The whole way: the library, the service, and nothing in between.
@Suite(.timeLimit(.minutes(1))) struct CollectionTests {
    @Test func theBanksSampleComesWithExactAmountsInTheOrderOfVisiting() async throws {
        let (sandbox, tablet) = try await bank()
        let page = try await tablet.collection.tasks(query: TaskQuery())
        #expect(page.items.map(\.task.contract) == [trijaya, morowali] && page.count == 2 && page.next == nil)
        #expect(page.total == Decimal(133_697_372))
        let one = try #require(page.items.first).task
        #expect(one.installment == Decimal(29_949_000) && one.installments == 54 && one.total == Decimal(107_261_731))
        #expect(one.due == CivilDate("2021-03-20") && one.lastPaidDue == CivilDate("2021-02-20") && one.installmentAmount == nil)
        #expect(one.phones == ["085340060088"] && one.unread == [] && one.raw.contains(#""total_amount":"107261731.00""#))
        #expect(try await tablet.collection.branches() == ["JAKARTA 1", "JAKARTA 2"])
        let (text, most) = ("999999999999999999.9999", try "999999999999999999.9999".toDecimal())
        for (contract, total) in [("1", text), ("2", "0.10"), ("3", "0.20"), ("4", "1e9")] {
            try await lists(sandbox, ["contract_no": .text(contract), "overdue": "9", "total_amount": .text(total)])
        }
        #expect(try await tablet.collection.downloadTasks().new == 4)
        let all = try await tablet.collection.tasks(query: TaskQuery(overdueFrom: 9))
        #expect(all.items.map(\.task.contract) == ["1", "3", "2", "4"] && all.items.last?.task.unread == ["total_amount"])
        let sum = try most + "0.3".toDecimal()
        #expect(all.total == sum)
        // An amount goes the other way exactly too.
        for from in ["0.2", "0.1001"] {
            let found = try await tablet.collection.tasks(query: TaskQuery(overdueFrom: 9, totalFrom: try from.toDecimal()))
            #expect(found.items.map(\.task.contract) == ["1", "3"], "\(from)")
        }
        let found = try await tablet.collection.tasks(query: TaskQuery(totalFrom: most))
        #expect(found.items.map(\.task.total) == [most])
        for none in [Decimal.nan, try "1000000000000000000".toDecimal(), Decimal(sign: .plus, exponent: -5, significand: 1)] {
            let query = TaskQuery(totalFrom: none)
            #expect(field(await failure { try await tablet.collection.tasks(query: query) }) == "total_from")
        }
    }

    @Test func whatIsRecordedWithoutALinkIsDeliveredOnce() async throws {
        let (sandbox, tablet) = try await bank()
        try await tablet.book.linkChanged(link: .none)
        let at = try #require(CivilDateTime("2021-12-29T10:30:00"))
        let fields = ResultFields(
            result: "PTP01", action: "PTP", remark: "សន្យាបង់ \"22\"", collected: at, promised: CivilDate("2021-12-31"), period: 3)
        let (task, id) = try await recorded(tablet, trijaya, fields)
        #expect(try await tablet.book.standingOf(record: .collectionResult(id: id)).place == .onTablet)
        let listed = try await tablet.collection.task(id: task)
        #expect(listed.unsent == 1 && !listed.today && listed.last?.collected == at && listed.last?.promised == fields.promised)
        #expect(try await results(sandbox) == [])
        try await tablet.book.linkChanged(link: .metered)
        for _ in 0..<2 { #expect(try await tablet.book.drain(deadlineMs: 30_000).whyStopped == .done) }
        let came = try await results(sandbox)
        #expect(came.count == 1 && came[0]["account_no"] == .text(trijaya) && came[0]["collection_date"] == "2021-12-29 10:30:00")
        #expect(came[0]["remark"] == .text(fields.remark) && came[0]["promise_date"] == "2021-12-31 00:00:00")
        let kept = try await tablet.collection.result(id: id)
        #expect(kept.stage == .delivered && !kept.unsent && kept.fields == fields && kept.task == task)
        #expect(try await tablet.collection.results(task: task) == [kept])
        #expect(await failure { try await tablet.collection.edit(id: id, fields: fields) } == .NotPossible(why: "at_bank"))
        #expect(await failure { try await tablet.collection.withdraw(id: id) } == .NotPossible(why: "at_bank"))
    }

    @Test func aResultWhoseAnswerIsLostAsksAndArrivedIsTakenWithoutANumber() async throws {
        let (sandbox, tablet) = try await bank()
        _ = try await sandbox.put("/_faults", [["kind": "lost_close", "endpoint": "collection/result", "times": 1]])
        let (task, id) = try await recorded(tablet, trijaya)
        let standing = try await settles(tablet, id, at: .asksYou)
        #expect(standing.can.contains(.sendAgain) && standing.can.contains(.drop))
        let about = try #require(try await tablet.book.asks().first?.about.first)
        #expect(about.record == .collectionResult(id: id) && about.rows == [])
        #expect(await failure { try await tablet.collection.edit(id: id, fields: visit) } == .NotPossible(why: "under_way"))
        try await tablet.book.decide(questions: [about.question], decision: .arrived(code: ""))
        #expect(try await tablet.book.standingOf(record: .collectionResult(id: id)).place == .atBank)
        #expect(try await tablet.collection.result(id: id).stage == .delivered)
        #expect(try await results(sandbox).count == 1)
        #expect(try await tablet.collection.task(id: task).unsent == 0)
    }

    @Test func whatIsRefusedIsCorrectedOrTakenBack() async throws {
        let (sandbox, tablet) = try await bank(poison: "BAD")
        try await lists(sandbox, ["contract_no": "BAD", "name": "NOBODY"])
        _ = try await tablet.collection.downloadTasks()
        let (task, id) = try await recorded(tablet, "BAD")
        let refused = try await settles(tablet, id, at: .refused)
        #expect(refused.words == "Result is refused" && refused.can.contains(.edit))
        _ = try await sandbox.put("/_control/collection/settings", ["poison": ""])
        let fields = try await tablet.collection.result(id: id).fields.with(remark: "mended")
        try await tablet.collection.edit(id: id, fields: fields)
        _ = try await settles(tablet, id, at: .atBank)
        #expect(try await results(sandbox).map { $0["remark"] } == ["mended"])
        try await tablet.book.linkChanged(link: .none)
        let (_, other) = try await recorded(tablet, "BAD")
        try await tablet.collection.withdraw(id: other)
        #expect(try await tablet.collection.result(id: other).stage == .withdrawn)
        #expect(try await tablet.collection.results(task: task).map(\.id) == [id, other])
        #expect(try await tablet.collection.task(id: task).last?.id == id)
    }

    @Test func whoWasVisitedTodayComesLastAndWhoHasPaidIsGone() async throws {
        let (sandbox, tablet) = try await bank()
        _ = try await recorded(tablet, trijaya)
        #expect(try await contracts(tablet) == [morowali, trijaya])
        #expect(try await contracts(tablet, TaskQuery(text: "0811 349")) == [morowali])
        #expect(try await contracts(tablet, TaskQuery(unsent: true)) == [trijaya])
        let first = try await tablet.collection.tasks(query: TaskQuery(limit: 1))
        let second = try await tablet.collection.tasks(query: TaskQuery(after: first.next, limit: 1))
        #expect(first.items.map(\.task.contract) == [morowali] && second.items.map(\.task.contract) == [trijaya])
        #expect(first.count == 2 && second.next == nil)
        _ = try await sandbox.post("/_control/collection", ["action": "remove_task", "contract_no": .text(morowali)])
        #expect(try await tablet.collection.downloadTasks().gone == 1)
        #expect(try await contracts(tablet) == [trijaya])
        #expect(try await contracts(tablet, TaskQuery(includeGone: true)) == [trijaya, morowali])
    }

    @Test func whatTheBankWouldNotTakeIsNamed() async throws {
        let lists: [String: JSON] = ["results": ["PTP01": "Promise", "NA": "Nobody"], "promise_required": ["PTP01"]]
        let (_, tablet) = try await bank(lists)
        let task = try await number(tablet, trijaya)
        let day = CivilDate("2021-12-28")
        let wrong: [(ResultFields, String, FieldProblem)] = [
            (visit.with(result: "PTP01"), "promised", .missing), (visit.with(result: ""), "result", .missing),
            (visit.with(result: "XX"), "result", .notInList), (visit.with(action: "VISITVISITV"), "action", .tooLong),
            (visit.with(collected: CivilDateTime("2021-12-29T10:00:00"), promised: day), "promised", .form),
            (visit.with(period: 1_000), "period", .form),
        ]
        for (fields, name, told) in wrong {
            guard case .InvalidInput(name, told, _) = await failure({ try await tablet.collection.record(task: task, fields: fields) }) else {
                Issue.record("\(name)")
                continue
            }
        }
        #expect(await failure { try await tablet.collection.record(task: 99, fields: visit) } == .NotFound(what: "task"))
        #expect(await failure { try await tablet.collection.result(id: 99) } == .NotFound(what: "collection_result"))
        #expect(field(await failure { try await tablet.collection.signIn(secrets: collector("")) }) == "hash_key")
        #expect(try await tablet.book.summary().unsent == 0)
    }

    @Test func aStandingIsFollowedAndTheFeedNamesWhatChanged() async throws {
        let (_, tablet) = try await bank()
        let before = try await tablet.book.feed(after: 0, max: 500)
        let (task, id) = try await recorded(tablet, trijaya)
        #expect(before.items.map(\.subject).contains(.task(id: task)))
        var places: [Place] = []
        for try await standing in tablet.book.standings(of: .collectionResult(id: id)) {
            if places.isEmpty { try await tablet.book.resume() }
            if places.last != standing.place { places.append(standing.place) }
            if standing.place == .atBank { break }
        }
        #expect(places.first == .onTablet && places.last == .atBank)
        let changed = try await tablet.book.feed(after: before.revision, max: 500).items.map(\.subject)
        #expect(changed.contains(.task(id: task)) && changed.contains(.collectionResult(id: id)))
        try await tablet.book.shutdown()
    }

    @Test func aBookWithoutItAndABookThatIsClosedSaySo() async throws {
        let plain = CollectionDesk(book: try await Tablet.alone().book)
        #expect(await failure { try await plain.downloadTasks() } == .NotFound(what: "collection"))
        #expect(await failure { try await plain.signIn(secrets: collector()) } == .NotFound(what: "collection"))
        let tablet = try await Tablet.aloneCollection()
        #expect(await failure { try await tablet.collection.downloadTasks() } == .NeedsSignIn(remote: "collection"))
        let asked = try methods(of: "CollectionDeskProtocol")
        #expect(Set(everyCollectionCall().map(\.0)) == asked)
        try await tablet.book.lock()
        for (name, call) in everyCollectionCall() {
            #expect(await failure { try await call(tablet.collection) } == .Locked, "\(name)")
        }
    }

    @Test func secretsAreInNoText() async throws {
        let secrets = CollectionSecrets(user: "canary", password: "canary", hashKey: "canary")
        #expect(!"\(secrets)\(String(reflecting: secrets))".contains("canary"))
    }

    // MARK: - What they begin with

    private let trijaya = "000318270200055"
    private let morowali = "000418110200010"
    private let visit = ResultFields(result: "NA", action: "VISIT")

    /// A sandbox, and a tablet that has its list. A result for `poison` is refused there.
    private func bank(_ changes: [String: JSON] = [:], poison: String = "") async throws -> (Sandbox, Tablet) {
        let sandbox = try Sandbox()
        _ = try await sandbox.put("/_control/collection/settings", ["poison": .text(poison)])
        let tablet = try await Tablet.collection(sandbox, changes)
        #expect(try await tablet.collection.downloadTasks().rows == 2)
        return (sandbox, tablet)
    }

    /// A visit of who has that contract: her number, and the visit's.
    private func recorded(_ tablet: Tablet, _ contract: String, _ fields: ResultFields? = nil) async throws -> (Int64, Int64) {
        let task = try await number(tablet, contract)
        return (task, try await tablet.collection.record(task: task, fields: fields ?? visit))
    }

    private func number(_ tablet: Tablet, _ contract: String) async throws -> Int64 {
        let found = try await tablet.collection.tasks(query: TaskQuery(text: contract)).items
        guard let one = found.first(where: { $0.task.contract == contract }) else { throw Wrong("no contract \(contract)") }
        return one.id
    }

    /// Sends until it is there.
    private func settles(_ tablet: Tablet, _ id: Int64, at place: Place) async throws -> Standing {
        let end = ContinuousClock.now + patience
        while true {
            _ = try await tablet.book.drain(deadlineMs: 10_000)
            let standing = try await tablet.book.standingOf(record: .collectionResult(id: id))
            if standing.place == place { return standing }
            if ContinuousClock.now > end { throw Wrong("it is \(standing.place)") }
            try await Task.sleep(for: .milliseconds(15))
        }
    }

    private func contracts(_ tablet: Tablet, _ query: TaskQuery = TaskQuery()) async throws -> [String] {
        try await tablet.collection.tasks(query: query).items.map(\.task.contract)
    }

    private func lists(_ sandbox: Sandbox, _ members: JSON) async throws {
        _ = try await sandbox.post("/_control/collection", ["action": "put_task", "members": members])
    }

    /// The results that the bank has, as sent.
    private func results(_ sandbox: Sandbox) async throws -> [JSON] {
        (try await sandbox.get("/_results").items ?? []).map { $0["fields"] }
    }

    private func field(_ error: SatchelError?) -> String? {
        if case let .InvalidInput(field, _, _) = error { field } else { nil }
    }
}
