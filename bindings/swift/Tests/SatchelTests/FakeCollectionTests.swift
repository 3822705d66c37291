import Foundation
import Satchel
import SatchelTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct FakeCollectionTests {
    static let states: [FakeState] = [.waiting, .onTheWay, .doubtful, .asks(), .refused(words: "no"), .atBank, .withdrawn]
    private let visit = ResultFields(result: "NA", action: "VISIT")

    @Test(arguments: states) func everythingSaysTheSameOfAResult(state: FakeState) async throws {
        let collection = FakeCollection.listed()
        let book = collection.book
        let id = try await collection.record(task: 1, fields: visit)
        let record = BookRecord.collectionResult(id: id)
        collection.move(id, to: state)
        for stranger in [FakeState.conflict(), .rejected, .gone, .open] { collection.move(id, to: stranger) }
        let (standing, result) = (try await book.standingOf(record: record), try await collection.result(id: id))
        let (history, waiting) = (try await book.historyOf(record: record), try await book.waiting(after: 0, limit: 9))
        #expect(history.count == 1 && history[0].why == standing.why && history[0].verb == "result")
        #expect(waiting == (result.unsent ? history : []) && history[0].remote == "collection")
        #expect(try await book.asks().flatMap(\.about).map(\.record) == (standing.place == .asksYou ? [record] : []))
        #expect((standing.next == .nothing) == !result.unsent)
        #expect(try await book.summary().unsent == (result.unsent ? 1 : 0))
        #expect(try await book.progress().map(\.remote) == (standing.place == .onTheWay ? ["collection"] : []))
        #expect(result.stage == (state == .atBank ? .delivered : state == .withdrawn ? .withdrawn : .live))
        let listed = try await collection.task(id: 1)
        #expect(listed.today == (state != .withdrawn) && listed.last?.id == (state == .withdrawn ? nil : id))
        #expect(listed.unsent == (result.unsent ? 1 : 0))
        for can in standing.can where can == .edit && !isUnderWay(state) { try await collection.edit(id: id, fields: visit) }
    }

    private func isUnderWay(_ state: FakeState) -> Bool { [.onTheWay, .doubtful, .asks()].contains(state) }

    @Test func whatIsRecordedIsDeliveredAndTheFeedTellsIt() async throws {
        let collection = FakeCollection.listed()
        let book = collection.book
        try await book.linkChanged(link: .none)
        let id = try await collection.record(task: 2, fields: visit)
        var changes = book.changes(after: 0).makeAsyncIterator()
        let told = try await changes.next()?.items.map(\.subject) ?? []
        #expect(told.contains(.task(id: 2)) && told.contains(.collectionResult(id: id)))
        var standings = book.standings(of: .collectionResult(id: id)).makeAsyncIterator()
        #expect(try await standings.next()?.next == .sentWithLink)
        #expect(try await book.drain(deadlineMs: 1).sent == 0)
        try await book.linkChanged(link: .metered)
        #expect(try await book.drain(deadlineMs: 1).sent == 1)
        while let standing = try await standings.next(), standing.place != .atBank {}
        #expect(try await collection.result(id: id).stage == .delivered)
        #expect(await failure { try await collection.edit(id: id, fields: visit) } == .NotPossible(why: "at_bank"))
        book.sessionExpired()
        #expect(await failure { try await collection.downloadTasks() } == .NeedsSignIn(remote: "collection"))
        #expect(try await book.health().concerns.map(\.about).contains(.needsSignIn(remote: "collection", refused: true)))
        try await collection.signIn(secrets: CollectionSecrets(noHandle: .init()))
        #expect(try await collection.downloadTasks().rows == 2)
    }

    @Test func aLostAnswerIsTheOfficersToSettle() async throws {
        let collection = FakeCollection.listed()
        let book = collection.book
        for decision in [Decision.arrived(code: ""), .sendAgain, .drop] {
            let id = try await collection.record(task: 1, fields: visit)
            collection.move(id, to: .asks(code: "no_answer"))
            let about = try #require(try await book.asks().first { $0.code == "no_answer" }?.about.last)
            #expect(about.record == .collectionResult(id: id))
            #expect(await failure { try await collection.withdraw(id: id) } == .NotPossible(why: "under_way"))
            try await book.decide(questions: [about.question], decision: decision)
        }
        let all = try await collection.results(task: 1)
        #expect(all.map(\.stage) == [.delivered, .live, .withdrawn] && all.map(\.unsent) == [false, true, false])
        // The first sending of what is sent again may have arrived.
        #expect(await failure { try await collection.edit(id: 2, fields: visit) } == .NotPossible(why: "under_way"))
        #expect(try await book.drain(deadlineMs: 1).whyStopped == .done)
    }

    @Test func theListIsInTheOrderOfVisiting() async throws {
        let collection = FakeCollection.listed()
        var third = FakeTask(contract: "17", name: "SOK DARA")
        (third.overdue, third.total) = (40, try "0.10".toDecimal())
        #expect(collection.bring(third) == 3)
        func order(_ query: TaskQuery = TaskQuery()) async throws -> [Int64] {
            try await collection.tasks(query: query).items.map(\.id)
        }
        #expect(try await order() == [3, 1, 2])
        #expect(try await collection.tasks(query: TaskQuery()).total == "133697372.10".toDecimal())
        let old = CivilDateTime("2021-12-29T10:00:00")
        _ = try await collection.record(task: 2, fields: visit.with(collected: old, promised: CivilDate("2021-12-31")))
        #expect(try await order() == [2, 3, 1], "her promise has come")
        _ = try await collection.record(task: 3, fields: visit)
        #expect(try await order() == [2, 1, 3], "visited today")
        #expect(try await order(TaskQuery(text: "0811 349")) == [2])
        #expect(try await order(TaskQuery(text: "sok", overdueFrom: 40)) == [3])
        #expect(try await order(TaskQuery(totalFrom: 26_435_641)) == [2, 1])
        #expect(try await order(TaskQuery(promised: false, unsent: false)) == [1])
        #expect(try await order(TaskQuery(branch: "JAKARTA 2")) == [2])
        let first = try await collection.tasks(query: TaskQuery(limit: 2))
        #expect(try await order(TaskQuery(after: first.next, limit: 2)) == [3])
        #expect(await failure { try await collection.tasks(query: TaskQuery(after: "x")) }?.code == "invalid_input")
        collection.paid(2)
        let (listed, all) = (try await order(), try await order(TaskQuery(includeGone: true)))
        #expect(listed == [1, 3] && all == [1, 3, 2])
        #expect(try await collection.branches() == ["JAKARTA 1"])
        #expect(collection.bring(.morowali) == 2)
        #expect(try await collection.task(id: 2).gone == false)
    }

    @Test func eachCallCanBeToldToFailOnce() async throws {
        let asked = try methods(of: "CollectionDeskProtocol")
        #expect(Set(FakeCollectionCall.allCases.map(\.rawValue)) == asked)
        let collection = FakeCollection.listed()
        for (name, call) in everyCollectionCall() {
            let told = SatchelError.Internal(place: name, id: 7)
            collection.fail(try #require(FakeCollectionCall(rawValue: name)), with: told)
            #expect(await failure { try await call(collection) } == told)
            #expect(await failure { try await call(collection) } != told)
        }
        collection.book.diskIsFull()
        #expect(await failure { try await collection.record(task: 1, fields: visit) } == .DiskFull)
        try await collection.book.shutdown()
        for (name, call) in everyCollectionCall() {
            #expect(await failure { try await call(collection) } == .Locked, "\(name)")
        }
    }

    /// The same story, told of a real book that has read the bank's sample and of a fake one.
    @Test func aFakeSaysWhatTheLibrarySays() async throws {
        let (sandbox, fake) = (try Sandbox(), FakeCollection.listed())
        let tablet = try await Tablet.collection(sandbox)
        _ = try await tablet.collection.downloadTasks()
        for book in [tablet.book as any SatchelProtocol, fake.book] { try await book.signOut() }
        let stories = (try await story(tablet.collection, tablet.book), try await story(fake, fake.book))
        for (a, b) in zip(stories.0, stories.1) { #expect(a == b) }
        #expect(stories.0.count == stories.1.count && stories.0.count > 25)
        try await tablet.book.shutdown()
    }

    private func story(_ collection: any CollectionDeskProtocol, _ book: any SatchelProtocol) async throws -> [String] {
        var told: [String] = []
        func tell<T>(_ call: () async throws -> T) async { do { told.append("\(try await call())") } catch { told.append("\(error)") } }
        func stands(_ id: Int64) async {
            await tell {
                let now = try await book.standingOf(record: .collectionResult(id: id))
                return [now.place, now.next, now.can.map { "\($0)" }.sorted(), now.why as Any, now.newerEdit] as [Any]
            }
        }
        for id in [Int64(1), 2] {
            await tell { shown(try await collection.task(id: id)) }
        }
        let at = CivilDateTime("2021-12-29T10:30:00")
        let promise = ResultFields(result: "PTP01", action: "PTP", remark: "x", collected: at, promised: CivilDate("2021-12-31"))
        let id = try await collection.record(task: 1, fields: promise)
        await tell { [id, try await collection.record(task: 2, fields: visit)] }
        await stands(id)
        let wrong = [
            visit.with(result: ""), visit.with(action: "VISITVISITV"), visit.with(remark: String(repeating: "ក", count: 256)),
            visit.with(period: -1), visit.with(collected: CivilDateTime("2999-01-01T00:00:00")),
            visit.with(collected: CivilDateTime("1999-01-01T00:00:00")), promise.with(promised: CivilDate("2021-12-28")),
        ]
        for fields in wrong { await tell { try await collection.record(task: 1, fields: fields) } }
        await tell { try await collection.record(task: 99, fields: visit) }
        await tell { try await collection.result(id: id).fields }
        await tell { try await collection.edit(id: id, fields: promise.with(remark: "y", promised: .some(nil))) }
        await tell { try await collection.results(task: 1).map { [$0.fields.remark, "\($0.stage)", "\($0.unsent)", "\($0.task)"] } }
        await tell { try await collection.task(id: 1).last as Any }
        for query in [
            TaskQuery(), TaskQuery(text: "MANADO"), TaskQuery(text: "0853-4006"), TaskQuery(text: "0853 4006"), TaskQuery(promised: true), TaskQuery(unsent: true),
            TaskQuery(totalFrom: 26_435_642), TaskQuery(overdueFrom: 6), TaskQuery(limit: 1), TaskQuery(after: "x"),
        ] {
            await tell {
                let page = try await collection.tasks(query: query)
                return [page.items.map { "\($0.id) \($0.today) \($0.unsent)" }, page.count, page.total as Any, page.next as Any] as [Any]
            }
        }
        await tell { try await book.waiting(after: 0, limit: 9).map { [$0.remote, $0.lane, $0.verb, "\($0.state)", "\($0.attempt)"] } }
        await tell { try await collection.withdraw(id: id) }
        await stands(id)
        await tell { try await collection.withdraw(id: id) }
        await tell { try await collection.edit(id: id, fields: visit) }
        await tell { try await collection.task(id: 1).last as Any }
        await tell { try await book.historyOf(record: .collectionResult(id: id)).map(\.state) }
        await tell { try await collection.downloadTasks() }
        await tell { try await book.summary().unsent }
        await tell { try await book.summary().byState.sorted { $0.key < $1.key } }
        await tell { try await collection.branches() }
        await stands(99)
        await tell { try await collection.task(id: 99) }
        await tell { try await collection.results(task: 99) }
        await tell { Set(try await book.feed(after: 0, max: 500).items.map { "\($0.subject)" }).isSuperset(of: ["task(id: 1)", "collectionResult(id: \(id))"]) }
        return told
    }

    private func shown(_ listed: TaskListed) -> [String] {
        let task = listed.task
        let money = [task.installment, task.installmentAmount, task.penalty, task.total, task.outstanding, task.lastPaid]
        let days = [task.due, task.lastPaidDue, task.lastPaidOn]
        let texts = [task.contract, task.name, task.contact, task.address, task.branch, task.seller, task.paymentMethod]
        let more = [task.assets, task.customer, task.product, task.dedicated] + task.phones + task.unread
        return ["\(money) \(days)"] + texts + more + ["\([task.overdue, task.installments, task.lastPaidInstallment])"]
    }
}
