/// What a book tells while it goes on.
///
/// Each of these sequences ends, without an error, when the task that reads it is cancelled, and it ends at once. A
/// cancelled reader loses nothing. They throw what the library throws: `Locked` when the book was locked or shut down.
extension SatchelProtocol {
    /// The changes after the cursor `revision`, oldest first, at most 500 in a batch. Start with 0; go on with the
    /// `revision` of the last batch that was dealt with.
    public func changes(after revision: Int64) -> Changes { Changes(book: self, after: revision) }

    /// Where a prospect stands: at once, and again each time that it stands otherwise. What changes twice between two
    /// looks is seen once, as it is last. Throws as `standing(id:)`.
    public func standings(of id: Int64) -> Looks<Standing> {
        Looks(book: self) { try await $0.standing(id: id) }
    }

    /// As `standings(of:)` of a prospect, of any record. Throws as `standingOf(record:)`.
    public func standings(of record: BookRecord) -> Looks<Standing> {
        Looks(book: self) { try await $0.standingOf(record: record) }
    }

    /// The calls under way: at once, and again each time that they got further.
    public func progressUpdates() -> Looks<[CallProgress]> {
        Looks(book: self) { book in
            let calls = try await book.progress()
            // A locked book has no calls, and would say so for ever: this asks whether it is one.
            if calls.isEmpty { _ = try await book.waiting(after: .max, limit: 1) }
            return calls
        }
    }
}

/// The changes of a book, in batches: see `Satchel.changes(after:)`.
public struct Changes: AsyncSequence, Sendable {
    let book: any SatchelProtocol
    let after: Int64

    /// Reads on from the cursor.
    public func makeAsyncIterator() -> Iterator { Iterator(book: book, after: after) }

    /// Holds the cursor.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        let book: any SatchelProtocol
        var after: Int64

        /// The next batch, waited for; nothing when the task is cancelled.
        public mutating func next() async throws -> FeedBatch? {
            let (book, after) = (book, after)
            let batch = try await stoppable(book) { try await book.feed(after: after, max: 500, stop: $0) }
            // A batch that had come when the task was cancelled is still given. An empty one comes of the stop, or of a
            // cursor that is not of this book while the book is empty: that one says so.
            if batch.items.isEmpty && !batch.snapshot { return nil }
            self.after = batch.revision
            return batch
        }
    }
}

/// Something of a book, each time that it is another: see `Satchel.standings(of:)` and `Satchel.progressUpdates()`.
public struct Looks<Element: Equatable & Sendable>: AsyncSequence, Sendable {
    let book: any SatchelProtocol
    let look: @Sendable (any SatchelProtocol) async throws -> Element

    /// Begins with what is so now.
    public func makeAsyncIterator() -> Iterator { Iterator(book: book, look: look) }

    /// Remembers what it gave last.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        let book: any SatchelProtocol
        let look: @Sendable (any SatchelProtocol) async throws -> Element
        var watch: Watch?
        var last: Element?

        /// The next one that differs, waited for; nothing when the task is cancelled.
        public mutating func next() async throws -> Element? {
            while !Task.isCancelled {
                if let watch {
                    try await stoppable(book) { try await watch.changed(stop: $0) }
                    if Task.isCancelled { break }
                } else {
                    // Before the first look: what changes between the two wakes it.
                    watch = try book.watch()
                }
                let now = try await look(book)
                if now != last {
                    last = now
                    return now
                }
            }
            return nil
        }
    }
}

/// Runs a wait that ends when the task is cancelled. Cancelling a task does not reach the library by itself; a book that is
/// not the library's sees it, and needs no stop of the library's.
private func stoppable<T: Sendable>(
    _ book: any SatchelProtocol, _ wait: @Sendable (Stop?) async throws -> T
) async throws -> T {
    guard book is Satchel else { return try await wait(nil) }
    let stop = Stop()
    return try await withTaskCancellationHandler {
        try await wait(stop)
    } onCancel: {
        stop.press()
    }
}

/// What may be left out of a call on any book, as on a `Satchel`.
extension SatchelProtocol {
    /// Without a draft that it came from.
    public func add(fields: [FieldChange]) async throws -> Added { try await add(fields: fields, draft: nil) }

    /// All of them.
    public func download() async throws -> Downloaded { try await download(code: nil) }

    /// Ended by nothing but its end.
    public func feed(after: Int64, max: Int32) async throws -> FeedBatch { try await feed(after: after, max: max, stop: nil) }

    /// Without knowing when the session ends.
    public func signIn(secrets: ProspectSecrets) async throws { try await signIn(secrets: secrets, expires: nil) }
}

/// As on an `Onboarding`.
extension OnboardingProtocol {
    /// Of somebody who is no prospect.
    public func startApplication(person: Person) async throws -> Int64 { try await startApplication(person: person, from: nil) }

    /// Without knowing when the session ends.
    public func signIn(secrets: OnboardingSecrets) async throws { try await signIn(secrets: secrets, expires: nil) }
}

/// As on a `Collection`.
extension CollectionDeskProtocol {
    /// Without knowing when the secrets end.
    public func signIn(secrets: CollectionSecrets) async throws { try await signIn(secrets: secrets, expires: nil) }
}
