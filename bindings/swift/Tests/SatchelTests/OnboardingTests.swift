import Foundation
import Satchel
import Testing

/// The whole way: the library, the service, and nothing in between.
@Suite(.timeLimit(.minutes(1))) struct OnboardingTests {
    @Test func whatIsStartedWithoutALinkIsAtTheBankAfterADrain() async throws {
        let (sandbox, tablet) = try await bank()
        try await tablet.book.linkChanged(link: .none)
        let prospect = try await tablet.add("Sok Dara")
        let form = try await tablet.onboarding.personOf(prospect: prospect)
        #expect(form.firstName == "Dara" && form.lastName == "Sok" && form.mobileNumber == "12345678")
        let id = try await tablet.onboarding.startApplication(person: applicant(), from: prospect)
        let with = try await tablet.onboarding.addCoApplicant(application: id, person: applicant("Rohit", "Sharma"))
        #expect(try await tablet.book.standingOf(record: .application(id: id)).place == .onTablet)
        #expect(try await sandbox.get("/_applications").items == [])
        try await tablet.book.linkChanged(link: .unmetered)
        #expect(try await tablet.book.drain(deadlineMs: 30_000).whyStopped == .done)
        let seen = try await tablet.onboarding.application(id: id)
        let atBank = try #require(try await sandbox.get("/_applications").items)
        #expect(atBank.map { $0["id"].string } == [seen.applicationId] && atBank[0]["people"].items?.count == 2)
        #expect(!seen.unsent && seen.prospect == prospect && seen.coApplicants.map(\.id) == [with])
        #expect(try await tablet.onboarding.applicationOf(prospect: prospect) == id)
        #expect(try await tablet.book.historyOf(record: .coApplicant(id: with)).map(\.state) == [.done])
    }

    @Test func answersOfEveryKindArrive() async throws {
        let (sandbox, tablet) = try await bank()
        let id = try await applied(tablet)
        let code = try #require(try await tablet.onboarding.application(id: id).applicationId)
        let order: JSON = ["action": "create_action", "application": .text(code), "members": ["UserActionName": "Purpose"]]
        _ = try await sandbox.post("/_control/onboarding", order)
        #expect(try await tablet.onboarding.downloadActions().new == 1)
        let (text, date) = (try await question(tablet, "Purpose"), try await question(tablet, "StayingSince"))
        let choice = try await question(tablet, "MaritalStatus")
        let options = choice.options.map(\.value)
        #expect(text.kind == .text && choice.kind == .choice && options.count == 4 && date.dateForm == .month)
        let before = try await tablet.onboarding.overview(filter: ActionFilter(), by: .group).progress
        try await tablet.onboarding.answer(id: text.id, answer: .text(text: "  ស្រូវ & rice"))
        try await tablet.onboarding.answer(id: date.id, answer: .date(day: CivilDate(year: 2019, month: 3, day: 9)!))
        try await tablet.onboarding.answer(id: choice.id, answer: .choice(values: [options[1]]))
        _ = try await tablet.book.drain(deadlineMs: 30_000)
        for asked in [text, date, choice] {
            #expect(try await tablet.book.standingOf(record: .action(id: asked.id)).place == .atBank)
        }
        let said = try await responses(sandbox)
        #expect(said["Purpose"] == "  ស្រូវ & rice" && said["StayingSince"] == "03/2019" && said["MaritalStatus"] == options[1])
        let after = try await tablet.onboarding.overview(filter: ActionFilter(), by: .person).progress
        #expect(after.answered == before.answered + 3 && after.left == before.left - 2 && after.skippable == before.skippable - 1)
    }

    @Test func papersFromEverySourceArriveBitForBitBeforeTheirAnswer() async throws {
        let (sandbox, tablet) = try await bank()
        _ = try await applied(tablet)
        let (onboarding, folder) = (tablet.onboarding, try Folder())
        let action = try await question(tablet, "ProofOfIncomeEmployed").id
        let pdf = try Data(contentsOf: seed)
        try await tablet.book.linkChanged(link: .none)
        try photo.write(to: URL(fileURLWithPath: folder.path + "/photo.jpg"))
        var ids = [try await onboarding.attach(
            action: action, source: .path(path: folder.path + "/photo.jpg"), name: "slip.jpg", info: "May").document.id]
        let writer = try onboarding.writePaper()
        for start in stride(from: 0, to: pdf.count, by: 1_000) {
            try await writer.write(bytes: pdf[start..<min(start + 1_000, pdf.count)])
        }
        ids.append(try await writer.attach(action: action, name: "letter.pdf", info: "").document.id)
        #expect(await failure { try await writer.write(bytes: pdf) } == .NotPossible(why: "attached"))
        let slot = try await onboarding.captureSlot()
        // Another file (with a comment in it), or it would count as attached.
        try (photo.prefix(2) + [0xFF, 0xFE, 0, 3, 1] + photo.dropFirst(2)).write(to: URL(fileURLWithPath: slot.path))
        #expect(try await onboarding.recovered() == [slot.slot])
        let taken = try await onboarding.attach(action: action, source: .captured(slot: slot.slot), name: "taken.jpg", info: "")
        #expect(!FileManager.default.fileExists(atPath: slot.path))
        #expect(try await onboarding.preview(document: taken.document.id).range(of: Data([0xFF, 0xFE])) == nil, "no comment leaves")
        let open = try FileHandle(forReadingFrom: seed)
        let handed = try await onboarding.attach(
            action: action, source: .descriptor(fd: open.fileDescriptor), name: "handed.pdf", info: "")
        #expect(handed.same == [ids[1]])
        try open.seek(toOffset: 0)
        #expect(try open.readToEnd() == pdf, "it is still the caller's, and open")
        ids += [taken.document.id, handed.document.id]
        #expect(try await onboarding.preview(document: ids[1]) == pdf)
        #expect(try await onboarding.thumbnails(documents: ids)[0]?.prefix(2) == Data([0xFF, 0xD8]))
        #expect(try await onboarding.thumbnails(documents: ids)[1] == nil)
        try await onboarding.answer(id: action, answer: .papers(documents: ids))
        try await tablet.book.linkChanged(link: .unmetered)
        let report = try await tablet.book.drain(deadlineMs: 60_000)
        #expect(report.left == 0 && report.whyStopped == .done, "\(report)")
        for record in ids.map({ BookRecord.document(id: $0) }) + [.action(id: action)] {
            #expect(try await tablet.book.standingOf(record: record).place == .atBank, "\(record)")
        }
        let documents = try await onboarding.documents(action: action)
        let arrived = try #require(try await sandbox.get("/_documents").items)
        #expect(arrived.map { $0["name"].string } == documents.map(\.name) && arrived.count == 4)
        #expect(arrived.map { $0["sha256"].string } == documents.map(\.sha256) && arrived[0]["info"] == "May")
        let effects = try await sandbox.get("/_ledger").items?.compactMap { $0["kind"].string } ?? []
        #expect(effects.lastIndex(of: "upload") ?? .max < effects.firstIndex(of: "answer") ?? 0, "\(effects)")
    }

    @Test func whatCannotBeTakenNamesWhatIsWrongAndLeavesNothing() async throws {
        let (_, tablet) = try await bank()
        _ = try await applied(tablet)
        let (onboarding, folder) = (tablet.onboarding, try Folder())
        let action = try await question(tablet, "ProofOfIncomeEmployed").id
        let choice = try await question(tablet, "MaritalStatus").id
        try photo.prefix(60).write(to: URL(fileURLWithPath: folder.path + "/cut.jpg"))
        func attach(_ source: PaperSource, _ name: String) async -> String? {
            field(await failure { try await onboarding.attach(action: action, source: source, name: name, info: "") })
        }
        #expect(await attach(.path(path: seed.path), "50%.pdf") == "name")
        #expect(await attach(.path(path: folder.path), "a.pdf") == "source")
        #expect(await attach(.descriptor(fd: 9_999), "a.pdf") == "source")
        #expect(await attach(.captured(slot: "../book.db"), "a.pdf") == "slot")
        #expect(await attach(.path(path: folder.path + "/cut.jpg"), "a.jpg") == "paper")
        let wrong: [(Int64, Answer)] = [(choice, .choice(values: ["?"])), (choice, .text(text: "x")), (action, .papers(documents: []))]
        for (id, answer) in wrong {
            #expect(field(await failure { try await onboarding.answer(id: id, answer: answer) }) == "answer")
        }
        let careless = Person(firstName: "A", lastName: "B", dateOfBirth: nil, mobileNumber: "1")
        #expect(field(await failure { try await onboarding.startApplication(person: careless) }) == "date_of_birth")
        #expect(field(await failure { try await onboarding.signIn(secrets: headers("a\nb")) }) != nil)
        #expect(try await onboarding.documents(action: action) == [])
        #expect(try await tablet.book.summary().unsent == 0)
    }

    @Test func anAnswerThatTheBankNoLongerWantsIsKept() async throws {
        let (sandbox, tablet) = try await bank()
        _ = try await applied(tablet)
        let asked = try await question(tablet, "StayingSince")
        let answer = Answer.date(day: CivilDate(year: 2019, month: 3, day: 1)!)
        try await tablet.onboarding.answer(id: asked.id, answer: answer)
        _ = try await sandbox.post("/_control/onboarding", ["action": "withdraw_action", "identifier": .text(asked.identifier)])
        _ = try await tablet.book.drain(deadlineMs: 30_000)
        let standing = try await tablet.book.standingOf(record: .action(id: asked.id))
        #expect(standing.place == .goneElsewhere && standing.why == "withdrawn_elsewhere" && standing.can.contains(.drop))
        let kept = try await tablet.onboarding.action(id: asked.id)
        #expect(kept.answer == answer && kept.stage == .gone)
        #expect(try await responses(sandbox)["StayingSince"] == "")
    }

    @Test func aCallerThatGoesAwayDoesNotUndoWhatItAttached() async throws {
        let (_, tablet) = try await bank()
        _ = try await applied(tablet)
        let (onboarding, action) = (tablet.onboarding, try await question(tablet, "ProofOfIncomeEmployed").id)
        for n in 0..<5 {
            let attaching = Task {
                try await onboarding.attach(action: action, source: .path(path: seed.path), name: "\(n).pdf", info: "").document.id
            }
            attaching.cancel()
            let id = try #require(try await ended(attaching)?.get())
            #expect(try await onboarding.document(id: id).stage == .live)
        }
        #expect(try await onboarding.action(id: action).documents.count == 5)
    }

    @Test func aStandingIsFollowedAndTheFeedNamesWhatChanged() async throws {
        let (_, tablet) = try await bank()
        let id = try await tablet.onboarding.startApplication(person: applicant())
        var places: [Place] = []
        for try await standing in tablet.book.standings(of: .application(id: id)) {
            if places.isEmpty { try await tablet.book.resume() }
            if places.last != standing.place { places.append(standing.place) }
            if standing.place == .atBank { break }
        }
        #expect(places.first == .onTablet && places.last == .atBank)
        _ = try await tablet.onboarding.downloadActions()
        let asked = try await question(tablet, "StayingSince").id
        let changed = try await tablet.book.feed(after: 0, max: 500).items.map(\.subject)
        #expect(changed.contains(.application(id: id)) && changed.contains(.action(id: asked)))
        try await tablet.book.shutdown()
    }

    @Test func aBookWithoutItAndABookThatIsClosedSaySo() async throws {
        let plain = try await Tablet.alone()
        #expect(await failure { try await plain.onboarding.startApplication(person: applicant()) } == .NotFound(what: "onboarding"))
        #expect(await failure { try await plain.onboarding.downloadActions() } == .NotFound(what: "onboarding"))
        let tablet = try await Tablet.aloneOnboarding()
        let onboarding = tablet.onboarding
        let named = Set(everyOnboardingCall(seed.path).map(\.0))
        let asked = try methods(of: "OnboardingProtocol")
        #expect(named.union(["writePaper"]) == asked)
        try await tablet.book.lock()
        // A camera's files lie beside the book: what it wrote may be found and removed all the same.
        let files: Set = ["captureSlot", "recovered", "discardCaptured"]
        for (name, call) in everyOnboardingCall(seed.path) where !files.contains(name) {
            #expect(await failure { try await call(onboarding) } == .Locked, "\(name)")
        }
    }

    // MARK: - What they begin with

    private func bank() async throws -> (Sandbox, Tablet) {
        let sandbox = try Sandbox()
        return (sandbox, try await Tablet.onboarding(sandbox))
    }

    /// An application that the bank has, and its questions.
    private func applied(_ tablet: Tablet) async throws -> Int64 {
        let id = try await tablet.onboarding.startApplication(person: applicant())
        _ = try await tablet.book.drain(deadlineMs: 30_000)
        _ = try await tablet.onboarding.downloadActions()
        return id
    }

    private func question(_ tablet: Tablet, _ name: String) async throws -> Asking {
        let all = try await tablet.onboarding.actions(filter: ActionFilter(includeClosed: true))
        guard let one = all.first(where: { $0.name == name }) else { throw Wrong("the bank does not ask \(name)") }
        return one
    }

    /// What the bank has for an answer, by the question's name.
    private func responses(_ sandbox: Sandbox) async throws -> [String: String] {
        let all = try await sandbox.get("/_actions").items ?? []
        let pairs = all.map { ($0["shown"]["UserActionName"].string ?? "", $0["response"].string ?? "?") }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    private func field(_ error: SatchelError?) -> String? {
        if case let .InvalidInput(field, _, _) = error { field } else { nil }
    }

    private let seed = URL(fileURLWithPath: package).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("crates/photo/tests/data/seed.pdf")

    /// A grey JPEG of 64 by 48 pixels.
    private let photo = Data(base64Encoded: [
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB",
        "AQEBAQEBD/wAALCAAwAEABAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AAAAAAAAAAAAA",
        "AAAA/9k=",
    ].joined()) ?? Data()
}

/// Somebody who applies, as far as a bank wants her.
func applicant(_ first: String = "Dara", _ last: String = "Sok") -> Person {
    Person(
        firstName: first, lastName: last, dateOfBirth: CivilDate(year: 1985, month: 10, day: 10), mobileNumber: "12 345 678",
        consent: true)
}
