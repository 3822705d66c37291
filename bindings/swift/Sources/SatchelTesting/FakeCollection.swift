import Foundation
import Satchel

/// The calls that a fake collection can be told to fail: the methods by their names.
public enum FakeCollectionCall: String, Sendable, CaseIterable {
    case branches, downloadTasks, edit, record, result, results, signIn, task, tasks, withdraw
}

/// The collection of a fake book: it does what the test says, and nothing by itself. Give it to whatever takes
/// `any CollectionDeskProtocol`, and its `book` to what takes `any SatchelProtocol`.
///
/// It is the same book: one feed, one session, link and pause, one full disk, one lock. `book.drain` brings to the bank what
/// waits. It takes any code for a result or an action, and no result needs a promise. Like the book it calls no native code;
/// `CollectionSecrets` for its `signIn` come without the library by `CollectionSecrets(noHandle: .init())`.
///
/// ```swift
/// let collection = FakeCollection.listed()                        // the two late payers of the bank's sample
/// let id = try await collection.record(task: 1, fields: ResultFields(result: "NA", action: "VISIT"))
/// collection.move(id, to: .asks(code: "no_answer"))               // the feed and `standings(of: .collectionResult(id: id))` tell it
/// collection.paid(2)                                              // she is no longer listed
/// collection.fail(.record, with: .DiskFull)                       // the next `record`, and that one only
/// ```
public final class FakeCollection: CollectionDeskProtocol, @unchecked Sendable {
    /// The book that it is part of.
    public let book: FakeSatchel

    /// Of this book. Two of one book show the same.
    public init(_ book: FakeSatchel = FakeSatchel()) {
        self.book = book
        book.script { $0.rounds.isUsed = true }
    }

    /// The two late payers of the bank's sample, 1 and 2; nothing is recorded of them.
    public static func listed() -> FakeCollection {
        let collection = FakeCollection()
        for task in [FakeTask.trijaya, .morowali] { collection.bring(task) }
        return collection
    }

    /// The bank lists her, or lists her again, or otherwise. Gives her number.
    @discardableResult
    public func bring(_ task: FakeTask) -> Int64 { book.script { $0.bring(task) } }

    /// The bank no longer lists her. She stays, as gone, with what was recorded of her.
    public func paid(_ task: Int64) { book.script { $0.paid(task) } }

    /// This, which was recorded, is there now. It is only ever waiting, on its way, doubtful, asked about, refused, at the bank or
    /// withdrawn: nothing else is taken.
    public func move(_ result: Int64, to state: FakeState) {
        book.script { book in
            switch state {
            case .conflict, .rejected, .gone, .open: return
            default: if let part = book.desk.parts[.collectionResult(id: result)] { book.move(part, to: state) }
            }
        }
    }

    /// The next call of that method throws that. Told twice, the next two.
    public func fail(_ call: FakeCollectionCall, with error: SatchelError) {
        book.script { $0.script[call, default: []].append(error) }
    }

    private func act<T>(_ call: FakeCollectionCall, _ work: (inout FakeBook) throws -> T) throws -> T {
        try book.act(told: call, work)
    }

    private func save<T>(_ call: FakeCollectionCall, _ work: (inout FakeBook) throws -> T) throws -> T {
        try book.save(told: call, work)
    }
}

extension FakeCollection {
    /// The fake's one session: it opens the book's too.
    public func signIn(secrets: CollectionSecrets, expires: Date?) async throws { try save(.signIn) { $0.session(.open) } }

    /// The bank lists whom it lists, and nobody else.
    public func downloadTasks() async throws -> Downloaded {
        try act(.downloadTasks) { book in
            try book.reachable(FakeRounds.remote)
            return Downloaded(
                rows: Int64(book.rounds.tasks.values.count { !$0.gone }), new: 0, changed: 0, skipped: 0, apart: 0,
                unreadable: 0, conflicts: 0, gone: 0, settled: 0)
        }
    }

    public func tasks(query: TaskQuery) async throws -> TaskPage { try act(.tasks) { try $0.page(query) } }

    public func task(id: Int64) async throws -> TaskListed { try act(.task) { $0.listed(try $0.rounds.task(id)) } }

    public func branches() async throws -> [String] {
        try act(.branches) { book in
            Set(book.rounds.tasks.values.filter { !$0.gone }.map(\.task.branch)).filter { !$0.isEmpty }.sorted()
        }
    }

    public func record(task: Int64, fields: ResultFields) async throws -> Int64 {
        try save(.record) { try $0.record(task, fields) }
    }

    public func edit(id: Int64, fields: ResultFields) async throws { try save(.edit) { try $0.editResult(id, fields) } }

    public func withdraw(id: Int64) async throws { try save(.withdraw) { try $0.withdrawResult(id) } }

    public func result(id: Int64) async throws -> CollectionResult {
        try act(.result) { $0.shown(try $0.rounds.result(id)) }
    }

    public func results(task: Int64) async throws -> [CollectionResult] {
        try act(.results) { book in book.rounds.results(of: task).map(book.shown) }
    }
}
