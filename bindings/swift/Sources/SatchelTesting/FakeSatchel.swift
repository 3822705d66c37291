import Foundation
import Satchel

/// The calls that a fake can be told to fail: the methods of a book by their names.
public enum FakeCall: String, Sendable, CaseIterable {
    case add, asks, decide, diagnostics, download, draft, drafts, drain, edit, editByCode, exportUnsent, feed, get, getByCode
    case handOver, handedOver, health, history, historyOf, linkChanged, list, lock, origin, pause, pauseRemote, progress, receipt, reject
    case removeDraft, resolve, resume, resumeRemote, saveDraft, shutdown, signIn, signOut, standing, standingOf, summary
    case takeOver, waiting, watch, withdraw
}

/// A book in memory for previews and tests: it does what the test says, and nothing by itself.
///
/// Give it to whatever takes `any SatchelProtocol`. What is saved in it is listed, stands somewhere and comes in the feed as in
/// a real book; `drain` brings what waits to the bank; decisions move what they decide. It calls no native code. (An app that
/// links the library links it still, and so does a test: it is never entered.) `ProspectSecrets` for its `signIn` come
/// without the library by `ProspectSecrets(noHandle: .init())`.
///
/// ```swift
/// let book = FakeSatchel(.waiting, .doubtful)              // two made-up people, 1 and 2
/// book.move(1, to: .asks())                                // the feed and `standings(of: 1)` tell it
/// book.fail(.add, with: .DiskFull)                         // the next `add`, and that one only
/// book.sessionExpired()                                    // until `signIn`
/// ```
public final class FakeSatchel: SatchelProtocol, @unchecked Sendable {
    private let access = NSLock()
    private var book = FakeBook()
    private var waiting: [UUID: CheckedContinuation<Void, Never>] = [:]

    /// A signed-in book with a link, and a made-up person in each of the states, numbered from 1.
    public init(_ states: FakeState...) {
        for state in states {
            let n = book.records.count
            let name = ["Sok Dara", "Chan Bopha", "Keo Sophea", "Lim Vanna", "Nuon Rith"][n % 5]
            _ = book.add([.text(field: .nameEn, text: name), .text(field: .phone, text: "012 345 \(600 + n)")], as: state)
        }
    }

    /// Puts a record there, in that state.
    @discardableResult
    public func put(_ fields: [FieldChange], as state: FakeState) -> Int64 { script { $0.add(fields, as: state) } }

    /// This record is there now. One that is not in the book stays out of it.
    public func move(_ id: Int64, to state: FakeState) {
        script { book in
            guard var record = book.records[id] else { return }
            record.state = state
            if state.shown.hasCode { record.code = record.code ?? "F-\(id)" }
            book.save(record)
        }
    }

    /// The next call of that method throws that. Told twice, the next two.
    public func fail(_ call: FakeCall, with error: SatchelError) { script { $0.script[call, default: []].append(error) } }

    /// From now on (or no longer) there is no room: whatever saves throws `DiskFull`.
    public func diskIsFull(_ full: Bool = true) { script { $0.change { $0.diskIsFull = full } } }

    /// The server refuses the session: what waits, waits for `signIn`.
    public func sessionExpired() { script { $0.session(.refused) } }

    func script<T>(_ work: (inout FakeBook) throws -> T) rethrows -> T {
        var woken: [CheckedContinuation<Void, Never>] = []
        defer { woken.forEach { $0.resume() } }
        return try access.withLock {
            let before = book.revision
            defer {
                if book.revision != before || book.isClosed {
                    woken = Array(waiting.values)
                    waiting = [:]
                }
            }
            return try work(&book)
        }
    }

    func act<T>(told call: AnyHashable, _ work: (inout FakeBook) throws -> T) throws -> T {
        try script { book in
            if book.isClosed { throw SatchelError.Locked }
            if let error = book.script[call]?.first {
                book.script[call]?.removeFirst()
                throw error
            }
            return try work(&book)
        }
    }

    func save<T>(told call: AnyHashable, _ work: (inout FakeBook) throws -> T) throws -> T {
        try act(told: call) { book in
            if book.diskIsFull { throw SatchelError.DiskFull }
            return try work(&book)
        }
    }

    private func act<T>(_ call: FakeCall, _ work: (inout FakeBook) throws -> T) throws -> T { try act(told: call, work) }

    private func save<T>(_ call: FakeCall, _ work: (inout FakeBook) throws -> T) throws -> T { try save(told: call, work) }

    var revision: Int64 { access.withLock { book.revision } }

    /// Ends when the book has gone on from that revision, or is closed, or the task is cancelled; sometimes before.
    func changed(since revision: Int64) async {
        let ticket = UUID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNow = access.withLock {
                    if book.revision > revision || book.isClosed || Task.isCancelled { return true }
                    waiting[ticket] = continuation
                    return false
                }
                if isNow { continuation.resume() }
            }
        } onCancel: {
            access.withLock { waiting.removeValue(forKey: ticket) }?.resume()
        }
    }
}

extension FakeSatchel {
    public func add(fields: [FieldChange], draft: DraftAbout?) async throws -> Added {
        try save(.add) { book in
            book.drafts.removeAll { $0.about == draft }
            return Added(id: book.add(fields, as: .waiting), similar: [])
        }
    }

    public func edit(id: Int64, changed: [FieldChange]) async throws { try save(.edit) { try $0.edit(id, changed) } }

    public func editByCode(code: String, changed: [FieldChange]) async throws -> Int64 {
        try save(.editByCode) { book in
            let id = try book.record(code: code).id
            try book.edit(id, changed)
            return id
        }
    }

    public func reject(id: Int64) async throws -> TakenBack { try save(.reject) { try $0.takeBack(id, .reject) } }

    public func withdraw(id: Int64) async throws -> TakenBack { try save(.withdraw) { try $0.takeBack(id, .withdraw) } }

    public func decide(questions: [Question], decision: Decision) async throws {
        try save(.decide) { try $0.decide(questions, decision) }
    }

    public func resolve(id: Int64, asked: Int64, choices: [Field: Choice]) async throws {
        try save(.resolve) { try $0.resolve(id, asked, choices) }
    }

    public func get(id: Int64) async throws -> Prospect { try act(.get) { try $0.record(id).prospect } }

    public func getByCode(code: String) async throws -> Prospect { try act(.getByCode) { try $0.record(code: code).prospect } }

    public func standing(id: Int64) async throws -> Standing { try act(.standing) { try $0.standing(id) } }

    public func history(id: Int64) async throws -> [Waiting] { try act(.history) { [try $0.record(id).waiting] } }

    public func standingOf(record: BookRecord) async throws -> Standing { try act(.standingOf) { try $0.standing(of: record) } }

    public func historyOf(record: BookRecord) async throws -> [Waiting] { try act(.historyOf) { try $0.history(of: record) } }

    public func origin(id: Int64) async throws -> Origin? {
        try act(.origin) { book in
            _ = try book.record(id)
            return nil
        }
    }

    public func list(query: ProspectQuery) async throws -> Page { try act(.list) { $0.page(query) } }

    public func asks() async throws -> [Ask] { try act(.asks) { $0.asks() } }

    public func waiting(after: Int64, limit: Int32) async throws -> [Waiting] {
        try act(.waiting) { book in
            Array(book.waiting.filter { $0.entry > after }.prefix(Int(min(max(limit, 0), 500))))
        }
    }

    public func summary() async throws -> Summary { try act(.summary) { $0.summary } }

    public func health() async throws -> Health { try act(.health) { $0.health } }

    /// Waits as a book does, until its task is cancelled; it does not see a `stop`, which is the library's.
    public func feed(after: Int64, max: Int32, stop: Stop?) async throws -> FeedBatch {
        while !Task.isCancelled {
            let (batch, seen) = try act(.feed) { ($0.batch(after: after, max: max), $0.revision) }
            if let batch { return batch }
            await changed(since: seen)
        }
        return FeedBatch(items: [], revision: after, snapshot: false)
    }

    public func watch() throws -> Watch { try act(.watch) { FakeWatch(self, since: $0.revision) } }

    public func progress() async throws -> [CallProgress] {
        script { $0.isClosed } ? [] : try act(.progress) { $0.progress }
    }

    public func saveDraft(about: DraftAbout, form: String) async throws -> Int64 {
        try save(.saveDraft) { $0.saveDraft(about, form) }
    }

    public func draft(about: DraftAbout) async throws -> Draft? { try act(.draft) { $0.drafts.first { $0.about == about } } }

    public func drafts(limit: Int32) async throws -> [DraftInfo] {
        try act(.drafts) { $0.drafts.suffix(Int(max(limit, 0))).reversed().map { DraftInfo(id: $0.id, about: $0.about, saved: $0.saved) } }
    }

    public func removeDraft(about: DraftAbout) async throws { try save(.removeDraft) { $0.drafts.removeAll { $0.about == about } } }

    /// What waits is at the bank afterwards, if there is a session, a link and no pause.
    public func drain(deadlineMs: Int64) async throws -> DrainReport { try act(.drain) { $0.drain() } }

    public func download(code: String?) async throws -> Downloaded { try act(.download) { try $0.download() } }

    /// Of a fake nobody else has the key: it is no sealed text.
    public func exportUnsent() async throws -> Sealed {
        try act(.exportUnsent) { Sealed(text: "of a fake", unsent: Int64($0.waiting.count), damagedPages: 0) }
    }

    public func receipt() async throws -> Receipt { try act(.receipt) { try $0.receipt() } }

    public func diagnostics() async throws -> String { try act(.diagnostics) { #"{"fake":true,"unsent":\#($0.waiting.count)}"# } }

    /// A fake has no other book to give to: `NotPossible` (`fake`), as the two after it.
    public func handOver() async throws -> HandOver { try act(.handOver) { _ in throw FakeSatchel.alone } }

    public func handedOver(entries: [Int64], to: String) async throws { try act(.handedOver) { _ in throw FakeSatchel.alone } }

    public func takeOver(export: HandOver) async throws -> TakenOver { try act(.takeOver) { _ in throw FakeSatchel.alone } }

    private static let alone = SatchelError.NotPossible(why: "fake")

    public func signIn(secrets: ProspectSecrets, expires: Date?) async throws { try save(.signIn) { $0.session(.open) } }

    public func signOut() async throws { try save(.signOut) { $0.session(.none) } }

    public func linkChanged(link: NetworkLink) async throws {
        if !script({ $0.isClosed }) { try act(.linkChanged) { $0.change { $0.link = link } } }
    }

    public func pauseRemote(remote: String, reason: String) async throws {
        try act(.pauseRemote) { $0.change { $0.paused = reason } }
    }

    public func resumeRemote(remote: String) async throws { try act(.resumeRemote) { $0.change { $0.paused = nil } } }

    /// Sends nothing by itself: `drain` does, or `move`.
    public func resume() async throws { if !script({ $0.isClosed }) { try act(.resume) { _ in } } }

    public func pause(graceMs: Int64) async throws -> Bool { try act(.pause) { book in book.progress.isEmpty } }

    public func lock() async throws { script { $0.isClosed = true } }

    public func shutdown() async throws { script { $0.isClosed = true } }
}

/// Wakes whoever shows a fake.
private final class FakeWatch: Watch, @unchecked Sendable {
    private let access = NSLock()
    private let book: FakeSatchel?
    private var seen: Int64

    init(_ book: FakeSatchel, since revision: Int64) {
        (self.book, seen) = (book, revision)
        super.init(noHandle: NoHandle())
    }

    required init(unsafeFromHandle handle: UInt64) {
        (book, seen) = (nil, 0)
        super.init(unsafeFromHandle: handle)
    }

    override func changed(stop: Stop?) async throws {
        guard let book else { return try await super.changed(stop: stop) }
        await book.changed(since: access.withLock { seen })
        access.withLock { seen = book.revision }
    }
}
