import Foundation
import Satchel

/// The calls that a fake onboarding can be told to fail: the methods by their names.
public enum FakeOnboardingCall: String, Sendable, CaseIterable {
    case action, actions, addCoApplicant, answer, application, applicationOf, applications, askRequirements, attach
    case captureSlot, discardCaptured, document, documents, downloadActions, editApplication, editCoApplicant, overview
    case personOf, preview, recovered, signIn, startApplication, thumbnails, withdrawAnswer, withdrawApplication
    case withdrawCoApplicant, withdrawDocument, writePaper
}

/// The onboarding of a fake book: it does what the test says, and nothing by itself. Give it to whatever takes
/// `any OnboardingProtocol`, and its `book` to what takes `any SatchelProtocol`.
///
/// It is the same book: one feed, one session, link and pause, one full disk, one lock. `book.drain` brings to the bank what
/// waits, papers before the answers that speak of them. Like the book it calls no native code; `OnboardingSecrets` for its
/// `signIn` come without the library by `OnboardingSecrets(noHandle: .init())`.
///
/// Papers: nothing is opened. A paper is what its name says: `.pdf` a PDF of one page, `.jpg`, `.jpeg` and `.png` a photo; other
/// endings are refused, and so are names that the bank refuses. `small`, `blurred`, `dark` or `bright` in a photo's name is its
/// warning. Papers of one name have the same bytes.
///
/// ```swift
/// let onboarding = FakeOnboarding.asking()                        // an application at the bank, four questions
/// let deed = onboarding.bring(.paper)                             // one more
/// onboarding.withdrawnByBank(deed)                                // the feed and `standings(of: .action(id: deed))` tell it
/// onboarding.move(.application(id: 1), to: .refused(words: "…"))
/// onboarding.fail(.attach, with: .DiskFull)                       // the next `attach`, and that one only
/// ```
public final class FakeOnboarding: OnboardingProtocol, @unchecked Sendable {
    /// The book that it is part of.
    public let book: FakeSatchel

    /// Of this book. Two of one book show the same.
    public init(_ book: FakeSatchel = FakeSatchel()) {
        self.book = book
        book.script { $0.desk.isUsed = true }
    }

    /// The bank asks this. Gives its number.
    @discardableResult
    public func bring(_ action: FakeAction) -> Int64 {
        book.script { book in
            let id = Int64(book.desk.actions.count + 1)
            book.desk.actions[id] = FakeAsked(id: id, action: action)
            book.enter(.action(id: id), as: .open)
            return id
        }
    }

    /// The bank no longer asks. An answer that had not arrived is kept, and the officer is told.
    public func withdrawnByBank(_ action: Int64) {
        book.script { $0.closeAction(action, .gone, "withdrawn_elsewhere") }
    }

    /// The bank has another's answer. The officer's, if it had not arrived, is kept, and she is told.
    public func answeredElsewhere(_ action: Int64) {
        book.script { $0.closeAction(action, .answeredElsewhere, "answered_elsewhere") }
    }

    /// This record is there now: an application, who applies with her, an action or a paper. What is not there stays away, and
    /// nothing of them is ever `.conflict` or `.rejected`.
    public func move(_ record: BookRecord, to state: FakeState) {
        book.script { book in
            switch state {
            case .conflict, .rejected: return
            default: if let part = book.desk.parts[record] { book.move(part, to: state) }
            }
        }
    }

    /// The next call of that method throws that. Told twice, the next two. (Of `writePaper` the writer's own calls are not.)
    public func fail(_ call: FakeOnboardingCall, with error: SatchelError) {
        book.script { $0.script[call, default: []].append(error) }
    }

    private func act<T>(_ call: FakeOnboardingCall, _ work: (inout FakeBook) throws -> T) throws -> T {
        try book.act(told: call, work)
    }

    private func save<T>(_ call: FakeOnboardingCall, _ work: (inout FakeBook) throws -> T) throws -> T {
        try book.save(told: call, work)
    }
}

/// Ready-made ones. In each Dara Sok, prospect 1 of the book, has become application 1, and the bank has it.
extension FakeOnboarding {
    /// The bank asks for a paper (1), a text (2), a date (3) and a choice (4); nothing is answered.
    public static func asking() -> FakeOnboarding {
        let onboarding = FakeOnboarding(FakeSatchel(.atBank))
        onboarding.book.script { book in
            _ = try? book.apply(dara, of: nil, from: 1)
            _ = book.drainDesk()
        }
        for action in [FakeAction.paper, .text, .date, .choice] { onboarding.bring(action) }
        return onboarding
    }

    /// As `asking()`, and the bank has an answer to all of it.
    public static func answered() -> FakeOnboarding {
        let onboarding = paperWaiting()
        onboarding.book.script { book in
            try? book.answer(2, .text(text: "A rice mill"))
            if let day = CivilDate(year: 2019, month: 3, day: 1) { try? book.answer(3, .date(day: day)) }
            try? book.answer(4, .choice(values: ["married"]))
            _ = book.drainDesk()
        }
        return onboarding
    }

    /// As `asking()`; paper 1 and the answer that speaks of it wait.
    public static func paperWaiting() -> FakeOnboarding {
        let onboarding = asking()
        onboarding.book.script { book in
            _ = try? book.attach(1, "payslip.jpg", "", bytes: 3_400_000)
            try? book.answer(1, .papers(documents: [1]))
        }
        return onboarding
    }

    /// As `paperWaiting()`, but the bank has refused the paper: its answer waits for the officer.
    public static func paperRefused(words: String? = nil) -> FakeOnboarding {
        let onboarding = paperWaiting()
        onboarding.move(.document(id: 1), to: .refused(words: words))
        return onboarding
    }

    private static let dara = Person(
        firstName: "Dara", lastName: "Sok", dateOfBirth: CivilDate(year: 1985, month: 10, day: 10), mobileNumber: "12 345 600",
        consent: true)
}

extension FakeOnboarding {
    /// The fake's one session: it opens the book's too.
    public func signIn(secrets: OnboardingSecrets, expires: Date?) async throws { try save(.signIn) { $0.session(.open) } }

    public func personOf(prospect: Int64) async throws -> Person {
        try act(.personOf) { book in
            let fields = try book.record(prospect).fields
            let words = (fields[.nameEn] ?? "").split(separator: " ", maxSplits: 1).map(String.init)
            let digits = (fields[.phone] ?? "").filter(\.isNumber)
            return Person(
                firstName: words.last?.trimmingCharacters(in: .whitespaces) ?? "", lastName: words.count > 1 ? words[0] : "", dateOfBirth: nil,
                mobileNumber: digits.hasPrefix("0") ? String(digits.dropFirst()) : digits,
                mobileCountryCode: digits.isEmpty ? "" : "+855")
        }
    }

    public func startApplication(person: Person, from: Int64?) async throws -> Int64 {
        try save(.startApplication) { try $0.apply(person, of: nil, from: from) }
    }

    public func addCoApplicant(application: Int64, person: Person) async throws -> Int64 {
        try save(.addCoApplicant) { try $0.apply(person, of: application, from: nil) }
    }

    public func editApplication(id: Int64, person: Person) async throws {
        try save(.editApplication) { try $0.edit(.application(id: id), person) }
    }

    public func editCoApplicant(id: Int64, person: Person) async throws {
        try save(.editCoApplicant) { try $0.edit(.coApplicant(id: id), person) }
    }

    public func withdrawApplication(id: Int64) async throws {
        try save(.withdrawApplication) { book in
            try book.takeBack(try book.desk.part(.application(id: id)))
            for one in book.desk.people.values.sorted(by: { $0.id < $1.id }) where one.of == id {
                if let part = book.desk.parts[one.record], !part.state.isSettled { book.move(part, to: .withdrawn) }
            }
        }
    }

    public func withdrawCoApplicant(id: Int64) async throws {
        try save(.withdrawCoApplicant) { try $0.takeBack(try $0.desk.part(.coApplicant(id: id))) }
    }

    /// A fake bank makes no questions by itself: `bring` does.
    public func askRequirements(application: Int64) async throws {
        try save(.askRequirements) { book in
            let part = try book.desk.part(.application(id: application))
            if part.state == .withdrawn { throw SatchelError.NotPossible(why: "withdrawn") }
        }
    }

    public func application(id: Int64) async throws -> Application {
        try act(.application) { $0.desk.application(try $0.desk.person(.application(id: id))) }
    }

    public func applicationOf(prospect: Int64) async throws -> Int64? {
        try act(.applicationOf) { $0.desk.people.values.first { $0.prospect == prospect }?.id }
    }

    public func applications(after: Int64, limit: Int32) async throws -> [Application] {
        try act(.applications) { book in
            let found = book.desk.people.values.filter { $0.of == nil && $0.id > after }.sorted { $0.id < $1.id }
            return found.prefix(Int(min(max(limit, 1), 500))).map(book.desk.application)
        }
    }

    /// The bank asks what it asks, and nothing else.
    public func downloadActions() async throws -> Downloaded {
        try act(.downloadActions) { book in
            try book.reachable(FakeDesk.remote)
            return Downloaded(
                rows: Int64(book.desk.actions.values.count { $0.stage != .gone }), new: 0, changed: 0, skipped: 0, apart: 0,
                unreadable: 0, conflicts: 0, gone: 0, settled: 0)
        }
    }

    public func actions(filter: ActionFilter) async throws -> [Asking] {
        try act(.actions) { $0.desk.askings.filter { $0.fits(filter) } }
    }

    public func overview(filter: ActionFilter, by: ActionGrouping) async throws -> ActionOverview {
        try act(.overview) { $0.desk.askings.filter { $0.fits(filter) }.overview(by: by) }
    }

    public func action(id: Int64) async throws -> Asking { try act(.action) { $0.desk.asking(try $0.desk.asked(id)) } }

    public func answer(id: Int64, answer: Answer) async throws { try save(.answer) { try $0.answer(id, answer) } }

    public func withdrawAnswer(id: Int64) async throws {
        try save(.withdrawAnswer) { book in
            let part = try book.desk.part(.action(id: id))
            let isClosed = try book.desk.asked(id).isClosed
            try book.takeBack(part, to: isClosed ? .gone : part.hasArrived ? .atBank : .open)
            book.desk.actions[id]?.answer = nil
        }
    }

    public func attach(action: Int64, source: PaperSource, name: String, info: String) async throws -> Attached {
        try save(.attach) { book in
            guard case let .captured(slot) = source else { return try book.attach(action, name, info, bytes: 3_400_000) }
            guard book.desk.slots.contains(slot) else {
                throw SatchelError.InvalidInput(field: "source", problem: .form, expected: "a plain file that can be read")
            }
            let attached = try book.attach(action, name, info, bytes: 3_400_000)
            book.desk.slots.removeAll { $0 == slot }
            return attached
        }
    }

    public func writePaper() throws -> PaperWriter { try act(.writePaper) { _ in FakePaperWriter(book) } }

    /// A slot that was given counts as written to: it is `recovered` until it is attached or discarded.
    public func captureSlot() async throws -> CaptureSlot {
        try save(.captureSlot) { book in
            book.desk.slotsGiven += 1
            let slot = "\(book.desk.slotsGiven).jpg"
            book.desk.slots.append(slot)
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("fake-\(slot)").path
            return CaptureSlot(slot: slot, path: path)
        }
    }

    public func recovered() async throws -> [String] { try act(.recovered) { $0.desk.slots } }

    public func discardCaptured(slot: String) async throws {
        try save(.discardCaptured) { $0.desk.slots.removeAll { $0 == slot } }
    }

    public func document(id: Int64) async throws -> Document {
        try act(.document) { try $0.desk.paper(id).shown(try $0.desk.part(.document(id: id)).state) }
    }

    public func documents(action: Int64) async throws -> [Document] {
        try act(.documents) { book in
            let found = book.desk.papers.values.filter { $0.action == action }.sorted { $0.id < $1.id }
            return try found.map { $0.shown(try book.desk.part(.document(id: $0.id)).state) }
        }
    }

    /// One grey pixel each; nothing of a PDF.
    public func thumbnails(documents: [Int64]) async throws -> [Data?] {
        try act(.thumbnails) { book in
            try documents.map { id in
                let paper = try book.desk.paper(id)
                return paper.isPDF ? nil : paper.content
            }
        }
    }

    /// One grey pixel, or an empty PDF.
    public func preview(document: Int64) async throws -> Data { try act(.preview) { try $0.desk.paper(document).content } }

    public func withdrawDocument(id: Int64) async throws {
        try save(.withdrawDocument) { try $0.takeBack(try $0.desk.part(.document(id: id))) }
    }
}

/// Counts what it is given.
private final class FakePaperWriter: PaperWriter, @unchecked Sendable {
    private let access = NSLock()
    private let book: FakeSatchel?
    private var bytes: Int64? = 0

    init(_ book: FakeSatchel) {
        self.book = book
        super.init(noHandle: NoHandle())
    }

    required init(unsafeFromHandle handle: UInt64) {
        book = nil
        super.init(unsafeFromHandle: handle)
    }

    override func write(bytes more: Data) async throws {
        guard let book else { return try await super.write(bytes: more) }
        try access.withLock {
            guard let bytes else { throw SatchelError.NotPossible(why: "attached") }
            try book.save(told: "write") { _ in }
            self.bytes = bytes + Int64(more.count)
        }
    }

    override func attach(action: Int64, name: String, info: String) async throws -> Attached {
        guard let book else { return try await super.attach(action: action, name: name, info: info) }
        let written = access.withLock {
            defer { bytes = nil }
            return bytes
        }
        guard let written else { throw SatchelError.NotPossible(why: "attached") }
        return try book.save(told: "write") { try $0.attach(action, name, info, bytes: written) }
    }
}
